from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ..calc.money import to_decimal
from .account_move_promise import READERS

BASES = ("due", "invoice", "acknowledged")


class CarteraReceivableItem(models.Model):
    """An open item of the receivables as of a date: nothing is stored, the ledger is read.

    The context says which date (``cartera_as_of``, default today in each company), which profile sorts
    the items (``cartera_profile_id``, default the company's first) and from which date they age
    (``cartera_basis``: due, invoice or acknowledged). Two dates in one transaction share Odoo's record cache:
    aggregate with ``_read_group``, or invalidate.

    Residual on a date = what is open now, plus the reconciliations that are dated later or that join an
    entry which is not posted; so the sum is the balance of the receivable accounts on that date.
    """

    _name = "cartera.receivable.item"
    _description = "Open Receivable Item"
    _auto = False
    _order = "date_maturity, id"
    _rec_name = "document"
    _rec_names_search = ["document", "ref", "partner_id"]
    _depends = {
        "account.move.line": [
            "account_id", "amount_currency", "amount_residual", "amount_residual_currency", "balance", "company_id",
            "currency_id", "date", "date_maturity", "journal_id", "move_id", "parent_state", "partner_id", "reconciled",
        ],
        "account.move": [
            "debit_origin_id", "invoice_date", "invoice_payment_term_id", "invoice_user_id", "move_type", "name",
            "origin_payment_id", "payment_reference", "ref", "statement_line_id",
        ],
        "account.partial.reconcile": [
            "amount", "credit_amount_currency", "credit_move_id", "debit_amount_currency", "debit_move_id", "max_date",
        ],
        "account.account": ["account_type", "non_trade"],
        "res.partner": ["commercial_partner_id", "industry_id", "user_id"],
        "cartera.customer": ["collector_id", "company_id", "group_id", "partner_id", "risk_class"],
        "cartera.invoice.delivery": ["move_id", "received_date", "state"],
    }  # fmt: skip

    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    customer_id = fields.Many2one(
        "cartera.customer", string="Credit Account", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        help="The commercial entity that owes; empty on items that were booked without a partner.",
    )
    account_id = fields.Many2one("account.account", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", readonly=True
    )
    journal_id = fields.Many2one("account.journal", readonly=True)
    document = fields.Char(readonly=True)
    ref = fields.Char(string="Reference", readonly=True)
    kind = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("debit_note", "Debit note"),
            ("credit_note", "Credit note"),
            ("payment", "Payment"),
            ("entry", "Other entry"),
        ],
        string="Document Type",
        readonly=True,
    )
    side = fields.Selection(
        [("debt", "Owed"), ("credit", "Unapplied credit")],
        string="Owed or Credit",
        readonly=True,
        help="Credits are payments and credit notes that were not applied to an invoice by then.",
    )
    date = fields.Date(string="Posting Date", readonly=True)
    date_invoice = fields.Date(string="Invoice Date", readonly=True)
    date_maturity = fields.Date(string="Due Date", readonly=True)
    date_acknowledged = fields.Date(
        string="Acknowledged On",
        readonly=True,
        help="The day on which the customer received the invoice, as its delivery says.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    foreign_currency = fields.Boolean(readonly=True)
    amount = fields.Monetary(
        string="Original Amount",
        readonly=True,
        help="Of the instalment, in the currency of the document.",
    )
    residual = fields.Monetary(
        string="Open",
        readonly=True,
        help="What was open on the date, in the currency of the document.",
    )
    residual_company = fields.Monetary(
        string="Open, Ledger Value",
        currency_field="company_currency_id",
        readonly=True,
        help="In company currency at the value of the ledger: the sum is the balance of the receivable accounts.",
    )
    residual_revalued = fields.Monetary(
        string="Open, Revalued",
        currency_field="company_currency_id",
        readonly=True,
        prefetch=False,
        help="In company currency at the exchange rate of the date.",
    )
    disputed = fields.Monetary(
        readonly=True,
        prefetch=False,
        help="What of it was disputed on the date, in the currency of the document.",
    )
    promised = fields.Monetary(
        readonly=True,
        prefetch=False,
        help="What of it was promised and still to come on the date, in the currency of the document.",
    )
    in_legal = fields.Boolean(
        string="In Legal Collection",
        readonly=True,
        prefetch=False,
        help="The collection case of the customer is with the lawyers now.",
    )
    days_overdue = fields.Integer(
        readonly=True,
        aggregator="max",
        help="Days from the due date to the date; zero or less is not due.",
    )
    days = fields.Integer(
        string="Age in Days",
        readonly=True,
        aggregator="max",
        help="Days from the chosen date (due, invoice or acknowledged) to the date: decides the bucket.",
    )
    bucket_id = fields.Many2one("cartera.aging.bucket", readonly=True)
    salesperson_id = fields.Many2one("res.users", readonly=True)
    collector_id = fields.Many2one("res.users", readonly=True)
    group_id = fields.Many2one(
        "cartera.credit.group", string="Credit Group", readonly=True
    )
    risk_class = fields.Selection(
        lambda self: self.env["cartera.customer"]._fields["risk_class"].selection,
        readonly=True,
    )
    industry_id = fields.Many2one(
        "res.partner.industry", string="Industry", readonly=True
    )
    payment_term_id = fields.Many2one(
        "account.payment.term", string="Payment Terms", readonly=True
    )

    # What is asked for

    @api.model
    def _as_of(self, company):
        """Return the date that the context asks for, or today in ``company``.

        :raise UserError: when the context has no date in it
        """
        asked = self.env.context.get("cartera_as_of")
        if not asked:
            return company._cartera_today()
        try:
            return fields.Date.to_date(asked)
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._("%s is not a date. Enter it as 2026-03-31.", asked)
            ) from error

    @api.model
    def _basis(self):
        basis = self.env.context.get("cartera_basis") or "due"
        if basis not in BASES:
            raise UserError(
                self.env._(
                    "Items do not age from %(basis)s. Choose one of %(bases)s.",
                    basis=basis,
                    bases=", ".join(BASES),
                )
            )
        return basis

    @api.model
    def _profile(self, company):
        """Return the profile that the context asks for, or the company's first, which may be none."""
        asked = self.env.context.get("cartera_profile_id")
        Profile = self.env["cartera.aging.profile"]
        if not asked:
            return Profile._first_for(company)
        profile = Profile.sudo().browse(asked).exists()
        if not profile or profile.company_id not in (Profile.company_id, company):
            raise UserError(
                self.env._(
                    "%(company)s has no aging profile with the number %(id)s. Choose another.",
                    company=company.name,
                    id=asked,
                )
            )
        return profile

    @api.model
    def _companies(self):
        """Return the companies whose items can be seen; the superuser's jobs see all, or the one they work for."""
        if self.env.su:
            own = self.env.context.get("cartera_company_id")
            companies = self.env["res.company"]
            return companies.browse(own) if own else companies.search([])
        return self.env.companies

    # The statement

    @property
    def _table_query(self):
        companies = self._companies()
        return self._item_sql(companies)

    @api.model
    def _each_company(self, companies, column, value):
        """Return ``value(company)`` of the company in ``column``, written once where all have the same."""
        values = {company.id: value(company) for company in companies}
        if len(set(values.values())) == 1:
            return next(iter(values.values()))
        return SQL(
            "CASE %s %s END",
            column,
            SQL(" ").join(
                SQL("WHEN %s THEN %s", company, one) for company, one in values.items()
            ),
        )

    @api.model
    def _day_sql(self, companies, column):
        return self._each_company(
            companies, column, lambda company: SQL("%s::date", self._as_of(company))
        )

    @api.model
    def _bucket_sql(self, companies, column, days):
        """Return the bucket's id of a number of days, by the profile of the company in ``column``."""

        def of_company(company):
            buckets = self._profile(company)._sorted_buckets()
            if len(buckets) < 2:
                return SQL("%s::int", buckets.id or None)
            return SQL(
                "CASE %s ELSE %s END",
                SQL(" ").join(
                    SQL("WHEN %s <= %s THEN %s", days, one.day_to, one.id)
                    for one in buckets[:-1]
                ),
                buckets[-1].id,
            )

        return self._each_company(companies, column, of_company)

    @api.model
    def _core_sql(self, companies, currencies=None, partners=None):
        """Return the statement of what is open: one row for each journal item, with its residuals.

        :param partners: only what these commercial entities (ids) owe

        ``later`` are the items with reconciliations to be taken back: those dated after the day (of both items the
        later date counts), and those with an entry that is back in draft, whose application Odoo keeps. All others that
        are not reconciled have today's residual.
        """
        # a branch's items may be applied to its parent's
        family = (
            self.env["res.company"]
            .sudo()
            .search([("id", "child_of", companies.sudo().root_id.ids)])
        )
        day = self._day_sql(family, SQL("r.company_id"))
        scope = SQL(
            "l.parent_state = 'posted' AND l.company_id = ANY(%s) AND l.date <= %s AND %s",
            companies.ids,
            self._day_sql(companies, SQL("l.company_id")),
            self.env["cartera.customer"]._trade_accounts(),
        )
        if currencies is not None:
            scope = SQL("%s AND l.currency_id = ANY(%s)", scope, currencies)
        if partners is not None:
            scope = SQL("%s AND %s", scope, self._of_partners(partners))
        columns = SQL(
            """l.id, l.move_id, l.account_id, l.company_id, l.journal_id, l.partner_id, l.currency_id,
               l.company_currency_id, l.date, COALESCE(l.date_maturity, l.date) AS date_maturity,
               l.amount_currency AS amount"""
        )
        return SQL(
            """WITH later AS MATERIALIZED (
                    SELECT %(columns)s, l.amount_residual_currency + SUM(x.document) AS residual,
                           l.amount_residual + SUM(x.company) AS residual_company
                      FROM (SELECT r.debit_move_id AS id, r.amount AS company, r.debit_amount_currency AS document
                              FROM account_partial_reconcile r
                             WHERE r.max_date > %(day)s AND r.company_id = ANY(%(companies)s)
                         UNION ALL
                            SELECT r.credit_move_id, -r.amount, -r.credit_amount_currency
                              FROM account_partial_reconcile r
                             WHERE r.max_date > %(day)s AND r.company_id = ANY(%(companies)s)
                         UNION ALL
                            SELECT r.debit_move_id, r.amount, r.debit_amount_currency
                              FROM account_partial_reconcile r
                             WHERE r.credit_move_id %(undone)s
                               AND r.max_date <= %(day)s AND r.company_id = ANY(%(companies)s)
                         UNION ALL
                            SELECT r.credit_move_id, -r.amount, -r.credit_amount_currency
                              FROM account_partial_reconcile r
                             WHERE r.debit_move_id %(undone)s
                               AND r.max_date <= %(day)s AND r.company_id = ANY(%(companies)s)) x
                      JOIN account_move_line l ON l.id = x.id
                     WHERE %(scope)s
                  GROUP BY l.id)
               SELECT open.*
                 FROM (SELECT * FROM later
                    UNION ALL
                       SELECT %(columns)s, l.amount_residual_currency, l.amount_residual
                         FROM account_move_line l
                        WHERE l.reconciled IS NOT TRUE AND %(scope)s
                          AND NOT EXISTS (SELECT FROM later WHERE later.id = l.id)) AS open
                WHERE open.residual_company <> 0 OR open.residual <> 0""",
            day=day,
            companies=family.ids,
            undone=self._undone_sql(companies),
            columns=columns,
            scope=scope,
        )

    @api.model
    def _undone_sql(self, companies):
        """Return what an item is compared with to be one of an entry that is back in draft.

        Today hardly anything else is taken back: an array is looked up by index. For a day of the past many
        reconciliations are read anyway, by several workers, which an array would keep PostgreSQL from using.
        """
        undone = SQL(
            "SELECT o.id FROM account_move_line o WHERE o.parent_state <> 'posted' AND o.matching_number IS NOT NULL"
        )
        if all(self._as_of(one) >= one._cartera_today() for one in companies):
            return SQL("= ANY(ARRAY(%s))", undone)
        return SQL("IN (%s)", undone)

    @api.model
    def _kind_sql(self):
        """Return the kind of the entry ``m``, as the field has it."""
        return SQL(
            """CASE WHEN m.debit_origin_id IS NOT NULL THEN 'debit_note'
                    WHEN m.move_type IN ('out_invoice', 'out_receipt') THEN 'invoice'
                    WHEN m.move_type = 'out_refund' THEN 'credit_note'
                    WHEN m.origin_payment_id IS NOT NULL OR m.statement_line_id IS NOT NULL THEN 'payment'
                    ELSE 'entry' END"""
        )

    @api.model
    def _of_partners(self, partners):
        """Return the condition that the journal item ``l`` belongs to one of these commercial entities (ids)."""
        return SQL(
            "l.partner_id = ANY(ARRAY(SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)))",
            list(partners),
        )

    @api.model
    def _item_sql(self, companies, partners=None):
        """Return the statement of the items with everything that they are grouped by.

        Of what is not asked for PostgreSQL leaves out the joins, which are all on unique keys.
        """
        day = self._day_sql(companies, SQL("i.company_id"))
        acknowledged = SQL(
            """(SELECT MIN(d.received_date) FROM cartera_invoice_delivery d
                 WHERE d.move_id = i.move_id AND d.state IN ('received', 'accepted') AND d.received_date <= %s)""",
            day,
        )
        since = {
            "due": SQL("i.date_maturity"),
            "invoice": SQL("COALESCE(m.invoice_date, i.date)"),
            "acknowledged": SQL("COALESCE(%s, m.invoice_date, i.date)", acknowledged),
        }[self._basis()]
        days = SQL("(%s - %s)", day, since)
        return SQL(
            """SELECT i.id, i.id AS move_line_id, i.move_id, i.account_id, i.company_id, i.company_currency_id,
                      i.journal_id, contact.commercial_partner_id AS partner_id, c.id AS customer_id, i.currency_id,
                      i.date, COALESCE(m.invoice_date, i.date) AS date_invoice, i.date_maturity,
                      %(acknowledged)s AS date_acknowledged, m.name AS document,
                      COALESCE(NULLIF(m.payment_reference, m.name), m.ref) AS ref,
                      %(kind)s AS kind,
                      CASE WHEN i.residual > 0 OR (i.residual = 0 AND i.residual_company >= 0) THEN 'debt'
                           ELSE 'credit' END AS side,
                      i.currency_id <> i.company_currency_id AS foreign_currency,
                      i.amount, i.residual, i.residual_company,
                      %(day)s - i.date_maturity AS days_overdue, %(days)s AS days, %(bucket)s AS bucket_id,
                      COALESCE(m.invoice_user_id, partner.user_id) AS salesperson_id, c.collector_id, c.group_id,
                      c.risk_class, partner.industry_id, m.invoice_payment_term_id AS payment_term_id
                 FROM (%(core)s) AS i
            LEFT JOIN account_move m ON m.id = i.move_id
            LEFT JOIN res_partner contact ON contact.id = i.partner_id
            LEFT JOIN res_partner partner ON partner.id = contact.commercial_partner_id
            LEFT JOIN cartera_customer c ON c.partner_id = contact.commercial_partner_id
                                        AND c.company_id = i.company_id""",
            acknowledged=acknowledged,
            kind=self._kind_sql(),
            day=day,
            days=days,
            bucket=self._bucket_sql(companies, SQL("i.company_id"), days),
            core=self._core_sql(companies, partners=partners),
        )

    # What costs more and is read only when it is asked for

    def _field_to_sql(self, alias, field_expr, query=None):
        if query is None or field_expr not in (
            "residual_revalued",
            "disputed",
            "promised",
            "in_legal",
        ):
            return super()._field_to_sql(alias, field_expr, query)
        if field_expr == "residual_revalued":
            return self._revalued_to_sql(alias, query)
        if field_expr == "in_legal":
            return SQL(
                """EXISTS (SELECT 1 FROM cartera_collection_case legal
                            WHERE legal.customer_id = %s AND legal.stage = 'legal')""",
                SQL.identifier(alias, "customer_id"),
            )
        return self._kept_out_to_sql(alias, field_expr, query)

    def _revalued_to_sql(self, alias, query):
        self._check_rates()
        companies = self._companies()
        joined = query.make_alias(alias, "rate")
        query.add_join(
            "LEFT JOIN",
            joined,
            SQL(
                "(%s)",
                SQL(" UNION ALL ").join(
                    SQL(
                        "SELECT %(company)s AS company_id, r.currency_id, r.rate FROM (%(rates)s) r",
                        company=company.id,
                        rates=self.env["cartera.money"]._rate_sql(
                            company, self._as_of(company)
                        ),
                    )
                    for company in companies
                ),
            ),
            SQL(
                "%s = %s AND %s = %s",
                SQL.identifier(joined, "company_id"),
                SQL.identifier(alias, "company_id"),
                SQL.identifier(joined, "currency_id"),
                SQL.identifier(alias, "currency_id"),
            ),
        )
        digits = self._each_company(
            companies,
            SQL.identifier(alias, "company_id"),
            lambda company: SQL("%s", company.currency_id.decimal_places),
        )
        return SQL(
            """CASE WHEN %(currency)s = %(own)s THEN %(ledger)s
                    ELSE ROUND(%(residual)s / %(rate)s, %(digits)s) END""",
            currency=SQL.identifier(alias, "currency_id"),
            own=SQL.identifier(alias, "company_currency_id"),
            ledger=SQL.identifier(alias, "residual_company"),
            residual=SQL.identifier(alias, "residual"),
            rate=SQL.identifier(joined, "rate"),
            digits=digits,
        )

    def _check_rates(self):
        """Refuse when a currency that is open on the date has no rate up to it.

        :raise UserError: names the currencies, the company and the day
        """
        Money = self.env["cartera.money"]
        for company in self._companies():
            day = self._as_of(company)
            missing = [
                currency
                for currency, rate in Money._rates(company, day).items()
                if not rate
            ]
            inactive = SQL("SELECT id FROM res_currency WHERE active IS NOT TRUE")
            missing += [
                currency
                for (currency,) in self.env.execute_query(inactive)
                if currency != company.currency_id.id
            ]
            if not missing:
                continue
            self.env["account.move.line"].flush_model()
            self.env["account.partial.reconcile"].flush_model()
            rows = self.env.execute_query(
                SQL(
                    "SELECT DISTINCT i.currency_id FROM (%s) AS i",
                    self._core_sql(company, currencies=missing),
                )
            )
            if rows:
                currencies = self.env["res.currency"].browse(row[0] for row in rows)
                raise UserError(Money._missing_rate_message(currencies, company, day))

    def _kept_out_to_sql(self, alias, name, query):
        """Return what disputes or promises take of an item, in its currency."""

        def of_company(company):
            if name == "disputed":
                source = self.env["cartera.dispute"]
                return source._disputed_sql(company, self._as_of(company))
            source = self.env["cartera.payment.promise"]
            return source._promised_sql(company, self._as_of(company))

        self.env.flush_all()
        joined = query.make_alias(alias, name)
        query.add_join(
            "LEFT JOIN",
            joined,
            SQL(
                "(SELECT k.move_line_id, SUM(k.amount) AS amount FROM (%s) AS k GROUP BY k.move_line_id)",
                SQL(" UNION ALL ").join(
                    SQL(
                        "SELECT s.move_line_id, s.amount FROM (%s) AS s",
                        of_company(one),
                    )
                    for one in self._companies()
                ),
            ),
            SQL(
                "%s = %s",
                SQL.identifier(joined, "move_line_id"),
                SQL.identifier(alias, "id"),
            ),
        )
        return SQL("COALESCE(%s, 0)", SQL.identifier(joined, "amount"))

    # The ledger's own answer

    @api.model
    def _ledger_balance(self, company):
        """Return the balance of the trade receivable accounts of ``company`` on the date, as Decimal."""
        self.env["account.move.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(SUM(l.balance), 0) FROM account_move_line l
                    WHERE l.parent_state = 'posted' AND l.company_id = %s AND l.date <= %s AND %s""",
                company.id,
                self._as_of(company),
                self.env["cartera.customer"]._trade_accounts(),
            )
        )
        return to_decimal(rows[0][0])

    # Doors

    def action_open_document(self):
        """Open the invoice, credit note, payment or entry of this item (button)."""
        self.ensure_one()
        self.check_access("read")
        if not any(self.env.user.has_group(group) for group in READERS.split(",")[1:]):
            raise AccessError(
                self.env._(
                    "Documents are opened by who may see the accounting. Ask a collector about %(document)s of "
                    "%(day)s.",
                    document=self.document,
                    day=format_date(self.env, self.date),
                )
            )
        payment = self.move_id.origin_payment_id
        record = payment or self.move_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
            "context": {"create": False},
        }
