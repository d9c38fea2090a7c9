from decimal import Decimal as D

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc import kpi, kpi_month, kpi_work
from ..calc.kpi_month import Balance, Figures

CENT = D("0.01")
# January 2026 of a desk, worked out by hand
DAYS = [31, 31, 30, 31]


def january():
    return Figures(
        # 10,000 owed, 500 unapplied; 6,000 not due; 400 over 90 days, 100 of them over 120
        end=Balance(
            D(9500), (D(6000), D(2500), D(800), D(300), D(300), D(100)), D(250)
        ),
        begin=Balance(D(9000), (D(5000), D(1600), D(1000), D(600), D(0), D(800))),
        window_begin=Balance(D(8000)),
        sales=[D(3100), D(3400), D(3000), D(4000)],
        billed=D(3200),
        billed_window=D(9600),
        collected=D(2700),
        paid={0: D(1000), 10: D(1500), -5: D(200)},
        due_amount=D(2000),
        due_paid_amount=D(1200),
        due_count=8,
        due_paid_count=5,
        recovered=D(800),
        invoices=40,
        invoices_timed=20,
        invoices_on_time=18,
        written_off=D(100),
        written_off_recovered=D(7),
        minor=D("1.35"),
        punctual_before=8,
        punctual_still=6,
        messages=160,
        messages_back=10,
        messages_answered=45,
        attempts=50,
        reached=20,
        contacts_planned=220,
        contacts_made=210,
        demanded=D(4000),
        demanded_paid=D(1000),
        demanded_items=20,
        demanded_items_paid=4,
        promises_kept=26,
        promises_partial=6,
        promises_broken=8,
        promised=D(500000),
        promised_paid=D(390000),
        disputes_opened=3,
        dispute_days=[2, 3, 16],
        dispute_ages=[10, 20],
        hold_days=[D("0.5"), D(2)],
        holds_overridden=1,
    )


