from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CarteraCollectorAbsence(models.Model):
    """A collector's absence: until it ends, who stands in finds the cases in the own worklist."""

    _name = "cartera.collector.absence"
    _description = "Absence of a Collector"
    _inherit = ["cartera.typed"]
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Absent",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.uid,
        domain="[('share', '=', False)]",
    )
    substitute_id = fields.Many2one(
        "res.users",
        string="Stands In",
        required=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._cartera_today(),
    )
    date_to = fields.Date(
        string="To", required=True, help="The last day of the absence."
    )
    reason = fields.Char()

    _dates_in_order = models.Constraint(
        "CHECK(date_from <= date_to)",
        "The absence ends before it begins. Correct the dates.",
    )
    _two_people = models.Constraint(
        "CHECK(user_id <> substitute_id)",
        "Nobody stands in for oneself. Choose another person.",
    )

    @api.model
    def _typed_periods(self):
        return (("date_from", "date_to"),)

    @api.constrains("user_id", "date_from", "date_to", "company_id")
    def _check_overlap(self):
        for absence in self:
            other = self.search(
                [
                    ("id", "!=", absence.id),
                    ("user_id", "=", absence.user_id.id),
                    ("company_id", "in", (absence.company_id.id, False)),
                    ("date_from", "<=", absence.date_to),
                    ("date_to", ">=", absence.date_from),
                ],
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "%(user)s is absent from %(start)s to %(end)s already. Change that absence.",
                        user=absence.user_id.name,
                        start=fields.Date.to_string(other.date_from),
                        end=fields.Date.to_string(other.date_to),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        absences = super().create(vals_list)
        absences._hand_over(absences.user_id)
        return absences

    def write(self, vals):
        before = self.user_id
        result = super().write(vals)
        self._hand_over(before | self.user_id)
        return result

    def unlink(self):
        users = self.user_id
        result = super().unlink()
        self._hand_over(users)
        return result

    @api.model
    def _hand_over(self, users):
        """Let the cases of these collectors show who works them today."""
        cases = (
            self.env["cartera.collection.case"]
            .sudo()
            .search([("collector_id", "in", users.ids), ("stage", "!=", "closed")])
        )
        cases._note_contact()
