from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..calc import kpi, money

MONTHS = 12


@dataclass(frozen=True)
class Behaviour:
    """How a customer has bought and paid in the twelve months up to a day; None is not known.

    Amounts in company currency. A customer that was never invoiced has no behaviour, which is not a good one.
    """

    first_invoice: date | None = None
    days_late: Decimal | None = None
    paid: Decimal = money.ZERO
    oldest_days: int | None = None
    broken_promises: int | None = None
    returned_payments: int | None = None
    purchases: Decimal | None = None
    peak: Decimal | None = None

    def years(self, day):
        """Return for how long the customer has bought, in years with two decimals."""
        if self.first_invoice is None:
            return None
        days = Decimal((day - self.first_invoice).days)
        return money.round_money(days / Decimal("365.25"), Decimal("0.01"))


class CarteraCreditBehaviour(models.AbstractModel):
    """Reads how customers buy and pay from the ledger: some statements for any number of them."""

    _name = "cartera.credit.behaviour"
    _description = "Payment Behaviour"

    @api.model
    def _gather_behaviour(self, company, partner_ids, day=None):
        """Return {commercial partner id: Behaviour} of the twelve months that end on ``day``."""
        day = day or company._cartera_today()
        ids = sorted(set(partner_ids))
        start = fields.Date.add(day, months=-MONTHS, days=1)
        self.env.flush_all()
        scope = dict(ids=ids, company=company.id, start=start, day=day)
        bought = self._rows(self._purchases_sql(scope))
        paid = self._rows(self._paid_sql(scope))
        oldest = self._rows(self._oldest_sql(scope))
        returned = self._rows(self._returned_sql(scope))
        peaks = self._rows(self._peak_sql(scope))
        broken = self._rows(self._broken_sql(scope))
        found = {}
        for partner in ids:
            first, purchases = bought.get(partner, (None, None))
            if first is None and partner not in peaks:
                found[partner] = Behaviour()
                continue
            weighted, amount = paid.get(partner, (0, 0))
            late = kpi.ratio(
                "days_late",
                "weighted_paid",
                money.to_decimal(weighted),
                money.to_decimal(amount),
                1,
            )
            found[partner] = Behaviour(
                first_invoice=first,
                days_late=late.value,
                paid=money.to_decimal(amount),
                oldest_days=oldest.get(partner, (0,))[0],
                broken_promises=broken.get(partner, (0,))[0],
                returned_payments=returned.get(partner, (0,))[0],
                purchases=money.to_decimal(purchases or 0),
                peak=money.to_decimal(peaks.get(partner, (0,))[0] or 0),
            )
        return found

    @api.model
    def _rows(self, query):
        return {row[0]: row[1:] for row in self.env.execute_query(query)}

    @api.model
    def _trade(self):
        return self.env["cartera.customer"]._trade_accounts()

    @api.model
    def _purchases_sql(self, scope):
        """First invoice ever, and invoices less credit notes of the twelve months; interest is no purchase."""
        return SQL(
            """SELECT m.commercial_partner_id, MIN(m.invoice_date) FILTER (WHERE m.move_type = 'out_invoice'),
                      SUM(m.amount_total_signed) FILTER (WHERE m.invoice_date >= %(start)s)
                 FROM account_move m
                 JOIN res_currency k ON k.id = m.currency_id AND k.cartera_kind = 'money'
                WHERE m.state = 'posted' AND m.move_type IN ('out_invoice', 'out_refund')
                  AND m.company_id = %(company)s AND m.commercial_partner_id = ANY(%(ids)s)
                  AND m.invoice_date <= %(day)s
                  AND NOT EXISTS (SELECT 1 FROM cartera_interest_line i WHERE i.note_move_id = m.id)
             GROUP BY m.commercial_partner_id""",
            **scope,
        )

    @api.model
    def _paid_sql(self, scope):
        """Σ paid × days late and Σ paid, of money that came in; days before the due date are none."""
        return SQL(
            """SELECT p.commercial_partner_id,
                      SUM(r.amount * GREATEST(c.date - COALESCE(l.date_maturity, l.date), 0)), SUM(r.amount)
                 FROM account_partial_reconcile r
                 JOIN account_move_line l ON l.id = r.debit_move_id
                 JOIN account_move m ON m.id = l.move_id AND m.move_type = 'out_invoice'
                 JOIN account_move_line c ON c.id = r.credit_move_id
                 JOIN account_journal j ON j.id = c.journal_id AND j.type IN ('bank', 'cash', 'credit')
                 JOIN res_partner p ON p.id = l.partner_id AND p.commercial_partner_id = ANY(%(ids)s)
                WHERE l.parent_state = 'posted' AND c.parent_state = 'posted'
                  AND l.company_id = %(company)s AND c.date BETWEEN %(start)s AND %(day)s AND %(trade)s
             GROUP BY p.commercial_partner_id""",
            trade=self._trade(),
            **scope,
        )

    @api.model
    def _oldest_sql(self, scope):
        """Days by which the oldest open instalment is late."""
        return SQL(
            """SELECT p.commercial_partner_id, MAX(GREATEST(%(day)s - COALESCE(l.date_maturity, l.date), 0))
                 FROM account_move_line l
                 JOIN res_partner p ON p.id = l.partner_id AND p.commercial_partner_id = ANY(%(ids)s)
                WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE AND l.amount_residual > 0
                  AND l.company_id = %(company)s AND %(trade)s
             GROUP BY p.commercial_partner_id""",
            trade=self._trade(),
            **scope,
        )

    @api.model
    def _returned_sql(self, scope):
        """Receipts that the bank refused or that were reversed: cheques that came back."""
        return SQL(
            """SELECT p.commercial_partner_id, COUNT(*)
                 FROM account_payment pay
                 JOIN res_partner p ON p.id = pay.partner_id AND p.commercial_partner_id = ANY(%(ids)s)
                WHERE pay.payment_type = 'inbound' AND pay.partner_type = 'customer'
                  AND pay.company_id = %(company)s
                  AND (pay.state = 'rejected' AND pay.date BETWEEN %(start)s AND %(day)s
                       OR EXISTS (SELECT 1 FROM account_move b
                                   WHERE b.reversed_entry_id = pay.move_id AND b.state = 'posted'
                                     AND b.date BETWEEN %(start)s AND %(day)s))
             GROUP BY p.commercial_partner_id""",
            **scope,
        )

    @api.model
    def _broken_sql(self, scope):
        return SQL(
            """SELECT c.partner_id, COUNT(*)
                 FROM cartera_payment_promise o
                 JOIN cartera_customer c ON c.id = o.customer_id AND c.partner_id = ANY(%(ids)s)
                WHERE o.company_id = %(company)s AND o.state = 'broken'
                  AND o.failed_on BETWEEN %(start)s AND %(day)s
             GROUP BY c.partner_id""",
            **scope,
        )

    @api.model
    def _peak_sql(self, scope):
        """The most that was owed at the end of a day of the twelve months, by the ledger's own dates."""
        return SQL(
            """SELECT partner_id, GREATEST(MAX(owed), 0) FROM (
                   SELECT p.commercial_partner_id AS partner_id, l.date,
                          SUM(SUM(l.balance)) OVER (PARTITION BY p.commercial_partner_id ORDER BY l.date) AS owed,
                          LEAD(l.date) OVER (PARTITION BY p.commercial_partner_id ORDER BY l.date) AS next_date
                     FROM account_move_line l
                     JOIN res_partner p ON p.id = l.partner_id AND p.commercial_partner_id = ANY(%(ids)s)
                    WHERE l.parent_state = 'posted' AND l.company_id = %(company)s AND l.date <= %(day)s
                      AND %(trade)s
                 GROUP BY p.commercial_partner_id, l.date) h
              WHERE h.date >= %(start)s OR h.next_date IS NULL OR h.next_date > %(start)s
           GROUP BY partner_id""",
            trade=self._trade(),
            **scope,
        )
