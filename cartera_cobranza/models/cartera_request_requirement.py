from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CarteraRequestRequirement(models.Model):
    """Which document is asked for, by kind of application and from which limit on.

    Sample rows come archived: nothing is asked for until a company switches them on.
    """

    _name = "cartera.request.requirement"
    _description = "Required Document"
    _order = "kind, amount_from, sequence, id"

    type_id = fields.Many2one(
        "cartera.document.type",
        string="Document",
        required=True,
        index=True,
        ondelete="restrict",
    )
    kind = fields.Selection(
        [
            ("opening", "Opening"),
            ("increase", "Increase"),
            ("decrease", "Decrease"),
            ("renewal", "Renewal"),
            ("temporary", "Temporary"),
            ("suspension", "Suspension"),
        ],
        required=True,
        help="Kind of application.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: every company.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Currency of the amount.",
    )
    amount_from = fields.Monetary(
        string="From",
        help="Asked for from this limit on. Zero: always; unlimited credit is above every amount.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    @api.depends("type_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for row in self:
            row.display_name = f"{kinds.get(row.kind, '')}: {row.type_id.name or ''}"

    @api.constrains("amount_from")
    def _check_amount(self):
        for row in self:
            if row.amount_from < 0:
                raise ValidationError(
                    self.env._(
                        "Documents are asked for from a limit of zero or more (received %(amount)s).",
                        amount=row.currency_id.format(row.amount_from),
                    )
                )

    @api.model
    def _types_for(self, company, kind, amount):
        """Return the types of documents that an application needs.

        :param amount: Decimal in company currency; None is unlimited
        """
        rows = self.sudo().search(
            [("kind", "=", kind), ("company_id", "in", (False, company.id))]
        )
        day = company._cartera_today()
        types = self.env["cartera.document.type"]
        for row in rows:
            if row.amount_from and amount is not None:
                least = self.env["cartera.money"]._convert(
                    row.amount_from, row.currency_id, company, day
                )
                if amount < least:
                    continue
            types |= row.type_id
        return types
