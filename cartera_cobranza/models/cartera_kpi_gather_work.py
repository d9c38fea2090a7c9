from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..calc.kpi_month import CONTACT_DAYS
from ..calc.money import to_decimal
from .cartera_kpi_gather import amount

MESSAGES = ("email", "sms", "whatsapp")
ATTEMPTS = ("call", "visit")
MADE = ("sent", "done", "replied", "bounced")


class CarteraKpiGatherWork(models.AbstractModel):
    """Counts the work of the desk: contacts, promises, disputes and holds. See ``cartera.kpi.gather``."""

    _name = "cartera.kpi.gather.work"
    _description = "Sources of Key Figures: the Desk"
    _inherit = ["cartera.kpi.gather"]

    @api.model
    def _sources(self):
        return [
            *super()._sources(),
            "_count_contacts",
            "_count_converted",
            "_count_promises",
            "_count_disputes",
            "_count_holds",
        ]

    @api.model
    def _customer_sql(self, customer):
        """Return the joins from a credit account's column."""
        return SQL(
            """JOIN cartera_customer who ON who.id = %s
               JOIN res_partner owner ON owner.id = who.partner_id""",
            customer,
        )

    @api.model
    def _count_contacts(self, counted, company, first, last):
        """Messages with their answers, calls and visits, and what the plan had for the month.

        Automatic answers never become an answer (``cartera.collection.inbox``); messages that came
        back are counted apart.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT %(key)s,
                          COUNT(*) FILTER (WHERE x.made AND x.channel = ANY(%(messages)s)),
                          COUNT(*) FILTER (WHERE x.made AND x.channel = ANY(%(messages)s) AND x.state = 'bounced'),
                          COUNT(*) FILTER (WHERE x.made AND x.channel = ANY(%(messages)s) AND x.state = 'replied'),
                          COUNT(*) FILTER (WHERE x.made AND x.channel = ANY(%(attempts)s)),
                          COUNT(*) FILTER (WHERE x.made AND x.channel = ANY(%(attempts)s) AND x.reached),
                          COUNT(*) FILTER (WHERE x.planned AND x.state <> 'cancelled'),
                          COUNT(*) FILTER (WHERE x.planned AND x.state = ANY(%(done)s))
                     FROM (SELECT a.customer_id, a.channel, a.state, a.reached,
                                  a.state = ANY(%(done)s) AND a.done_date BETWEEN %(first)s AND %(last)s AS made,
                                  a.planned_date BETWEEN %(first)s AND %(last)s AS planned
                             FROM cartera_collection_action a
                            WHERE a.company_id = %(company)s
                              AND (a.done_date BETWEEN %(first)s AND %(last)s
                                   OR a.planned_date BETWEEN %(first)s AND %(last)s)) AS x
                          %(owner)s
                 GROUP BY 1, 2""",
                key=self._key_sql(),
                messages=list(MESSAGES),
                attempts=list(ATTEMPTS),
                done=list(MADE),
                company=company.id,
                first=first,
                last=last,
                owner=self._customer_sql(SQL("x.customer_id")),
            )
        )
        for collector, industry, sent, back, answered, tried, reached, planned, made in rows:  # fmt: skip
            figures = counted[collector, industry]
            figures.messages += sent
            figures.messages_back += back
            figures.messages_answered += answered
            figures.attempts += tried
            figures.reached += reached
            figures.contacts_planned += planned
            figures.contacts_made += made

    @api.model
    def _count_converted(self, counted, company, first, last):
        """Overdue amounts of which customers were reminded, and what of them came within the days that follow.

        A contact counts in the month in which its days end; an item once, by the first contact of those.
        """
        days = timedelta(days=CONTACT_DAYS)
        rows = self.env.execute_query(
            SQL(
                """SELECT %(key)s, SUM(y.demanded), SUM(LEAST(y.paid, y.demanded)), COUNT(*),
                          COUNT(*) FILTER (WHERE y.paid >= y.demanded)
                     FROM (SELECT x.move_line_id, x.customer_id, x.demanded, COALESCE(SUM(p.amount), 0) AS paid
                             FROM (SELECT DISTINCT ON (i.move_line_id) i.move_line_id, a.customer_id, a.done_date,
                                          ROUND(i.demanded * l.balance / l.amount_currency, %(places)s) AS demanded
                                     FROM cartera_collection_action a
                                     JOIN cartera_collection_action_item i ON i.action_id = a.id
                                     JOIN account_move_line l ON l.id = i.move_line_id
                                    WHERE a.company_id = %(company)s AND a.state = ANY(%(made)s)
                                      AND a.done_date BETWEEN %(first)s AND %(last)s
                                      AND i.days_overdue > 0 AND i.demanded > 0 AND l.amount_currency > 0
                                 ORDER BY i.move_line_id, a.done_date, a.id) AS x
                        LEFT JOIN (%(applied)s) AS p ON p.id = x.move_line_id
                              AND p.max_date BETWEEN x.done_date AND x.done_date + %(days)s
                         GROUP BY x.move_line_id, x.customer_id, x.demanded) AS y
                          %(owner)s
                 GROUP BY 1, 2""",
                key=self._key_sql(),
                places=company.currency_id.decimal_places,
                company=company.id,
                made=list(MADE),
                first=first - days,
                last=last - days,
                days=CONTACT_DAYS,
                applied=self._applied_sql(
                    company, SQL("r.max_date BETWEEN %s AND %s", first - days, last)
                ),
                owner=self._customer_sql(SQL("y.customer_id")),
            )
        )
        for collector, industry, demanded, paid, items, items_paid in rows:
            figures = counted[collector, industry]
            figures.demanded += amount(demanded)
            figures.demanded_paid += amount(paid)
            figures.demanded_items += items
            figures.demanded_items_paid += items_paid

    @api.model
    def _count_promises(self, counted, company, first, last):
        """Promises that were kept or broken in the month; amounts at the value of their invoices in the ledger."""
        rows = self.env.execute_query(
            SQL(
                """SELECT %(key)s, COUNT(*) FILTER (WHERE x.state = 'kept'),
                          COUNT(*) FILTER (WHERE x.state = 'partial'), COUNT(*) FILTER (WHERE x.state = 'broken'),
                          SUM(x.amount), SUM(LEAST(x.paid, x.amount))
                     FROM (SELECT p.customer_id, p.state, ROUND(p.amount * rate.value, %(places)s) AS amount,
                                  ROUND(COALESCE(p.paid_amount, 0) * rate.value, %(places)s) AS paid
                             FROM cartera_payment_promise p
                       CROSS JOIN LATERAL (
                                  SELECT COALESCE(SUM(pl.amount * abs(m.amount_total_signed))
                                                  / NULLIF(SUM(pl.amount * abs(m.amount_total)), 0), 1) AS value
                                    FROM cartera_payment_promise_line pl
                                    JOIN account_move m ON m.id = pl.move_id
                                   WHERE pl.promise_id = p.id) AS rate
                            WHERE p.company_id = %(company)s AND p.state IN ('kept', 'partial', 'broken')
                              AND CASE WHEN p.state = 'kept' THEN p.kept_date
                                       ELSE COALESCE(p.failed_on, p.window_end + 1) END
                                  BETWEEN %(first)s AND %(last)s) AS x
                          %(owner)s
                 GROUP BY 1, 2""",
                key=self._key_sql(),
                places=company.currency_id.decimal_places,
                company=company.id,
                first=first,
                last=last,
                owner=self._customer_sql(SQL("x.customer_id")),
            )
        )
        for collector, industry, kept, partial, broken, promised, paid in rows:
            figures = counted[collector, industry]
            figures.promises_kept += kept
            figures.promises_partial += partial
            figures.promises_broken += broken
            figures.promised += amount(promised)
            figures.promised_paid += amount(paid)

    @api.model
    def _count_disputes(self, counted, company, first, last):
        """Disputes opened and closed in the month, and the age of those that were open at its end."""
        rows = self.env.execute_query(
            SQL(
                """SELECT %(key)s, COUNT(*) FILTER (WHERE d.opened_on BETWEEN %(first)s AND %(last)s),
                          ARRAY_AGG(d.closed_on - d.opened_on ORDER BY d.id) FILTER (
                              WHERE d.closed_on BETWEEN %(first)s AND %(last)s),
                          ARRAY_AGG(%(last)s - d.opened_on ORDER BY d.id) FILTER (
                              WHERE d.closed_on IS NULL OR d.closed_on > %(last)s)
                     FROM cartera_dispute d
                          %(owner)s
                    WHERE d.company_id = %(company)s AND d.state <> 'cancelled' AND d.opened_on <= %(last)s
                      AND (d.closed_on IS NULL OR d.closed_on >= %(first)s)
                 GROUP BY 1, 2""",
                key=self._key_sql(),
                company=company.id,
                first=first,
                last=SQL("%s::date", last),
                owner=self._owner_sql(company, SQL("d.partner_id")),
            )
        )
        for collector, industry, opened, closed, ages in rows:
            figures = counted[collector, industry]
            figures.disputes_opened += opened
            figures.dispute_days += closed or []
            figures.dispute_ages += ages or []

    @api.model
    def _count_holds(self, counted, company, first, last):
        """Holds released in the month: how long they stood, and whether somebody's authority released them."""
        zone = company._cartera_timezone() or "UTC"
        rows = self.env.execute_query(
            SQL(
                """SELECT %(key)s, ARRAY_AGG(EXTRACT(EPOCH FROM h.closed_at - h.create_date)::numeric / 86400
                                             ORDER BY h.id),
                          COUNT(h.released_by)
                     FROM cartera_credit_hold h
                          %(owner)s
                    WHERE h.company_id = %(company)s AND h.state = 'released'
                      AND (h.closed_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date BETWEEN %(first)s AND %(last)s
                 GROUP BY 1, 2""",
                key=self._key_sql(),
                zone=zone,
                company=company.id,
                first=first,
                last=last,
                owner=self._customer_sql(SQL("h.customer_id")),
            )
        )
        for collector, industry, days, overridden in rows:
            figures = counted[collector, industry]
            figures.hold_days += [to_decimal(one) for one in days]
            figures.holds_overridden += overridden
