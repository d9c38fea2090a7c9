from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..calc import gate, money


class CarteraAuthority(models.Model):
    """Up to how much the members of a group may decide one kind of thing.

    Rows of a company take the place of the rows for all companies, kind by kind and group by group.
    """

    _name = "cartera.authority"
    _description = "Authority"
    _order = "kind, amount, id"

    name = fields.Char(compute="_compute_name")
    kind = fields.Selection(
        [
            ("request", "Approve credit applications"),
            ("release_limit", "Release by credit line"),
            ("release_overdue", "Release by overdue balance"),
            ("waive", "Waive interest"),
            ("write_off", "Write off"),
            ("note", "Approve notes"),
        ],
        required=True,
        index=True,
    )
    group_id = fields.Many2one(
        "res.groups", string="Role", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty for every company that has no row of its own for this kind and role.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Currency of the amount.",
    )
    amount = fields.Monetary(
        help="Highest amount: the limit that is granted, what is over the line, or overdue. Zero does not restrict."
    )
    percent = fields.Float(
        help="Highest share: of the line that is exceeded, or of the balance that is overdue; for applications of the "
        "limit so far, 110 being a tenth more. Zero does not restrict."
    )
    unlimited = fields.Boolean(
        help="Without any bound; amount and percent are not looked at."
    )
    signatures = fields.Selection(
        [("1", "Alone"), ("2", "With a second signature")],
        default="1",
        required=True,
        string="Decides",
        help="For credit applications: whether one person of the role decides up to this amount, or two different "
        "people of whatever role have to sign.",
    )
    active = fields.Boolean(default=True)

    @api.depends("kind", "group_id", "amount", "percent", "unlimited")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for row in self:
            row.name = f"{kinds.get(row.kind, '')}: {row.group_id.name or ''}"

    @api.constrains("kind", "amount", "percent", "unlimited")
    def _check_filled(self):
        for row in self:
            if row.amount < 0 or row.percent < 0:
                raise ValidationError(
                    self.env._(
                        "An authority cannot be negative (received %(amount)s and %(percent)s %%).",
                        amount=row.amount,
                        percent=row.percent,
                    )
                )
            if not row.unlimited and not row.amount and not row.percent:
                raise ValidationError(
                    self.env._(
                        "Fill in an amount or a percentage for %(row)s, or mark it as unlimited: an empty row would "
                        "authorise nothing.",
                        row=row.name,
                    )
                )

    @api.model
    def _rows_for(self, user, kind, company):
        """Return the rows that give ``user`` authority of ``kind`` in ``company``."""
        rows = self.sudo().search(
            [
                ("kind", "=", kind),
                ("group_id", "in", user.sudo().all_group_ids.ids),
                ("company_id", "in", (False, company.id)),
            ]
        )
        own = {row.group_id for row in rows if row.company_id}
        return rows.filtered(lambda row: row.company_id or row.group_id not in own)

    @api.model
    def _principals(self, user, kind, company):
        """Return the users on whose authority ``user`` may decide today: the own, and what others lent."""
        return user | self.env["cartera.authority.delegation"]._lenders(
            user, kind, company
        )

    @api.model
    def _covers(self, user, kind, company, amount, base):
        """Whether ``user`` may decide over ``amount``, by own authority or one that was lent for today.

        :param amount: Decimal in company currency
        :param base: Decimal in company currency of which a percentage is taken
        """
        return any(
            row._covers_amount(company, amount, base)
            for principal in self._principals(user, kind, company)
            for row in self._rows_for(principal, kind, company)
        )

    @api.model
    def _strengths(self, user, company, amount, base):
        """Return {user id on whose authority: 1 decides alone, 2 needs a second signature} for applications.

        :param amount: Decimal in company currency; None is unlimited credit, for which only rows without bound do
        """
        strengths = {}
        for principal in self._principals(user, "request", company):
            found = [
                int(row.signatures)
                for row in self._rows_for(principal, "request", company)
                if row._covers_amount(company, amount, base)
            ]
            if found:
                strengths[principal.id] = min(found)
        return strengths

    def _covers_amount(self, company, amount, base):
        self.ensure_one()
        if self.unlimited:
            return True
        if amount is None:
            return False
        # a percentage alone needs no rate
        ceiling = money.ZERO
        if self.amount:
            ceiling = self.env["cartera.money"]._convert(
                self.amount, self.currency_id, company, company._cartera_today()
            )
        return gate.covered(amount, base, ceiling, money.to_decimal(self.percent))
