from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .requests_common import RequestCommon


@tagged("post_install", "-at_install")
class TestCreditRevision(RequestCommon):
    """Mass revisions: proposed, looked at, approved row by row within authority."""

    def setUp(self):
        super().setUp()
        self.customers = [self.make_customer(f"Customer {one}") for one in "ABC"]
        self.lines = [
            self.make_line(customer, amount)
            for customer, amount in zip(
                self.customers, (10000, 51500, 800), strict=True
            )
        ]
        self.ids = [one.id for one in self.customers]

    def make(self, user=None, customers=None, **vals):
        ids = self.ids if customers is None else customers
        return (
            self.root["cartera.credit.revision"]
            .with_user(user or self.executive)
            .create(
                {
                    "name": "Spring",
                    "reason": "Prices",
                    "company_id": self.company.id,
                    "customer_domain": f"[('id', 'in', {ids})]",
                    "step": 0,
                }
                | vals
            )
        )

    def proposals(self, revision):
        revision.action_propose()
        return [
            (row.proposed_amount if row.include else None)
            for row in revision.line_ids.sorted("id")
        ]

    def test_methods(self):
        self.customers[0].risk_class = "a"
        self.customers[1].risk_class = "b"
        self.make_invoice(self.customers[0].partner_id, 60000, date="2025-10-01")
        cases = [
            ({"method": "percent", "value": 10}, [11000, 56650, 880]),
            (
                {"method": "percent", "value": 10, "step": 1000, "direction": "up"},
                [11000, 57000, 1000],
            ),
            (
                {"method": "percent", "value": 10, "step": 1000, "direction": "down"},
                [11000, 56000, 0],
            ),
            ({"method": "fixed", "value": -900}, [9100, 50600, 0]),
            ({"method": "fixed", "value": 500, "cap": 11000}, [10500, None, 1300]),
            ({"method": "fixed", "value": 500, "cap": 10400}, [10400, None, 1300]),
            ({"method": "percent", "value": -50, "floor": 6000}, [6000, 25750, None]),
            # class C has no row's percentage: nothing changes
            (
                {"method": "class", "percent_a": 20, "percent_b": -10},
                [12000, 46350, None],
            ),
            # 60,000 / 12 × 3; the others never bought
            ({"method": "purchases", "value": 3}, [15000, None, None]),
            # class A: three months as well
            ({"method": "recommended"}, [15000, None, None]),
        ]
        for vals, expected in cases:
            with self.subTest(vals):
                self.assertEqual(self.proposals(self.make(**vals)), expected)

    def test_amounts_of_the_batch_are_company_currency(self):
        """500 dollars are 9,000 pesos."""
        pesos = self.make_customer("Pesos")
        self.make_line(pesos, 90000, currency_id=self.mxn.id)
        revision = self.make(customers=[pesos.id], method="fixed", value=500)
        self.assertEqual(self.proposals(revision), [99000])
        self.assertRecordValues(
            revision.line_ids,
            [{"current_company": 5000, "proposed_company": 5500, "difference": 9000}],
        )
        self.assertRecordValues(
            revision, [{"current_total": 5000, "proposed_total": 5500}]
        )

    def test_only_active_lines_with_an_amount_are_revised(self):
        self.lines[0].action_suspend()
        self.make_line(self.customers[1], mode="unlimited")
        other = self.make_customer("Elsewhere", company=self.other_company)
        self.make_line(other, 5)
        revision = self.make(customers=[*self.ids, other.id], value=10)
        self.assertEqual(self.proposals(revision), [880])

    def test_the_batch_is_approved_row_by_row(self):
        revision = self.make(value=10, step=1000, direction="up")
        revision.action_propose()
        self.assertEqual(self.lines[0].state, "active", "a proposal changes nothing")
        revision.line_ids[0].proposed_amount = 15000
        revision.line_ids[2].include = False
        revision.action_submit()
        revision.with_user(self.manager).action_approve()
        self.assertEqual(revision.state, "approved")
        self.assertEqual(
            [one.line_id.amount for one in self.customers], [15000, 57000, 800]
        )
        request = revision.line_ids[0].request_id
        self.assertRecordValues(
            request,
            [
                {
                    "kind": "increase",
                    "state": "approved",
                    "requested_by": self.executive.id,
                    "decided_by": self.manager.id,
                }
            ],
        )
        self.assertEqual(
            self.customers[0].line_id.reason, f"Increase {request.name}: Spring: Prices"
        )
        self.assertEqual(request.decision_ids.user_id, self.manager)
        self.assertFalse(revision.line_ids[2].request_id)

    def test_rows_that_fail_are_named_and_stop_no_others(self):
        self.set_authority(("manager", 50000, "1"))
        revision = self.make(value=10)
        revision.action_propose()
        revision.action_submit()
        self.lines[2].action_expire()
        revision.with_user(self.manager).action_approve()
        self.assertEqual(
            [(row.state, bool(row.message)) for row in revision.line_ids],
            [("done", False), ("failed", True), ("failed", True)],
        )
        self.assertIn("above your authority", revision.line_ids[1].message)
        self.assertIn("no longer active", revision.line_ids[2].message)
        self.assertEqual(revision.state, "part")
        self.assertEqual(
            [one.line_id.amount for one in self.customers], [11000, 51500, 0]
        )
        self.assertEqual(
            self.Request.search_count(
                [("customer_id", "in", self.ids), ("state", "!=", "approved")]
            ),
            0,
            "what failed left nothing behind",
        )
        self.set_authority(("manager", 60000, "1"))
        revision.with_user(self.second).action_approve()
        self.assertEqual(
            [row.state for row in revision.line_ids], ["done", "done", "failed"]
        )
        self.assertEqual(self.customers[1].line_id.amount, 56650)

    def test_rows_above_an_amount_wait_for_a_second_person(self):
        self.set_authority(("manager", 20000, "1"), ("manager", 60000, "2"))
        revision = self.make(value=10)
        revision.action_propose()
        revision.action_submit()
        revision.with_user(self.manager).action_approve()
        self.assertEqual(
            [row.state for row in revision.line_ids], ["done", "signed", "done"]
        )
        revision.with_user(self.manager).action_approve()
        self.assertEqual(revision.line_ids[1].state, "failed", "not twice the same")
        revision.with_user(self.second).action_approve()
        self.assertEqual(revision.state, "approved")
        self.assertEqual(self.customers[1].line_id.amount, 56650)

    def test_the_approval_twice_changes_nothing_twice(self):
        revision = self.make(value=10)
        revision.action_propose()
        revision.action_submit()
        revision.with_user(self.manager).action_approve()
        with self.refused(UserError, "Approved"):
            revision.with_user(self.manager).action_approve()
        self.assertEqual(len(self.customers[0].line_ids), 2)

    def test_nobody_approves_an_own_revision(self):
        revision = self.make(user=self.manager, value=10)
        revision.action_propose()
        revision.with_user(self.executive).action_submit()
        for user in (self.manager, self.executive):
            with self.refused(AccessError, "proposed by you"):
                revision.with_user(user).action_approve()

    def test_roles_and_what_is_kept(self):
        with self.assertRaises(AccessError):
            self.make(user=self.collector)
        revision = self.make(value=10)
        with self.refused(UserError, "Draft"):
            revision.action_submit()
        revision.action_propose()
        with self.assertRaises(UserError):
            revision.write({"state": "approved"})
        with self.assertRaises(UserError):
            revision.line_ids[0].write({"state": "done"})
        revision.action_submit()
        for change in (
            lambda: revision.write({"value": 99}),
            lambda: revision.line_ids[0].write({"proposed_amount": 10**6}),
            lambda: revision.line_ids[0].write({"include": False}),
            lambda: revision.line_ids.create(
                [revision.line_ids[0].copy_data()[0] | {"revision_id": revision.id}]
            ),
            lambda: revision.unlink(),
        ):
            with self.assertRaises(UserError):
                change()
        with self.refused(UserError, "why"):
            revision.with_user(self.manager).action_reject("")
        revision.with_user(self.manager).action_reject("Not now")
        self.assertEqual(revision.state, "rejected")
        self.assertEqual(self.customers[0].line_id.amount, 10000)

    def test_bad_input(self):
        cases = [
            ({"step": -1}, "negative"),
            ({"cap": 10, "floor": 20}, "at least"),
            ({"method": "percent", "value": -101}, "-101"),
            ({"method": "purchases", "value": -1}, "Months"),
            ({"customer_domain": "[('nonsense', '=', 1)]"}, "cannot be read"),
            ({"customer_domain": "__import__('os')"}, "cannot be read"),
        ]
        for vals, text in cases:
            with self.subTest(vals), self.refused(ValidationError, text):
                self.make(**vals)
        with self.refused(UserError, "proposes no change"):
            revision = self.make(value=0)
            revision.action_propose()
            revision.action_submit()
        revision = self.make(value=10)
        revision.action_propose()
        with self.refused(ValidationError, "negative"):
            revision.line_ids[0].proposed_amount = -1

    def test_proposing_takes_as_many_queries_for_ten_as_for_a_hundred(self):
        customers = [self.make_customer(f"Many {one}") for one in range(100)]
        lines = self.root["cartera.credit.line"].create(
            [{"customer_id": one.id, "amount": 1000} for one in customers]
        )
        lines._set_state({"state": "active", "activated_on": self.today})
        counts = {}
        for number in (1, 10, 100):  # the first warms the caches
            revision = self.make(customers=[one.id for one in customers[:number]])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = revision._prepare_rows()
            counts[number] = self.env.cr.sql_log_count - before
            self.assertEqual(len(rows), number)
        self.assertEqual(counts[10], counts[100])
