from urllib.parse import urlencode

from odoo import fields, models
from odoo.exceptions import UserError

from .cartera_statement import FORMS


class CarteraCustomer(models.Model):
    _inherit = "cartera.customer"

    # not required: accounts are also made by one statement for thousands of customers, without defaults
    statement_schedule = fields.Selection(
        [("weekly", "Every week"), ("monthly", "Every month")],
        string="Statement of Account",
        tracking=True,
        help="This customer gets the statement of the last week or month by e-mail, by itself. Empty: not by itself.",
    )
    statement_form = fields.Selection(
        FORMS,
        help="Open items: what is not paid. Movements: opening balance, documents of the period, closing balance. "
        "Empty: open items.",
    )
    statement_line_ids = fields.One2many(
        "cartera.statement.line", "customer_id", string="Statements", readonly=True
    )

    def action_statement(self):
        """Ask for the form and the date of statements of these customers (button)."""
        self.check_access("read")
        companies = self.company_id
        if len(companies) > 1:
            raise UserError(
                self.env._(
                    "Statements are of one company. Choose customers of %s only.",
                    companies[0].name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Statement of Account"),
            "res_model": "cartera.statement.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_customer_ids": self.ids,
                "default_company_id": companies.id,
                "default_form": (self.statement_form if len(self) == 1 else False)
                or FORMS[0][0],
            },
        }

    def _statement_url(self, kind, day, form, date_from=None):
        """Return the action that downloads the statements of these customers."""
        query = {
            "ids": ",".join(map(str, self.ids)),
            "day": fields.Date.to_string(day) or "",
            "form": form,
            "date_from": fields.Date.to_string(date_from) or "",
        }
        return {
            "type": "ir.actions.act_url",
            "url": f"/cartera/statement.{kind}?{urlencode(query)}",
            "target": "download" if kind == "xlsx" else "new",
        }


class CarteraCollectionCase(models.Model):
    _inherit = "cartera.collection.case"

    def action_statement(self):
        """Make the statement of account of these customers (button)."""
        self.check_access("read")
        return self.customer_id.action_statement()


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_cartera_statement(self):
        """Make the statement of account of this contact's commercial entity (button)."""
        self.ensure_one()
        self.check_access("read")
        entity = self.commercial_partner_id
        found = self.env["cartera.customer"]._find_or_create(entity, self.env.company)
        return found[entity].action_statement()
