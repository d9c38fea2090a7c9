from odoo import api, fields, models, tools


class AccountPayment(models.Model):
    _inherit = "account.payment"

    cartera_center_id = fields.Many2one(
        "cartera.collection.center",
        string="Collection Center",
        index="btree_not_null",
        check_company=True,
        domain="[('journal_id', '=', journal_id)]",
        help="Where the customer paid; filled in where the journal and method leave no choice.",
    )

    def _auto_init(self):
        # empty on the payments that are there: no rewrite of a large table
        if not tools.sql.column_exists(self.env.cr, self._table, "cartera_center_id"):
            tools.sql.create_column(
                self.env.cr, self._table, "cartera_center_id", "int4"
            )
        return super()._auto_init()

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        payments._fill_center()
        return payments

    def _fill_center(self):
        """Give customers' payments the center that their journal and method leave no choice about."""
        open_ones = self.filtered(
            lambda one: one.payment_type == "inbound"
            and one.partner_type == "customer"
            and not one.cartera_center_id
        )
        for company, payments in open_ones.grouped("company_id").items():
            keyed = payments.grouped(
                lambda one: (one.journal_id.id, one.payment_method_line_id.id)
            )
            found = self.env["cartera.collection.center"]._find(company, list(keyed))
            for key, center in found.items():
                keyed[key].cartera_center_id = center
