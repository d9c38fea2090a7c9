from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..calc import money
from ..calc.limit import Limit
from ..calc.position import Amount, Figures, Held, Line, Terms


@dataclass(frozen=True)
class ExposureScope:
    """What an exposure statement covers: one company, a day, and some customers or all of them.

    :param partner_ids: commercial entities, or None for all
    :param past: the day is over, and only what the ledger dates can be told
    :param exclude: {model name: ids} of documents that must not count, being checked themselves
    """

    company: models.BaseModel
    day: date
    partner_ids: tuple | None = None
    past: bool = False
    exclude: dict | None = None

    def of_customers(self, column):
        """Return the condition that ``column`` (a contact's id) belongs to the customers asked for."""
        if self.partner_ids is None:
            return SQL("TRUE")
        return SQL("%s = ANY(ARRAY(SELECT id FROM contact))", column)

    @property
    def contacts(self):
        """The table of contacts (id, commercial_partner_id) that documents are joined with.

        That of the customers asked for is small: joining it spares a pass over all contacts.
        """
        return SQL("res_partner" if self.partner_ids is None else "contact")

    def not_excluded(self, model, column):
        """Return the condition that leaves out the documents of ``model`` that are being checked."""
        ids = (self.exclude or {}).get(model)
        return SQL("%s <> ALL(%s)", column, list(ids)) if ids else SQL("TRUE")


