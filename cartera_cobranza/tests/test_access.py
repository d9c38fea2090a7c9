from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CarteraCommon

ROLES = ("portal", "accountant", "viewer", "collector", "executive", "manager")
NOBODY = ()
NOTES = ("accountant", "collector", "executive", "manager")
IMPORTS = ("accountant", "executive", "manager")
EMPLOYEES = ("accountant", "viewer", "collector", "executive", "manager")
FROM_VIEWER = ("viewer", "collector", "executive", "manager")
FROM_COLLECTOR = ("collector", "executive", "manager")
FROM_EXECUTIVE = ("executive", "manager")
MANAGER = ("manager",)
LEDGER = ("accountant", "collector", "executive", "manager")
DESK = ("accountant", "executive", "manager")

# model: who may read, create, write, delete
MATRIX = {
    "cartera.customer": (FROM_VIEWER, FROM_EXECUTIVE, FROM_EXECUTIVE, NOBODY),
    "cartera.customer.snapshot": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.customer.touched": (MANAGER, NOBODY, NOBODY, NOBODY),
    "cartera.credit.line": (FROM_VIEWER, MANAGER, MANAGER, MANAGER),
    "cartera.credit.temporary": (FROM_VIEWER, MANAGER, MANAGER, MANAGER),
    "cartera.credit.group": (FROM_VIEWER, MANAGER, MANAGER, MANAGER),
    "cartera.credit.rule": (FROM_EXECUTIVE, MANAGER, MANAGER, MANAGER),
    "cartera.authority": (FROM_EXECUTIVE, MANAGER, MANAGER, MANAGER),
    "cartera.authority.delegation": (*(FROM_EXECUTIVE,) * 3, NOBODY),
    "cartera.credit.request": (FROM_VIEWER,) * 4,
    "cartera.credit.request.score": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.credit.reference": (FROM_VIEWER,) * 4,
    "cartera.credit.decision": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.credit.guarantee": (FROM_VIEWER, *(FROM_EXECUTIVE,) * 3),
    "cartera.credit.file": (FROM_VIEWER,) * 4,
    "cartera.document.type": (FROM_VIEWER, MANAGER, MANAGER, MANAGER),
    "cartera.request.requirement": (FROM_VIEWER, MANAGER, MANAGER, MANAGER),
    "cartera.score.scale": (FROM_EXECUTIVE, MANAGER, MANAGER, MANAGER),
    "cartera.score.factor": (FROM_EXECUTIVE, MANAGER, MANAGER, MANAGER),
    "cartera.score.band": (FROM_EXECUTIVE, MANAGER, MANAGER, MANAGER),
    "cartera.score.class": (FROM_EXECUTIVE, MANAGER, MANAGER, MANAGER),
    "cartera.credit.revision": (FROM_EXECUTIVE,) * 4,
    "cartera.credit.revision.line": (FROM_EXECUTIVE,) * 4,
    "cartera.credit.review": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.credit.review.notice": (MANAGER, NOBODY, NOBODY, NOBODY),
    "cartera.request.info": (FROM_EXECUTIVE,) * 4,
    "cartera.release.reason": (FROM_VIEWER, MANAGER, MANAGER, MANAGER),
    "cartera.credit.hold": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.credit.hold.reason": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.credit.hold.log": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.hold.release": (FROM_EXECUTIVE,) * 4,
    "cartera.hold.reject": (FROM_EXECUTIVE,) * 4,
    "cartera.hold.force": (FROM_EXECUTIVE,) * 4,
    "cartera.setup": (MANAGER,) * 4,
    "cartera.payment.promise": (FROM_VIEWER, *(FROM_COLLECTOR,) * 3),
    "cartera.payment.promise.line": (FROM_VIEWER, *(FROM_COLLECTOR,) * 3),
    "cartera.payment.promise.instalment": (FROM_VIEWER, *(FROM_COLLECTOR,) * 3),
    "cartera.dispute": (FROM_VIEWER, FROM_COLLECTOR, FROM_COLLECTOR, NOBODY),
    "cartera.dispute.area": (FROM_VIEWER, MANAGER, MANAGER, MANAGER),
    "cartera.dispute.type": (FROM_VIEWER, MANAGER, MANAGER, MANAGER),
    "cartera.invoice.delivery": (FROM_VIEWER, *(FROM_COLLECTOR,) * 3),
    "cartera.reason": (FROM_COLLECTOR,) * 4,
    "cartera.setup.line": (MANAGER,) * 4,
    "cartera.log.contact": (FROM_COLLECTOR,) * 4,
    "cartera.case.pause": (FROM_COLLECTOR,) * 4,
    "cartera.case.assign": (FROM_EXECUTIVE,) * 4,
    "cartera.collection.simulation": (FROM_COLLECTOR,) * 4,
    "cartera.collection.simulation.line": (FROM_COLLECTOR,) * 4,
    "cartera.collection.alert": (MANAGER, NOBODY, NOBODY, NOBODY),
    "cartera.collection.strategy": (FROM_VIEWER, MANAGER, MANAGER, MANAGER),
    "cartera.collection.step": (FROM_VIEWER, MANAGER, MANAGER, MANAGER),
    "cartera.collection.outcome": (FROM_VIEWER, MANAGER, MANAGER, MANAGER),
    "cartera.collection.case": (FROM_VIEWER, NOBODY, FROM_COLLECTOR, NOBODY),
    "cartera.collection.action": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.collection.action.item": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.worklist.rule": (FROM_COLLECTOR, MANAGER, MANAGER, MANAGER),
    "cartera.collector.rule": (FROM_COLLECTOR, MANAGER, MANAGER, MANAGER),
    "cartera.collector.absence": (FROM_COLLECTOR, MANAGER, MANAGER, MANAGER),
    "cartera.customer.request": (FROM_VIEWER,) * 4,
    "cartera.customer.request.contact": (FROM_VIEWER,) * 4,
    "cartera.customer.request.document": (FROM_VIEWER,) * 4,
    "cartera.customer.request.line": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.receivable.item": (EMPLOYEES, NOBODY, NOBODY, NOBODY),
    "cartera.aging.profile": (EMPLOYEES, MANAGER, MANAGER, MANAGER),
    "cartera.aging.bucket": (EMPLOYEES, MANAGER, MANAGER, MANAGER),
    "cartera.aging.snapshot": (
        ("accountant", *FROM_COLLECTOR),
        ("accountant", *FROM_EXECUTIVE),
        ("accountant", *FROM_EXECUTIVE),
        MANAGER,
    ),
    "cartera.aging.snapshot.line": (
        ("accountant", *FROM_COLLECTOR),
        NOBODY,
        NOBODY,
        NOBODY,
    ),
    "cartera.statement.run": (LEDGER,) * 4,
    "cartera.statement.line": (LEDGER, NOBODY, NOBODY, NOBODY),
    "cartera.statement.amount": (LEDGER, NOBODY, NOBODY, NOBODY),
    "cartera.statement.print": (EMPLOYEES, NOBODY, NOBODY, NOBODY),
    "cartera.statement.print.line": (EMPLOYEES, NOBODY, NOBODY, NOBODY),
    "cartera.statement.wizard": (EMPLOYEES,) * 4,
    "cartera.collection.center": (EMPLOYEES, MANAGER, MANAGER, MANAGER),
    "cartera.payment.statistic": (EMPLOYEES, NOBODY, NOBODY, NOBODY),
    "cartera.payment.export": (LEDGER,) * 4,
    "cartera.consolidated.balance": (LEDGER,) * 4,
    "cartera.consolidated.balance.line": (LEDGER,) * 4,
    "cartera.consolidated.balance.period": (LEDGER,) * 4,
    "cartera.plan.exclusion": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.invoice.leave.out": (FROM_COLLECTOR,) * 4,
    "cartera.sales.review": (FROM_VIEWER, NOBODY, NOBODY, NOBODY),
    "cartera.sales.review.difference": (FROM_VIEWER,) * 4,
    "cartera.kpi.indicator": (LEDGER, NOBODY, MANAGER, NOBODY),
    "cartera.kpi": (LEDGER, NOBODY, NOBODY, NOBODY),
    "cartera.forecast": (LEDGER, DESK, DESK, MANAGER),
    "cartera.forecast.line": (LEDGER, NOBODY, NOBODY, NOBODY),
    "cartera.forecast.week": (LEDGER, NOBODY, NOBODY, NOBODY),
    "cartera.digest": (MANAGER, NOBODY, NOBODY, NOBODY),
    "cartera.note.class": (EMPLOYEES, MANAGER, MANAGER, MANAGER),
    "cartera.note.reason": (EMPLOYEES, MANAGER, MANAGER, MANAGER),
    "cartera.note.reason.limit": (EMPLOYEES, MANAGER, MANAGER, MANAGER),
    "cartera.note.fiscal.code": (EMPLOYEES, MANAGER, MANAGER, MANAGER),
    "cartera.commercial.period": (EMPLOYEES, MANAGER, MANAGER, MANAGER),
    "cartera.note.request": (NOTES,) * 4,
    "cartera.note.request.line": (NOTES,) * 4,
    "cartera.note.reject": (FROM_EXECUTIVE,) * 4,
    "cartera.note.import": (IMPORTS,) * 4,
    "cartera.note.import.column": (IMPORTS,) * 4,
    "cartera.note.import.row": (IMPORTS, NOBODY, NOBODY, NOBODY),
    "cartera.currency.conversion": (IMPORTS,) * 4,
    "cartera.note.statistic": (NOTES, NOBODY, NOBODY, NOBODY),
    "cartera.note.report": (NOTES,) * 4,
    "cartera.interest.rate.table": (LEDGER, MANAGER, MANAGER, MANAGER),
    "cartera.interest.rate": (LEDGER, MANAGER, MANAGER, MANAGER),
    "cartera.interest.policy": (LEDGER, MANAGER, MANAGER, MANAGER),
    "cartera.interest.tier": (LEDGER, MANAGER, MANAGER, MANAGER),
    "cartera.interest.fee": (LEDGER, MANAGER, MANAGER, MANAGER),
    "cartera.holiday": (LEDGER, MANAGER, MANAGER, MANAGER),
    "cartera.interest.run": (LEDGER, DESK, DESK, DESK),
    "cartera.interest.line": (LEDGER, NOBODY, NOBODY, NOBODY),
    "cartera.interest.segment": (LEDGER, NOBODY, NOBODY, NOBODY),
    "cartera.interest.waiver": (LEDGER, NOBODY, NOBODY, NOBODY),
    "cartera.interest.quote": (LEDGER,) * 4,
    "cartera.interest.quote.line": (LEDGER,) * 4,
    "cartera.interest.waive": (FROM_EXECUTIVE,) * 4,
    "cartera.interest.fee.add": (DESK,) * 4,
    "cartera.receipt.apply": (IMPORTS,) * 4,
    "cartera.receipt.apply.line": (IMPORTS,) * 4,
}


