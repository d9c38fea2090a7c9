from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_amount


class CarteraStatementChoice(models.AbstractModel):
    """Who gets a statement of a run: by its choice, and by what each customer's credit account says of its own."""

    _name = "cartera.statement.choice"
    _description = "Choice of Customers for Statements"

    def _wanted_vals(self, customer, figures, rates):
        """Return the values of a customer's line, or None when it is left out.

        Where that cannot be told the line says why, and the others go on.
        """
        try:
            if self._why_not(customer, figures, rates):
                return None
        except UserError as error:
            vals = self._line_vals(customer, figures)
            return vals | {"state": "error", "reason": str(error)}
        return self._line_vals(customer, figures)

    def _why_not(self, customer, figures, rates):
        """Return why a customer gets no statement with these figures, or False.

        :param rates: what ``_rates_for`` returned for these customers
        :raise UserError: when the minimum is in a currency without a rate on the day
        """
        currency = self.company_id.currency_id
        balance = sum(one.residual_company for one in figures)
        own = customer if self.own_choice else customer.browse()
        only_overdue = self.only_overdue
        if own.statement_overdue:
            only_overdue = own.statement_overdue == "only"
        no_negative = self.no_negative
        if own.statement_negative:
            no_negative = own.statement_negative == "skip"
        if customer.statement_never:
            return self.env._("The customer never gets statements.")
        if only_overdue and not any(one.overdue > 0 for one in figures):
            return self.env._("Nothing is overdue.")
        if no_negative and currency.compare_amounts(balance, 0) < 0:
            return self.env._("The balance is in the customer's favour.")
        minimum = self._minimum(own, rates)
        if minimum and currency.compare_amounts(balance, minimum) < 0:
            return self.env._(
                "The balance is below the minimum of %s.",
                format_amount(self.env, minimum, currency),
            )
        return False

    def _minimum(self, customer, rates):
        """Return the least balance in company currency: the customer's own, else that of the run."""
        company = self.company_id
        if not customer.statement_minimum:
            return self.minimum_balance
        return float(
            self.env["cartera.money"]._convert(
                customer.statement_minimum,
                customer.statement_currency_id or company.currency_id,
                company,
                self.date,
                rates,
            )
        )

    def _rates_for(self, customers):
        """Return the rates of the statements' day where a minimum is in another currency; one query for all."""
        own = self.company_id.currency_id
        if not self.own_choice or not customers.statement_currency_id - own:
            return None
        return self.env["cartera.money"]._rates(self.company_id, self.date)

    def _never_text(self, customers):
        """Return who is left out because they never get statements; a few by name."""
        if not customers:
            return False
        names = customers.partner_id.mapped("display_name")
        return self.env._(
            "%(count)s never get statements, by their credit accounts: %(names)s",
            count=len(names),
            names=", ".join(names[:5]) + (" …" if len(names) > 5 else ""),
        )
