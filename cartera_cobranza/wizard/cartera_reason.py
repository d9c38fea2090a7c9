from odoo import api, fields, models
from odoo.exceptions import UserError

# what is asked for a reason: (model, verb)
ASKED = (
    ("cartera.payment.promise", "action_withdraw"),
    ("cartera.payment.promise", "action_cancel"),
    ("cartera.dispute", "action_accept"),
    ("cartera.dispute", "action_reject"),
    ("cartera.dispute", "action_resolve"),
    ("cartera.dispute", "action_cancel"),
    ("cartera.invoice.delivery", "action_reject"),
    ("cartera.customer.request", "action_request_info"),
    ("cartera.customer.request", "action_reject"),
    ("cartera.credit.request", "action_reject"),
    ("cartera.credit.file", "action_waive"),
    ("cartera.credit.guarantee", "action_release"),
    ("cartera.credit.guarantee", "action_execute"),
    ("cartera.credit.revision", "action_reject"),
)


class CarteraReason(models.TransientModel):
    """Asks why something is closed, and then closes it by its own verb."""

    _name = "cartera.reason"
    _description = "Why"

    res_model = fields.Char(required=True)
    res_ids = fields.Json(required=True)
    verb = fields.Char(required=True)
    reason = fields.Text(help="The customer, or a colleague, reads it.")
    question = fields.Char(compute="_compute_question")
    is_amount_asked = fields.Boolean(compute="_compute_question")
    amount = fields.Monetary(help="What is right; the rest goes back to collection.")
    currency_id = fields.Many2one("res.currency")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        values.setdefault("res_model", context.get("active_model"))
        values.setdefault("res_ids", context.get("active_ids") or [])
        if values.get("res_model") == "cartera.dispute" and len(values["res_ids"]) == 1:
            dispute = self.env["cartera.dispute"].browse(values["res_ids"])
            values["currency_id"] = dispute.currency_id.id
            values["amount"] = dispute.disputed_amount
            values["reason"] = dispute.answer
        return values

    @api.depends("verb", "res_model")
    def _compute_question(self):
        questions = {
            ("cartera.payment.promise", "action_withdraw"): self.env._(
                "The customer takes the promise back. What did they say?"
            ),
            ("cartera.payment.promise", "action_cancel"): self.env._(
                "The promise was recorded in error. Why?"
            ),
            ("cartera.dispute", "action_accept"): self.env._(
                "The customer is right: how much of it? The credit note comes next."
            ),
            ("cartera.dispute", "action_reject"): self.env._(
                "The customer is not right. What are they told?"
            ),
            ("cartera.dispute", "action_resolve"): self.env._(
                "Settled, and the customer pays what is open. What are they told?"
            ),
            ("cartera.dispute", "action_cancel"): self.env._(
                "The dispute was recorded in error. Why?"
            ),
            ("cartera.invoice.delivery", "action_reject"): self.env._(
                "The customer sent it back. Why?"
            ),
            ("cartera.customer.request", "action_request_info"): self.env._(
                "What is missing? Whoever asked for it reads it."
            ),
            ("cartera.customer.request", "action_reject"): self.env._(
                "The request is refused for good. Why?"
            ),
            ("cartera.credit.request", "action_reject"): self.env._(
                "Why is the application rejected?"
            ),
            ("cartera.credit.file", "action_waive"): self.env._(
                "Why is this document not asked for after all?"
            ),
            ("cartera.credit.guarantee", "action_release"): self.env._(
                "The guarantee goes back to the customer and no longer counts. Why?"
            ),
            ("cartera.credit.guarantee", "action_execute"): self.env._(
                "The guarantee is called in and no longer counts. What happened?"
            ),
            ("cartera.credit.revision", "action_reject"): self.env._(
                "Why is the revision rejected?"
            ),
        }
        for wizard in self:
            wizard.question = questions.get((wizard.res_model, wizard.verb))
            wizard.is_amount_asked = (
                wizard.verb == "action_accept" and len(wizard.res_ids or []) == 1
            )

    @api.model
    def _ask(self, records, verb):
        """Return the action that asks for the reason of a verb."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_res_model": records._name,
                "default_res_ids": records.ids,
                "default_verb": verb,
            },
        }

    def action_confirm(self):
        self.ensure_one()
        if (self.res_model, self.verb) not in ASKED:
            raise UserError(self.env._("There is nothing to give a reason for."))
        records = self.env[self.res_model].browse(self.res_ids)
        if self.verb == "action_accept":
            if self.reason:
                records.answer = self.reason
            records.action_accept(self.amount if self.is_amount_asked else None)
        else:
            getattr(records, self.verb)(self.reason)
        return {"type": "ir.actions.act_window_close"}
