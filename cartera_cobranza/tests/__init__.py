# The tests of calc/ (test_calc_*.py) run without Odoo: ./cartera test
