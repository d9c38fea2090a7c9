{
    "name": "Credit and Collections: Dashboards",
    "version": "19.0.1.0.0",
    "summary": "Spreadsheet dashboards of receivables, key figures and the forecast of receipts",
    "category": "Accounting/Accounting",
    "author": "Cartera y Cobranza",
    "license": "LGPL-3",
    "depends": ["cartera_cobranza", "spreadsheet_dashboard"],
    "data": ["data/dashboards.xml"],
    "auto_install": True,
    "installable": True,
}
