"""The formulas of the field, in plain Python: dates and Decimals in, values out.

Nothing here imports Odoo, reads a clock or does I/O; the models gather the values, these functions
decide, the models persist. Every formula stands here once, with its source.
"""
