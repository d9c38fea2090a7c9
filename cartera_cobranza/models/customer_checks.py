"""Checks of what is proposed for a customer: tax numbers, mail addresses, names. No records, no queries."""

import re
import unicodedata

import stdnum

from odoo.tools import email_normalize

# numbers that stand for "the public in general" or "a foreigner", and are nobody's own
SHARED_NUMBERS = frozenset(
    ("XAXX010101000", "XEXX010101000", "222222222222", "2222222222", "222222222")
)
COMPANY_WORDS = frozenset(
    [
        "sa",
        "de",
        "cv",
        "rl",
        "srl",
        "sas",
        "ltda",
        "cia",
        "sc",
        "ac",
        "spr",
        "inc",
        "llc",
        "ltd",
        "corp",
        "co",
        "sl",
    ]
)


def normal_vat(text, country_code=None):
    """Return a tax number without spaces and signs, in capitals, without its country's prefix.

    >>> normal_vat("mx-GODE 561231-GR8", "MX")
    'GODE561231GR8'
    """
    number = re.sub(r"[^0-9A-Za-zÑñ&]", "", text or "").upper()
    code = (country_code or "").upper()
    if code and number.startswith(code) and vat_is_valid(number, code) is not True:
        rest = number[len(code) :]
        if vat_is_valid(rest, code) is not False:
            return rest
    return number


def vat_is_valid(number, country_code):
    """Return whether the number can be one of that country; None where nobody knows how to tell."""
    code = (country_code or "").lower()
    module = stdnum.get_cc_module(code, "vat")
    if module is None:
        return None
    # the ten signs of a Mexican person without those that tell namesakes apart cannot be invoiced
    if code == "mx" and len(number or "") < 12:
        return False
    return bool(module.is_valid(number))


def email_is_valid(text):
    """Return whether the text is exactly one mail address."""
    return bool(email_normalize(text or "", strict=True))


def normal_name(text):
    """Return a name for comparing: no accents, signs, capitals nor forms of companies.

    >>> normal_name("Panadería  Súper, S.A. de C.V.")
    'panaderia super'
    """
    plain = unicodedata.normalize("NFKD", (text or "").lower())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = re.sub(
        r"\b((?:\w\.\s?)+)",
        lambda found: found[0].replace(".", "").replace(" ", "") + " ",
        plain,
    )
    words = re.sub(r"[^a-z0-9]+", " ", plain).split()
    return " ".join(word for word in words if word not in COMPANY_WORDS)
