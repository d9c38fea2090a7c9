{
    "name": "Credit and Collections: Text Messages",
    "version": "19.0.1.0.0",
    "summary": "Steps of the contact plan that go out as text messages",
    "category": "Accounting/Accounting",
    "author": "Cartera y Cobranza",
    "license": "LGPL-3",
    "depends": ["cartera_cobranza", "sms"],
    "data": ["views/cartera_collection_views.xml"],
    "auto_install": True,
    "installable": True,
}
