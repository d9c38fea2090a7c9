from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..calc import aging, statement
from ..calc.money import ZERO, to_decimal

FEW = 100  # customers
FORMS = [("open", "Open items"), ("movements", "Movements")]


@dataclass(frozen=True)
class StatementQuestion:
    """What statements are asked for; ``partners`` are commercial entities (ids), or None for all."""

    company: models.BaseModel
    day: date
    form: str
    profile: models.BaseModel
    date_from: date | None = None
    partners: tuple | None = None


class Document(NamedTuple):
    """What a statement shows of a document."""

    name: str
    ref: str | None
    kind: str
    day: date
    due: date | None
    amount: float
    move: int


class Figures(NamedTuple):
    """What is open of a customer in a currency; of the movements what they came to."""

    customer: int
    partner: int
    currency: int
    residual: float
    debt: float
    credit: float
    overdue: float
    residual_company: float
    overdue_company: float
    items: int
    debits: float = 0.0
    credits: float = 0.0


@dataclass(slots=True)
class StatementAccount:
    """One currency of a statement: what is open by age, and in the other form the movements."""

    currency: int
    open: statement.OpenAccount
    running: statement.RunningAccount | None = None


@dataclass(slots=True)
class Statement:
    """The statement of one customer."""

    partner: int
    question: StatementQuestion
    accounts: list = field(default_factory=list)


