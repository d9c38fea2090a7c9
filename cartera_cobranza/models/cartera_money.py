from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..calc import money


class CarteraMoney(models.AbstractModel):
    """The one place where the suite converts currencies: a missing rate is an error, never one."""

    _name = "cartera.money"
    _description = "Currency Conversion"

    @api.model
    def _rate_sql(self, company, day):
        """Return a query of (currency_id, rate): units of each currency for one of the company's, on ``day``.

        The newest rate dated up to ``day`` counts, the company's own before a shared one, as in Odoo;
        but a currency without one has NULL and not one.
        """

        def newest(currency):
            return SQL(
                """SELECT r.rate FROM res_currency_rate r
                    WHERE r.currency_id = %(currency)s AND r.name <= %(day)s
                      AND (r.company_id IS NULL OR r.company_id = %(root)s)
                    ORDER BY r.company_id, r.name DESC LIMIT 1""",
                day=day,
                root=company.root_id.id,
                currency=currency,
            )

        return SQL(
            """SELECT c.id AS currency_id,
                      CASE WHEN c.id = %(currency)s THEN 1.0
                           ELSE (%(newest)s) / COALESCE((%(base)s), 1.0) END AS rate
                 FROM res_currency c
                WHERE c.active OR c.id = %(currency)s""",
            currency=company.currency_id.id,
            newest=newest(SQL("c.id")),
            base=newest(company.currency_id.id),
        )

    @api.model
    def _rates(self, company, day):
        """Return {currency id: Decimal units for one of the company's currency, or None} on ``day``."""
        self.env["res.currency.rate"].flush_model()
        rows = self.env.execute_query(self._rate_sql(company, day))
        return {
            currency: money.to_decimal(rate) if rate else None
            for currency, rate in rows
        }

    @api.model
    def _convert(self, amount, currency, company, day, rates=None):
        """Return ``amount`` of ``currency`` in the company's currency at the rate of ``day``, rounded, as Decimal.

        :param rates: what ``_rates`` returned, where many amounts are converted
        :raise UserError: when there is no rate up to ``day``; names the currency and the day
        """
        rounding = money.to_decimal(company.currency_id.rounding)
        amount = money.to_decimal(amount)
        if currency == company.currency_id:
            return money.round_money(amount, rounding)
        rate = (rates or self._rates(company, day)).get(currency.id)
        if not rate:
            raise UserError(self._missing_rate_message(currency, company, day))
        return money.convert(amount, rate, money.to_decimal(1), rounding)

    @api.model
    def _missing_rate_message(self, currencies, company, day):
        return self.env._(
            "There is no exchange rate for %(currencies)s in %(company)s on or before %(day)s. Enter one under "
            "Invoicing > Configuration > Currencies and try again.",
            currencies=", ".join(currencies.mapped("name")),
            company=company.name,
            day=fields.Date.to_string(day),
        )
