from odoo import api, models


class CarteraPortalPayment(models.AbstractModel):
    _inherit = "cartera.portal.payment"

    @api.model
    def _under_way(self, moves):
        """Invoices whose online payment waits for the provider; a transfer that is only announced does not count."""
        moves.transaction_ids.mapped("state")  # read for all at once
        return super()._under_way(moves) | moves.filtered(
            lambda move: any(
                transaction.state in ("pending", "authorized")
                and transaction.provider_code not in ("none", "custom")
                for transaction in move.transaction_ids
            )
        )
