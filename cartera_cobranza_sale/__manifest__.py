{
    "name": "Credit and Collections: Sales Orders",
    "version": "19.0.1.0.0",
    "summary": "Orders in the exposure; the credit gate holds and releases them",
    "category": "Accounting/Accounting",
    "author": "Cartera y Cobranza",
    "license": "LGPL-3",
    "depends": ["cartera_cobranza", "sale"],
    "data": [
        "security/res_groups.xml",
        "security/ir.model.access.csv",
        "security/ir_rules.xml",
        "views/cartera_views.xml",
        "views/sale_order_views.xml",
        "views/sale_portal_templates.xml",
    ],
    "assets": {
        "web.assets_tests": ["cartera_cobranza_sale/static/tests/tours/**/*"],
    },
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
    "auto_install": True,
    "installable": True,
}
