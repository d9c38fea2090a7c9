{
    "name": "Credit and Collections: Shipments",
    "version": "19.0.1.0.0",
    "summary": "Shipments of orders that credit holds are not reserved and cannot be validated",
    "category": "Accounting/Accounting",
    "author": "Cartera y Cobranza",
    "license": "LGPL-3",
    "depends": ["cartera_cobranza_sale", "sale_stock"],
    "data": [
        "views/stock_picking_views.xml",
        "views/cartera_note_request_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["cartera_cobranza_stock/static/tests/tours/**/*"],
    },
    "auto_install": True,
    "installable": True,
}
