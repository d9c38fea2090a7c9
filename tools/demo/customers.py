"""Customers with their contacts: purchasing, accounts payable, stores to deliver to."""

from stdnum.co import nit
from stdnum.mx import rfc

from . import words
from .users import SELLERS, language_of

CONTACTS = {  # trade: contacts besides the stores
    "chain": ("purchasing", "payable"),
    "wholesaler": ("payable",),
    "export": ("purchasing", "payable"),
    "shop": (),
}
MAILBOX = {"payable": "cxp", "purchasing": "compras"}


def make_customers(books):
    env = books.env
    rng = books.rng("customers")
    languages = {"mx": language_of(env, "mx"), "co": language_of(env, "co")}
    sellers = {
        key: [books.get(f"user.{login}") for login in logins]
        for key, logins in SELLERS.items()
    }
    terms = {
        key: books.get(f"term.{key}").id for key in ("0", "15", "30", "60", "split")
    }
    main = [
        _main_values(env, profile, rng, languages, sellers, terms)
        for profile in books.profiles
    ]
    partners = env["res.partner"].create(main)
    books.remember({f"customer.{n:04}": partner for n, partner in enumerate(partners)})
    _set_company_values(books, partners, terms)

    children, names = [], []
    for profile, partner in zip(books.profiles, partners, strict=True):
        for name, values in _contact_values(profile, partner, rng):
            names.append(name)
            children.append(values)
    contacts = env["res.partner"].create(children)
    books.remember(dict(zip(names, contacts, strict=True)))


def _main_values(env, profile, rng, languages, sellers, terms):
    home = profile.companies[0]
    city, area, postcode, dialling = profile.place
    values = {
        "name": profile.name,
        "ref": f"C{profile.index + 1:04}",
        "is_company": profile.is_company,
        "customer_rank": 1,
        "email": f"pagos@{profile.slug}.example.com",
        "city": city,
        "zip": postcode,
        "user_id": sellers[home][profile.seller % len(sellers[home])].id,
        "company_id": False,
    }
    number = rng.randint(10, 2400)
    if profile.kind == "export":
        return values | {
            "street": f"{number} {rng.choice(words.STREETS_EXPORT)}",
            "country_id": env.ref(f"base.{area}").id,
            "phone": f"{dialling} {rng.randint(0, 9999):04}",
            "lang": "en_US" if area == "us" else languages["mx"],
        }
    country = env.ref(f"base.{home}")
    state = country.state_ids.filtered(lambda s: s.code == area.partition("-")[2])
    if home == "co":
        street = (
            f"{rng.choice(words.STREETS_CO)}{rng.randint(10, 99)}-{rng.randint(10, 99)}"
        )
        phone = f"+57 {dialling} {rng.randint(200, 899)} {rng.randint(0, 9999):04}"
        vat = _nit(rng)
    else:
        street = f"{rng.choice(words.STREETS_MX)} {number}"
        digits = (
            f"{rng.randint(0, 10 ** (10 - len(dialling)) - 1):0{10 - len(dialling)}}"
        )
        phone = f"+52 {dialling} {digits[:-4]} {digits[-4:]}"
        vat = _rfc(profile, rng)
    return values | {
        "street": street,
        "phone": phone,
        "vat": vat,
        "country_id": country.id,
        "state_id": state[:1].id,
        "lang": languages[home],
    }


def _set_company_values(books, partners, terms):
    """Payment terms and price lists are each company's own; write them by value."""
    for key in ("mx", "co"):
        env = books.company_env(key)
        for term, term_id in terms.items():
            ids = [
                partner.id
                for profile, partner in zip(books.profiles, partners, strict=True)
                if profile.term == term and key in profile.companies
            ]
            env["res.partner"].browse(ids).write({"property_payment_term_id": term_id})
        if "property_product_pricelist" not in env["res.partner"]._fields:
            continue
        local = "COP" if key == "co" else "MXN"
        for currency in {local, "USD" if key == "mx" else local}:
            ids = [
                partner.id
                for profile, partner in zip(books.profiles, partners, strict=True)
                if key in profile.companies and currency == currency_in(profile, key)
            ]
            pricelist = books.get(f"pricelist.{currency}").id
            env["res.partner"].browse(ids).write(
                {"property_product_pricelist": pricelist}
            )


def currency_in(profile, key):
    """What a customer is invoiced in by a company."""
    if profile.currency == "USD":
        return "USD"
    return "COP" if key == "co" else "MXN"


def _contact_values(profile, partner, rng):
    place = {
        "parent_id": partner.id,
        "city": partner.city,
        "zip": partner.zip,
        "state_id": partner.state_id.id,
        "country_id": partner.country_id.id,
        "lang": partner.lang,
        "is_company": False,
        "customer_rank": 1,
    }
    for role in CONTACTS[profile.trade]:
        person = f"{rng.choice(words.FIRST_NAMES)} {rng.choice(words.LAST_NAMES)}"
        yield (
            f"contact.{role}.{profile.index:04}",
            place
            | {
                "name": person,
                "type": "invoice" if role == "payable" else "contact",
                "function": "Cuentas por pagar" if role == "payable" else "Compras",
                "email": f"{MAILBOX[role]}@{profile.slug}.example.com",
                "phone": partner.phone,
                "street": partner.street,
            },
        )
    for number, branch in enumerate(profile.branches):
        yield (
            f"store.{profile.index:04}.{number}",
            place
            | {
                "name": f"Sucursal {branch}",
                "type": "delivery",
                "street": f"{rng.choice(words.STREETS_MX)} {rng.randint(10, 2400)}",
                "email": f"sucursal{number + 1}@{profile.slug}.example.com",
            },
        )


def _rfc(profile, rng):
    """A well-formed RFC: letters, a date, homoclave and its check digit."""
    letters = "".join(
        rng.choice("BCDFGLMNPRSTV") for _ in range(3 if profile.is_company else 4)
    )
    day = f"{rng.randint(70, 99):02}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    base = letters + day + rng.choice("ABCDEFGHJK") + str(rng.randint(1, 9))
    return base + rfc.calc_check_digit(base)


def _nit(rng):
    base = str(rng.randint(800_000_000, 901_999_999))
    return base + nit.calc_check_digit(base)
