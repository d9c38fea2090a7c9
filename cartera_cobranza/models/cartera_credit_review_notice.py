from odoo import fields, models


class CarteraCreditReviewNotice(models.Model):
    """That an activity was made of something that falls due on a day: it is made once. Written by the job."""

    _name = "cartera.credit.review.notice"
    _description = "Review Already Told"
    _log_access = False
    _rec_name = "label"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade"
    )
    customer_id = fields.Many2one(
        "cartera.customer", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", ondelete="set null")
    kind = fields.Char(required=True)
    res_id = fields.Integer(required=True)
    date = fields.Date(required=True)
    label = fields.Char()

    _once = models.UniqueIndex("(kind, res_id, date)", "This was told already.")
