{
    "name": "Credit and Collections: Shipments",
    "version": "19.0.1.0.0",
    "summary": "Shipments meet the credit check; what is held is not reserved and cannot be validated",
    "category": "Accounting/Accounting",
    "author": "Cartera y Cobranza",
    "license": "LGPL-3",
    "depends": ["cartera_cobranza_sale", "sale_stock"],
    "data": [
        "security/ir.model.access.csv",
        "data/ir_cron_shipments.xml",
        "views/stock_picking_views.xml",
        "views/cartera_credit_hold_views.xml",
        "views/res_config_settings_views.xml",
        "views/cartera_note_request_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["cartera_cobranza_stock/static/tests/tours/**/*"],
    },
    "auto_install": True,
    "installable": True,
}
