from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import TODAY, CarteraCommon


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestMergeContacts(CarteraCommon):
    """Odoo merges contacts; their credit accounts become one and nothing of their history is lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.merger = new_test_user(
            cls.root,
            login="cartera_merger",
            groups="base.group_partner_manager,base.group_erp_manager,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.boss = cls.make_user(
            "boss",
            "credit_manager",
            groups="base.group_partner_manager,base.group_erp_manager,account.group_account_invoice",
        )

    def merge(self, source, kept, user=None):
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(
            user or self.boss
        )
        wizard._merge((source | kept).ids, kept)
        self.env.invalidate_all()

    def two(self):
        source = self.make_customer("Twice entered")
        kept = self.make_customer("The customer")
        return source, kept

    def test_debts_lines_and_figures_become_one(self):
        source, kept = self.two()
        self.make_invoice(source.partner_id, 300)
        self.make_invoice(kept.partner_id, 500)
        old = self.make_line(source, 1000)
        stays = self.make_line(kept, 2000)
        self.merge(source.partner_id, kept.partner_id)
        self.assertFalse(source.exists())
        self.assertRecordValues(
            (old | stays).sorted("id"),
            [
                {
                    "customer_id": kept.id,
                    "state": "replaced",
                    "closed_on": date(2026, 3, 16),
                },
                {"customer_id": kept.id, "state": "active", "closed_on": False},
            ],
        )
        self.assertEqual(kept.line_id, stays)
        position = self.position(kept.partner_id)
        self.assertEqual((position["limit"], position["exposure"]), (2000, 800))
        self.assertIn("Twice entered", kept.message_ids.mapped("body")[0])

    def test_a_line_that_the_other_lacks_goes_on(self):
        source, kept = self.two()
        line = self.make_line(source, 1000)
        in_pesos = self.make_line(
            source, 9000, currency_id=self.mxn.id, only_this_currency=True
        )
        own = self.make_line(
            kept, 500, currency_id=self.eur.id, only_this_currency=True
        )
        self.merge(source.partner_id, kept.partner_id)
        self.assertEqual(set((line | in_pesos | own).mapped("state")), {"active"})
        self.assertEqual(kept.line_id, line)
        self.assertEqual(kept.line_ids, own | in_pesos | line)
        self.assertEqual(kept.partner_id.with_company(self.company).credit_limit, 1000)

    def test_without_an_account_of_its_own_the_contact_takes_the_other(self):
        source = self.make_customer("Twice entered")
        line = self.make_line(source, 1000)
        partner = self.make_partner("The customer")
        self.merge(source.partner_id, partner, self.merger)
        self.assertEqual(source.partner_id, partner)
        self.assertEqual((line.state, source.line_id), ("active", line))

    def test_each_company_keeps_its_own_account(self):
        source, kept = self.two()
        there = self.make_customer(
            partner=source.partner_id, company=self.other_company
        )
        self.merge(source.partner_id, kept.partner_id, self.everywhere_boss())
        self.assertFalse(source.exists())
        self.assertEqual(there.partner_id, kept.partner_id)
        self.assertEqual(there.company_id, self.other_company)

    def everywhere_boss(self):
        self.everywhere.sudo().group_ids += self.root.ref(
            "base.group_partner_manager"
        ) + self.root.ref("base.group_erp_manager")
        return self.everywhere

    def test_two_limits_become_one_only_by_a_credit_manager(self):
        source, kept = self.two()
        self.make_line(source, mode="none")
        self.make_line(kept, 2000)
        with self.refused(UserError, "Twice entered", "credit manager"):
            self.merge(source.partner_id, kept.partner_id, self.merger)
        self.assertTrue(source.exists())
        self.assertEqual(source.line_id.state, "active")

    def test_members_of_two_groups_are_refused_by_name(self):
        source, kept = self.two()
        self.make_group("North", 1000, source)
        self.make_group("South", 1000, kept)
        with self.refused(UserError, "North", "South"):
            self.merge(source.partner_id, kept.partner_id)

    def test_a_member_takes_its_group_along(self):
        source, kept = self.two()
        group = self.make_group("North", 1000, source)
        self.merge(source.partner_id, kept.partner_id)
        self.assertEqual(kept.group_id, group)

    def test_holds_and_documents_of_both_stay_readable(self):
        self.turn_gate_on()
        source, kept = self.two()
        hold = self.hold_invoice(source.partner_id, 100)
        invoice = self.root["account.move"].browse(hold.res_id)
        before = hold.reason_ids.mapped("measured")
        self.merge(source.partner_id, kept.partner_id)
        self.assertEqual(hold.customer_id, kept)
        self.assertEqual(hold.partner_id, kept.partner_id)
        self.assertEqual(hold.reason_ids.mapped("measured"), before)
        self.assertEqual(invoice.partner_id, kept.partner_id)

    def test_one_open_case_is_left(self):
        source, kept = self.two()
        cases = self.root["cartera.collection.case"].create(
            [{"customer_id": source.id}, {"customer_id": kept.id}]
        )
        self.merge(source.partner_id, kept.partner_id)
        self.assertRecordValues(
            cases,
            [
                {"customer_id": kept.id, "stage": "closed"},
                {"customer_id": kept.id, "stage": cases[1].stage},
            ],
        )
        self.assertNotEqual(cases[1].stage, "closed")

    def test_contacts_of_one_day_are_both_kept(self):
        source, kept = self.two()
        cases = self.root["cartera.collection.case"].create(
            [{"customer_id": source.id}, {"customer_id": kept.id}]
        )
        made, other = self.root["cartera.collection.action"].create(
            [
                {
                    "case_id": case.id,
                    "customer_id": case.customer_id.id,
                    "channel": "email",
                    "planned_date": TODAY,
                    "automatic": True,
                    "state": "sent",
                }
                for case in cases
            ]
        )
        self.merge(source.partner_id, kept.partner_id)
        self.assertEqual((made | other).mapped("state"), ["sent", "sent"])
        self.assertEqual((made | other).customer_id, kept)
        self.assertEqual((made.automatic, other.automatic), (False, True))

    def test_a_customer_that_becomes_part_of_another(self):
        source, kept = self.two()
        source.partner_id.is_company = False
        invoice = self.make_invoice(source.partner_id, 300)
        line = self.make_line(source, 1000)
        source.partner_id.with_user(self.boss).parent_id = kept.partner_id
        self.env.invalidate_all()
        self.assertFalse(source.exists())
        self.assertEqual((line.customer_id, line.state), (kept, "active"))
        self.assertEqual(
            invoice.line_ids.filtered("date_maturity").partner_id, kept.partner_id
        )
        position = self.position(kept.partner_id)
        self.assertEqual((position["limit"], position["exposure"]), (1000, 300))

    def test_a_customer_with_a_line_does_not_slip_under_another_limit(self):
        source, kept = self.two()
        source.partner_id.is_company = False
        self.make_line(source, mode="none")
        self.make_line(kept, 2000)
        with self.refused(UserError, "Twice entered", "credit manager"):
            source.partner_id.with_user(self.merger).parent_id = kept.partner_id
        self.env.invalidate_all()
        self.assertFalse(source.partner_id.parent_id)
        self.assertEqual(source.line_id.mode, "none")

    def test_merging_twenty_contacts_without_accounts_asks_nothing_more(self):
        """Writing a parent where no credit account is touched costs one query."""
        parent = self.make_partner("Parent")
        ordinary = self.root["res.partner"].create(
            [{"name": f"Contact {number}"} for number in range(20)]
        )
        self.env.flush_all()
        with self.assertQueryCount(1):
            ordinary._join_credit_accounts()
        ordinary.parent_id = parent
