from odoo import fields, models
from odoo.exceptions import UserError

from ..models.cartera_statement import FORMS


class CarteraStatementWizard(models.TransientModel):
    """One or some statements at once: to look at, to download, or to send."""

    _name = "cartera.statement.wizard"
    _description = "Statement of Account"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    customer_ids = fields.Many2many(
        "cartera.customer",
        string="Customers",
        required=True,
        domain="[('company_id', '=', company_id)]",
    )
    form = fields.Selection(FORMS, required=True, default="open")
    date = fields.Date(
        required=True, default=lambda self: self.env.company._cartera_today()
    )
    date_from = fields.Date(
        string="Movements From",
        default=lambda self: self.env.company._cartera_today().replace(day=1),
    )

    def _checked(self):
        self.ensure_one()
        self.customer_ids.check_access("read")
        if not self.customer_ids:
            raise UserError(self.env._("Choose a customer."))
        if self.customer_ids.company_id != self.company_id:
            raise UserError(
                self.env._(
                    "Statements are of one company. Choose customers of %s only.",
                    self.company_id.name,
                )
            )
        # says what is wrong with the dates before anything is made
        self.env["cartera.statement"]._question(
            self.company_id, self.date, self.form, self.date_from
        )
        return self.customer_ids

    def action_pdf(self):
        """Show the PDF; of many customers have it made in the background (button).

        :raise UserError: where no PDF can be made
        """
        customers = self._checked()
        self.env["cartera.statement"].sudo()._check_engine()
        if len(customers) > self.company_id.sudo().cartera_statement_print_limit:
            return (
                self.env["cartera.statement.print"]
                ._start(customers, self.date, self.form, self.date_from)
                ._open()
            )
        return customers._statement_url("pdf", self.date, self.form, self.date_from)

    def action_xlsx(self):
        """Download the workbook (button)."""
        return self._checked()._statement_url(
            "xlsx", self.date, self.form, self.date_from
        )

    def action_send(self):
        """Send it at once to one customer; of several make a run to look at (button).

        :raise UserError: when it could not be sent, with the reason
        """
        customers = self._checked()
        if len(customers) == 1 and customers.statement_never:
            raise UserError(
                self.env._(
                    "%s never gets statements: its credit account says so. Download it, or change that on the account.",
                    customers.partner_id.display_name,
                )
            )
        run = self.env["cartera.statement.run"].create(
            {
                "company_id": self.company_id.id,
                "date": self.date,
                "form": self.form,
                "date_from": self.date_from if self.form == "movements" else False,
                "no_negative": False,
                "own_choice": False,
                "customer_ids": customers.ids,
            }
        )
        run.action_prepare()
        if len(customers) > 1:
            return {
                "type": "ir.actions.act_window",
                "res_model": run._name,
                "res_id": run.id,
                "views": [(False, "form")],
            }
        run.action_send()
        line = run.sudo().line_ids
        run.sudo()._send_batch(line)
        if line.state != "sent":
            raise UserError(
                self.env._(
                    "The statement was not sent. %(reason)s", reason=line.reason or ""
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The statement goes to %s.", line.sent_to),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
