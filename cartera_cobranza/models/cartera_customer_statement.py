from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import formatLang

from .cartera_statement import FORMS
from .statement_choices import FILES, ROLES


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
    statement_never = fields.Boolean(
        string="Never Send Statements",
        tracking=True,
        help="This customer gets no statement, by itself or by any run. It can still be shown and downloaded.",
    )
    statement_overdue = fields.Selection(
        [
            ("only", "Only when something is overdue"),
            ("always", "Also when nothing is overdue"),
        ],
        string="When Nothing Is Overdue",
        tracking=True,
        help="Empty: as the run says; those that go by themselves are sent whether or not something is overdue.",
    )
    statement_minimum = fields.Monetary(
        string="Minimum Balance",
        currency_field="statement_currency_id",
        tracking=True,
        help="Not sent while the balance is lower. In another currency it is converted at the rate of the statement's "
        "day. Zero: as the run says.",
    )
    statement_currency_id = fields.Many2one(
        "res.currency",
        string="Currency of the Minimum",
        help="Empty: the currency of the company.",
    )
    statement_negative = fields.Selection(
        [
            ("skip", "Do not send"),
            ("send", "Send all the same"),
        ],
        string="When the Balance Is in Their Favour",
        tracking=True,
        help="Empty: as the run says; those that go by themselves are not sent then.",
    )
    statement_role = fields.Selection(
        ROLES,
        string="Statements To",
        tracking=True,
        help="The contacts marked so on the customer; where there is none, the invoice address, else the company. "
        "Empty: as the run says; those that go by themselves to the collections contact.",
    )
    statement_lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language of Statements",
        tracking=True,
        help="Empty: the language of the contact who gets it, else of the customer, else of the company.",
    )
    statement_files = fields.Selection(
        FILES,
        string="Files",
        tracking=True,
        help="Empty: as the run says; those that go by themselves are PDF. Where no PDF can be made the message "
        "carries the Excel file and says so.",
    )
    statement_line_ids = fields.One2many(
        "cartera.statement.line", "customer_id", string="Statements", readonly=True
    )

    @api.constrains("statement_minimum")
    def _check_statement_minimum(self):
        for customer in self:
            if customer.statement_minimum < 0:
                raise ValidationError(
                    self.env._(
                        "The minimum balance of %(customer)s's statements cannot be %(amount)s. Enter zero or more.",
                        customer=customer.partner_id.display_name,
                        amount=formatLang(self.env, customer.statement_minimum),
                    )
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
