from odoo import api, models
from odoo.tools import SQL


class CarteraCollectionWorklist(models.AbstractModel):
    """What promises and disputes tell the worklist."""

    _inherit = "cartera.collection.worklist"

    @api.model
    def _add_facts(self, company, day, facts):
        super()._add_facts(company, day, facts)
        by_customer = {fact["customer_id"]: fact for fact in facts.values()}
        if not by_customer:
            return
        customers = list(by_customer)
        for customer, amounts in self._kept_out(company, day, customers).items():
            by_customer[customer].update(amounts)
        rows = self.env.execute_query(
            SQL(
                """SELECT p.customer_id, COALESCE(bool_or(p.live AND p.next_date <= %(day)s), FALSE),
                          MAX(p.failed_on) FILTER (WHERE p.replaced_by_id IS NULL),
                          MAX(p.failed_on) FILTER (WHERE p.replaced_by_id IS NULL
                                                   AND p.open_amount - COALESCE(p.late_amount, 0) > 0),
                          bool_or(p.live)
                     FROM cartera_payment_promise p
                    WHERE p.company_id = %(company)s AND p.customer_id = ANY(%(customers)s)
                      AND (p.live OR p.failed_on IS NOT NULL)
                 GROUP BY p.customer_id""",
                company=company.id,
                customers=customers,
                day=day,
            )
        )
        for customer, due, failed, unpaid, live in rows:
            fact = by_customer[customer]
            fact["promise_live"] = bool(live)
            fact["promise_today"] = due
            fact["promise_broken_days"] = (day - failed).days if failed else None
            last = fact["last_contact"]
            fact["promise_broken"] = bool(unpaid) and (not last or last < unpaid)
        rows = self.env.execute_query(
            SQL(
                """SELECT d.customer_id, MAX(d.closed_on) FILTER (WHERE d.state = 'rejected'),
                          bool_or(d.closed_on IS NULL)
                     FROM cartera_dispute d
                    WHERE d.company_id = %(company)s AND d.customer_id = ANY(%(customers)s)
                      AND (d.state = 'rejected' OR d.closed_on IS NULL)
                 GROUP BY d.customer_id""",
                company=company.id,
                customers=customers,
            )
        )
        for customer, closed, unsettled in rows:
            fact = by_customer[customer]
            fact["dispute_open"] = bool(unsettled)
            fact["dispute_rejected_days"] = (day - closed).days if closed else None

    @api.model
    def _kept_out(self, company, day, customers):
        """Return {customer id: {disputed, promised, left_out}} in company currency, at the items' ledger value.

        What is left out of the plan is so beside what is disputed or promised of it; what of it is overdue is
        told as well.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT c.id, kept.kind,
                          SUM(ROUND(kept.amount * l.amount_residual / NULLIF(l.amount_residual_currency, 0),
                                    %(places)s))
                     FROM (SELECT 'disputed' AS kind, d.move_line_id, d.amount FROM (%(disputed)s) AS d
                           UNION ALL
                           SELECT 'promised', p.move_line_id, p.amount FROM (%(promised)s) AS p
                           UNION ALL
                           SELECT kind.name, l.id, l.amount_residual_currency
                             FROM account_move_line l
                             JOIN (VALUES ('left_out', NULL), ('left_out_overdue', %(day)s::date)) AS kind(name, day)
                               ON kind.day IS NULL OR COALESCE(l.date_maturity, l.date) < kind.day
                            WHERE l.company_id = %(company)s AND l.parent_state = 'posted'
                              AND l.reconciled IS NOT TRUE AND l.amount_residual > 0 AND %(trade)s
                              AND %(left_out)s) AS kept
                     JOIN account_move_line l ON l.id = kept.move_line_id
                     JOIN res_partner contact ON contact.id = l.partner_id
                     JOIN cartera_customer c ON c.partner_id = contact.commercial_partner_id
                          AND c.company_id = l.company_id
                    WHERE c.id = ANY(%(customers)s)
                 GROUP BY c.id, kept.kind""",
                places=company.currency_id.decimal_places,
                disputed=self.env["cartera.dispute"]._disputed_sql(company, day),
                promised=self.env["cartera.payment.promise"]._promised_sql(
                    company, day
                ),
                company=company.id,
                day=day,
                trade=self.env["cartera.customer"]._trade_accounts(),
                left_out=self.env["cartera.plan.exclusion"]._left_out_sql(
                    SQL("l.move_id"), day
                ),
                customers=customers,
            )
        )
        found = {}
        for customer, kind, amount in rows:
            found.setdefault(customer, {})[kind] = amount or 0
        return found


class CarteraDispute(models.Model):
    """What a dispute means for the customer's case."""

    _inherit = "cartera.dispute"

    def _begin(self):
        result = super()._begin()
        cases = self.env["cartera.collection.case"].search(
            [
                ("customer_id", "in", self.customer_id.ids),
                ("stage", "in", ("new", "contacted")),
            ]
        )
        cases._set_stage("disputed")
        return result


class CarteraPaymentPromise(models.Model):
    """An answer to the letter of a promise is one to the customer's case."""

    _inherit = "cartera.payment.promise"

    def message_update(self, msg_dict, update_vals=None):
        result = super().message_update(msg_dict, update_vals)
        for promise in self.sudo():
            case = promise.customer_id.case_ids.filtered(
                lambda one: one.stage != "closed"
            )[:1]
            if case:
                case._take_answer(msg_dict)
        return result


class CarteraCollectionCase(models.Model):
    """From a contact to the promise or the dispute that it brought."""

    _inherit = "cartera.collection.case"

    def _follow_up_action(self, kind):
        if kind == "promise":
            return self.customer_id.action_cartera_promise()
        if kind == "dispute":
            return self.customer_id.action_cartera_dispute()
        return super()._follow_up_action(kind)
