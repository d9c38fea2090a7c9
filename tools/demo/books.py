"""What every step of the build shares: environment, seed, today, found records."""

import random
from datetime import timedelta

from odoo import fields

from .profiles import make_profiles

MODULE = "cartera_demo"
QUIET = {  # no mail, no chatter and no history for books that are made, not kept
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True,
    "no_reset_password": True,
    "import_file": False,
}


class DemoError(Exception):
    """The build cannot go on; the text is one sentence for who reads the terminal."""


class Books:
    """The books being made. A step reads from it whatever an earlier step has made."""

    def __init__(self, env, size, seed, today, progress):
        self.env = env(
            su=True,
            context={**QUIET, "lang": "en_US", "allowed_company_ids": env.company.ids},
        )
        self.size = size
        self.seed = seed
        self.today = today
        self.progress = progress
        self.profiles = make_profiles(size, self.rng("profiles"))

    def rng(self, *key):
        """A generator of this step alone, so that a resumed build draws the same."""
        return random.Random("/".join(map(str, (self.seed, self.size, *key))))

    def ago(self, days):
        return self.today - timedelta(days=days)

    def company_env(self, key):
        """The environment of one company: "mx" or "co"."""
        company = self.get(f"company.{key}")
        return self.env(
            context={**self.env.context, "allowed_company_ids": company.ids}
        )

    def remember(self, named):
        """Give records external ids: {name: record}."""
        self.env["ir.model.data"].create(
            [
                {
                    "module": MODULE,
                    "name": name,
                    "model": record._name,
                    "res_id": record.id,
                    "noupdate": True,
                }
                for name, record in named.items()
            ]
        )

    def get(self, name):
        return self.env.ref(f"{MODULE}.{name}")

    def find(self, name):
        return self.env.ref(f"{MODULE}.{name}", raise_if_not_found=False)

    def ids(self, prefix):
        """{rest of the name: database id} of everything remembered under a prefix."""
        rows = self.env["ir.model.data"].search_read(
            [("module", "=", MODULE), ("name", "=like", prefix + ".%")],
            ["name", "res_id"],
            order="id",
        )
        return {row["name"].removeprefix(prefix + "."): row["res_id"] for row in rows}

    def customer_ids(self):
        """{index of the profile: id of its partner}"""
        return {int(name): res_id for name, res_id in self.ids("customer").items()}

    def parameter(self, name, value=None):
        """Read a parameter of the build, or write it when a value is given."""
        parameters = self.env["ir.config_parameter"]
        if value is None:
            return parameters.get_param(f"{MODULE}.{name}")
        return parameters.set_param(f"{MODULE}.{name}", value)

    def tell(self, text):
        self.progress(f"    {text}")


def chunks(sequence, size):
    for start in range(0, len(sequence), size):
        yield sequence[start : start + size]


def date_text(day):
    return fields.Date.to_string(day)
