from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .cartera_credit_investigation import RISK_CLASSES


class CarteraCreditReview(models.Model):
    """What credit has to look at, and when: lines, temporary limits, guarantees, documents, dormant lines.

    Read from the records themselves; nothing is stored. A job makes an activity of each that falls due, once.
    """

    _name = "cartera.credit.review"
    _description = "Review Calendar"
    _auto = False
    _order = "date, id"
    _rec_name = "label"
    _depends = {
        "cartera.credit.line": ["state", "mode", "amount", "review_date", "date_to"],
        "cartera.credit.temporary": ["state", "amount", "date_to"],
        "cartera.credit.guarantee": ["state", "amount", "date_to"],
        "cartera.credit.file": ["received_on", "date_to", "file_name"],
        "cartera.credit.request": ["state"],
        "cartera.customer": ["credit_user_id", "risk_class"],
        "account.move": ["state", "move_type", "invoice_date", "commercial_partner_id"],
        "res.company": ["cartera_dormant_months", "cartera_credit_user_id"],
    }

    kind = fields.Selection(
        [
            ("line_review", "Review of the line"),
            ("line_end", "Line ends"),
            ("temporary_end", "Temporary limit ends"),
            ("guarantee", "Guarantee expires"),
            ("coverage", "Insurer's coverage ends"),
            ("document", "Document expires"),
            ("dormant", "Dormant line"),
        ],
        readonly=True,
    )
    date = fields.Date(string="Due On", readonly=True)
    days = fields.Integer(
        string="Days Left", readonly=True, aggregator="min", help="Below zero: overdue."
    )
    label = fields.Char(string="What", readonly=True)
    customer_id = fields.Many2one("cartera.customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(readonly=True, aggregator=None)
    user_id = fields.Many2one("res.users", string="Credit Executive", readonly=True)
    risk_class = fields.Selection(RISK_CLASSES, readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)

    @api.depends("kind", "customer_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for row in self:
            row.display_name = (
                f"{row.customer_id.display_name}: {kinds.get(row.kind, '')}"
            )

    @property
    def _table_query(self):
        return self._query(fields.Date.context_today(self))

    @api.model
    def _query(self, today):
        """Return all that is to be looked at, each with the day on which it falls due."""
        return SQL(
            """SELECT r.id, r.kind, r.date, r.date - %(today)s AS days, r.label, r.customer_id, c.company_id,
                      r.currency_id, r.amount, COALESCE(c.credit_user_id, co.cartera_credit_user_id) AS user_id,
                      c.risk_class, r.res_model, r.res_id
                 FROM (%(rows)s) r
                 JOIN cartera_customer c ON c.id = r.customer_id
                 JOIN res_company co ON co.id = c.company_id""",
            today=today,
            rows=SQL(" UNION ALL ").join(self._sources(today)),
        )

    @api.model
    def _sources(self, today):
        """Return the queries of what is looked at: (id, kind, date, label, customer, currency, amount, record)."""
        line = SQL("currency_id, CASE WHEN mode = 'amount' THEN amount END")
        record = SQL("'cartera.credit.line', id")
        return [
            SQL(
                """SELECT id * 8 AS id, 'line_review' AS kind, review_date AS date, reason AS label, customer_id,
                          currency_id, CASE WHEN mode = 'amount' THEN amount END AS amount,
                          'cartera.credit.line' AS res_model, id AS res_id
                     FROM cartera_credit_line WHERE state IN ('active', 'suspended') AND review_date IS NOT NULL"""
            ),
            SQL(
                """SELECT id * 8 + 1, 'line_end', date_to, reason, customer_id, %s, %s
                     FROM cartera_credit_line WHERE state IN ('active', 'suspended') AND date_to IS NOT NULL""",
                line,
                record,
            ),
            SQL(
                """SELECT t.id * 8 + 2, 'temporary_end', t.date_to, t.reason, t.customer_id, l.currency_id, t.amount,
                          'cartera.credit.line', t.line_id
                     FROM cartera_credit_temporary t JOIN cartera_credit_line l ON l.id = t.line_id
                    WHERE t.state = 'active'"""
            ),
            SQL(
                """SELECT id * 8 + 3, CASE WHEN kind = 'insurance' THEN 'coverage' ELSE 'guarantee' END, date_to,
                          name, customer_id, currency_id, amount, 'cartera.credit.guarantee', id
                     FROM cartera_credit_guarantee WHERE state = 'accepted' AND date_to IS NOT NULL"""
            ),
            # a document counts until a newer one of its type came in
            SQL(
                """SELECT f.id * 8 + 4, 'document', f.date_to, f.file_name, f.customer_id, NULL::int, NULL::numeric,
                          CASE WHEN f.request_id IS NULL THEN 'cartera.credit.guarantee'
                               ELSE 'cartera.credit.request' END, COALESCE(f.request_id, f.guarantee_id)
                     FROM (SELECT DISTINCT ON (d.customer_id, d.type_id) d.*
                             FROM cartera_credit_file d
                        LEFT JOIN cartera_credit_request q ON q.id = d.request_id
                        LEFT JOIN cartera_credit_guarantee g ON g.id = d.guarantee_id
                            WHERE d.received_on IS NOT NULL
                              AND (q.state = 'approved' OR g.state = 'accepted')
                         ORDER BY d.customer_id, d.type_id, COALESCE(d.date_to, 'infinity'::date) DESC, d.id DESC) f
                    WHERE f.date_to IS NOT NULL"""
            ),
            SQL(
                """SELECT l.id * 8 + 5, 'dormant', x.date, l.reason, l.customer_id, l.currency_id,
                          CASE WHEN l.mode = 'amount' THEN l.amount END, 'cartera.credit.line', l.id
                     FROM cartera_credit_line l
                     JOIN cartera_customer c ON c.id = l.customer_id
                     JOIN res_company co ON co.id = c.company_id AND co.cartera_dormant_months > 0
                LEFT JOIN (SELECT commercial_partner_id, company_id, MAX(invoice_date) AS last
                             FROM account_move WHERE state = 'posted' AND move_type = 'out_invoice'
                         GROUP BY commercial_partner_id, company_id) m
                       ON m.commercial_partner_id = c.partner_id AND m.company_id = c.company_id
            CROSS JOIN LATERAL (SELECT (GREATEST(l.activated_on, m.last)
                                + make_interval(months => co.cartera_dormant_months))::date AS date) x
                    WHERE l.state = 'active' AND l.mode <> 'none' AND x.date <= %s""",
                today,
            ),
        ]

    def action_open_record(self):
        """Open what is to be looked at (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def action_open_customer(self):
        """Open the customer's credit account (button)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "cartera.customer",
            "res_id": self.customer_id.id,
            "views": [(False, "form")],
        }

    # The job

    @api.model
    def _cron_remind(self):
        """Make an activity of each thing that falls due, once for its day, company by company."""
        companies = self.env["res.company"].sudo().search([], order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            self._remind(company)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _remind(self, company):
        """Make the activities of a company that are not made yet; returns them.

        A unique row for each thing and day, not luck, keeps a second run from a second activity.
        """
        today = company._cartera_today()
        last = fields.Date.add(today, days=company.cartera_review_ahead_days)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO cartera_credit_review_notice
                          (company_id, kind, res_id, date, customer_id, user_id, label)
                   SELECT company_id, kind, res_id, date, customer_id, user_id, label FROM (%(query)s) q
                    WHERE company_id = %(company)s AND date <= %(last)s
                 ORDER BY date, id
              ON CONFLICT (kind, res_id, date) DO NOTHING
                RETURNING kind, date, customer_id, user_id, label""",
                query=self._query(today),
                company=company.id,
                last=last,
            )
        )
        fallback = company.cartera_credit_user_id or self.env.user
        users = self.env["res.users"].browse({row[3] for row in rows if row[3]})
        words = {
            lang: dict(
                self.with_context(lang=lang)
                .env[self._name]
                ._fields["kind"]
                ._description_selection(self.with_context(lang=lang).env)
            )
            for lang in set((users | fallback).mapped("lang"))
        }
        Activity = self.env["mail.activity"].sudo()
        Activity = Activity.with_context(mail_activity_quick_update=True)
        model = self.env["ir.model"]._get_id("cartera.customer")
        todo = self.env.ref("mail.mail_activity_data_todo").id
        values = []
        for kind, day, customer, user, label in rows:
            owner = users.browse(user) if user else fallback
            values.append(
                {
                    "res_model_id": model,
                    "res_id": customer,
                    "activity_type_id": todo,
                    "summary": f"{words[owner.lang][kind]}: "
                    f"{format_date(self.env, day, lang_code=owner.lang)}",
                    "note": label or False,
                    "date_deadline": max(day, today),
                    "user_id": owner.id,
                }
            )
        # activities ask for the names one by one
        Activity.env["cartera.customer"].browse(
            [vals["res_id"] for vals in values]
        ).mapped("display_name")
        return Activity.create(values)
