import logging
from datetime import timedelta

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_amount, format_date

_logger = logging.getLogger(__name__)

ANSWERS = [("pending", "To answer"), ("agreed", "Agreed"), ("difference", "Difference")]
COLLECTOR = "cartera_cobranza.group_collector"
VIEWER = "cartera_cobranza.group_viewer"
MONDAY = 0


class CarteraSalesReview(models.Model):
    """A due item on which sales and credit say whether they agree before it is collected.

    Asked by the weekly job or by hand; it ends when both agree, when a difference becomes a dispute, or when the
    item is settled. Salespeople see those of their own customers and no accounting.
    """

    _name = "cartera.sales.review"
    _description = "Review With Sales"
    _inherit = ["cartera.guarded", "mail.thread"]
    _order = "date_maturity, id"
    _rec_name = "document"

    move_line_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    move_id = fields.Many2one(
        related="move_line_id.move_id", string="Invoice", store=True, index=True
    )
    document = fields.Char(readonly=True, required=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    customer_id = fields.Many2one(
        "cartera.customer",
        string="Credit Account",
        required=True,
        readonly=True,
        index=True,
    )
    partner_id = fields.Many2one(
        related="customer_id.partner_id", string="Customer", store=True, index=True
    )
    salesperson_id = fields.Many2one("res.users", readonly=True, index=True)
    date_maturity = fields.Date(string="Due Date", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    asked_amount = fields.Monetary(
        readonly=True, help="What was open when it was asked."
    )
    residual = fields.Monetary(
        string="Open",
        compute="_compute_residual",
        compute_sudo=True,
        help="As the ledger has it now.",
    )
    days_overdue = fields.Integer(
        compute="_compute_residual",
        compute_sudo=True,
        help="Zero or less is not due yet.",
    )
    asked_on = fields.Date(readonly=True, required=True)
    sales_answer = fields.Selection(
        ANSWERS, default="pending", required=True, readonly=True, tracking=True
    )
    sales_note = fields.Char(readonly=True, tracking=True)
    sales_user_id = fields.Many2one(
        "res.users", string="Answered For Sales By", readonly=True
    )
    sales_date = fields.Date(string="Sales Answered On", readonly=True)
    credit_answer = fields.Selection(
        ANSWERS, default="pending", required=True, readonly=True, tracking=True
    )
    credit_note = fields.Char(readonly=True, tracking=True)
    credit_user_id = fields.Many2one(
        "res.users", string="Answered For Credit By", readonly=True
    )
    credit_date = fields.Date(string="Credit Answered On", readonly=True)
    dispute_id = fields.Many2one(
        "cartera.dispute", readonly=True, index="btree_not_null"
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("agreed", "Agreed"),
            ("difference", "Difference"),
            ("settled", "Settled"),
        ],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    can_answer = fields.Boolean(compute="_compute_can_answer")

    _open_unique = models.UniqueIndex(
        "(move_line_id) WHERE state = 'open'",
        "This item is under review already.",
    )

    @api.depends("move_line_id.amount_residual_currency", "date_maturity")
    def _compute_residual(self):
        for review in self:
            review.residual = review.move_line_id.amount_residual_currency
            review.days_overdue = (
                review.company_id._cartera_today() - review.date_maturity
            ).days

    @api.depends("state", "sales_answer", "credit_answer")
    @api.depends_context("uid")
    def _compute_can_answer(self):
        side = self._side()
        for review in self:
            review.can_answer = (
                bool(side)
                and review.state == "open"
                and review[f"{side}_answer"] == "pending"
            )

    def write(self, vals):
        if any(one.state != "open" for one in self) and set(vals) - {"dispute_id"}:
            closed = self.filtered(lambda one: one.state != "open")[0]
            raise UserError(
                self.env._(
                    "The review of %(document)s is over and stays as it was. Ask about the item again.",
                    document=closed.document,
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Reviews with sales are history and cannot be deleted.")
        )

    # Answering

    @api.model
    def _side(self):
        """Return for whom this user answers: credit, sales, or (empty) nobody."""
        if self.env.user.has_group(COLLECTOR):
            return "credit"
        return "sales" if self.env.user.has_group(VIEWER) else ""

    def _check_answer(self):
        side = self._side()
        if not side:
            raise AccessError(
                self.env._(
                    "Items are reviewed by salespeople and credit. Ask your administrator for one of these roles."
                )
            )
        self.check_access("read")
        for review in self:
            if review.state != "open":
                raise UserError(
                    self.env._(
                        "The review of %(document)s is over and stays as it was. Ask about the item again.",
                        document=review.document,
                    )
                )
            if side == "sales" and review.partner_id.sudo().user_id not in (
                self.env.user,
                self.env["res.users"],
            ):
                raise AccessError(
                    self.env._(
                        "%(customer)s is a customer of %(seller)s, who answers for it.",
                        customer=review.partner_id.sudo().name,
                        seller=review.partner_id.sudo().user_id.name,
                    )
                )
        return side

    def action_agree(self):
        """Say that these items are right; with both answers the review ends (button, list)."""
        side = self._check_answer()
        for review in self.sudo():
            review._answer(side, "agreed", False)
            if (review.sales_answer, review.credit_answer) == ("agreed", "agreed"):
                review.state = "agreed"
        return True

    def action_difference(self):
        """Ask what is not right with these items (button, list)."""
        self._check_answer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Difference"),
            "res_model": "cartera.sales.review.difference",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_review_ids": self.ids,
                # of one item all that is open, to be lowered; of several nothing is asked
                "default_amount": self.residual if len(self) == 1 else 0.0,
            },
        }

    def _answer(self, side, answer, note):
        self.ensure_one()
        self.write(
            {
                f"{side}_answer": answer,
                f"{side}_note": note,
                f"{side}_user_id": self.env.user.id,
                f"{side}_date": self.company_id._cartera_today(),
            }
        )

    def _differ(self, note, dispute_type, amount=None):
        """Note a difference on these items and open a dispute for each.

        :param amount: what is not right, in the item's currency; None: all that is open and not disputed yet
        """
        side = self._check_answer()
        if not (note or "").strip():
            raise UserError(
                self.env._("Say what is not right: the responsible area needs it.")
            )
        Dispute = self.env["cartera.dispute"].sudo()
        for review in self.sudo():
            review._answer(side, "difference", note)
            dispute = Dispute.create(
                {
                    "move_id": review.move_id.id,
                    "type_id": dispute_type.id,
                    "source": "sales",
                    "description": note,
                    "disputed_amount": amount or review._undisputed(),
                }
            )
            review.write({"dispute_id": dispute.id, "state": "difference"})

    def _undisputed(self):
        """Return what is open of this item and not disputed yet; of an invoice in instalments it is one of them.

        :raise UserError: when nothing is left
        """
        self.ensure_one()
        move = self.move_id
        free = self.env["cartera.payment.promise.line"]._promisable_of(move)
        amount = min(self.residual, free.get(move.id, 0.0))
        if self.currency_id.compare_amounts(amount, 0) <= 0:
            raise UserError(
                self.env._(
                    "Nothing is left to dispute of %(document)s, due on %(day)s: it is paid or in dispute already.",
                    document=self.document,
                    day=format_date(self.env, self.date_maturity),
                )
            )
        return amount

    def action_open_account(self):
        """Open the customer's credit account."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "cartera.customer",
            "res_id": self.customer_id.id,
            "views": [(False, "form")],
        }

    # Asking

    @api.model
    def _ask(self, company, line_ids=None):
        """Ask about the items of ``company`` that are overdue or come due, or about these; return the new reviews.

        What is under review, was agreed on lately or is wholly in dispute is left out.
        """
        day = company._cartera_today()
        Item = (
            self.env["cartera.receivable.item"]
            .sudo()
            .with_context(allowed_company_ids=company.ids, cartera_as_of=day)
        )
        domain = [
            ("company_id", "=", company.id),
            ("side", "=", "debt"),
            ("kind", "in", ("invoice", "debit_note")),
            ("partner_id", "!=", False),
        ]
        if line_ids is None:
            last = day + timedelta(days=company.cartera_sales_review_days)
            domain.append(("date_maturity", "<=", last))
        else:
            domain.append(("move_line_id", "in", line_ids))
        Item.invalidate_model(flush=False)  # nothing of it is stored: read anew
        items = Item.search(domain)
        left_out = self._left_out(company, day, asked=line_ids is not None)
        items = items.filtered(
            lambda one: one.move_line_id.id not in left_out
            and one.currency_id.compare_amounts(one.residual, one.disputed) > 0
        )
        accounts = self.env["cartera.customer"]._find_or_create(
            items.partner_id, company
        )
        return self.sudo().create(
            [
                {
                    "move_line_id": item.move_line_id.id,
                    "document": item.document,
                    "company_id": company.id,
                    "customer_id": accounts[item.partner_id].id,
                    # whose customer it is answers, whoever sold this invoice
                    "salesperson_id": (
                        item.partner_id.user_id or item.salesperson_id
                    ).id,
                    "date_maturity": item.date_maturity,
                    "currency_id": item.currency_id.id,
                    "asked_amount": item.residual,
                    "asked_on": day,
                }
                for item in items
            ]
        )

    def _left_out(self, company, day, asked):
        """Return the ids of journal items that are under review, or were agreed on lately (unless asked by hand)."""
        self.flush_model()
        since = day - timedelta(days=company.cartera_sales_review_again)
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT move_line_id FROM cartera_sales_review
                    WHERE company_id = %s
                      AND (state = 'open' OR (state = 'agreed' AND NOT %s AND asked_on > %s))""",
                company.id,
                asked,
                since,
            )
        )
        return {row[0] for row in rows}

    @api.model
    def action_ask(self, line_ids):
        """Ask sales about these journal items now.

        :param line_ids: ids of open receivable items of one's companies
        """
        if not self.env.user.has_group(COLLECTOR):
            raise AccessError(
                self.env._("Salespeople are asked by collectors. Ask one of them.")
            )
        made = self.browse()
        for company in self.env.companies:
            made |= self.sudo()._ask(company, line_ids)
        made._tell()
        return made.with_env(self.env)

    def _tell(self):
        """Tell each salesperson once about the new reviews of their customers."""
        for seller, reviews in self.grouped("salesperson_id").items():
            if not seller or not seller.active:
                continue
            reviews = reviews.with_context(lang=seller.lang or self.env.lang)
            rows = Markup("").join(
                Markup("<li>%s: %s, %s</li>")
                % (
                    one.partner_id.name,
                    one.document,
                    format_amount(reviews.env, one.asked_amount, one.currency_id),
                )
                for one in reviews[:20]
            )
            reviews.env["mail.thread"].message_notify(
                partner_ids=seller.partner_id.ids,
                subject=reviews.env._(
                    "%s items of your customers to review", len(reviews)
                ),
                body=Markup("<p>%s</p><ul>%s</ul>")
                % (
                    reviews.env._(
                        "Say under Collections > Review With Sales whether you agree, before they are collected."
                    ),
                    rows,
                ),
            )

    # Scheduled

    @api.model
    def _cron_review(self):
        """End the reviews of settled items; on Mondays ask, company by company. Safe to run twice."""
        settled = self.search([("state", "=", "open")]).filtered(
            lambda one: one.currency_id.is_zero(one.residual)
        )
        settled.write({"state": "settled"})
        companies = self.env["res.company"].search(
            [("cartera_sales_review", "=", True)]
        )
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            if company._cartera_today().weekday() == MONDAY:
                self._ask_isolated(company)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _ask_isolated(self, company):
        """Ask about a company's items and tell its salespeople; what fails there does not stop other companies."""
        try:
            with self.env.cr.savepoint():
                made = self._ask(company)
                made._tell()
        except psycopg2.OperationalError:
            raise  # the whole transaction is tried again
        except Exception as error:  # noqa: BLE001 whatever it is, it must not stop the others
            _logger.warning("Sales of %s were not asked: %s", company.name, error)
            return
        _logger.info("Asked sales about %s items of %s", len(made), company.name)
