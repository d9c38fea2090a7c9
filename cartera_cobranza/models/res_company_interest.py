from odoo import api, fields, models

IMPUTING_COUNTRIES = ("MX", "CO")


class ResCompany(models.Model):
    _inherit = "res.company"

    cartera_interest_schedule = fields.Selection(
        [
            ("off", "Nothing"),
            ("simulate", "Count it and tell the manager"),
            ("post", "Count, approve and post it"),
        ],
        string="Interest of the Month",
        default="off",
        required=True,
        help="What the scheduled action does with a month that is over.",
    )
    cartera_interest_user_id = fields.Many2one(
        "res.users",
        string="Reviews the Interest",
        domain="[('share', '=', False)]",
        help="Gets the activity to review and approve the run of the month.",
    )
    cartera_interest_done_to = fields.Date(
        readonly=True, help="Last month of which the scheduled action took care."
    )
    cartera_allocation_order = fields.Selection(
        [
            ("costs_first", "Costs, then interest, then capital"),
            ("principal_first", "Capital, then interest, then costs"),
            ("invoice_first", "The oldest invoice with its costs and interest first"),
            ("fifo", "Oldest due date first, whatever it is"),
        ],
        string="Order of Application",
        compute="_compute_cartera_allocation_order",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="What a receipt pays first when the customer does not say. In Mexico (C. Comercio 364) and Colombia "
        "(C. Civil 1653) interest is paid before capital unless something else was agreed. Only billed interest "
        "counts.",
    )

    @api.depends("country_id")
    def _compute_cartera_allocation_order(self):
        # another country is another law: whoever agreed on something else says so again
        for company in self:
            imputing = company.country_id.code in IMPUTING_COUNTRIES
            company.cartera_allocation_order = "costs_first" if imputing else "fifo"
