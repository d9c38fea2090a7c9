from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..calc import aging, statement
from ..calc.money import ZERO, to_decimal

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


@dataclass
class StatementAccount:
    """One currency of a statement: what is open by age, and in the other form the movements."""

    currency: int
    open: statement.OpenAccount
    running: statement.RunningAccount | None = None


@dataclass
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
        money = to_decimal
        for row in self.env.execute_query(self._open_sql(question)):
            partner, key, currency, due, residual, disputed, promised = row[:7]
            items[partner].append(
                statement.OpenItem(
                    key,
                    currency,
                    due,
                    money(residual),
                    money(disputed) if disputed else ZERO,
                    money(promised) if promised else ZERO,
                    row,
                )
            )
        return {
            partner: Statement(
                partner,
                question,
                self._sorted(
                    StatementAccount(currency, account)
                    for currency, account in statement.open_accounts(
                        found, buckets, question.day
                    ).items()
                ),
            )
            for partner, found in items.items()
        }

    @api.model
    def _sorted(self, accounts):
        return sorted(accounts, key=lambda one: one.currency)

    @api.model
    def _item(self, question):
        """Return the receivable items as they are asked for: of that day, by that profile."""
        return self.env["cartera.receivable.item"].with_context(
            cartera_as_of=question.day,
            cartera_profile_id=question.profile.id,
            cartera_basis="due",
        )

    def _open_sql(self, question):
        """Return the query of the open items; from the eighth column on what a document shows."""
        source = self._item(question)._item_sql(question.company, question.partners)

        def kept_out(query):
            return SQL(
                "(SELECT k.move_line_id, SUM(k.amount) AS amount FROM (%s) AS k GROUP BY k.move_line_id)",
                query,
            )

        return SQL(
            """SELECT i.partner_id, i.id, i.currency_id, i.date_maturity, i.residual, d.amount, p.amount,
                      i.document, i.ref, i.kind, i.date_invoice, i.date_maturity, i.amount, i.move_id
                 FROM (%(items)s) AS i
            LEFT JOIN %(disputed)s AS d ON d.move_line_id = i.id
            LEFT JOIN %(promised)s AS p ON p.move_line_id = i.id
                WHERE i.residual <> 0 AND i.partner_id IS NOT NULL""",
            items=source,
            disputed=kept_out(
                self.env["cartera.dispute"]._disputed_sql(
                    question.company, question.day
                )
            ),
            promised=kept_out(
                self.env["cartera.payment.promise"]._promised_sql(
                    question.company, question.day
                )
            ),
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
                    (row[1], row[2]), row[3], row[4], to_decimal(row[5]), row
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
        common = {"period": period, "trade": trade, "mine": mine}
        sides = [
            (
                SQL("r.debit_move_id"),
                SQL("r.credit_move_id"),
                SQL("-r.debit_amount_currency"),
            ),
            (
                SQL("r.credit_move_id"),
                SQL("r.debit_move_id"),
                SQL("r.credit_amount_currency"),
            ),
        ]
        return SQL(
            """SELECT c.commercial_partner_id, 1, m.id, l.currency_id, l.date, SUM(l.amount_currency), m.name,
                      COALESCE(NULLIF(m.payment_reference, m.name), m.ref), %(kind)s, l.date,
                      MAX(l.date_maturity) FILTER (WHERE l.amount_currency > 0), SUM(l.amount_currency), m.id
                 FROM account_move_line l
                 JOIN account_move m ON m.id = l.move_id
                 JOIN res_partner c ON c.id = l.partner_id
                WHERE l.parent_state = 'posted' AND l.company_id = %(company)s AND l.date %(period)s
                  AND %(trade)s AND %(mine)s AND l.amount_currency <> 0
             GROUP BY c.commercial_partner_id, m.id, l.currency_id, l.date
               HAVING SUM(l.amount_currency) <> 0
            UNION ALL %(applied)s""",
            kind=Item._kind_sql(),
            company=question.company.id,
            applied=SQL(" UNION ALL ").join(
                self._applied_sql(
                    own=own,
                    other=other,
                    amount=amount,
                    company=question.company.id,
                    **common,
                )
                for own, other, amount in sides
            ),
            **common,
        )

    @api.model
    def _applied_sql(self, **parts):
        """Return what applications take from, or add to, the side ``own`` that the other side does not balance."""
        return SQL(
            """SELECT c.commercial_partner_id, 2, r.id, l.currency_id, r.max_date, %(amount)s,
                      o.name, NULL, 'application', r.max_date, NULL::date, %(amount)s, o.id
                 FROM account_partial_reconcile r
                 JOIN account_move_line l ON l.id = %(own)s AND l.parent_state = 'posted'
                 JOIN account_move_line x ON x.id = %(other)s AND x.parent_state = 'posted'
                 JOIN res_partner c ON c.id = l.partner_id
            LEFT JOIN res_partner xc ON xc.id = x.partner_id
                 JOIN account_move o ON o.id = x.move_id
                WHERE l.company_id = %(company)s AND r.max_date %(period)s AND %(trade)s AND %(mine)s
                  AND %(amount)s <> 0
                  AND (r.debit_amount_currency <> r.credit_amount_currency
                       OR r.debit_currency_id <> r.credit_currency_id OR x.company_id <> l.company_id
                       OR xc.commercial_partner_id IS DISTINCT FROM c.commercial_partner_id)""",
            **parts,
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
                     FROM (%s) AS v (partner, step, key, currency, day, amount, a, b, c, d, e, f, g)
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
        """Return the document of a row of the queries above."""
        return Document(*row[-7:])
