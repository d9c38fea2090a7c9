from odoo import api, models
from odoo.tools import SQL


class BasePartnerMerge(models.TransientModel):
    """Two customers become one: their credit accounts as well, with the whole history of both."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self._merge_credit_accounts(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self._refresh_merged(dst_partner)
        return result

    @api.model
    def _merge_credit_accounts(self, src_partners, dst_partner):
        """Bring everything of the accounts that would clash to the one that stays, company by company.

        The line, the plan and the settings of the account that stays hold; the other's open case is closed.
        """
        Account = self.env["cartera.customer"].sudo()
        accounts = Account.search(
            [("partner_id", "in", (src_partners | dst_partner).ids)], order="id"
        )
        for mine in accounts.grouped("company_id").values():
            stays = mine.filtered(lambda one: one.partner_id == dst_partner) or mine[0]
            goes = mine - stays
            if goes:
                self._merge_into(goes, stays)

    @api.model
    def _merge_into(self, goes, stays):
        open_case = stays.case_ids.filtered(lambda one: one.stage != "closed")
        others = goes.case_ids.filtered(lambda one: one.stage != "closed")
        # one open case stays: the one of the account that stays, else the first
        (others if open_case else others[1:])._close(
            self.env._(
                "Merged with %(customer)s.", customer=stays.partner_id.display_name
            )
        )
        self.env.flush_all()
        for account in goes:
            self._make_way(account, stays)
            self._update_foreign_keys_generic("cartera.customer", account, stays)
            self._update_reference_fields_generic("cartera.customer", account, stays)
        self.env.invalidate_all()
        self.env.cr.execute(
            SQL("DELETE FROM cartera_customer WHERE id = ANY(%s)", list(goes.ids))
        )

    @api.model
    def _make_way(self, account, stays):
        """Settle by hand what may exist once for a customer; Odoo's merge would delete the second one."""
        params = {"goes": account.id, "stays": stays.id}
        self.env.cr.execute(
            SQL(
                "DELETE FROM cartera_customer_snapshot WHERE customer_id = %(goes)s",
                **params,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE cartera_credit_line SET state = 'replaced'
                    WHERE customer_id = %(goes)s AND state IN ('active', 'suspended')
                      AND EXISTS (SELECT 1 FROM cartera_credit_line o
                                   WHERE o.customer_id = %(stays)s AND o.state IN ('active', 'suspended'))""",
                **params,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE cartera_collection_action a SET automatic = FALSE
                    WHERE a.customer_id = %(goes)s AND a.automatic
                      AND EXISTS (SELECT 1 FROM cartera_collection_action o
                                   WHERE o.customer_id = %(stays)s AND o.planned_date = a.planned_date
                                     AND o.automatic AND o.state <> 'cancelled')""",
                **params,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE cartera_payment_promise p SET scope = 'invoices'
                    WHERE p.customer_id = %(goes)s AND p.live AND p.scope = 'balance'""",
                **params,
            )
        )

    @api.model
    def _refresh_merged(self, partner):
        """Figures and worklist of the customer who stays, as of now."""
        self.env.invalidate_all()
        accounts = (
            self.env["cartera.customer"]
            .sudo()
            .search([("partner_id", "=", partner.id)])
        )
        for account in accounts:
            self.env["cartera.customer"].sudo()._touch(
                partner.ids, account.company_id, recheck=True
            )
