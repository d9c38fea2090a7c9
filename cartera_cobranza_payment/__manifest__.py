{
    "name": "Credit and Collections: Online Payment",
    "version": "19.0.1.0.0",
    "summary": "Customers pay several invoices of their choice in one go, by Odoo's online payment",
    "category": "Accounting/Accounting",
    "author": "Cartera y Cobranza",
    "license": "LGPL-3",
    "depends": ["cartera_cobranza", "account_payment"],
    "data": ["views/portal_pay_templates.xml"],
    "assets": {
        "web.assets_tests": ["cartera_cobranza_payment/static/tests/tours/**/*"]
    },
    "auto_install": True,
    "installable": True,
}
