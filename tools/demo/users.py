"""One user per role, with the name and the password that the summary prints."""

from odoo import Command

PASSWORD = "cartera"
BOTH = ("mx", "co")
# login, name, role in the summary, companies, groups (those that exist are given)
SALES = ("sales_team.group_sale_salesman", "cartera_cobranza.group_viewer")
USERS = [
    (
        "gerente",
        "Gabriela Montes",
        "credit manager",
        BOTH,
        (
            "cartera_cobranza.group_credit_manager",
            "account.group_account_invoice",
            "account.group_account_readonly",
            "sales_team.group_sale_salesman_all_leads",
        ),
    ),
    (
        "direccion",
        "Arturo Salcedo",
        "finance director",
        BOTH,
        (
            "cartera_cobranza.group_credit_manager",
            "account.group_account_readonly",
            "sales_team.group_sale_salesman_all_leads",
        ),
    ),
    (
        "credito",
        "Ernesto Villaseñor",
        "credit executive",
        BOTH,
        (
            "cartera_cobranza.group_credit_executive",
            "account.group_account_readonly",
            "sales_team.group_sale_salesman_all_leads",
        ),
    ),
    (
        "cobranza",
        "Leticia Tapia",
        "collector",
        BOTH,
        ("cartera_cobranza.group_collector", "account.group_account_readonly"),
    ),
    (
        "contador",
        "Hugo Cisneros",
        "accountant",
        BOTH,
        (
            "account.group_account_manager",
            "account.group_account_user",
            "cartera_cobranza.group_collector",
        ),
    ),
    ("ventas", "Marisol Quintero", "salesperson", ("mx",), SALES),
    ("ventas2", "Raúl Becerra", "salesperson", ("mx",), SALES),
    ("ventas3", "Patricia Olvera", "", ("mx",), SALES),
    ("ventas_co", "Camilo Restrepo", "", ("co",), SALES),
    ("ventas_co2", "Diana Ospina", "", ("co",), SALES),
    ("almacen", "Tomás Ledesma", "warehouse", ("mx",), ("stock.group_stock_user",)),
    (
        "operaciones",
        "Verónica Salas",
        "operations: answers disputes",
        BOTH,
        ("cartera_cobranza.group_operations",),
    ),
    (
        "cobranza2",
        "Julián Ortega",
        "",
        BOTH,
        ("cartera_cobranza.group_collector", "account.group_account_readonly"),
    ),
]
SELLERS = {"mx": ("ventas", "ventas2", "ventas3"), "co": ("ventas_co", "ventas_co2")}
PORTAL = ("cliente", "portal customer")
TIME_ZONES = {"mx": "America/Mexico_City", "co": "America/Bogota"}


def make_users(books):
    env = books.env
    language = language_of(env, "mx")
    for key, zone in TIME_ZONES.items():
        # the companies' days are theirs, wherever the browser is
        books.get(f"company.{key}").partner_id.tz = zone
    values = []
    for login, name, _role, companies, groups in USERS:
        company_ids = [books.get(f"company.{key}").id for key in companies]
        found = (
            env.ref(group, raise_if_not_found=False)
            for group in (*groups, "base.group_user")
        )
        values.append(
            {
                "login": login,
                "name": name,
                "email": f"{login}@valle-alto.example.com",
                "company_id": company_ids[0],
                "company_ids": [Command.set(company_ids)],
                "group_ids": [Command.set([group.id for group in found if group])],
                "tz": TIME_ZONES[companies[0]],
                "lang": language,
                "notification_type": "inbox",
            }
        )
    users = env["res.users"].create(values)
    set_passwords(users)
    books.remember({f"user.{user.login}": user for user in users})


def set_passwords(users):
    """All have the same password: hash it once, for that is slow by design."""
    hashed = users._crypt_context().hash(PASSWORD)
    for user in users:
        user._set_encrypted_password(user.id, hashed)


def make_portal_user(books):
    """The customer's own user: the accounts-payable contact of the first chain."""
    contact = books.get("contact.payable.0000")
    company = books.get("company.mx")
    user = books.env["res.users"].create(
        {
            "login": PORTAL[0],
            "partner_id": contact.id,
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.set(books.env.ref("base.group_portal").ids)],
            "lang": contact.lang,
        }
    )
    set_passwords(user)
    books.remember({f"user.{PORTAL[0]}": user})


def language_of(env, key):
    """The nearest language installed: es_MX or es_CO, any Spanish, else English."""
    installed = [code for code, _name in env["res.lang"].get_installed()]
    for code in (f"es_{key.upper()}", "es_419", "es_ES"):
        if code in installed:
            return code
    return next((code for code in installed if code.startswith("es")), "en_US")


def users_and_passwords(env):
    """[(login, password, name, role)] of the users that exist, for the summary."""
    roles = [(login, role) for login, _n, role, _c, _g in USERS if role] + [PORTAL]
    logins = dict(roles)
    found = env["res.users"].sudo().search([("login", "in", list(logins))])
    by_login = {user.login: user for user in found}
    return [
        (login, PASSWORD, by_login[login].name, role)
        for login, role in roles
        if login in by_login
    ]