class CarteraExposureEngine(models.AbstractModel):
    """Reads what customers owe and will owe, for any number of them in one statement.

    Other addons add named sources by extending ``_exposure_sources``; nothing is stored here.
    """

    _name = "cartera.exposure.engine"
    _description = "Credit Exposure Engine"
    _inherit = ["cartera.limit.reader"]

    # Hooks

    @api.model
    def _exposure_sources(self, scope):
        """Return {name: query} of what a customer's exposure is made of.

        Each query gives (partner_id, currency_id, amount_document, amount_company): the commercial entity,
        a currency, an amount in it and the same amount in the company's currency, which is NULL where a
        rate is missing (the caller refuses then). Restrict it by ``scope.of_customers`` and join
        ``scope.contacts``; the CTEs ``item`` (open receivable items) and ``rate`` may be joined. A source that
        only exists today returns nothing for a past scope: leave it out when ``scope.past``.
        """
        sources = {"receivable": self._source_receivable(scope)}
        if not scope.past:
            if scope.company.cartera_count_drafts:
                sources["draft_invoice"] = self._source_draft_invoice(scope)
            if self.env["account.payment.method.line"]._any_counts_uncleared():
                sources["uncleared_payment"] = self._source_uncleared_payment(scope)
        return sources

    @api.model
    def _exposure_tables(self, scope):
        """Return {name: query} of common table expressions that several sources share."""
        return {}

    @api.model
    def _exposure_source_labels(self):
        """Return {name: label} of the sources, in the order in which people read them."""
        return {
            "receivable": self.env._("Open receivables"),
            "draft_invoice": self.env._("Draft invoices"),
            "uncleared_payment": self.env._("Payments not yet cleared"),
        }

    @api.model
    def _draft_invoice_filter(self):
        """Return the condition that a draft invoice ``m`` is nobody else's source; orders add theirs.

        A held one stands beside the exposure, as all held documents do.
        """
        return SQL(
            """NOT EXISTS (SELECT 1 FROM cartera_credit_hold h
                            WHERE h.res_model = 'account.move' AND h.res_id = m.id
                              AND h.state IN ('held', 'ready') AND h.adds_exposure)"""
        )

    # Sources

    @api.model
    def _source_receivable(self, scope):
        unapplied = (
            SQL("TRUE")
            if scope.company.cartera_net_unapplied
            else SQL("residual_company > 0")
        )
        return SQL(
            "SELECT partner_id, currency_id, residual_document AS amount_document,"
            " residual_company AS amount_company FROM item WHERE %s",
            unapplied,
        )

    @api.model
    def _source_draft_invoice(self, scope):
        return SQL(
            """SELECT p.commercial_partner_id AS partner_id, m.currency_id, m.amount_total AS amount_document,
                      CASE WHEN r.rate IS NOT NULL THEN m.amount_total_signed END AS amount_company
                 FROM account_move m JOIN %(contacts)s p ON p.id = m.partner_id
                 JOIN res_currency k ON k.id = m.currency_id AND k.cartera_kind = 'money'
            LEFT JOIN rate r ON r.currency_id = m.currency_id
                WHERE m.state = 'draft' AND m.move_type = 'out_invoice' AND m.company_id = %(company)s
                  AND %(customers)s AND %(others)s AND %(own)s""",
            company=scope.company.id,
            contacts=scope.contacts,
            customers=scope.of_customers(SQL("m.partner_id")),
            others=self._draft_invoice_filter(),
            own=scope.not_excluded("account.move", SQL("m.id")),
        )

    @api.model
    def _source_uncleared_payment(self, scope):
        return SQL(
            """SELECT p.commercial_partner_id AS partner_id, l.currency_id,
                      -l.amount_currency AS amount_document, -l.balance AS amount_company
                 FROM account_payment pay
                 JOIN account_payment_method_line pml ON pml.id = pay.payment_method_line_id
                 JOIN account_move m ON m.id = pay.move_id AND m.state = 'posted'
                 JOIN account_move_line l ON l.move_id = m.id
                 JOIN account_account a ON a.id = l.account_id AND a.account_type = 'asset_receivable'
                 JOIN %(contacts)s p ON p.id = l.partner_id
                WHERE pml.cartera_count_uncleared AND pay.payment_type = 'inbound'
                  AND pay.state IN ('in_process', 'paid') AND pay.is_matched IS NOT TRUE
                  AND m.company_id = %(company)s AND %(customers)s""",
            company=scope.company.id,
            contacts=scope.contacts,
            customers=scope.of_customers(SQL("l.partner_id")),
        )

    # The statement

    @api.model
    def _item_sql(self, scope):
        """Return the open items of trade receivables, one row for each journal item, signed.

        On a past day an item's residual is its balance less the reconciliations dated up to that day.
        """
        if scope.past:
            return SQL(
                """SELECT l.id, p.commercial_partner_id AS partner_id, l.currency_id,
                          COALESCE(l.date_maturity, l.date) AS date_maturity,
                          l.amount_currency - COALESCE(d.document, 0) + COALESCE(c.document, 0)
                              AS residual_document,
                          l.balance - COALESCE(d.company, 0) + COALESCE(c.company, 0) AS residual_company
                     FROM account_move_line l
                     JOIN %(contacts)s p ON p.id = l.partner_id
                LEFT JOIN LATERAL (SELECT SUM(r.amount) AS company, SUM(r.debit_amount_currency) AS document
                                     FROM account_partial_reconcile r
                                    WHERE r.debit_move_id = l.id AND r.max_date <= %(day)s) d ON TRUE
                LEFT JOIN LATERAL (SELECT SUM(r.amount) AS company, SUM(r.credit_amount_currency) AS document
                                     FROM account_partial_reconcile r
                                    WHERE r.credit_move_id = l.id AND r.max_date <= %(day)s) c ON TRUE
                    WHERE l.parent_state = 'posted' AND l.company_id = %(company)s AND l.date <= %(day)s
                      AND %(trade)s AND %(customers)s
                      AND l.balance - COALESCE(d.company, 0) + COALESCE(c.company, 0) <> 0""",
                day=scope.day,
                company=scope.company.id,
                trade=self._trade_accounts(),
                contacts=scope.contacts,
                customers=scope.of_customers(SQL("l.partner_id")),
            )
        return SQL(
            """SELECT l.id, p.commercial_partner_id AS partner_id, l.currency_id,
                      COALESCE(l.date_maturity, l.date) AS date_maturity,
                      l.amount_residual_currency AS residual_document,
                      l.amount_residual AS residual_company
                 FROM account_move_line l
                 JOIN %(contacts)s p ON p.id = l.partner_id
                WHERE l.parent_state = 'posted' AND l.reconciled IS NOT TRUE AND l.company_id = %(company)s
                  AND %(trade)s AND %(customers)s""",
            company=scope.company.id,
            trade=self._trade_accounts(),
            contacts=scope.contacts,
            customers=scope.of_customers(SQL("l.partner_id")),
        )

    @api.model
    def _trade_accounts(self):
        return SQL(
            "l.account_id = ANY(ARRAY(SELECT id FROM account_account"
            " WHERE account_type = 'asset_receivable' AND non_trade IS NOT TRUE))"
        )

    @api.model
    def _target_sql(self, scope):
        """Return the customers asked for and their fellow group members, known to us or not."""
        company = scope.company.id
        if scope.partner_ids is None:
            return SQL(
                "SELECT c.partner_id, c.id AS customer_id, c.group_id, c.risk_class, TRUE AS asked"
                " FROM cartera_customer c WHERE c.company_id = %s",
                company,
            )
        ids = list(scope.partner_ids)
        return SQL(
            """SELECT p.id AS partner_id, c.id AS customer_id, c.group_id, c.risk_class, TRUE AS asked
                 FROM unnest(%(ids)s::int[]) AS p(id)
            LEFT JOIN cartera_customer c ON c.partner_id = p.id AND c.company_id = %(company)s
            UNION ALL
               SELECT m.partner_id, m.id, m.group_id, m.risk_class, FALSE
                 FROM cartera_customer m
                WHERE m.company_id = %(company)s AND m.partner_id <> ALL(%(ids)s)
                  AND m.group_id IN (SELECT group_id FROM cartera_customer
                                      WHERE company_id = %(company)s AND partner_id = ANY(%(ids)s))""",
            ids=ids,
            company=company,
        )

    @api.model
    def _position_ctes(self, scope):
        """Return the common table expressions from which positions are read, gate and refresh alike.

        Money on account covers the oldest overdue items first; only customers who have such money
        (``uncovered``) need their items one by one.
        """
        sources = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s AS source, s.partner_id, s.currency_id, SUM(s.amount_document) AS amount_document,"
                " SUM(s.amount_company) AS amount_company,"
                " bool_or(s.amount_company IS NULL) AS missing"
                " FROM (%s) AS s GROUP BY s.partner_id, s.currency_id",
                name,
                source,
            )
            for name, source in self._exposure_sources(scope).items()
        )
        contact = (
            SQL("")
            if scope.partner_ids is None
            else SQL(
                "contact AS MATERIALIZED (SELECT p.id, p.commercial_partner_id FROM res_partner p"
                " WHERE p.commercial_partner_id = ANY(ARRAY(SELECT partner_id FROM target))),"
            )
        )
        return SQL(
            """rate AS MATERIALIZED (%(rate)s),
               target AS MATERIALIZED (%(target)s),
               %(contact)s
               item AS MATERIALIZED (%(item)s),
               %(tables)s
               part AS MATERIALIZED (%(sources)s),
               unapplied AS (SELECT partner_id, -SUM(residual_company) AS amount FROM item
                              WHERE residual_company < 0 AND %(net)s GROUP BY partner_id),
               uncovered AS (
                 SELECT x.partner_id, MAX(x.days) AS days
                   FROM (SELECT i.partner_id, u.amount AS unapplied, %(day)s - i.date_maturity AS days,
                                SUM(i.residual_company) OVER (PARTITION BY i.partner_id
                                    ORDER BY i.date_maturity, i.id) AS running
                           FROM item i JOIN unapplied u ON u.partner_id = i.partner_id
                          WHERE i.residual_company > 0 AND i.date_maturity < %(day)s) x
                  WHERE x.running > x.unapplied
               GROUP BY x.partner_id),
               overdue AS (
                 SELECT i.partner_id, GREATEST(i.amount - COALESCE(u.amount, 0), 0) AS amount,
                        CASE WHEN u.partner_id IS NULL THEN i.days ELSE COALESCE(c.days, 0) END AS days
                   FROM (SELECT partner_id, SUM(residual_company) AS amount,
                                MAX(%(day)s - date_maturity) AS days
                           FROM item WHERE residual_company > 0 AND date_maturity < %(day)s
                       GROUP BY partner_id) i
              LEFT JOIN unapplied u ON u.partner_id = i.partner_id
              LEFT JOIN uncovered c ON c.partner_id = i.partner_id),
               bare_pocket AS MATERIALIZED (%(pocket)s),
               pocket AS MATERIALIZED (
                 SELECT b.customer_id, b.id, b.mode, b.amount, b.rate, b.scope, b.temporary, b.standing,
                        b.days_expired, b.guarantee + COALESCE(s.guarantee, 0) AS guarantee,
                        COALESCE(s.coverage, 0) AS coverage, s.missing
                   FROM bare_pocket b LEFT JOIN (%(secured)s) s ON s.line_id = b.id)""",
            rate=self.env["cartera.money"]._rate_sql(scope.company, scope.day),
            target=self._target_sql(scope),
            contact=contact,
            item=self._item_sql(scope),
            tables=self._tables_sql(scope),
            sources=sources,
            net=SQL("TRUE") if scope.company.cartera_net_unapplied else SQL("FALSE"),
            day=scope.day,
            pocket=self._pocket_sql(scope),
            secured=self._secured_sql(scope),
        )

    @api.model
    def _tables_sql(self, scope):
        return SQL(" ").join(
            SQL("%s AS MATERIALIZED (%s),", SQL.identifier(name), query)
            for name, query in self._exposure_tables(scope).items()
        )

    @api.model
    def _held_sql(self):
        """Return (customer_id, rows) of documents held before they are in the exposure."""
        return SQL(
            """SELECT h.customer_id, SUM(h.amount) AS amount,
                      jsonb_agg(jsonb_build_array(h.id, h.document_currency_id, h.amount_document, h.amount))
                          AS rows
                 FROM cartera_credit_hold h
                WHERE h.state IN ('held', 'ready') AND h.adds_exposure
                  AND h.customer_id IN (SELECT customer_id FROM target)
             GROUP BY h.customer_id"""
        )

    # Gathering for the gate and for readers

    @api.model
    def _gather_figures(self, scope):
        """Return ({partner id: Figures} of the customers and their fellow members, ids asked for).

        One statement for any number of customers.

        :raise UserError: when a rate is missing for an amount or a line
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """WITH %(ctes)s
                   SELECT t.partner_id, t.customer_id, t.group_id, t.risk_class, t.asked,
                          (SELECT jsonb_agg(jsonb_build_array(source, currency_id, amount_document,
                                  amount_company, missing)) FROM part WHERE part.partner_id = t.partner_id),
                          (SELECT jsonb_agg(jsonb_build_array(id, scope, standing, mode, amount, temporary,
                                  guarantee, rate, days_expired, coverage, missing))
                             FROM pocket WHERE pocket.customer_id = t.customer_id),
                          o.amount, o.days, h.rows
                     FROM target t
                LEFT JOIN overdue o ON o.partner_id = t.partner_id
                LEFT JOIN (%(held)s) h ON h.customer_id = t.customer_id""",
                ctes=self._position_ctes(scope),
                held=self._held_sql(),
            )
        )
        figures, asked = {}, set()
        for (
            partner,
            customer,
            group,
            risk,
            is_asked,
            parts,
            pockets,
            overdue,
            days,
            held,
        ) in rows:
            self._check_rates_known(scope, parts or (), pockets or ())
            figures[partner] = Figures(
                partner=partner,
                customer=customer,
                group=group,
                risk_class=risk,
                amounts=tuple(
                    Amount(source, currency, _exact(document), _exact(company))
                    for source, currency, document, company, _missing in parts or ()
                ),
                lines=tuple(
                    Line(
                        id=line,
                        scope=of,
                        standing=standing,
                        mode=mode,
                        amount=_exact(amount),
                        temporary=None if temporary is None else _exact(temporary),
                        guarantee=_exact(guarantee),
                        rate=_exact(rate or 1),
                        days_expired=expired or 0,
                        coverage=_exact(coverage),
                    )
                    for (
                        line,
                        of,
                        standing,
                        mode,
                        amount,
                        temporary,
                        guarantee,
                        rate,
                        expired,
                        coverage,
                        _missing,
                    ) in pockets or ()
                ),
                held=tuple(
                    Held(hold, currency, _exact(document), _exact(company))
                    for hold, currency, document, company in held or ()
                ),
                overdue_amount=_exact(overdue or 0),
                overdue_days=days or 0,
            )
            if is_asked:
                asked.add(partner)
        return figures, asked

    @api.model
    def _check_rates_known(self, scope, parts, pockets):
        unknown = {part[1] for part in parts if part[4]}
        unknown |= {pocket[10] for pocket in pockets if pocket[10]}
        lines = [
            pocket[0]
            for pocket in pockets
            if pocket[7] is None and pocket[3] == "amount"
        ]
        if lines:
            unknown |= set(
                self.env["cartera.credit.line"].sudo().browse(lines).currency_id.ids
            )
        if unknown:
            currencies = self.env["res.currency"].browse(sorted(unknown))
            raise UserError(
                self.env["cartera.money"]._missing_rate_message(
                    currencies, scope.company, scope.day
                )
            )

    @api.model
    def _terms(self, company):
        """Return what the company sets for customers without a line, as plain values."""
        return Terms(
            default_mode=company.cartera_default_mode,
            default_amount=money.to_decimal(company.cartera_default_amount),
            rounding=money.to_decimal(company.currency_id.rounding),
            count_held=company.cartera_count_held,
        )

    @api.model
    def _group_limits(self, company, group_ids, day):
        """Return {group id: Limit in company currency} on ``day``."""
        groups = (
            self.env["cartera.credit.group"]
            .sudo()
            .browse(sorted(filter(None, group_ids)))
        )
        limits = {}
        for group in groups:
            if group.mode == "unlimited":
                limits[group.id] = Limit(None, False, "group")
            else:
                amount = (
                    self.env["cartera.money"]._convert(
                        group.amount, group.currency_id, company, day
                    )
                    if group.mode == "amount"
                    else Decimal(0)
                )
                limits[group.id] = Limit(amount, True, "group")
        return limits


def _exact(value):
    return None if value is None else money.to_decimal(value)
