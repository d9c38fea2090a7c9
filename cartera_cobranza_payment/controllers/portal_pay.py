from odoo.exceptions import UserError, ValidationError
from odoo.http import request, route
from odoo.tools import str2bool

from odoo.addons.account_payment.controllers.payment import PaymentPortal
from odoo.addons.account_payment.controllers.portal import PortalAccount
from odoo.addons.cartera_cobranza.controllers import portal_pay

ROUTE = "/my/pay/transaction"


class PortalPay(portal_pay.PortalPay, PortalAccount, PaymentPortal):
    """The choice of the customer goes to Odoo's own payment form, with its amount; where there is no provider, by
    bank transfer."""

    def _pay_page(self, choice):
        values = self._online_values(choice)
        if not values:
            return super()._pay_page(choice)
        return request.render("cartera_cobranza_payment.portal_pay_online", values)

    def _online_values(self, choice):
        """Return the values of Odoo's payment form, or None where nothing can be paid online."""
        enabled = (
            request.env["ir.config_parameter"]
            .sudo()
            .get_param("account_payment.enable_portal_payment")
        )
        if not str2bool(enabled, False):
            return None
        company, moves = choice.company, choice.moves
        reference = (
            company.sudo().get_next_batch_payment_communication()
            if len(moves) > 1
            else moves.name
        )
        items = "-".join(map(str, choice.lines.ids))
        values = self._get_common_page_view_values(
            invoices_data={
                "partner": moves[0].partner_id,
                "company": company,
                "total_amount": choice.total,
                "currency": choice.currency,
                "amount_residual": choice.total,
                "payment_reference": reference,
                "landing_route": "/my/statement",
                "transaction_route": f"{ROUTE}/{items}",
            }
        )
        if not values["payment_methods_sudo"] and not values["tokens_sudo"]:
            return None
        return values | self._pay_values(choice) | {"amount": choice.total}

    @route(f"{ROUTE}/<string:items>", type="jsonrpc", auth="user")
    def cartera_pay_transaction(self, items, payment_reference=None, **kwargs):
        """Make the transaction of a choice and return what Odoo's payment form goes on with.

        :param items: the chosen journal items, checked again, with dashes between them
        :raise ValidationError: when something of it was paid or changed meanwhile
        """
        choice = self._choice(items.split("-"))
        self._validate_transaction_kwargs(kwargs)
        kwargs.pop("is_validation", None)
        try:
            amount = float(kwargs.get("amount") or 0)
        except (TypeError, ValueError) as error:
            raise UserError(request.env._("Choose at least one invoice.")) from error
        if choice.currency.compare_amounts(amount, choice.total):
            raise ValidationError(
                request.env._(
                    "What is to be paid has changed meanwhile: it is %(total)s %(currency)s now, and not %(amount)s. "
                    "Choose again.",
                    total=choice.total,
                    currency=choice.currency.name,
                    amount=amount,
                )
            )
        kwargs["amount"] = choice.total
        return self._process_transaction(
            request.env.user.partner_id.id,
            choice.currency.id,
            choice.moves.ids,
            payment_reference,
            **kwargs,
        )
