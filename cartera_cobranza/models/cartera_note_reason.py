from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..calc import money
from .cartera_note_class import COUNTS_AS

SYSTEM_REASONS = {
    "credit": "cartera_cobranza.note_reason_reversal",
    "debit": "cartera_cobranza.note_reason_recharge",
}
FIXED_ONCE_USED = ("direction", "company_id", "party")


class CarteraNoteReason(models.Model):
    """Why a credit or debit note exists: it brings the account and taxes and says who must agree.

    Set up by the manager; chosen on every note of a company that asks for reasons. A reason that is no longer
    used is archived, and stays readable on the notes that have it.
    """

    _name = "cartera.note.reason"
    _description = "Reason of Notes"
    _order = "direction, sequence, id"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short code for imports and reports.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty for all companies."
    )
    direction = fields.Selection(
        [("credit", "Credit"), ("debit", "Debit")],
        required=True,
        default="credit",
        help="Credit notes lower what is owed, debit notes raise it.",
    )
    party = fields.Selection(
        [
            ("customer", "Customers"),
            ("supplier", "Suppliers"),
            ("both", "Customers and suppliers"),
        ],
        string="For Notes of",
        required=True,
        default="customer",
    )
    class_id = fields.Many2one(
        "cartera.note.class", string="Class", required=True, index=True
    )
    counts_as = fields.Selection(
        COUNTS_AS,
        compute="_compute_counts_as",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="What notes with this reason count as in the statistics; by default what their class says.",
    )
    account_id = fields.Many2one(
        "account.account",
        company_dependent=True,
        domain="[('account_type', 'not in', ('asset_receivable', 'liability_payable', 'off_balance'))]",
        help="Account of the note's lines. Empty: the account of the invoice's lines, or of the product.",
    )
    tax_treatment = fields.Selection(
        [
            ("same", "Taxes of the invoice, in proportion"),
            ("none", "No taxes"),
            ("fixed", "These taxes"),
        ],
        required=True,
        default="same",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        help="Of every company those of its own are taken.",
    )
    needs_document = fields.Boolean(
        help="A note with this reason needs an attachment that proves it."
    )
    document_name = fields.Char(
        string="Document",
        translate=True,
        help="What must be attached: the warehouse's return slip, the claim, the agreement…",
    )
    needs_dispute = fields.Boolean(
        help="A note with this reason resolves a dispute: it is asked for from there."
    )
    needs_approval = fields.Boolean(
        help="Every note with this reason is approved by somebody else, whatever its amount."
    )
    limit_ids = fields.One2many(
        "cartera.note.reason.limit", "reason_id", string="Limits", copy=True
    )
    interest_from = fields.Selection(
        [
            ("invoice_date", "From the date of the invoice"),
            ("note_date", "From the date of the note"),
            ("none", "Not at all"),
        ],
        string="Lowers the Interest Base",
        required=True,
        default="note_date",
        help="A wrong price was wrong from the beginning; goods that came back were owed until they came back.",
    )
    lowers_promise = fields.Boolean(
        default=True,
        help="A credit note with this reason lowers what the customer has promised to pay.",
    )
    fiscal_code_ids = fields.One2many(
        "cartera.note.fiscal.code", "reason_id", string="Fiscal Codes", copy=True
    )
    date_from = fields.Date(string="Valid From", help="First day; empty for always.")
    date_to = fields.Date(string="Valid Until", help="Last day; empty for ever.")

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))",
        "There is another reason with this code. Use another code.",
    )

    @api.depends("class_id")
    def _compute_counts_as(self):
        for reason in self:
            reason.counts_as = reason.class_id.counts_as or "sales"

    @api.depends("name", "code")
    def _compute_display_name(self):
        for reason in self:
            reason.display_name = reason.name

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for reason in self:
            if (
                reason.date_from
                and reason.date_to
                and reason.date_to < reason.date_from
            ):
                raise ValidationError(
                    self.env._(
                        "The reason %(reason)s would end on %(end)s, before it starts on %(start)s. Correct one of "
                        "the dates.",
                        reason=reason.name,
                        end=reason.date_to,
                        start=reason.date_from,
                    )
                )

    @api.constrains("tax_treatment", "tax_ids")
    def _check_taxes(self):
        for reason in self:
            if reason.tax_treatment == "fixed" and not reason.tax_ids:
                raise ValidationError(
                    self.env._(
                        "Say which taxes notes with the reason %(reason)s carry, or choose another treatment.",
                        reason=reason.name,
                    )
                )

    def write(self, vals):
        changed = [name for name in FIXED_ONCE_USED if name in vals]
        for reason in self:
            if any(
                vals[name] != reason._fields[name].convert_to_write(reason[name], self)
                for name in changed
            ):
                reason._check_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unused(self):
        for reason in self:
            reason._check_unused()

    def _check_unused(self):
        """Refuse where notes have the reason: what they say must not change."""
        self.ensure_one()
        count = (
            self.env["account.move"]
            .sudo()
            .search_count([("note_reason_id", "=", self.id)])
        )
        if count:
            raise UserError(
                self.env._(
                    "%(count)s notes have the reason %(reason)s: it can be archived, but neither deleted nor turned "
                    "into another one. Archive it and make a new one.",
                    count=count,
                    reason=self.name,
                )
            )

    # What a reason says about a note

    @api.model
    def _system_reason(self, company, direction):
        """Return the reason of notes that no person asked for: reversals by jobs and other addons."""
        company = company.sudo()
        return (
            company[f"cartera_note_{direction}_reason_id"]
            or self.sudo().env.ref(SYSTEM_REASONS[direction], raise_if_not_found=False)
            or self.sudo()
        )

    def _problem(self, direction, party, company, day):
        """Return why this reason does not fit a note, or False.

        :param direction: credit or debit
        :param party: customer or supplier
        :param day: date of the note
        """
        self.ensure_one()
        reason = self.sudo()
        labels = dict(self._fields["direction"]._description_selection(self.env))
        if reason.direction != direction:
            return self.env._(
                "The reason %(reason)s is for %(other)s notes, and this is a %(this)s note. Choose a reason for "
                "%(this)s notes.",
                reason=reason.name,
                other=labels[reason.direction].lower(),
                this=labels[direction].lower(),
            )
        if reason.party not in (party, "both"):
            parties = dict(self._fields["party"]._description_selection(self.env))
            return self.env._(
                "The reason %(reason)s is for notes of %(other)s, and this is one of %(this)s. Choose another "
                "reason.",
                reason=reason.name,
                other=parties[reason.party].lower(),
                this=parties[party].lower(),
            )
        if reason.company_id and reason.company_id not in company.sudo().parent_ids:
            return self.env._(
                "The reason %(reason)s belongs to %(other)s, and the note to %(company)s. Choose another reason.",
                reason=reason.name,
                other=reason.company_id.name,
                company=company.sudo().name,
            )
        if not reason.active:
            return self.env._(
                "The reason %(reason)s is archived. Choose another reason.",
                reason=reason.name,
            )
        if (reason.date_from and day < reason.date_from) or (
            reason.date_to and day > reason.date_to
        ):
            return self.env._(
                "The reason %(reason)s is valid from %(start)s to %(end)s, and the note is of %(day)s. Choose "
                "another reason or date.",
                reason=reason.name,
                start=reason.date_from or "…",
                end=reason.date_to or "…",
                day=day,
            )
        return False

    def _taxes_for(self, company, taxes):
        """Return the taxes of a line with this reason, for a document of ``company`` that had ``taxes``."""
        self.ensure_one()
        reason = self.sudo()
        if reason.tax_treatment == "none":
            return taxes.browse()
        if reason.tax_treatment == "fixed":
            return reason.tax_ids.filtered(
                lambda tax: tax.company_id in company.sudo().parent_ids
            )
        return taxes

    def _account_for(self, company):
        """Return the account of the lines in ``company``, or an empty record."""
        self.ensure_one()
        return self.sudo().with_company(company).account_id

    def _within_limit(self, user, company, amount, base):
        """Whether ``user`` may issue such a note without anybody's approval.

        :param amount: Decimal in company currency
        :param base: Decimal in company currency of which a percentage is taken: the invoice's total
        """
        self.ensure_one()
        reason = self.sudo()
        if reason.needs_approval:
            return False
        if not reason.limit_ids:
            return True
        day = company._cartera_today()
        Money = self.env["cartera.money"]
        for limit in reason.limit_ids:
            if limit.group_id not in user.sudo().all_group_ids:
                continue
            if limit.amount and amount > Money._convert(
                limit.amount, limit.currency_id, company, day
            ):
                continue
            if limit.percent and amount * 100 > base * money.to_decimal(limit.percent):
                continue
            return True
        return False

    def _fiscal_code(self, company):
        """Return the code of this reason in the country of ``company``, or False."""
        self.ensure_one()
        country = company.sudo().account_fiscal_country_id
        return (
            self.sudo()
            .fiscal_code_ids.filtered(lambda row: row.country_id == country)[:1]
            .code
        )