class TestMonth(BaseCase):
    def figures(self, counted, days=None):
        found = kpi_month.key_figures(counted, DAYS if days is None else days)
        return {(one.code, one.variant): one for one in found}

    def test_a_month_by_hand(self):
        found = self.figures(january())
        # 9,500 / 9,500 sold in 92 days; not due 6,000; countback 3,100 + 3,400 + 3,000 = 9,500: 31 + 31 + 30 days
        expected = {
            ("receivable", "ledger"): "9500.00",
            ("overdue", "past_due"): "4000.00",
            ("billed", "month"): "3200.00",
            ("collected", "month"): "2700.00",
            ("current", "not_due"): "60.00",
            ("overdue_share", "past_due"): "40.00",
            ("overdue_share", "over_90"): "4.00",
            ("dispute_rate", "amount"): "2.50",
            ("dso", "standard"): "92.00",
            ("dso", "countback"): "92.00",
            ("dso", "best_possible"): "58.11",  # 6,000 / 9,500 × 92
            ("add", "dso_less_best"): "33.89",  # 3,500 / 9,500 × 92
            # (9,000 + 3,200 − 9,500) / (9,000 + 3,200 − 6,000)
            ("cei", "single_period"): "43.55",
            # (8,000 + 3,200 − 9,500) / (8,000 + 3,200 − 6,000)
            ("cei", "3_months"): "32.69",
            ("collected_of_billed", "month"): "84.38",
            ("recovery", "of_assigned"): "20.00",  # 800 / 4,000
            ("days_late", "weighted_paid"): "5.19",  # (15,000 − 1,000) / 2,700
            ("roll_rate", "from_0"): "50.00",  # 2,500 / 5,000
            ("roll_rate", "from_30"): "50.00",  # 800 / 1,600
            ("roll_rate", "from_60"): "30.00",  # 300 / 1,000
            ("roll_rate", "from_90"): "50.00",  # 300 / 600
            ("on_time_collection", "amount"): "60.00",
            ("on_time_collection", "count"): "62.50",
            ("on_time_invoicing", "agreed_days"): "90.00",
            ("punctual", "retained"): "75.00",
            ("bad_debt", "net_of_recoveries"): "3.00",  # 93 / 3,100
            ("minor_write_off", "of_collections"): "0.05",
            ("reply_rate", "of_delivered"): "30.00",
            ("right_party", "of_attempts"): "40.00",
            ("actions", "made_of_planned"): "95.45",
            ("converted", "within_7_days"): "25.00",
            ("paid_after_contact", "within_7_days"): "20.00",
            ("promise_kept", "count"): "65.00",
            ("promise_kept", "count_with_partial"): "80.00",
            ("promise_kept", "amount"): "78.00",
            ("dispute_rate", "count"): "7.50",
            ("dispute_days", "closed_mean"): "7.00",
            ("dispute_days", "closed_median"): "3.00",
            ("dispute_days", "open_age"): "15.00",
            ("hold_cycle", "released_mean"): "1.25",
            ("override", "of_released"): "50.00",
        }
        self.assertEqual(
            {key: str(one.value.quantize(CENT)) for key, one in found.items()}, expected
        )

    def test_nothing_is_not_zero(self):
        found = self.figures(Figures())
        known = {key for key, one in found.items() if one.value is not None}
        # amounts are sums, and there is nothing; all else does not apply
        self.assertEqual(
            known,
            {
                ("receivable", "ledger"),
                ("overdue", "past_due"),
                ("billed", "month"),
                ("collected", "month"),
            },
        )
        self.assertEqual(len(found), 41)

    def test_sales_that_do_not_reach(self):
        counted = january()
        counted.sales = [D(3100), D(3400)]
        found = self.figures(counted)["dso", "countback_at_least"]
        self.assertEqual(found.value, D(62))
        # a debt without any sale has no days
        counted.sales = [D(0), D(0)]
        found = self.figures(counted)["dso", "countback"]
        self.assertIsNone(found.value)

    def test_parts_add_up(self):
        one, two = january(), january()
        two.sales = two.sales[:2]
        two.paid = {10: D(500), 40: D(1)}
        whole = kpi_month.total([one, two])
        self.assertEqual(whole.sales, [D(6200), D(6800), D(3000), D(4000)])
        self.assertEqual(whole.paid, {0: D(1000), 10: D(2000), -5: D(200), 40: D(1)})
        self.assertEqual(whole.end.receivable, D(19000))
        self.assertEqual(whole.end.owed, tuple(2 * each for each in one.end.owed))
        self.assertEqual(whole.dispute_days, [2, 3, 16, 2, 3, 16])
        self.assertEqual(whole.due_count, 16)
        self.assertEqual(kpi_month.total([]), Figures())
        # the order of the parts changes nothing but lists
        other = kpi_month.total([two, one])
        self.assertEqual((other.sales, other.paid), (whole.sales, whole.paid))

    def test_classes_of_age(self):
        balance = january().end
        self.assertEqual(balance.debt, D(10000))
        self.assertEqual(balance.current, D(6000))
        self.assertEqual(balance.overdue, D(4000))
        self.assertEqual(balance.over_90, D(400))

    def test_new_formulas(self):
        for found, value, variant in (
            (kpi.amount("receivable", "ledger", D(5)), D(5), "ledger"),
            (kpi.collected_of_billed(D(900), D(1200)), D(75), "month"),
            (kpi.collected_of_billed(D(900), D(0)), None, "month"),
            (kpi.on_time_collection(D(600), D(800)), D(75), "amount"),
            (kpi.on_time_collection_count(0, 0), None, "count"),
            (kpi.percent_overdue(D(2750), D(5500)), D(50), "past_due"),
            (kpi_work.on_time_invoicing(45, 50), D(90), "agreed_days"),
            (kpi_work.punctual_retained(18, 20), D(90), "retained"),
            (kpi_work.punctual_retained(0, 0), None, "retained"),
            (
                kpi_work.converted_after_contact(D(400), D(1000), 7),
                D(40),
                "within_7_days",
            ),
        ):
            with self.subTest(found.code):
                self.assertEqual((found.value, found.variant), (value, variant))
