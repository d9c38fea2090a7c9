from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import CreditSaleCommon


@tagged("post_install", "-at_install")
class TestForecastOrders(CreditSaleCommon):
    """Confirmed orders in the forecast: an option, apart from the receivable, less what was invoiced."""

    def forecast(self, with_orders=True):
        forecast = (
            self.env["cartera.forecast"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "date": self.company._cartera_today(),
                    "with_orders": with_orders,
                }
            )
        )
        forecast._compute_lines()
        return forecast

    def monday(self, day):
        return day - timedelta(days=day.weekday())

    def test_orders_to_be_invoiced(self):
        today = self.company._cartera_today()
        self.confirmed(1000)
        later = today + timedelta(days=20)
        self.confirmed(500, commitment_date=fields.Datetime.to_datetime(later))
        self.confirmed(70, payment_term_id=self.term_prepaid.id)
        self.order(9999)
        forecast = self.forecast()
        orders = forecast.line_ids.filtered(lambda one: one.source == "order")
        self.assertEqual(
            {one.week: one.expected_company for one in orders},
            {
                # invoiced today, due in 30 days; the other one on its day of shipment
                self.monday(today + timedelta(days=30)): 1000.0,
                self.monday(later + timedelta(days=30)): 500.0,
            },
        )
        self.assertEqual((forecast.orders, forecast.total), (1500.0, 0.0))
        self.assertFalse(sum(week.expected for week in forecast.week_ids))

    def test_what_was_invoiced_is_receivable(self):
        order = self.confirmed(lines=[(self.goods, 10, 100)])
        self.invoice(order, 4)
        forecast = self.forecast()
        self.assertEqual((forecast.orders, forecast.total), (600.0, 400.0))
        receivable = forecast.line_ids.filtered(lambda one: one.source != "order")
        self.assertEqual(sum(receivable.mapped("expected_company")), 400.0)

    def test_without_the_option(self):
        self.confirmed(1000)
        forecast = self.forecast(with_orders=False)
        self.assertFalse(forecast.line_ids)
        forecast.with_orders = True
        forecast._compute_lines()
        self.assertEqual(forecast.orders, 1000.0)

    def test_orders_of_the_past_are_not_known(self):
        self.confirmed(1000)
        forecast = (
            self.env["cartera.forecast"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "date": self.company._cartera_today() - timedelta(days=3),
                    "with_orders": True,
                }
            )
        )
        forecast._compute_lines()
        self.assertFalse(forecast.orders)

    def test_in_the_currency_of_the_order(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": currency.id}
        )
        self.confirmed(100, pricelist_id=pricelist.id)
        [line] = self.forecast().line_ids
        self.assertEqual(
            (line.expected_document, line.expected_company), (100.0, 200.0)
        )
        self.assertEqual(line.currency_id, currency)

    def test_queries_do_not_grow(self):
        def count():
            forecast = self.env["cartera.forecast"].sudo().search([])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            forecast._compute_lines()
            return self.env.cr.sql_log_count - before

        def orders(number):
            for place in range(number):
                partner = self.new_partner(f"Buyer {place}")
                self.confirmed(10 + place, partner=partner)

        orders(2)
        self.forecast()
        count()
        orders(3)
        few = count()
        orders(12)
        self.assertEqual(few, count())
