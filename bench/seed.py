"""The documents from which books are cloned, each made and posted once through Odoo.

A scenario is a group of documents that belong together: an invoice with its payment,
an order with its invoice. ``weight`` says how many of a hundred invoices (or, for
orders without an invoice, of a hundred open orders) are like it.
"""

from dataclasses import dataclass, field
from datetime import timedelta

PAYMENT_LAG = timedelta(days=40)
STATES = (("paid", 0.60), ("partial", 0.15), ("open", 0.25))
INSTALMENTS = ((1, 0.50), (2, 0.25), (3, 0.25))
CURRENCIES = (("MXN", 0.9), ("USD", 0.1))
DIRECT = 0.7


@dataclass
class Scenario:
    """Documents cloned together; ``of`` is what the weight is a share of."""

    name: str
    weight: float
    moves: list = field(default_factory=list)
    payments: list = field(default_factory=list)
    orders: list = field(default_factory=list)
    of: str = "invoices"


@dataclass
class Basis:
    """The settings and records that the documents share."""

    company: object
    template: object
    service: object
    bank: object
    currencies: dict
    pricelists: dict
    terms: dict
    day: object


def prepare(env):
    """Set the company to pesos, with dollars at 20, and make what documents need."""
    from odoo import fields

    company = env.company
    mxn, usd = env.ref("base.MXN"), env.ref("base.USD")
    (mxn | usd).active = True
    company.currency_id = mxn
    company.account_use_credit_limit = True
    env["res.currency.rate"].search([]).unlink()
    env["res.currency.rate"].create(
        {
            "currency_id": usd.id,
            "name": "2020-01-01",
            "rate": 0.05,
            "company_id": company.id,
        }
    )
    bank = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
    )
    bank.inbound_payment_method_line_ids.payment_account_id = env[
        "account.account"
    ].search([("code", "=", "101403")], limit=1)
    return Basis(
        company=company,
        template=_template_customer(env),
        service=_service(env),
        bank=bank,
        currencies={"MXN": mxn, "USD": usd},
        pricelists=_pricelists(env, mxn, usd),
        terms={count: _term(env, count) for count, _weight in INSTALMENTS},
        day=fields.Date.today().replace(month=2, day=10),
    )


def _template_customer(env):
    return env["res.partner"].create(
        {
            "name": "bench template customer",
            "is_company": True,
            "customer_rank": 1,
            "email": "template@example.com",
            "lang": "en_US",
            "street": "Calle 1",
            "city": "Monterrey",
            "country_id": env.ref("base.mx").id,
        }
    )


def _service(env):
    """A service, so that confirming an order makes no transfers: plain Odoo is fast."""
    return env["product.product"].create(
        {
            "name": "bench service",
            "type": "service",
            "invoice_policy": "order",
            "list_price": 1200.0,
            "default_code": "BENCH",
        }
    )


def _pricelists(env, mxn, usd):
    """Pesos come first, so that new orders are in the company's currency."""
    Pricelist = env["product.pricelist"]
    return {
        currency.name: Pricelist.create(
            {
                "name": f"bench {currency.name}",
                "currency_id": currency.id,
                "sequence": at,
            }
        )
        for at, currency in ((0, mxn), (50, usd))
    }


def _term(env, count):
    share = round(100.0 / count, 6)
    shares = [share] * (count - 1) + [round(100.0 - share * (count - 1), 6)]
    return env["account.payment.term"].create(
        {
            "name": f"bench {count} instalments",
            "line_ids": [
                (
                    0,
                    0,
                    {
                        "value": "percent",
                        "value_amount": value,
                        "nb_days": 30 * (at + 1),
                        "delay_type": "days_after",
                    },
                )
                for at, value in enumerate(shares)
            ],
        }
    )


def scenarios(env, basis):
    """Make all documents and return their scenarios."""
    maker = Maker(env, basis)
    made = [*maker.invoices(), *maker.credits(), *maker.invoiced_orders()]
    made += maker.open_orders()
    env.flush_all()
    return made


