from odoo import api, fields, models

UNITS = [("amount", "Amount"), ("percent", "Percent"), ("days", "Days")]


class CarteraKpiIndicator(models.Model):
    """A key figure with the one formula by which it is computed: what is measured, and how.

    Two formulas of the same figure are two indicators, so that nobody compares what cannot be compared.
    """

    _name = "cartera.kpi.indicator"
    _description = "Key Figure"
    _order = "sequence, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    variant = fields.Char(
        required=True, readonly=True, help="Which of the formulas in use this one is."
    )
    variant_name = fields.Char(string="Formula Variant", required=True, translate=True)
    formula = fields.Text(
        required=True, translate=True, help="What is divided by what."
    )
    note = fields.Text(translate=True, help="What to mind when the figure is read.")
    topic = fields.Selection(
        [
            ("balance", "Receivables"),
            ("days", "Days"),
            ("collection", "Collection"),
            ("work", "Contacts and Promises"),
            ("dispute", "Disputes"),
            ("credit", "Credit"),
        ],
        required=True,
        readonly=True,
    )
    unit = fields.Selection(UNITS, required=True, readonly=True)
    good = fields.Selection(
        [("up", "Higher is better"), ("down", "Lower is better"), ("none", "Neither")],
        string="Direction",
        required=True,
        default="none",
        readonly=True,
    )
    sequence = fields.Integer(default=10)
    weekly = fields.Boolean(
        string="In the Weekly E-mail", help="Part of the e-mail that users can ask for."
    )

    _code_variant_unique = models.UniqueIndex(
        "(code, variant)", "This formula of the key figure exists already."
    )

    @api.depends("name", "unit")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Names carry their unit, so that a number beside them in a pivot or graph can be read."""
        units = {"percent": "%", "days": self.env._("days")}
        for one in self:
            unit = units.get(one.unit)
            one.display_name = f"{one.name} ({unit})" if unit else one.name

    @api.model
    def _by_formula(self):
        """Return {(code, variant): id} of all indicators, archived or not."""
        return {(one.code, one.variant): one.id for one in self.sudo().search([])}

    def _explanation(self):
        """Return the text that is shown when the pointer rests on a figure."""
        self.ensure_one()
        text = self.env._(
            "%(formula)s (%(variant)s)",
            formula=self.formula,
            variant=self.variant_name,
        )
        return f"{text}\n{self.note}" if self.note else text
