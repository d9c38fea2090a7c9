import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .cartera_exposure_engine import ExposureScope

_logger = logging.getLogger(__name__)

SNAPSHOT_FIELDS = frozenset(
    (
        "exposure",
        "limit_amount",
        "limit_source",
        "unlimited",
        "available",
        "percent_used",
        "overdue_amount",
        "overdue_days",
        "held_amount",
        "problem",
        "refreshed_at",
    )
)
WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class CarteraCustomer(models.Model):
    """A customer's credit account: one for each commercial entity and company.

    Everything of a customer hangs here, and it is the row that the gate bumps. It holds identity, settings
    and a version only; figures live in the snapshot. Made by the gate, the refresh, or by hand.
    """

    _name = "cartera.customer"
    _description = "Credit Account"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "cartera.exposure.engine",
        "cartera.credit.gate",
        "cartera.position.reader",
        "cartera.collection.account",
    ]
    _order = "partner_id, id"
    _rec_name = "partner_id"
    _rec_names_search = ["partner_id"]
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('parent_id', '=', False)]",
        help="The commercial entity that owes: contacts and addresses count for it.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    vat = fields.Char(related="partner_id.vat")
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    line_ids = fields.One2many(
        "cartera.credit.line", "customer_id", string="Credit Lines"
    )
    temporary_ids = fields.One2many(
        "cartera.credit.temporary",
        "customer_id",
        string="Temporary Limits",
        readonly=True,
    )
    line_id = fields.Many2one(
        "cartera.credit.line",
        string="Active Line",
        readonly=True,
        copy=False,
        help="The general line that was activated last; lines kept for one currency stand beside it.",
    )
    group_id = fields.Many2one(
        "cartera.credit.group",
        string="Credit Group",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="Companies that share one limit: the group's and the customer's own must both hold.",
    )
    risk_class = fields.Selection(
        [("a", "A: low"), ("b", "B: normal"), ("c", "C: high"), ("d", "D: very high")],
        tracking=True,
        help="Set by the credit analysis; rules can apply to one class only.",
    )
    score = fields.Float(tracking=True, help="Points of the last credit analysis.")
    collector_id = fields.Many2one(
        "res.users",
        tracking=True,
        index="btree_not_null",
        domain="[('share', '=', False)]",
        help="Who collects from this customer.",
    )
    credit_user_id = fields.Many2one(
        "res.users",
        string="Credit Executive",
        tracking=True,
        domain="[('share', '=', False)]",
        help="Who gets the activity when an order of this customer is held; else the company's choice.",
    )
    review_weekday = fields.Selection(
        WEEKDAYS,
        string="Receives Invoices On",
        help="Day on which the customer receives invoices.",
    )
    pay_weekday = fields.Selection(
        WEEKDAYS, string="Pays On", help="Day on which the customer pays."
    )
    note = fields.Html(string="Notes")
    check_version = fields.Integer(readonly=True, copy=False, default=0)
    snapshot_ids = fields.One2many(
        "cartera.customer.snapshot", "customer_id", readonly=True
    )
    exposure = fields.Monetary(
        related="snapshot_ids.exposure", help="As of the last refresh."
    )
    limit_amount = fields.Monetary(related="snapshot_ids.limit_amount", string="Limit")
    limit_source = fields.Selection(related="snapshot_ids.limit_source")
    available = fields.Monetary(related="snapshot_ids.available")
    percent_used = fields.Float(related="snapshot_ids.percent_used", string="% Used")
    overdue_amount = fields.Monetary(
        related="snapshot_ids.overdue_amount", string="Overdue"
    )
    overdue_days = fields.Integer(
        related="snapshot_ids.overdue_days", string="Days Overdue"
    )
    held_amount = fields.Monetary(related="snapshot_ids.held_amount", string="Held")
    unlimited = fields.Boolean(related="snapshot_ids.unlimited")
    problem = fields.Char(related="snapshot_ids.problem")
    refreshed_at = fields.Datetime(related="snapshot_ids.refreshed_at")
    position_data = fields.Json(
        string="Position",
        compute="_compute_position_data",
        compute_sudo=True,
        help="As of now.",
    )
    hold_ids = fields.One2many(
        "cartera.credit.hold", "customer_id", string="Holds", readonly=True
    )
    open_hold_count = fields.Integer(
        string="Held Orders", compute="_compute_open_hold_count"
    )

    _partner_company_unique = models.UniqueIndex(
        "(partner_id, company_id)",
        "This customer has a credit account in this company already.",
    )

    def init(self):
        """Give the database the defaults of what is required: the gate makes rows by plain statements."""
        result = super().init()
        for name, field in self._fields.items():
            plain = field.type in ("selection", "char", "integer", "float", "boolean")
            if plain and field.store and field.required and field.default:
                self.env.cr.execute(
                    SQL(
                        "ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s",
                        SQL.identifier(self._table),
                        SQL.identifier(name),
                        field.default(self),
                    )
                )
        return result

    def _compute_position_data(self):
        for company, customers in self.grouped("company_id").items():
            known = customers.filtered("id")
            positions = self._positions(company, known.partner_id.ids) if known else {}
            notes = self._position_notes(company, known.partner_id.ids) if known else {}
            for customer in customers:
                partner = customer.partner_id.id
                explained = positions.get(partner, {}).get("explained", False)
                if explained and notes.get(partner):
                    explained["notes"] = notes[partner]
                customer.position_data = explained

    @api.model
    def _position_notes(self, company, partner_ids):
        """Return {commercial partner id: notes that a reader of the position needs}, in a fixed number of statements.

        A note is a dict: key, label, amount in company currency, help. Other addons add theirs.
        """
        return {}

    def _compute_open_hold_count(self):
        counts = dict(
            self.env["cartera.credit.hold"]._read_group(
                [("customer_id", "in", self.ids), ("state", "in", ("held", "ready"))],
                ["customer_id"],
                ["__count"],
            )
        )
        for customer in self:
            customer.open_hold_count = counts.get(customer, 0)

    @api.constrains("partner_id")
    def _check_partner(self):
        for customer in self:
            entity = customer.partner_id.commercial_partner_id
            if entity != customer.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s belongs to %(entity)s, which is what owes. Choose %(entity)s.",
                        contact=customer.partner_id.display_name,
                        entity=entity.display_name,
                    )
                )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr in SNAPSHOT_FIELDS and query is not None:
            table = query.left_join(
                alias,
                "id",
                "cartera_customer_snapshot",
                "customer_id",
                "cartera_snapshot",
            )
            return SQL.identifier(table, field_expr)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("group_id") for vals in vals_list):
            self._check_may_group()
        customers = super().create(vals_list)
        customers._touch_groups(customers.group_id)
        return customers

    def write(self, vals):
        if "group_id" not in vals:
            return super().write(vals)
        self._check_may_group()
        before = self.group_id
        result = super().write(vals)
        self._touch_groups(before | self.group_id)
        return result

    @api.model
    def _check_may_group(self):
        if not self.env.su and not self.env.user.has_group(
            "cartera_cobranza.group_credit_manager"
        ):
            raise AccessError(
                self.env._(
                    "Only a credit manager decides which limit a customer shares. Ask one of them."
                )
            )

    def _touch_groups(self, groups):
        """Members that came, went or stayed have another room now."""
        for customer in self | groups.sudo().member_ids if groups else self.browse():
            self._touch(customer.partner_id.ids, customer.company_id, recheck=True)

    # Finding and making

    @api.model
    def _find_or_create(self, partners, company):
        """Return the accounts of the partners' commercial entities in ``company``, made where missing.

        :return: {commercial partner: customer}
        """
        entities = partners.sudo().commercial_partner_id
        known = self.sudo().search(
            [("partner_id", "in", entities.ids), ("company_id", "=", company.id)]
        )
        missing = entities - known.partner_id
        if missing:
            known |= self.sudo().create(
                [
                    {"partner_id": partner.id, "company_id": company.id}
                    for partner in missing
                ]
            )
        return {customer.partner_id: customer.with_env(self.env) for customer in known}

    # Refresh

    def action_refresh(self):
        """Bring the figures of these customers up to date (button)."""
        self.check_access("read")
        for company, customers in self.sudo().grouped("company_id").items():
            self.sudo()._refresh(company, customers.partner_id.ids)
        return True

    @api.model
    def _refresh(self, company, partner_ids=None):
        """Rebuild the snapshots of a company's customers, or of some of them, in one statement.

        For all customers of a company it makes the missing accounts of those with open documents as well.

        :return: how many snapshots were written
        """
        self.env.flush_all()
        day = company._cartera_today()
        ids = None if partner_ids is None else tuple(sorted(set(partner_ids)))
        count = self.env["cartera.customer.snapshot"]._rebuild(
            ExposureScope(company, day, ids)
        )
        self.env["cartera.customer.snapshot"].invalidate_model(flush=False)
        self.invalidate_model(
            None if ids is None else [*SNAPSHOT_FIELDS, "snapshot_ids"], flush=False
        )
        self.env["res.partner"].invalidate_model(
            ["cartera_available", "cartera_overdue_amount", "cartera_customer_id"],
            flush=False,
        )
        return count

    @api.model
    def _refresh_known(self, company, partners):
        """Refresh some commercial entities and their fellow group members, making missing accounts."""
        self._find_or_create(partners, company)
        fellows = self.search(
            [
                ("company_id", "=", company.id),
                ("group_id.member_ids.partner_id", "in", partners.ids),
            ]
        )
        return self._refresh(company, (partners | fellows.partner_id).ids)

    @api.model
    def _make_missing(self, company):
        """Make accounts for the commercial entities with open documents and none, without bumping others."""
        scope = ExposureScope(company, company._cartera_today())
        owing = SQL(" UNION ALL ").join(
            SQL("SELECT x.partner_id FROM (%s) AS x", source)
            for source in self._exposure_sources(scope).values()
        )
        self.env.cr.execute(
            SQL(
                """WITH rate AS MATERIALIZED (%s), item AS (%s), %s owing AS (%s) %s""",
                self.env["cartera.money"]._rate_sql(company, scope.day),
                self._item_sql(scope),
                self._tables_sql(scope),
                owing,
                self._missing_sql(company, SQL("SELECT partner_id FROM owing")),
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model(flush=False)

    @api.model
    def _missing_sql(self, company, owing):
        """Return the statement that makes the missing accounts of the (partner_id) that ``owing`` gives."""
        return SQL(
            """INSERT INTO cartera_customer
                      (partner_id, company_id, check_version, create_uid, write_uid, create_date, write_date)
               SELECT s.partner_id, %(company)s, 0, %(uid)s, %(uid)s, now() at time zone 'utc',
                      now() at time zone 'utc'
                 FROM (%(owing)s) AS s
                WHERE s.partner_id IS NOT NULL
                  AND NOT EXISTS (SELECT 1 FROM cartera_customer c
                                   WHERE c.company_id = %(company)s AND c.partner_id = s.partner_id)
             GROUP BY s.partner_id ORDER BY s.partner_id
          ON CONFLICT (partner_id, company_id) DO NOTHING""",
            company=company.id,
            uid=self.env.uid,
            owing=owing,
        )

    @api.model
    def _cron_refresh(self):
        """Refresh the figures of all customers, company by company; safe to run twice and to kill."""
        companies = self.env["res.company"].search([], order="id")
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            try:
                count = self._refresh(company)
                _logger.info("Refreshed %s credit accounts of %s", count, company.name)
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning(
                    "Credit accounts of %s were not refreshed: %s", company.name, error
                )
            if not self.env["ir.cron"]._commit_progress(1):
                break

    # Telling that something happened to a customer

    @api.model
    def _touch(self, partner_ids, company, recheck=False):
        """Note that customers' documents changed: their figures are refreshed within a minute.

        Collected for the transaction and written once before it commits, as rows that are only added, so
        that no two transactions wait for each other.

        :param recheck: credit may have become free; their open holds are looked at again as well
        """
        data = self.env.cr.precommit.data.setdefault("cartera.touched", {})
        if not data:
            self.env.cr.precommit.add(self.sudo()._write_touched)
        for partner in partner_ids:
            key = (partner, company.id)
            data[key] = data.get(key, False) or recheck

    def _write_touched(self):
        data = self.env.cr.precommit.data.pop("cartera.touched", {})
        if not data:
            return
        self.env["cartera.customer.touched"].create(
            [
                {"partner_id": partner, "company_id": company, "recheck": recheck}
                for (partner, company), recheck in sorted(data.items())
            ]
        )
        self.env["cartera.credit.hold"]._trigger_for(
            [key for key, recheck in data.items() if recheck]
        )
        self.env.flush_all()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not self._unlink_is_allowed():
            raise UserError(
                self.env._(
                    "A credit account keeps the history of its lines and holds and cannot be deleted."
                )
            )

    def _unlink_is_allowed(self):
        """Whether all that hung on these accounts stands elsewhere now."""
        return False

    def _write_core_limit(self, line):
        """Keep Odoo's own ``credit_limit`` telling the same as an own line in company currency, else zero.

        Nothing of ours reads it; other addons and exports do.
        """
        self.ensure_one()
        amount = 0.0
        if line.state == "active" and line.mode == "amount":
            amount = float(
                self.env["cartera.money"]._convert(
                    line.amount,
                    line.currency_id,
                    self.company_id,
                    self.company_id._cartera_today(),
                )
            )
        partner = self.partner_id.sudo().with_company(self.company_id)
        if self.company_id.currency_id.compare_amounts(partner.credit_limit, amount):
            partner.credit_limit = amount