class CarteraStatement(models.AbstractModel):
    """The data of statements of account, for one customer or thousands: gather in a few statements, calc, no more.

    What is open is read by the receivable items' own statement; the opening balance is that less the movements.
    """

    _name = "cartera.statement"
    _description = "Statement of Account"

    @api.model
    def _question(self, company, day=None, form="open", date_from=None, partners=None):
        """Return what is asked for, checked.

        :param partners: commercial entities, or None for all
        :raise UserError: for a day to come, or movements that begin after it
        """
        today = company._cartera_today()
        day = fields.Date.to_date(day) or today
        date_from = fields.Date.to_date(date_from) or None
        if form not in dict(FORMS):
            raise UserError(
                self.env._(
                    "There is no statement of the form %s. Choose open items or movements.",
                    form,
                )
            )
        if day > today:
            raise UserError(
                self.env._(
                    "What will be open on %(day)s is not known yet: choose a day until today, %(today)s.",
                    day=format_date(self.env, day),
                    today=format_date(self.env, today),
                )
            )
        if form == "movements":
            date_from = date_from or day.replace(day=1)
            if date_from > day:
                raise UserError(
                    self.env._(
                        "The movements begin on %(start)s, after the statement's date %(day)s. Choose an earlier day.",
                        start=format_date(self.env, date_from),
                        day=format_date(self.env, day),
                    )
                )
        return StatementQuestion(
            company=company,
            day=day,
            form=form,
            profile=self.env["cartera.aging.profile"]._default_for(company).sudo(),
            date_from=date_from if form == "movements" else None,
            partners=None if partners is None else tuple(partners.ids),
        )

    @api.model
    def _statements(self, question):
        """Return {commercial entity id: Statement} of those asked for who have something to show."""
        self.env.flush_all()
        buckets = aging.ordered(question.profile._calc_buckets())
        if question.form == "open":
            return self._open_statements(question, buckets)
        return self._running_statements(question, buckets)

    # Open items

    def _open_statements(self, question, buckets):
        items = defaultdict(list)
        disputed, promised = self._kept_out(question)
        OpenItem, zero = statement.OpenItem, ZERO
        for row in self.env.execute_query(self._open_sql(question)):
            key = row[1]
            items[row[0]].append(
                OpenItem(
                    key,
                    row[2],
                    row[3],
                    Decimal(row[4]),
                    disputed.get(key, zero) if disputed else zero,
                    promised.get(key, zero) if promised else zero,
                    row,
                )
            )
        result = {}
        for partner, found in items.items():
            accounts = statement.open_accounts(found, buckets, question.day)
            result[partner] = Statement(
                partner,
                question,
                [StatementAccount(*one) for one in sorted(accounts.items())]
                if len(accounts) > 1
                else [StatementAccount(*one) for one in accounts.items()],
            )
        return result

    def _kept_out(self, question):
        """Return {journal item: disputed}, {journal item: promised}; asked for only where there is anything."""
        result = []
        for model, method in (
            ("cartera.dispute", "_disputed_sql"),
            ("cartera.payment.promise", "_promised_sql"),
        ):
            found = {}
            source = self.env[model].sudo()
            if source.search_count([("company_id", "=", question.company.id)], limit=1):
                query = getattr(source, method)(question.company, question.day)
                for key, amount in self.env.execute_query(
                    SQL(
                        "SELECT k.move_line_id, SUM(k.amount) FROM (%s) AS k GROUP BY k.move_line_id",
                        query,
                    )
                ):
                    found[key] = to_decimal(amount)
            result.append(found)
        return result

    @api.model
    def _sorted(self, accounts):
        found = list(accounts)
        if len(found) > 1:
            found.sort(key=lambda one: one.currency)
        return found

    @api.model
    def _item(self, question):
        """Return the receivable items as they are asked for: of that day, by that profile."""
        return self.env["cartera.receivable.item"].with_context(
            cartera_as_of=question.day,
            cartera_profile_id=question.profile.id,
            cartera_basis="due",
        )

    def _open_sql(self, question):
        """Return the query of the open items; from the sixth column on what a document shows.

        Entries are looked up one by one (OFFSET 0): there are few of them beside all that were ever booked.
        """
        item = self._item(question)
        return SQL(
            """SELECT c.commercial_partner_id, i.id, i.currency_id, i.date_maturity, i.residual::text, m.name,
                      COALESCE(NULLIF(m.payment_reference, m.name), m.ref), %(kind)s,
                      COALESCE(m.invoice_date, i.date), i.date_maturity, i.amount::text, i.move_id
                 FROM (%(core)s) AS i
                 JOIN res_partner c ON c.id = i.partner_id
           CROSS JOIN LATERAL (SELECT name, ref, payment_reference, invoice_date, move_type, debit_origin_id,
                                      origin_payment_id, statement_line_id
                                 FROM account_move WHERE id = i.move_id OFFSET 0) AS m
                WHERE i.residual <> 0""",
            kind=item._kind_sql(),
            core=item._core_sql(question.company, partners=question.partners),
        )

    # Movements

    def _running_statements(self, question, buckets):
        closings, open_parts = defaultdict(dict), defaultdict(dict)
        empty = {bucket.name: ZERO for bucket in buckets}
        for partner, currency, bucket, debt, credit, overdue in self.env.execute_query(
            self._aged_sql(question)
        ):
            account = open_parts[partner].setdefault(
                currency, statement.OpenAccount(buckets=dict(empty))
            )
            if debt:
                amount = to_decimal(debt)
                account.debt += amount
                account.buckets[str(bucket)] += amount
            if credit:
                account.credit += to_decimal(credit)
            if overdue:
                account.overdue += to_decimal(overdue)
        for partner, accounts in open_parts.items():
            closings[partner] = {
                currency: account.total for currency, account in accounts.items()
            }
        movements = defaultdict(list)
        for row in self.env.execute_query(self._movement_sql(question)):
            movements[row[0]].append(
                statement.Movement(
                    (row[1], row[2]), row[3], row[4], Decimal(row[5]), row
                )
            )
        result = {}
        for partner in {**closings, **movements}:
            accounts = statement.running_accounts(
                closings.get(partner, {}), movements.get(partner, ())
            )
            if accounts:
                result[partner] = Statement(
                    partner,
                    question,
                    self._sorted(
                        StatementAccount(
                            currency,
                            open_parts.get(partner, {}).get(currency)
                            or statement.OpenAccount(buckets=dict(empty)),
                            account,
                        )
                        for currency, account in accounts.items()
                    ),
                )
        return result

    def _aged_sql(self, question):
        """Return a query of (partner, currency, bucket, debt, credit, overdue) in the currency."""
        item = self._item(question)
        late = SQL("%s - i.date_maturity", question.day)
        return SQL(
            """SELECT c.commercial_partner_id, i.currency_id, %(bucket)s,
                      SUM(i.residual) FILTER (WHERE i.residual > 0), SUM(i.residual) FILTER (WHERE i.residual < 0),
                      SUM(i.residual) FILTER (WHERE i.residual > 0 AND %(late)s > 0)
                 FROM (%(core)s) AS i JOIN res_partner c ON c.id = i.partner_id
                WHERE i.residual <> 0
             GROUP BY 1, 2, 3""",
            bucket=item._bucket_sql(
                question.company, SQL("i.company_id"), SQL("(%s)", late)
            ),
            late=late,
            core=item._core_sql(question.company, partners=question.partners),
        )

    def _movement_sql(self, question):
        """Return the query of what changed the balances: a row for each document, and one for each application
        that carries money to another customer or currency.

        The latter are what makes the movements of a customer and currency end with the open items: paid by somebody
        else, or in another currency.
        """
        Item = self.env["cartera.receivable.item"]
        mine = (
            SQL("TRUE")
            if question.partners is None
            else Item._of_partners(question.partners)
        )
        period = SQL("BETWEEN %s AND %s", question.date_from, question.day)
        trade = self.env["cartera.customer"]._trade_accounts()
        sides = SQL(" UNION ALL ").join(
            SQL(
                """SELECT x.%(own)s_entity, 2, x.id, x.%(own)s_currency, x.day, x.%(own)s_amount::text, o.name, NULL,
                          'application', x.day, NULL::date, x.%(own)s_amount, o.id
                     FROM crossing x JOIN account_move o ON o.id = x.%(other)s_move
                    WHERE x.%(own)s_company = %(company)s AND x.%(own)s_amount <> 0 AND %(mine)s""",
                own=SQL(own),
                other=SQL(other),
                company=question.company.id,
                mine=SQL("TRUE")
                if question.partners is None
                else SQL("x.%s_entity = ANY(%s)", SQL(own), list(question.partners)),
            )
            for own, other in (("debit", "credit"), ("credit", "debit"))
        )
        return SQL(
            """WITH crossing AS MATERIALIZED (%(crossing)s)
               SELECT c.commercial_partner_id, 1, m.id, l.currency_id, l.date, SUM(l.amount_currency)::text, m.name,
                      COALESCE(NULLIF(m.payment_reference, m.name), m.ref), %(kind)s, l.date,
                      MAX(l.date_maturity) FILTER (WHERE l.amount_currency > 0), SUM(l.amount_currency), m.id
                 FROM account_move_line l
                 JOIN account_move m ON m.id = l.move_id
                 JOIN res_partner c ON c.id = l.partner_id
                WHERE l.parent_state = 'posted' AND l.company_id = %(company)s AND l.date %(period)s
                  AND %(trade)s AND %(mine)s AND l.amount_currency <> 0
             GROUP BY c.commercial_partner_id, m.id, l.currency_id, l.date
               HAVING SUM(l.amount_currency) <> 0
            UNION ALL %(sides)s""",
            crossing=self._crossing_sql(question, period, trade),
            kind=Item._kind_sql(),
            company=question.company.id,
            period=period,
            trade=trade,
            mine=mine,
            sides=sides,
        )

    @api.model
    def _crossing_sql(self, question, period, trade):
        """Return the applications whose two sides do not balance within one customer, currency and company.

        Of a few customers the applications are found by their items, else by their dates; the sides are looked up one
        by one (OFFSET 0), for there are few of them beside all items. What is compared first is cheap.
        """
        few = SQL("TRUE")
        if question.partners is not None and len(question.partners) <= FEW:
            few = SQL(
                """r.id = ANY(ARRAY(
                       SELECT f.id FROM account_move_line l JOIN account_partial_reconcile f ON f.debit_move_id = l.id
                        WHERE f.max_date %(period)s AND %(mine)s
                        UNION
                       SELECT f.id FROM account_move_line l JOIN account_partial_reconcile f ON f.credit_move_id = l.id
                        WHERE f.max_date %(period)s AND %(mine)s))""",
                period=period,
                mine=self.env["cartera.receivable.item"]._of_partners(
                    question.partners
                ),
            )
        return SQL(
            """SELECT r.id, r.max_date AS day,
                      dc.commercial_partner_id AS debit_entity, l.currency_id AS debit_currency,
                      l.company_id AS debit_company, l.move_id AS debit_move, -r.debit_amount_currency AS debit_amount,
                      cc.commercial_partner_id AS credit_entity, y.currency_id AS credit_currency,
                      y.company_id AS credit_company, y.move_id AS credit_move,
                      r.credit_amount_currency AS credit_amount
                 FROM account_partial_reconcile r
           CROSS JOIN LATERAL (SELECT * FROM account_move_line WHERE id = r.debit_move_id OFFSET 0) l
           CROSS JOIN LATERAL (SELECT * FROM account_move_line WHERE id = r.credit_move_id OFFSET 0) y
            LEFT JOIN res_partner dc ON dc.id = l.partner_id
            LEFT JOIN res_partner cc ON cc.id = y.partner_id
                WHERE r.max_date %(period)s AND %(few)s AND l.parent_state = 'posted' AND y.parent_state = 'posted'
                  AND (l.company_id = %(company)s OR y.company_id = %(company)s)
                  AND (r.debit_currency_id <> r.credit_currency_id
                       OR r.debit_amount_currency <> r.credit_amount_currency OR l.company_id <> y.company_id
                       OR (l.partner_id IS DISTINCT FROM y.partner_id
                           AND dc.commercial_partner_id IS DISTINCT FROM cc.commercial_partner_id))
                  AND %(trade)s""",
            period=period,
            few=few,
            company=question.company.id,
            trade=trade,
        )

    # Figures

    @api.model
    def _figures(self, question):
        """Return the ``Figures`` of all customers asked for, a row for each currency; one statement."""
        self.env.flush_all()
        item = self._item(question)
        core = item._core_sql(question.company, partners=question.partners)
        moved = SQL(
            "SELECT NULL::int AS partner, NULL::int AS currency, 0.0 AS debits, 0.0 AS credits WHERE FALSE"
        )
        if question.form == "movements":
            moved = SQL(
                """SELECT v.partner, v.currency, SUM(v.amount) FILTER (WHERE v.amount > 0) AS debits,
                          SUM(v.amount) FILTER (WHERE v.amount < 0) AS credits
                     FROM (%s) AS v (partner, step, key, currency, day, text, a, b, c, d, e, amount, g)
                 GROUP BY v.partner, v.currency""",
                self._movement_sql(question),
            )
        rows = self.env.execute_query(
            SQL(
                """SELECT c.id, f.partner, f.currency, f.residual, f.debt, f.credit, f.overdue, f.company, f.late,
                          f.items, f.debits, f.credits
                     FROM (SELECT COALESCE(o.partner, v.partner) AS partner,
                                  COALESCE(o.currency, v.currency) AS currency,
                                  COALESCE(o.residual, 0) AS residual, COALESCE(o.debt, 0) AS debt,
                                  COALESCE(o.credit, 0) AS credit, COALESCE(o.overdue, 0) AS overdue,
                                  COALESCE(o.company, 0) AS company, COALESCE(o.late, 0) AS late,
                                  COALESCE(o.items, 0) AS items, COALESCE(v.debits, 0) AS debits,
                                  COALESCE(v.credits, 0) AS credits
                             FROM (SELECT p.commercial_partner_id AS partner, i.currency_id AS currency,
                                          SUM(i.residual) AS residual,
                                          SUM(i.residual) FILTER (WHERE i.residual > 0) AS debt,
                                          SUM(i.residual) FILTER (WHERE i.residual < 0) AS credit,
                                          SUM(i.residual) FILTER (WHERE i.residual > 0 AND %(late)s) AS overdue,
                                          SUM(i.residual_company) AS company,
                                          SUM(i.residual_company) FILTER (WHERE i.residual > 0 AND %(late)s) AS late,
                                          COUNT(*) FILTER (WHERE i.residual <> 0) AS items
                                     FROM (%(core)s) AS i JOIN res_partner p ON p.id = i.partner_id
                                 GROUP BY 1, 2) AS o
                        FULL JOIN (%(moved)s) AS v ON v.partner = o.partner AND v.currency = o.currency) AS f
                LEFT JOIN cartera_customer c ON c.partner_id = f.partner AND c.company_id = %(company)s
                    WHERE f.items > 0 OR f.debits <> 0 OR f.credits <> 0
                 ORDER BY f.partner, f.currency""",
                late=SQL("i.date_maturity < %s", question.day),
                core=core,
                moved=moved,
                company=question.company.id,
            )
        )
        return [Figures(*row) for row in rows]

    # What goes with it

    @api.model
    def _promises(self, company, partners):
        """Return {commercial entity: its open promises}; one search for all."""
        found = (
            self.env["cartera.payment.promise"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("partner_id", "in", partners.ids),
                    ("live", "=", True),
                ],
                order="next_date, id",
            )
        )
        return found.grouped("partner_id")

    @api.model
    def _document(self, row):
        """Return the document of a row of the queries above; its columns come last."""
        *shown, amount, move = row[-7:]
        return Document(*shown, float(amount), move)
