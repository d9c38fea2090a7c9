from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CarteraCollectionCenter(models.Model):
    """Where customers pay (centro de recaudo): a branch, a cash desk, a bank agreement, an online gateway.

    Payments of customers carry theirs, so that what comes in can be told apart by it.
    """

    _name = "cartera.collection.center"
    _description = "Collection Center"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"
    _rec_names_search = ["name", "code"]
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(
        tracking=True, help="The number or agreement by which the bank knows it."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    bank_id = fields.Many2one(
        "res.bank",
        string="Financial Institution",
        tracking=True,
        help="Empty for an own cash desk.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        index=True,
        check_company=True,
        domain="[('type', 'in', ('bank', 'cash', 'credit'))]",
        tracking=True,
        help="Where its payments are booked.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Currency in which it takes payments.",
    )
    payment_method_line_ids = fields.Many2many(
        "account.payment.method.line",
        string="Payment Methods",
        domain="[('journal_id', '=', journal_id), ('payment_type', '=', 'inbound')]",
        help="Payments by these methods belong to it by themselves; without any, all payments of its journal do.",
    )
    note = fields.Text(help="Address, opening hours, how deposits are told apart.")

    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE active AND code IS NOT NULL",
        "The company has another collection center with this code. Use another code.",
    )

    @api.depends("journal_id")
    def _compute_currency_id(self):
        for center in self:
            journal = center.journal_id
            center.currency_id = (
                journal.currency_id
                or center.currency_id
                or center.company_id.currency_id
                or self.env.company.currency_id
            )

    @api.constrains("journal_id", "currency_id", "payment_method_line_ids")
    def _check_journal(self):
        for center in self:
            own = center.journal_id.currency_id
            if own and center.currency_id != own:
                raise ValidationError(
                    self.env._(
                        "%(center)s takes %(currency)s, but its journal %(journal)s is kept in %(own)s. Choose %(own)s "
                        "or another journal.",
                        center=center.name,
                        currency=center.currency_id.name,
                        journal=center.journal_id.name,
                        own=own.name,
                    )
                )
            foreign = center.payment_method_line_ids.filtered(
                lambda method, center=center: method.journal_id != center.journal_id
            )
            if foreign:
                raise ValidationError(
                    self.env._(
                        "The payment method %(method)s belongs to %(other)s and not to %(journal)s, the journal of "
                        "%(center)s. Take it out or change the journal.",
                        method=foreign[0].name,
                        other=foreign[0].journal_id.name,
                        journal=center.journal_id.name,
                        center=center.name,
                    )
                )

    def action_open_payments(self):
        """Open the payments received here."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_payment_statistic_action"
        )
        action["domain"] = [("center_id", "=", self.id)]
        return action

    @api.model
    def _find(self, company, keys):
        """Return {(journal id, payment method line id): center} of those that only one center claims.

        A center that names the method comes before one that takes all of its journal.
        """
        centers = self.sudo().search(
            [
                ("company_id", "in", company.sudo().parent_ids.ids),
                ("journal_id", "in", [journal for journal, _method in keys]),
            ]
        )
        found = {}
        for journal, method in keys:
            here = centers.filtered(lambda one, j=journal: one.journal_id.id == j)
            named = here.filtered(
                lambda one, m=method: m in one.payment_method_line_ids.ids
            )
            open_to_all = here.filtered(lambda one: not one.payment_method_line_ids)
            claiming = named or open_to_all
            if len(claiming) == 1:
                found[journal, method] = claiming
        return found
