from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

from ..calc.kpi_month import LATE, WINDOW, Balance, Figures
from ..calc.money import ZERO, to_decimal

SALES_MONTHS = 24
NOT_SALES = ("charge", "minor_write_off", "bad_debt")
WRITE_OFFS = ("minor_write_off", "bad_debt")


def amount(value):
    return to_decimal(value) if value is not None else ZERO


class CarteraKpiGather(models.AbstractModel):
    """Counts in the ledger what the key figures of a month are made of.

    Each source is one statement, with its figures by collector and industry of the customer; what is open on a
    day is asked of ``cartera.receivable.item``. Trade receivables in money only, in company currency.
    """

    _name = "cartera.kpi.gather"
    _description = "Sources of Key Figures: the Ledger"

    @api.model
    def _gather(self, company, first, last, balances=None):
        """Return {(collector id or 0, industry id or 0): Figures} of a month.

        :param balances: {day: balances} that were read already; is added to
        """
        balances = {} if balances is None else balances
        counted = defaultdict(Figures)
        begin = first - timedelta(days=1)
        window = first - relativedelta(months=WINDOW - 1) - timedelta(days=1)
        for name, day in (("end", last), ("begin", begin), ("window_begin", window)):
            if day not in balances:
                balances[day] = self._balances(company, day)
            for key, balance in balances[day].items():
                setattr(counted[key], name, balance)
        for source in self._sources():
            getattr(self, source)(counted, company, first, last)
        return counted

    @api.model
    def _sources(self):
        """Return the names of the methods that count; each is called as (counted, company, first, last).

        Another addon adds its own: it changes the ``Figures`` of each key in ``counted``.
        """
        return [
            "_count_sales",
            "_count_collected",
            "_count_paid",
            "_count_due",
            "_count_invoices",
            "_count_write_offs",
        ]

    # Words of the statements

    @api.model
    def _key_sql(self):
        """Return the columns by which everything is counted, with the joins of ``_owner_sql``."""
        return SQL("COALESCE(who.collector_id, 0), COALESCE(owner.industry_id, 0)")

    @api.model
    def _owner_sql(self, company, contact):
        """Return the joins from a contact's column to its commercial entity and credit account."""
        return SQL(
            """LEFT JOIN res_partner contact ON contact.id = %(contact)s
               LEFT JOIN res_partner owner ON owner.id = contact.commercial_partner_id
               LEFT JOIN cartera_customer who ON who.partner_id = owner.id AND who.company_id = %(company)s""",
            contact=contact,
            company=company.id,
        )

    @api.model
    def _trade(self):
        return self.env["cartera.customer"]._trade_accounts()

    @api.model
    def _money(self):
        return self.env["cartera.payment.promise"]._money_condition()

    # What is open

    @api.model
    def _balances(self, company, day):
        """Return {(collector, industry): Balance} at the end of a day."""
        Item = self.env["cartera.receivable.item"].with_context(cartera_as_of=day)
        edges = [None, *LATE, None]
        classes = [
            SQL(
                """SUM(i.residual_company) FILTER (
                       WHERE i.side = 'debt' AND i.days_overdue > %s AND i.days_overdue <= %s)""",
                -1000000 if low is None else low,
                1000000 if high is None else high,
            )
            for low, high in zip(edges, edges[1:], strict=False)
        ]
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(i.collector_id, 0), COALESCE(i.industry_id, 0), SUM(i.residual_company),
                          SUM(i.residual_company * d.amount / i.residual) FILTER (
                              WHERE i.side = 'debt' AND i.residual > 0),
                          %(classes)s
                     FROM (%(items)s) AS i
                LEFT JOIN (SELECT k.move_line_id, SUM(k.amount) AS amount FROM (%(disputed)s) AS k
                         GROUP BY k.move_line_id) AS d ON d.move_line_id = i.id
                 GROUP BY 1, 2""",
                classes=SQL(", ").join(classes),
                items=Item._item_sql(company),
                disputed=self.env["cartera.dispute"]._disputed_sql(company, day),
            )
        )
        return {
            (collector, industry): Balance(
                receivable=amount(total),
                owed=tuple(map(amount, owed)),
                disputed=amount(disputed),
            )
            for collector, industry, total, disputed, *owed in rows
        }

    # What was sold and what came in

    @api.model
    def _count_sales(self, counted, company, first, last):
        """Invoices and debit notes less credit notes, with taxes, by month; charges are billed and not sold."""
        start = last.replace(day=1) - relativedelta(months=SALES_MONTHS - 1)
        rows = self.env.execute_query(
            SQL(
                """SELECT %(key)s,
                          (EXTRACT(YEAR FROM %(last)s::date) - EXTRACT(YEAR FROM l.date))::int * 12
                          + (EXTRACT(MONTH FROM %(last)s::date) - EXTRACT(MONTH FROM l.date))::int,
                          SUM(l.balance) FILTER (WHERE COALESCE(reason.counts_as, 'sales') <> ALL(%(others)s)),
                          SUM(l.balance) FILTER (WHERE COALESCE(reason.counts_as, 'sales') <> ALL(%(write_offs)s)),
                          SUM(l.balance) FILTER (WHERE COALESCE(reason.counts_as, 'sales') <> ALL(%(write_offs)s)
                                                   AND l.date >= %(first)s)
                     FROM account_move_line l
                     JOIN account_move m ON m.id = l.move_id
                      AND m.move_type IN ('out_invoice', 'out_receipt', 'out_refund')
                LEFT JOIN cartera_note_reason reason ON reason.id = m.note_reason_id
                          %(owner)s
                    WHERE l.parent_state = 'posted' AND l.company_id = %(company)s
                      AND l.date BETWEEN %(start)s AND %(last)s AND %(trade)s
                 GROUP BY 1, 2, 3""",
                key=self._key_sql(),
                owner=self._owner_sql(company, SQL("l.partner_id")),
                company=company.id,
                others=list(NOT_SALES),
                write_offs=list(WRITE_OFFS),
                start=start,
                first=first,
                last=last,
                trade=self._trade(),
            )
        )
        for collector, industry, back, sales, billed, billed_now in rows:
            figures = counted[collector, industry]
            if not figures.sales:
                figures.sales = [ZERO] * SALES_MONTHS
            figures.sales[back] += amount(sales)
            if back < WINDOW:
                figures.billed_window += amount(billed)
            figures.billed += amount(billed_now)

    @api.model
    def _count_collected(self, counted, company, first, last):
        """Money of customers by the day on which it came, applied or not; what was given back is taken off."""
        rows = self.env.execute_query(
            SQL(
                """SELECT %(key)s, -SUM(l.balance)
                     FROM account_move_line l
                     JOIN account_move m ON m.id = l.move_id
                     JOIN account_journal j ON j.id = m.journal_id
                          %(owner)s
                    WHERE l.parent_state = 'posted' AND l.company_id = %(company)s
                      AND l.date BETWEEN %(first)s AND %(last)s AND %(trade)s AND %(money)s
                 GROUP BY 1, 2""",
                key=self._key_sql(),
                owner=self._owner_sql(company, SQL("l.partner_id")),
                company=company.id,
                first=first,
                last=last,
                trade=self._trade(),
                money=self._money(),
            )
        )
        for collector, industry, collected in rows:
            counted[collector, industry].collected += amount(collected)

    @api.model
    def _applied_sql(self, company, condition):
        """Return a query of (partner_id, amount, days_late, date_maturity, date): money applied to invoices.

        :param condition: on the reconciliation ``r``, dated by the later of invoice and money
        """
        return SQL(
            """SELECT l.partner_id, r.amount, r.max_date - l.date_maturity AS days_late, l.date_maturity, l.date,
                      r.max_date, l.id
                 FROM account_partial_reconcile r
           CROSS JOIN LATERAL (
                      SELECT l.id, l.partner_id, l.date, COALESCE(l.date_maturity, l.date) AS date_maturity
                        FROM account_move_line l
                        JOIN account_move own ON own.id = l.move_id AND own.move_type IN ('out_invoice', 'out_receipt')
                       WHERE l.id = r.debit_move_id AND l.parent_state = 'posted' AND l.company_id = %(company)s
                         AND %(trade)s OFFSET 0) AS l
           CROSS JOIN LATERAL (%(credit)s) AS credit
                WHERE %(condition)s AND credit.is_money""",
            company=company.id,
            condition=condition,
            trade=self._trade(),
            credit=self._credit_sql(),
        )

    @api.model
    def _credit_sql(self):
        """Return a query of (is_money) of the credit of the reconciliation ``r``; nothing where that is in draft.

        Looked up one by one (OFFSET 0 keeps it apart): as one join of five tables its plan goes astray as long as the
        tables have no statistics.
        """
        return SQL(
            """SELECT %(money)s AS is_money
                 FROM account_move_line c
                 JOIN account_move m ON m.id = c.move_id
                 JOIN account_journal j ON j.id = m.journal_id
                WHERE c.id = r.credit_move_id AND c.parent_state = 'posted' OFFSET 0""",
            money=self._money(),
        )

    @api.model
    def _count_paid(self, counted, company, first, last):
        """What was paid in the month by days late, and what of it was overdue when the month began."""
        rows = self.env.execute_query(
            SQL(
                """SELECT %(key)s, p.days_late, SUM(p.amount),
                          SUM(p.amount) FILTER (WHERE p.date_maturity < %(begin)s AND p.date <= %(begin)s)
                     FROM (%(applied)s) AS p
                          %(owner)s
                 GROUP BY 1, 2, 3""",
                key=self._key_sql(),
                owner=self._owner_sql(company, SQL("p.partner_id")),
                begin=first - timedelta(days=1),
                applied=self._applied_sql(
                    company, SQL("r.max_date BETWEEN %s AND %s", first, last)
                ),
            )
        )
        for collector, industry, days, paid, recovered in rows:
            figures = counted[collector, industry]
            figures.paid[days] = figures.paid.get(days, ZERO) + amount(paid)
            figures.recovered += amount(recovered)

    # Punctuality

    @api.model
    def _due_sql(self, company, first, last):
        """Return a query of (partner_id, due, amount, in_time, settled): what came due between two days.

        What credit notes and write-offs took is not due any more. ``settled``: nothing was open on the due date.
        """
        return SQL(
            """SELECT x.partner_id, x.due, x.amount, x.in_time, x.open <= 0 AS settled
                 FROM (SELECT l.partner_id, l.date_maturity AS due,
                              l.balance - COALESCE(SUM(p.amount) FILTER (WHERE NOT p.is_money), 0) AS amount,
                              COALESCE(SUM(p.amount) FILTER (
                                  WHERE p.is_money AND p.max_date <= l.date_maturity), 0) AS in_time,
                              l.amount_currency - COALESCE(SUM(p.document) FILTER (
                                  WHERE p.max_date <= l.date_maturity), 0) AS open
                         FROM account_move_line l
                         JOIN account_move own ON own.id = l.move_id
                          AND own.move_type IN ('out_invoice', 'out_receipt')
            LEFT JOIN LATERAL (SELECT r.amount, r.debit_amount_currency AS document, r.max_date, credit.is_money
                                 FROM account_partial_reconcile r
                           CROSS JOIN LATERAL (%(credit)s) AS credit
                                WHERE r.debit_move_id = l.id AND r.max_date <= %(last)s OFFSET 0) AS p ON TRUE
                        WHERE l.parent_state = 'posted' AND l.company_id = %(company)s
                          AND l.date_maturity BETWEEN %(first)s AND %(last)s AND l.date <= %(last)s
                          AND l.amount_currency > 0 AND %(trade)s
                     GROUP BY l.id) AS x
                WHERE x.amount > 0""",
            credit=self._credit_sql(),
            company=company.id,
            first=first,
            last=last,
            trade=self._trade(),
        )

    @api.model
    def _count_due(self, counted, company, first, last):
        """What came due in the month and was paid in time, and the customers who pay all in time, again or not."""
        present = first - relativedelta(months=WINDOW - 1)
        before = present - relativedelta(months=WINDOW)
        rows = self.env.execute_query(
            SQL(
                """SELECT p.collector, p.industry, SUM(p.amount), SUM(p.in_time), SUM(p.items), SUM(p.settled),
                          COUNT(*) FILTER (WHERE p.before AND p.still IS NOT NULL),
                          COUNT(*) FILTER (WHERE p.before AND p.still)
                     FROM (SELECT owner.id, %(key)s, SUM(x.amount) FILTER (WHERE x.due >= %(first)s) AS amount,
                                  SUM(x.in_time) FILTER (WHERE x.due >= %(first)s) AS in_time,
                                  COUNT(*) FILTER (WHERE x.due >= %(first)s) AS items,
                                  COUNT(*) FILTER (WHERE x.due >= %(first)s AND x.settled) AS settled,
                                  BOOL_AND(x.settled) FILTER (WHERE x.due < %(present)s) AS before,
                                  BOOL_AND(x.settled) FILTER (WHERE x.due >= %(present)s) AS still
                             FROM (%(due)s) AS x
                                  %(owner)s
                         GROUP BY 1, 2, 3) AS p(id, collector, industry, amount, in_time, items, settled, before, still)
                 GROUP BY 1, 2""",
                key=self._key_sql(),
                owner=self._owner_sql(company, SQL("x.partner_id")),
                due=self._due_sql(company, before, last),
                first=first,
                present=present,
            )
        )
        for collector, industry, due, paid, items, settled, earlier, still in rows:
            figures = counted[collector, industry]
            figures.due_amount += amount(due)
            figures.due_paid_amount += amount(paid)
            figures.due_count += int(items)
            figures.due_paid_count += int(settled)
            figures.punctual_before += earlier
            figures.punctual_still += still

    @api.model
    def _count_invoices(self, counted, company, first, last):
        """Invoices issued, and of those whose way is known, how many reached the customer inside the agreed days.

        The days run from the delivery of the goods where the invoice has it, else from its own date. Without a
        delivery date and without a delivery record nothing is known.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT %(key)s, COUNT(*),
                          COUNT(*) FILTER (WHERE x.known
                                             AND (x.reached IS NOT NULL OR x.begun + %(agreed)s < %(last)s)),
                          COUNT(*) FILTER (WHERE x.known AND x.reached - x.begun <= %(agreed)s)
                     FROM (SELECT own.id, own.partner_id, COALESCE(own.delivery_date, own.invoice_date) AS begun,
                                  own.delivery_date IS NOT NULL OR COUNT(d.id) > 0 AS known,
                                  CASE WHEN COUNT(d.id) > 0 THEN MIN(LEAST(d.sent_date, d.received_date))
                                       ELSE own.invoice_date END AS reached
                             FROM account_move own
                             JOIN res_currency c ON c.id = own.currency_id AND c.cartera_kind = 'money'
                        LEFT JOIN cartera_invoice_delivery d ON d.move_id = own.id
                            WHERE own.company_id = %(company)s AND own.state = 'posted'
                              AND own.move_type = 'out_invoice' AND own.debit_origin_id IS NULL
                              AND own.note_reason_id IS NULL AND own.invoice_date BETWEEN %(first)s AND %(last)s
                         GROUP BY own.id) AS x
                          %(owner)s
                 GROUP BY 1, 2""",
                key=self._key_sql(),
                owner=self._owner_sql(company, SQL("x.partner_id")),
                company=company.id,
                agreed=company.cartera_invoicing_days,
                first=first,
                last=last,
            )
        )
        for collector, industry, invoices, timed, in_time in rows:
            figures = counted[collector, industry]
            figures.invoices += invoices
            figures.invoices_timed += timed
            figures.invoices_on_time += in_time

    # Write-offs

    @api.model
    def _write_offs_sql(self, company, first, last):
        """Return a query of (partner_id, counts_as, balance): what lowered or raised receivables as a write-off.

        ``counts_as`` is bad_debt or minor_write_off; ``balance`` is below zero where the debt fell. Entries say so by
        their note reason. An addon whose write-offs have no reason adds its own with UNION ALL.
        """
        return SQL(
            """SELECT l.partner_id, reason.counts_as, l.balance
                 FROM account_move_line l
                 JOIN account_move m ON m.id = l.move_id
                 JOIN cartera_note_reason reason ON reason.id = m.note_reason_id
                  AND reason.counts_as = ANY(%(write_offs)s)
                WHERE l.parent_state = 'posted' AND l.company_id = %(company)s
                  AND l.date BETWEEN %(first)s AND %(last)s AND %(trade)s""",
            write_offs=list(WRITE_OFFS),
            company=company.id,
            first=first,
            last=last,
            trade=self._trade(),
        )

    @api.model
    def _count_write_offs(self, counted, company, first, last):
        rows = self.env.execute_query(
            SQL(
                """SELECT %(key)s,
                          -SUM(w.balance) FILTER (WHERE w.counts_as = 'bad_debt' AND w.balance < 0),
                          SUM(w.balance) FILTER (WHERE w.counts_as = 'bad_debt' AND w.balance > 0),
                          -SUM(w.balance) FILTER (WHERE w.counts_as = 'minor_write_off')
                     FROM (%(write_offs)s) AS w
                          %(owner)s
                 GROUP BY 1, 2""",
                key=self._key_sql(),
                owner=self._owner_sql(company, SQL("w.partner_id")),
                write_offs=self._write_offs_sql(company, first, last),
            )
        )
        for collector, industry, written_off, recovered, minor in rows:
            figures = counted[collector, industry]
            figures.written_off += amount(written_off)
            figures.written_off_recovered += amount(recovered)
            figures.minor += amount(minor)