class Maker:
    """Makes documents of the template customer on the basis's day."""

    def __init__(self, env, basis):
        self.env = env
        self.basis = basis

    def invoices(self):
        """Direct invoices: by currency, instalments and how much of them is paid."""
        for currency, of_currency in CURRENCIES:
            for count, of_count in INSTALMENTS:
                for state, of_state in STATES:
                    move = self._invoice(currency, count)
                    payments = self._pay(move, state, 0.4 if count == 1 else 0.6)
                    weight = DIRECT * of_currency * of_count * of_state
                    name = f"{currency}{count}{state}"
                    yield Scenario(name, weight, [move], payments)

    def credits(self):
        """Credit notes, open and applied, and money on account."""
        yield Scenario("credit_open", 0.01, [self._invoice("MXN", 1, "out_refund")])
        invoice, credit = self._invoice("MXN", 1), self._invoice("MXN", 1, "out_refund")
        (self._receivable(invoice) + self._receivable(credit)).reconcile()
        yield Scenario("credit_applied", 0.01, [invoice, credit])
        payment = self._payment("MXN", 1000.0, "on account")
        yield Scenario("unapplied", 0.02, payments=[payment])

    def invoiced_orders(self):
        """Orders invoiced and paid, invoiced by a draft, or delivered and half so."""
        order, move = self._invoiced_order()
        move.action_post()
        yield Scenario(
            "order_invoiced", 0.27, [move], self._pay(move, "paid", 1), [order]
        )
        order, move = self._invoiced_order()
        yield Scenario("order_draft", 0.01, [move], [], [order])
        order, move = self._invoiced_order(quantity=4.0, invoiced=2.0)
        order.order_line.qty_delivered = 3.0
        move.action_post()
        yield Scenario("order_partly", 0.02, [move], [], [order])

    def open_orders(self):
        """Confirmed orders without an invoice, and quotations."""
        for name, weight, currency, lines in (
            ("order_open", 0.5, "MXN", 1),
            ("order_two_lines", 0.3, "MXN", 2),
            ("order_usd", 0.1, "USD", 1),
            ("order_delivered", 0.1, "MXN", 2),
        ):
            order = self._order(currency, lines)
            order.action_confirm()
            if name == "order_delivered":
                order.order_line[0].qty_delivered = 1.0
            yield Scenario(name, weight, orders=[order], of="orders")
        yield Scenario("quotation", 0.5, orders=[self._order("MXN", 2)], of="orders")

    def _invoice(self, currency, count, kind="out_invoice"):
        basis = self.basis
        scale = 1.0 if currency == "MXN" else 0.05
        prices = [(1.0, 1200.0)] + ([(2.0, 300.0)] if count == 1 else [])
        values = {
            "move_type": kind,
            "partner_id": basis.template.id,
            "currency_id": basis.currencies[currency].id,
            "invoice_date": basis.day,
            "date": basis.day,
            "invoice_line_ids": [
                (
                    0,
                    0,
                    {
                        "product_id": basis.service.id,
                        "quantity": quantity,
                        "price_unit": price * scale,
                        "tax_ids": [(6, 0, basis.company.account_sale_tax_id.ids)],
                    },
                )
                for quantity, price in prices
            ],
        }
        if kind == "out_invoice":
            values["invoice_payment_term_id"] = basis.terms[count].id
        else:
            values |= {"invoice_payment_term_id": False, "invoice_date_due": basis.day}
        move = self.env["account.move"].create(values)
        move.action_post()
        return move

    def _payment(self, currency, amount, memo):
        basis = self.basis
        method = basis.bank.inbound_payment_method_line_ids[0]
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": basis.template.id,
                "amount": amount,
                "currency_id": basis.currencies[currency].id,
                "journal_id": basis.bank.id,
                "date": basis.day + PAYMENT_LAG,
                "memo": memo,
                "payment_method_line_id": method.id,
            }
        )
        payment.action_post()
        return payment

    def _pay(self, move, state, part):
        if state == "open":
            return []
        amount = move.amount_total
        if state == "partial":
            amount = round(amount * part, 2)
        payment = self._payment(move.currency_id.name, amount, move.name)
        items = self._receivable(move) + self._receivable(payment.move_id)
        items.reconcile()
        return [payment]

    @staticmethod
    def _receivable(move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def _order(self, currency, lines, quantity=1.0):
        basis = self.basis
        price = 1200.0 if currency == "MXN" else 60.0
        line = {
            "product_id": basis.service.id,
            "product_uom_qty": quantity,
            "price_unit": price,
            "tax_ids": [(6, 0, basis.company.account_sale_tax_id.ids)],
        }
        return self.env["sale.order"].create(
            {
                "partner_id": basis.template.id,
                "pricelist_id": basis.pricelists[currency].id,
                "order_line": [(0, 0, line) for _at in range(lines)],
            }
        )

    def _invoiced_order(self, quantity=1.0, invoiced=None):
        order = self._order("MXN", 1, quantity)
        order.action_confirm()
        move = order._create_invoices()
        move.invoice_date = move.date = self.basis.day
        if invoiced:
            move.invoice_line_ids.quantity = invoiced
        return order, move
