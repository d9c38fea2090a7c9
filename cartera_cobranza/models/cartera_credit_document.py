from odoo import api, fields, models
from odoo.exceptions import UserError

from .decided import deciding


class CarteraCreditDocument(models.AbstractModel):
    """What a document must tell the credit gate; orders, shipments and invoices inherit it.

    The state is written by the gate and the hold's verbs only: a direct write is refused.
    """

    _name = "cartera.credit.document"
    _description = "Document Checked for Credit"

    def _credit_company(self):
        """Return the company that decides: the document's, never the user's current one."""
        return self.company_id

    def _credit_name(self):
        """Return what the document is called in the queue."""
        return self.display_name

    def _credit_partner(self):
        """Return the commercial entity that will owe."""
        raise NotImplementedError

    def _credit_currency(self):
        return self.currency_id

    def _credit_amount(self, checkpoint):
        """Return what letting the document pass would add to the exposure, in its own currency."""
        raise NotImplementedError

    def _credit_total(self):
        """Return the size of the document in its own currency, for rules on the document itself."""
        raise NotImplementedError

    def _credit_is_exempt(self, checkpoint):
        """Whether the document adds nothing to the debt: paid in advance, empty, or lowering it."""
        self.ensure_one()
        return (
            self._credit_currency().compare_amounts(self._credit_amount(checkpoint), 0)
            <= 0
        )

    def _credit_exempt(self, checkpoint):
        """Return those of these documents that add nothing to the debt, for all of them at once."""
        return self.filtered(lambda doc: doc._credit_is_exempt(checkpoint))

    def _credit_own_reasons(self, checkpoint):
        """Return {document id: list of ``calc.gate.Reason``} for documents that no rule of the table judges.

        Goods sold in advance, for example, are judged by what was paid for them. An empty list lets pass.
        """
        return {}

    def _credit_hold_sources(self):
        """Return the documents whose releases count for this one: itself, and what it follows from."""
        self.ensure_one()
        return [self]

    def _credit_stake(self):
        """Return what is at stake, in the document's currency, where it adds nothing to the exposure."""
        return 0.0

    def _credit_salesperson(self):
        """Return the user who may not release this document."""
        return self.env["res.users"]

    def _credit_promised_date(self):
        """Return the date on which the goods are promised, by which the queue is sorted."""
        return False

    def _credit_fingerprint(self):
        """Return what a release was given for; a worse one loses it (see ``_credit_is_worse_than``)."""
        return {"total": self._credit_total(), "currency": self._credit_currency().id}

    def _credit_is_worse_than(self, fingerprint):
        """Whether the document asks for more credit than the one that was released."""
        self.ensure_one()
        return (
            fingerprint.get("currency") != self._credit_currency().id
            or self._credit_currency().compare_amounts(
                self._credit_total(), fingerprint.get("total", 0)
            )
            > 0
        )

    def _credit_set_state(self, state):
        """Note the state of the hold on the document, where it has a field of its own for it."""

    def _credit_can_be_held(self):
        """Whether there is still something to hold; a document that is done is refused."""
        return True

    def _credit_adds_exposure(self):
        """Whether the document is not in the exposure yet."""
        return True

    def _credit_open_checkpoint(self):
        """Return the checkpoint that the document would meet next."""
        return "confirm"

    def _credit_let_go(self):
        """Do what the document was held from (confirm, post), after the last release."""

    def _credit_stop(self):
        """Undo what must not go on while a confirmed document is held (reservations)."""

    def _credit_reject(self, reason):
        """Carry out a rejection: cancel what can be cancelled."""

    def _credit_hold_again(self):
        """Hold by hand what was so when it was cancelled: taking it up again opens nothing."""
        holds = (
            self.env["cartera.credit.hold"]
            .sudo()
            .search(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)], order="id"
            )
        )
        last = {hold.res_id: hold for hold in holds}
        for document in self:
            hold = last.get(document.id)
            if hold and hold.forced and hold.state == "cancelled":
                note = hold.log_ids.filtered("note").sorted("id")[:1].note
                hold.action_force(document.sudo(), note)


class CarteraCreditDocumentState(models.AbstractModel):
    """The stored hold state of a document, protected against direct writes."""

    _name = "cartera.credit.document.state"
    _description = "Document With a Credit State"
    _inherit = ["cartera.credit.document"]

    credit_state = fields.Selection(
        [
            ("none", "No hold"),
            ("held", "Held by credit"),
            ("ready", "Ready to release"),
            ("released", "Released"),
            ("rejected", "Rejected"),
        ],
        string="Credit",
        default="none",
        required=True,
        readonly=True,
        copy=False,
        help="Whether credit holds this document.",
    )
    credit_hold_ids = fields.One2many(
        "cartera.credit.hold",
        "res_id",
        string="Credit Holds",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
        copy=False,
    )

    def _credit_set_state(self, state):
        with deciding(self.env, "cartera_credit_state"):
            self.sudo().write({"credit_state": state})

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if not self.env.cr.cache.get("cartera_credit_state") and any(
            record.credit_state != "none" for record in records
        ):
            raise UserError(self._credit_state_refusal())
        return records

    def write(self, vals):
        if "credit_state" in vals and not self.env.cr.cache.get("cartera_credit_state"):
            raise UserError(self._credit_state_refusal())
        return super().write(vals)

    def _credit_state_refusal(self):
        return self.env._(
            "The credit state follows the credit check and cannot be written. Release or reject the hold instead."
        )
