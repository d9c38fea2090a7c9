from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL

from . import customer_checks

SECTIONS = [
    ("fiscal", "Fiscal Data"),
    ("terms", "Terms"),
    ("address", "Address"),
    ("contact", "Contact Data"),
]
# field of the request: (field of the partner, section)
ENTITY = {
    "customer_name": ("name", "fiscal"),
    "vat": ("vat", "fiscal"),
    "street": ("street", "address"),
    "street2": ("street2", "address"),
    "city": ("city", "address"),
    "zip": ("zip", "address"),
    "state_id": ("state_id", "address"),
    "country_id": ("country_id", "address"),
    "email": ("email", "contact"),
    "phone": ("phone", "contact"),
    "payment_term_id": ("property_payment_term_id", "terms"),
    "salesperson_id": ("user_id", "terms"),
}


class CarteraCustomerRequestProposal(models.AbstractModel):
    """What a request proposes, the changes that this makes, and what is wrong with it."""

    _name = "cartera.customer.request.proposal"
    _description = "Proposed Data of a Customer"

    customer_name = fields.Char(
        string="Name",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        help="Legal name, as the tax authority writes it.",
    )
    vat = fields.Char(
        string="Tax ID",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        help="Checked for the country, and against the customers there are.",
    )
    street = fields.Char(compute="_compute_proposal", store=True, readonly=False)
    street2 = fields.Char(compute="_compute_proposal", store=True, readonly=False)
    city = fields.Char(compute="_compute_proposal", store=True, readonly=False)
    zip = fields.Char(compute="_compute_proposal", store=True, readonly=False)
    state_id = fields.Many2one(
        "res.country.state",
        string="Province",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        domain="[('country_id', '=?', country_id)]",
    )
    country_id = fields.Many2one(
        "res.country", compute="_compute_proposal", store=True, readonly=False
    )
    email = fields.Char(
        string="E-mail", compute="_compute_proposal", store=True, readonly=False
    )
    phone = fields.Char(compute="_compute_proposal", store=True, readonly=False)
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        domain="[('company_id', 'in', (False, company_id))]",
        help="What the customer is to get. On credit they count once a line is approved.",
    )
    salesperson_id = fields.Many2one(
        "res.users",
        compute="_compute_proposal",
        store=True,
        readonly=False,
        domain="[('share', '=', False)]",
    )
    contact_ids = fields.One2many(
        "cartera.customer.request.contact",
        "request_id",
        string="Contacts and Addresses",
    )

    @api.model
    def _entity_fields(self):
        """Return {field of the request: (field of the partner, section)}; other addons add theirs.

        The field must be stored on the request, with ``_compute_proposal`` as its compute.
        """
        return dict(ENTITY)

    @api.model
    def _proposal_fields(self):
        """Return the fields whose change makes the list of changes anew."""
        return {
            *self._entity_fields(),
            "partner_id",
            "kind",
            "company_id",
            "contact_ids",
        }

    @api.depends("partner_id", "company_id")
    def _compute_proposal(self):
        """Begin with what the customer has now."""
        for request in self:
            partner = request.partner_id.sudo().with_company(request.company_id)
            for name, (source, _section) in self._entity_fields().items():
                if partner:
                    request[name] = partner[source]
                else:
                    request[name] = request[name] or request._proposal_default(name)

    def _proposal_default(self, name):
        """Return what a new customer begins with."""
        if name == "country_id":
            return self.company_id.country_id
        if name == "salesperson_id":
            return self.env.user if self.env.user._is_internal() else False
        if name == "payment_term_id":
            return self.company_id.sudo().cartera_prepaid_term_id
        return False

    # The list of changes

    @api.model
    def _raw(self, value):
        """Return a value as it can be kept and compared: ids for records, False for nothing."""
        return (
            (value.id or False)
            if isinstance(value, models.BaseModel)
            else (value or False)
        )

    def _shown(self, model, name, raw):
        """Return how people read a value of a field."""
        field = self.env[model]._fields[name]
        if not raw:
            return ""
        if field.type == "many2one":
            record = self.env[field.comodel_name].sudo().browse(raw).exists()
            return record.display_name if record else f"#{raw}"
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(raw, raw)
        if field.type == "boolean":
            return self.env._("Yes")
        return str(raw)

    def _rebuild_lines(self, refresh=False):
        """Make the list of changes anew: what differs from the customer as it is.

        What was there before is kept as it was read when the request was handed in.

        :param refresh: read it again (a review does)
        """
        for request in self:
            known = {
                (line.contact_id, line.field_name): line.old_raw
                for line in request.line_ids
            }
            keep = request.state in ("submitted", "validated") and not refresh
            rows = []
            for row in request._changes():
                key = (row.pop("contact"), row["field_name"])
                if keep and key in known:
                    row["old_raw"] = known[key]
                    row["old_value"] = self._shown(
                        "res.partner", row["field_name"], known[key]
                    )
                if row["old_raw"] != row["new_raw"]:
                    rows.append(row | {"contact_id": key[0].id})
            request._as_decided(
                {
                    "line_ids": [
                        fields.Command.clear(),
                        *map(fields.Command.create, rows),
                    ]
                }
            )

    def _changes(self):
        """Return the values of the lines: entity first, then contacts and addresses."""
        self.ensure_one()
        partner = self.partner_id.sudo().with_company(self.company_id)
        rows = []
        for name, (target, section) in self._entity_fields().items():
            rows.append(
                self._change(
                    self.env["cartera.customer.request.contact"],
                    section,
                    self.customer_name or partner.name or "",
                    target,
                    self._raw(partner[target]) if partner else False,
                    self._raw(self[name]),
                )
            )
        for contact in self.contact_ids:
            rows += contact._changes()
        return [row for row in rows if row["old_raw"] != row["new_raw"]]

    def _change(self, contact, section, subject, target, old, new):
        field = self.env["res.partner"]._fields[target]
        return {
            "contact": contact,
            "section": section,
            "subject": subject,
            "field_name": target,
            "label": field._description_string(self.env),
            "old_raw": old,
            "new_raw": new,
            "old_value": self._shown("res.partner", target, old),
            "new_value": self._shown("res.partner", target, new),
        }

    # What is wrong with it

    def _get_problems(self):
        """Return what stands against the request: dicts of level (danger blocks) and text."""
        self.ensure_one()
        found = self._problems_of_data()
        found += self._problems_of_vat()
        found += self._problems_of_mails()
        found += self._problems_of_duplicates()
        found += self._problems_of_documents()
        if self.state in ("submitted", "validated"):
            found += [
                self._problem("danger", text) for text in self._changed_meanwhile()
            ]
        begun = self.kind == "change" and self.state in ("draft", "info_requested")
        if begun and self.partner_id and not self._changes():
            found.append(self._problem("danger", self.env._("Nothing is changed yet.")))
        return found

    @api.model
    def _problem(self, level, text):
        return {"level": level, "text": text}

    @api.model
    def _required_fields(self):
        """Return the fields without which nobody becomes a customer; other addons add theirs."""
        return (
            "customer_name",
            "vat",
            "street",
            "city",
            "zip",
            "country_id",
            "email",
            "payment_term_id",
        )

    def _problems_of_data(self):
        names = self._required_fields()
        if self.kind == "change":  # what was never there is not asked for
            partner = self.partner_id.sudo().with_company(self.company_id)
            mapping = self._entity_fields()
            names = [name for name in names if partner[mapping[name][0]]]
        missing = [
            self._fields[name]._description_string(self.env)
            for name in names
            if not self[name]
        ]
        if not missing:
            return []
        return [
            self._problem(
                "danger", self.env._("Missing: %s. Fill it in.", ", ".join(missing))
            )
        ]

    def _problems_of_vat(self):
        country = self.country_id.code
        number = customer_checks.normal_vat(self.vat, country)
        if not number:
            return []
        valid = customer_checks.vat_is_valid(number, country)
        if valid is False:
            return [
                self._problem(
                    "danger",
                    self.env._(
                        "The tax ID %(vat)s is none of %(country)s. Check it against the tax certificate.",
                        vat=self.vat,
                        country=self.country_id.name,
                    ),
                )
            ]
        if valid is None:
            return [
                self._problem(
                    "warning",
                    self.env._(
                        "The tax ID %(vat)s cannot be checked for %(country)s: look at the certificate.",
                        vat=self.vat,
                        country=self.country_id.name or self.env._("no country"),
                    ),
                )
            ]
        return []

    def _problems_of_mails(self):
        texts = [(self.customer_name or "", self.email)]
        texts += [
            (contact.name or "", contact.email)
            for contact in self.contact_ids
            if not contact.remove
        ]
        return [
            self._problem(
                "danger",
                self.env._(
                    "'%(email)s' of %(who)s is no mail address. Write one, like pagos@empresa.com.",
                    email=email,
                    who=who or self.env._("the customer"),
                ),
            )
            for who, email in texts
            if email and not customer_checks.email_is_valid(email)
        ]

    def _problems_of_documents(self):
        wanted = [vals["name"] for vals in self._prepare_documents()]
        if self.kind == "change":
            wanted = []
        missing = [
            document.name
            for document in self.document_ids
            if (document.required or document.name in wanted)
            and not document.file
            and not document.waived
        ]
        there = self.document_ids.mapped("name")
        missing += [name for name in wanted if name not in there]
        if not missing:
            return []
        return [
            self._problem(
                "danger",
                self.env._(
                    "Documents missing: %s. Attach them, or write why one is not needed.",
                    ", ".join(missing),
                ),
            )
        ]

    def _problems_of_duplicates(self):
        found = []
        same_vat = self._partners_with_vat()
        if same_vat:
            found.append(
                self._problem(
                    "warning" if self.duplicate_reason else "danger",
                    self.env._(
                        "The tax ID %(vat)s is that of %(others)s already. Change that customer, or write why this "
                        "is another one.",
                        vat=self.vat,
                        others=self._names(same_vat),
                    ),
                )
            )
        others = self._partners_alike() - same_vat
        if others:
            found.append(
                self._problem(
                    "warning",
                    self.env._(
                        "There are customers of the same name or mail address: %s. Look whether it is one of them.",
                        self._names(others),
                    ),
                )
            )
        twins = self._other_requests()
        if twins:
            found.append(
                self._problem(
                    "danger",
                    self.env._(
                        "The same is asked for in %s, which is open. Decide on that one first.",
                        ", ".join(twins.mapped("name")),
                    ),
                )
            )
        return found

    @api.model
    def _names(self, partners):
        shown = [
            partner.display_name + ("" if partner.active else self.env._(" (archived)"))
            for partner in partners[:3]
        ]
        if len(partners) > 3:
            shown.append("…")
        return ", ".join(shown)

    def _partners_with_vat(self):
        """Return the other commercial entities, archived ones too, with the same tax number."""
        number = customer_checks.normal_vat(self.vat, self.country_id.code)
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        if not number or number in customer_checks.SHARED_NUMBERS:
            return Partner
        prefixed = (self.country_id.code or "") + number
        Partner.flush_model(["vat", "commercial_partner_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT p.id FROM res_partner p
                    WHERE p.vat IS NOT NULL AND p.commercial_partner_id = p.id AND p.id <> %(own)s
                      AND (p.company_id IS NULL OR p.company_id = %(company)s)
                      AND regexp_replace(upper(p.vat), '[^0-9A-ZÑ&]', '', 'g') = ANY(%(numbers)s)
                 ORDER BY p.id""",
                own=self.partner_id._origin.id or 0,
                company=self.company_id.id,
                numbers=[number, prefixed],
            )
        )
        return Partner.browse([row[0] for row in rows])

    def _partners_alike(self):
        """Return other commercial entities with the same mail address, or a name that reads the same."""
        Partner = self.env["res.partner"].sudo()
        own = self.partner_id._origin.id or 0
        words = customer_checks.normal_name(self.customer_name).split()
        domain = [
            ("id", "!=", own),
            ("parent_id", "=", False),
            ("company_id", "in", (False, self.company_id.id)),
        ]
        found = Partner
        if words:
            # the longest word narrows it down; accents may be written or not
            word = max(words, key=len)[:4]
            near = Partner.search(
                [*domain, ("name", "ilike", word), ("customer_rank", ">", 0)], limit=500
            ) | Partner.search([*domain, ("name", "=ilike", self.customer_name)])
            found |= near.filtered(
                lambda partner: customer_checks.normal_name(partner.name).split()
                == words
            )
        if self.email:
            found |= Partner.search([*domain, ("email", "=ilike", self.email)])
        return found

    def _other_requests(self):
        """Return other open requests for the same new tax number, or for the same customer."""
        Request = self.env[self._name].sudo()
        domain = [
            ("id", "!=", self._origin.id or 0),
            ("company_id", "=", self.company_id.id),
            ("state", "in", ("submitted", "validated")),
        ]
        if self.partner_id:
            return Request.search(
                [*domain, ("partner_id", "=", self.partner_id._origin.id)]
            )
        number = customer_checks.normal_vat(self.vat, self.country_id.code)
        if not number or number in customer_checks.SHARED_NUMBERS:
            return Request
        return Request.search([*domain, ("kind", "=", "new")]).filtered(
            lambda other: customer_checks.normal_vat(other.vat, other.country_id.code)
            == number
        )

    @api.model
    def _problems_as_html(self, problems):
        if not problems:
            return False
        return Markup("<ul class='mb-0'>%s</ul>") % Markup("").join(
            Markup("<li class='%s'>%s</li>")
            % (
                "text-danger"
                if problem["level"] == "danger"
                else "text-warning-emphasis",
                problem["text"],
            )
            for problem in problems
        )

    # Documents

    @api.model
    def _prepare_documents(self, company=None):
        """Return the values of the documents that the company asks new customers for."""
        company = (company or self.company_id or self.env.company).sudo()
        return [
            {"name": line.strip(), "required": True}
            for line in (company.cartera_customer_documents or "").splitlines()
            if line.strip()
        ]
