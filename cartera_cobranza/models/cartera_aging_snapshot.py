import logging
from datetime import timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_date

from ..calc import kpi
from ..calc.money import to_decimal

_logger = logging.getLogger(__name__)

MAKERS = ("cartera_cobranza.group_credit_executive", "account.group_account_user")
KEYS = ("company_id", "date", "profile_id", "basis")
MONTHS_BACK = 12


class CarteraAgingSnapshot(models.Model):
    """The aging of a company on a date, kept for history: a copy that is rebuilt from the ledger at any time."""

    _name = "cartera.aging.snapshot"
    _description = "Aging Snapshot"
    _inherit = ["cartera.guarded", "cartera.unmixed"]
    _order = "date desc, company_id, id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        required=True,
        index=True,
        default=lambda self: self._last_month_end(self.env.company),
        help="The last day that counts.",
    )
    profile_id = fields.Many2one(
        "cartera.aging.profile",
        required=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env["cartera.aging.profile"]._first_for(
            self.env.company
        ),
    )
    basis = fields.Selection(
        [
            ("due", "Due date"),
            ("invoice", "Invoice date"),
            ("acknowledged", "Acknowledged date"),
        ],
        string="Age From",
        required=True,
        default="due",
        help="The date from which items age. What was not acknowledged ages from its invoice date.",
    )
    state = fields.Selection(
        [("draft", "To compute"), ("done", "Computed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    computed_at = fields.Datetime(string="Computed On", readonly=True, copy=False)
    total = fields.Monetary(
        string="Receivable",
        readonly=True,
        copy=False,
        help="In company currency at the value of the ledger.",
    )
    overdue = fields.Monetary(
        readonly=True,
        copy=False,
        help="Of invoices past their due date; credits that are not applied are not taken off.",
    )
    unapplied = fields.Monetary(
        string="Unapplied Credits",
        readonly=True,
        copy=False,
        help="Payments and credit notes that were not applied to an invoice by then.",
    )
    ledger_balance = fields.Monetary(
        string="Ledger",
        readonly=True,
        copy=False,
        help="The balance of the trade receivable accounts on the date.",
    )
    difference = fields.Monetary(
        compute="_compute_difference",
        help="Between the open items and the ledger: always zero.",
    )
    item_count = fields.Integer(string="Open Items", readonly=True, copy=False)
    customer_count = fields.Integer(string="Customers", readonly=True, copy=False)
    line_ids = fields.One2many(
        "cartera.aging.snapshot.line", "snapshot_id", readonly=True
    )
    roll_data = fields.Json(
        string="Roll Rates",
        compute="_compute_roll_data",
        help="Of what was in a bucket at the snapshot before, how much went on to the next one.",
    )

    _key_unique = models.UniqueIndex(
        "(company_id, date, profile_id, basis)",
        "There is a snapshot of that company, day and profile already: compute it again instead.",
    )

    def _adds_up(self):
        """Balances of one day are added up, each company's once."""
        return SQL(
            "COUNT(DISTINCT %s) = 1 AND COUNT(*) = COUNT(DISTINCT %s)",
            self._column("date"),
            self._column("company_id"),
        )

    @api.depends("date", "profile_id")
    def _compute_display_name(self):
        for snapshot in self:
            snapshot.display_name = (
                f"{format_date(self.env, snapshot.date)} · {snapshot.profile_id.name}"
                if snapshot.date
                else False
            )

    @api.depends("total", "ledger_balance")
    def _compute_difference(self):
        for snapshot in self:
            snapshot.difference = snapshot.total - snapshot.ledger_balance

    @api.depends("state", "line_ids", *KEYS)
    @api.depends_context("lang")
    def _compute_roll_data(self):
        self.roll_data = False
        done = self.filtered(lambda one: one.state == "done" and one.id)
        before = done._previous()
        totals = done.union(*before.values())._totals()
        for snapshot in done:
            earlier = before.get(snapshot)
            buckets = snapshot.profile_id._sorted_buckets()
            now = totals.get(snapshot.id, {})
            then = totals.get(earlier.id, {}) if earlier else {}
            rows = []
            for position, bucket in enumerate(buckets):
                source = buckets[position - 1] if position else None
                rate = (
                    kpi.roll_rate(
                        now.get(bucket.id, Decimal(0)), then.get(source.id, Decimal(0))
                    ).value
                    if source and earlier and not bucket.open_end
                    else None
                )
                rows.append(
                    {
                        "bucket_id": bucket.id,
                        "name": bucket.with_env(self.env).sudo().display_name,
                        "amount": float(now.get(bucket.id, 0)),
                        "before": float(then.get(bucket.id, 0)) if earlier else None,
                        "roll": None if rate is None else float(round(rate, 2)),
                    }
                )
            snapshot.roll_data = {
                "currency_id": snapshot.currency_id.id,
                "before": fields.Date.to_string(earlier.date) if earlier else None,
                "rows": rows,
            }

    def _previous(self):
        """Return {snapshot: the computed one before it of the same company, profile and basis}."""
        before = {}
        if not self:
            return before
        others = self.search(
            [
                ("company_id", "in", self.company_id.ids),
                ("profile_id", "in", self.profile_id.ids),
                ("state", "=", "done"),
                ("date", "<", max(self.mapped("date"))),
            ],
            order="date desc",
        )
        for snapshot in self:
            before[snapshot] = others.filtered(
                lambda one, mine=snapshot: (
                    one.company_id == mine.company_id
                    and one.profile_id == mine.profile_id
                    and one.basis == mine.basis
                    and one.date < mine.date
                )
            )[:1]
        return {snapshot: found for snapshot, found in before.items() if found}

    def _totals(self):
        """Return {snapshot id: {bucket id: what is owed in it, without unapplied credits}} as Decimals."""
        rows = self.env.execute_query(
            SQL(
                """SELECT snapshot_id, bucket_id, SUM(debt_company) FROM cartera_aging_snapshot_line
                    WHERE snapshot_id = ANY(%s) GROUP BY snapshot_id, bucket_id""",
                list(self.ids),
            )
        )
        totals = {}
        for snapshot, bucket, amount in rows:
            totals.setdefault(snapshot, {})[bucket] = to_decimal(amount)
        return totals

    @api.constrains("date", "company_id")
    def _check_date(self):
        for snapshot in self:
            today = snapshot.company_id._cartera_today()
            if snapshot.date > today:
                raise ValidationError(
                    self.env._(
                        "The aging of %(day)s cannot be known yet: choose a day until today, %(today)s.",
                        day=format_date(self.env, snapshot.date),
                        today=format_date(self.env, today),
                    )
                )

    def write(self, vals):
        if set(KEYS) & set(vals) and any(one.state == "done" for one in self):
            raise UserError(
                self.env._(
                    "A computed snapshot keeps its company, day and profile. Make another one for another day."
                )
            )
        return super().write(vals)

    # Computing

    def action_compute(self):
        """Read the ledger and write the lines of these snapshots again (button).

        :raise AccessError: for who is neither a credit executive nor an accountant
        """
        self.check_access("read")
        if not self.env.su and not any(self.env.user.has_group(one) for one in MAKERS):
            raise AccessError(
                self.env._(
                    "Snapshots are computed by credit executives and accountants. Ask one of them."
                )
            )
        self.sudo()._compute_lines()
        return True

    def _compute_lines(self):
        """Write the lines in one statement for each snapshot."""
        self.env.flush_all()
        for snapshot in self:
            company = snapshot.company_id
            Item = self.env["cartera.receivable.item"].with_context(
                cartera_as_of=snapshot.date,
                cartera_profile_id=snapshot.profile_id.id,
                cartera_basis=snapshot.basis,
            )
            # a second rebuild at the same time waits here
            self.env.cr.execute(
                SQL(
                    "SELECT id FROM cartera_aging_snapshot WHERE id = %s FOR UPDATE",
                    snapshot.id,
                )
            )
            self.env.cr.execute(
                SQL(
                    "DELETE FROM cartera_aging_snapshot_line WHERE snapshot_id = %s",
                    snapshot.id,
                )
            )
            self.env.cr.execute(
                SQL(
                    """INSERT INTO cartera_aging_snapshot_line
                              (snapshot_id, company_id, date, profile_id, partner_id, customer_id, group_id,
                               collector_id, risk_class, bucket_id, currency_id, company_currency_id, residual,
                               residual_company, debt_company, credit_company, overdue_company, item_count,
                               oldest_days)
                       SELECT %(snapshot)s, %(company)s, %(day)s, %(profile)s, i.partner_id, i.customer_id,
                              MAX(i.group_id), MAX(i.collector_id), MAX(i.risk_class), i.bucket_id, i.currency_id,
                              %(currency)s, SUM(i.residual), SUM(i.residual_company),
                              COALESCE(SUM(i.residual_company) FILTER (WHERE i.side = 'debt'), 0),
                              COALESCE(SUM(i.residual_company) FILTER (WHERE i.side = 'credit'), 0),
                              COALESCE(SUM(i.residual_company) FILTER (
                                  WHERE i.side = 'debt' AND i.days_overdue > 0), 0),
                              COUNT(*), MAX(i.days_overdue) FILTER (WHERE i.side = 'debt')
                         FROM (%(items)s) AS i
                     GROUP BY i.partner_id, i.customer_id, i.bucket_id, i.currency_id
                     ORDER BY i.partner_id, i.bucket_id, i.currency_id""",
                    snapshot=snapshot.id,
                    company=company.id,
                    day=snapshot.date,
                    profile=snapshot.profile_id.id,
                    currency=company.currency_id.id,
                    items=Item._item_sql(company),
                )
            )
            self.env["cartera.aging.snapshot.line"].invalidate_model(flush=False)
            snapshot._write_totals(Item._ledger_balance(company))
        self.invalidate_recordset(["line_ids", "roll_data"])

    def _write_totals(self, ledger):
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(SUM(residual_company), 0), COALESCE(SUM(overdue_company), 0),
                          COALESCE(-SUM(credit_company), 0), COALESCE(SUM(item_count), 0), COUNT(DISTINCT partner_id)
                     FROM cartera_aging_snapshot_line WHERE snapshot_id = %s""",
                self.id,
            )
        )
        total, overdue, unapplied, items, customers = rows[0]
        self.write(
            {
                "state": "done",
                "computed_at": fields.Datetime.now(),
                "total": total,
                "overdue": overdue,
                "unapplied": unapplied,
                "ledger_balance": float(ledger),
                "item_count": items,
                "customer_count": customers,
            }
        )

    @api.model
    def _last_month_end(self, company):
        return company._cartera_today().replace(day=1) - timedelta(days=1)

    @api.model
    def _missing_days(self, company, profile):
        """Return the month-ends without a snapshot: since the last one, or of the year when there is none."""
        last = self._last_month_end(company)
        made = self.search(
            [
                ("company_id", "=", company.id),
                ("profile_id", "=", profile.id),
                ("basis", "=", "due"),
                ("state", "=", "done"),
            ]
        ).mapped("date")
        days = [
            last + relativedelta(months=-back, day=31) for back in range(MONTHS_BACK)
        ]
        since = max((day for day in made if day <= last), default=None)
        return sorted(
            day for day in days if day not in made and (since is None or day > since)
        )

    @api.model
    def _make(self, company, day, profile):
        """Make or complete the snapshot of a day; the same call twice makes it once."""
        known = self.search(
            [
                ("company_id", "=", company.id),
                ("profile_id", "=", profile.id),
                ("basis", "=", "due"),
                ("date", "=", day),
            ]
        )
        snapshot = known or self.create(
            {"company_id": company.id, "profile_id": profile.id, "date": day}
        )
        snapshot._compute_lines()
        return snapshot

    @api.model
    def _cron_make(self):
        """Make the snapshots of the month-ends that are missing, company by company; safe to run twice and to kill."""
        companies = self.env["res.company"].search([], order="id")
        profiles = {
            company: self.env["cartera.aging.profile"]._first_for(company)
            for company in companies
        }
        todo = [
            (company, profile, day)
            for company, profile in profiles.items()
            if profile
            for day in self._missing_days(company, profile)
        ]
        self.env["ir.cron"]._commit_progress(remaining=len(todo))
        for company, profile, day in todo:
            try:
                snapshot = self._make(company, day, profile)
                _logger.info(
                    "Aging of %s on %s: %s items, %s",
                    company.name,
                    day,
                    snapshot.item_count,
                    snapshot.total,
                )
            except (UserError, ValidationError) as error:
                self.env.cr.rollback()
                _logger.warning(
                    "Aging of %s on %s was not computed: %s", company.name, day, error
                )
            if not self.env["ir.cron"]._commit_progress(1):
                break
