from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from odoo.addons.cartera_cobranza.models.cartera_exposure_engine import ExposureScope


class CarteraForecast(models.Model):
    _inherit = "cartera.forecast"

    def _orders_to_invoice(self):
        """What is delivered or to be delivered of confirmed orders and not on a posted invoice, one statement.

        An order would be invoiced when it ships, today at the earliest, and be due after the days of the last
        part of its payment terms.
        """
        company = self.company_id
        scope = ExposureScope(company, self.date)
        rows = self.env.execute_query(
            SQL(
                """WITH %(tables)s
                        term AS (SELECT payment_id, MAX(nb_days) AS days FROM account_payment_term_line
                               GROUP BY payment_id)
                   SELECT c.partner_id, c.currency_id,
                          GREATEST(COALESCE(o.commitment_date, o.date_order)::date, %(day)s) AS invoiced,
                          COALESCE(term.days, 0), ROUND((c.delivered + c.to_deliver)::numeric, y.decimal_places)
                     FROM committed c
                     JOIN sale_order o ON o.id = c.order_id
                     JOIN (SELECT id, ROUND(-LOG(rounding))::int AS decimal_places FROM res_currency) y
                       ON y.id = c.currency_id
                LEFT JOIN term ON term.payment_id = o.payment_term_id
                    WHERE c.delivered + c.to_deliver > 0
                 ORDER BY c.order_id""",
                tables=self.env["cartera.customer"].sudo()._tables_sql(scope),
                day=SQL("%s::date", self.date),
            )
        )
        return [
            *super()._orders_to_invoice(),
            *(
                (partner, currency, invoiced + timedelta(days=days), amount)
                for partner, currency, invoiced, days, amount in rows
                if amount > 0
            ),
        ]
