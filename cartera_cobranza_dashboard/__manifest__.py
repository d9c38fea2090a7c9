{
    "name": "Credit and Collections: Dashboards",
    "version": "19.0.1.0.0",
    "summary": "Spreadsheet dashboards of receivables, key figures and the forecast of receipts",
    "category": "Accounting/Accounting",
    "author": "Cartera y Cobranza",
    "license": "LGPL-3",
    "depends": ["cartera_cobranza", "spreadsheet_dashboard"],
    "data": ["data/dashboards.xml"],
    "assets": {
        "web.assets_tests": ["cartera_cobranza_dashboard/static/tests/tours/**/*"],
    },
    "auto_install": True,
    "installable": True,
}
