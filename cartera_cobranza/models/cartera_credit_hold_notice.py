from markupsafe import Markup, escape

from odoo import models


class CarteraCreditHoldNotice(models.AbstractModel):
    """Tells people that documents are held: the credit team, the salespeople, the documents themselves."""

    _name = "cartera.credit.hold.notice"
    _description = "Notices of Credit Holds"

    def _tell(self, company):
        """Tell the credit team by activities, and each salesperson by one message; flat in holds."""
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        activities = []
        for hold in self:
            user = hold._credit_user()
            hold = hold._in_language_of(user)
            if todo and user:
                activities.append(
                    {
                        "activity_type_id": todo.id,
                        "res_model_id": self.env["ir.model"]._get_id(self._name),
                        "res_id": hold.id,
                        "user_id": user.id,
                        "summary": hold.env._("Held by credit: %s", hold.name),
                        "note": escape(hold.reason_text),
                        "date_deadline": company._cartera_today(),
                        "automated": True,
                    }
                )
        if activities:
            self.env["mail.activity"].sudo().with_context(
                mail_activity_quick_update=True
            ).create(activities)
        for model, holds in self.grouped("res_model").items():
            documents = self.env[model].sudo().browse(holds.mapped("res_id"))
            if hasattr(documents, "_message_log_batch"):
                documents._message_log_batch(
                    {
                        hold.res_id: Markup("<p>%s</p>")
                        % self.env._("Pending credit approval: %s", hold.reason_text)
                        for hold in holds
                    }
                )
        for salesperson, holds in self.grouped("salesperson_id").items():
            if salesperson and salesperson.partner_id and salesperson.active:
                holds._in_language_of(salesperson)._message_salesperson(salesperson)

    def _message_salesperson(self, salesperson):
        rows = Markup("").join(
            Markup("<li><b>%s</b> %s: %s</li>")
            % (hold.name, hold.partner_id.display_name, hold.reason_text)
            for hold in self
        )
        self.env["mail.thread"].sudo().message_notify(
            partner_ids=salesperson.partner_id.ids,
            subject=self.env._("Held by credit: %s", ", ".join(self.mapped("name"))),
            body=Markup("<p>%s</p><ul>%s</ul>")
            % (
                self.env._(
                    "Credit is looking at these documents; you need do nothing."
                ),
                rows,
            ),
        )

    def _in_language_of(self, user):
        """Return these holds in the language of who reads about them, whoever caused it."""
        return self.with_context(lang=user.lang) if user.lang else self

    def _credit_user(self):
        """Return who is to look at the hold: the customer's credit executive, else the company's."""
        self.ensure_one()
        return (
            self.customer_id.sudo().credit_user_id
            or self.company_id.sudo().cartera_credit_user_id
        )