@tagged("post_install", "-at_install")
class TestAccess(CarteraCommon):
    """Who may read and write what, by role and by company, whatever a view shows."""

    def setUp(self):
        super().setUp()
        self.customer = self.make_customer("Abarrotes del Centro")
        self.partner = self.customer.partner_id
        self.line = self.make_line(self.customer, 1000)
        self.turn_gate_on()

    def test_matrix_of_roles_and_models(self):
        operations = ("read", "create", "write", "unlink")
        for model, allowed in MATRIX.items():
            for operation, roles in zip(operations, allowed, strict=True):
                found = tuple(
                    role
                    for role in ROLES
                    if self.env[model]
                    .with_user(getattr(self, role))
                    .has_access(operation)
                )
                with self.subTest(model, operation=operation):
                    self.assertEqual(found, roles)

    def test_the_matrix_has_every_model_of_the_addon(self):
        ours = self.root["ir.model"].search([("model", "=like", "cartera.%")])
        stored = {
            name
            for name in ours.mapped("model")
            if not self.env[name]._abstract
            and self.env[name]._original_module == "cartera_cobranza"
        }
        self.assertEqual(stored, set(MATRIX))

    def test_every_model_with_a_company_has_a_rule_for_it(self):
        for model in MATRIX:
            if "company_id" not in self.env[model]._fields:
                continue
            if self.env[model]._transient:
                continue
            rules = self.root["ir.rule"].search(
                [("model_id.model", "=", model), ("groups", "=", False)]
            )
            with self.subTest(model):
                self.assertTrue(
                    any("company_ids" in rule.domain_force for rule in rules)
                )

    # Holds: no role, by no door of the ORM

    def test_no_role_makes_changes_or_deletes_holds(self):
        hold = self.hold_invoice(self.partner, 1050)
        records = (hold, hold.reason_ids, hold.log_ids)
        for role in ROLES:
            user = getattr(self, role)
            for record in records:
                mine = record.with_user(user)
                with self.subTest(role, model=record._name):
                    with self.assertRaises(AccessError):
                        mine.create(record.copy_data()[0])
                    with self.assertRaises(UserError):
                        mine.write({"company_id": self.other_company.id})
                    with self.assertRaises(AccessError):
                        mine.unlink()
        for vals in (
            {"state": "released"},
            {"forced": False},
            {"excess_amount": 0},
            {"salesperson_id": False},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                hold.with_user(self.manager).write(vals)
        self.assertEqual(hold.state, "held")

    def test_a_hold_is_not_changed_through_its_document_or_customer(self):
        hold = self.hold_invoice(self.partner, 1050)
        move = self.root["account.move"].browse(hold.res_id)
        for record in (move, self.customer):
            field = "credit_hold_ids" if record == move else "hold_ids"
            for command in ((1, hold.id, {"state": "released"}), (2, hold.id, 0)):
                with (
                    self.subTest(record._name, command=command[0]),
                    self.assertRaises(AccessError),
                ):
                    record.with_user(self.manager).sudo(False).write({field: [command]})
                    self.env.flush_all()
        self.assertEqual(hold.exists().state, "held")

    # Own customers of viewers

    def test_viewers_see_only_their_own_customers_and_holds(self):
        other = self.make_customer("Somebody else's")
        self.make_line(other, 1000)
        nobody = self.make_customer("Nobody's")
        self.partner.user_id = self.salesperson
        other.partner_id.user_id = self.manager
        mine = self.hold_invoice(
            self.partner, 1050, invoice_user_id=self.salesperson.id
        )
        theirs = self.hold_invoice(
            other.partner_id, 1050, invoice_user_id=self.manager.id
        )
        self.Customer._refresh(self.company)
        cases = {
            "cartera.customer": (self.customer | nobody, other),
            "cartera.credit.line": (self.line, other.line_id),
            "cartera.customer.snapshot": (
                self.customer.snapshot_ids,
                other.snapshot_ids,
            ),
            "cartera.credit.hold": (mine, theirs),
            "cartera.credit.hold.reason": (mine.reason_ids, theirs.reason_ids),
            "cartera.credit.hold.log": (mine.log_ids, theirs.log_ids),
        }
        for model, (seen, hidden) in cases.items():
            ids = [("id", "in", (seen | hidden).ids)]
            with self.subTest(model):
                own = self.env[model].with_user(self.salesperson).search(ids)
                self.assertEqual(own, seen)
                for user in (self.collector, self.executive, self.manager):
                    every = self.env[model].with_user(user).search(ids)
                    self.assertEqual(every, seen | hidden)
                self.env.invalidate_all()
                with self.assertRaises(AccessError):
                    hidden.with_user(self.salesperson).read(["company_id"])

    def test_viewers_see_temporaries_of_their_own_customers_only(self):
        other = self.make_customer("Somebody else's")
        other.partner_id.user_id = self.manager
        theirs = self.make_temporary(
            self.make_line(other, 1000), 2000, "2026-03-16", "2026-03-20"
        )
        found = self.env["cartera.credit.temporary"].with_user(self.salesperson)
        self.assertFalse(found.search([("id", "in", theirs.ids)]))

    # Companies

    def test_nobody_sees_another_company(self):
        there = self.make_customer(partner=self.partner, company=self.other_company)
        line = self.make_line(there, 10)
        temporary = self.make_temporary(line, 20, "2026-03-16", "2026-03-20")
        group = self.make_group("There", 10, company_id=self.other_company.id)
        self.turn_gate_on(self.other_company)
        hold = self.hold_invoice(self.partner, 1000, company=self.other_company)
        rule = self.root["cartera.credit.rule"].create(
            {"name": "There", "company_id": self.other_company.id}
        )
        row = self.root["cartera.authority"].create(
            {
                "kind": "release_limit",
                "group_id": self.env.ref("cartera_cobranza.group_credit_manager").id,
                "company_id": self.other_company.id,
                "amount": 5,
            }
        )
        records = (
            there,
            there.snapshot_ids,
            line,
            temporary,
            group,
            hold,
            hold.reason_ids,
            hold.log_ids,
            rule,
            row,
        )
        both = (self.company | self.other_company).ids
        for record in records:
            mine = record.with_user(self.manager).with_context(
                allowed_company_ids=self.company.ids
            )
            ids = [("id", "in", record.ids)]
            self.env.invalidate_all()
            with self.subTest(record._name):
                self.assertTrue(record)
                self.assertFalse(mine.search(ids))
                with self.assertRaises(AccessError):
                    mine.read(["display_name"])
                seen = record.with_user(self.everywhere).with_context(
                    allowed_company_ids=both
                )
                self.assertEqual(seen.search(ids), record)

    def test_a_manager_cannot_give_a_line_to_another_company_s_customer(self):
        there = self.make_customer(partner=self.partner, company=self.other_company)
        with self.assertRaises(AccessError):
            self.env["cartera.credit.line"].with_user(self.manager).create(
                {"customer_id": there.id, "amount": 10**6}
            )

    # The open form

    def test_accounts_open_for_every_role_and_for_no_one_else(self):
        for user in (self.viewer, self.collector, self.executive, self.manager):
            action = self.partner.with_user(user).action_open_cartera_customer()
            with self.subTest(user.login):
                self.assertEqual(action["res_id"], self.customer.id)
                seen = self.customer.with_user(user)
                self.assertEqual(seen.position_data["limit"], 1000)
        with self.assertRaises(AccessError):
            self.partner.with_user(self.accountant).action_open_cartera_customer()
