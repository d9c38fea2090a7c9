from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    cartera_statement_hourly = fields.Integer(
        string="Statements per Hour at Most",
        help="Statements of account go out no faster than this, over all batches and runs of the company; the rest "
        "waits its turn. Zero: no limit but that of the mail server.",
    )
    cartera_statement_print_limit = fields.Integer(
        string="Print at Once up to",
        default=50,
        help="The PDF of so many customers is made while one waits; that of more is made in the background, and "
        "whoever asked for it is told when it is ready.",
    )

    @api.constrains("cartera_statement_hourly")
    def _check_cartera_statement_hourly(self):
        for company in self:
            if company.cartera_statement_hourly < 0:
                raise ValidationError(
                    self.env._(
                        "%(company)s cannot send %(number)s statements an hour. Enter a number above zero, or zero for "
                        "no limit.",
                        company=company.name,
                        number=company.cartera_statement_hourly,
                    )
                )

    @api.constrains("cartera_statement_print_limit")
    def _check_cartera_statement_print_limit(self):
        for company in self:
            if company.cartera_statement_print_limit < 1:
                raise ValidationError(
                    self.env._(
                        "%(company)s cannot print the statements of %(number)s customers at once. Enter one or more.",
                        company=company.name,
                        number=company.cartera_statement_print_limit,
                    )
                )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cartera_statement_hourly = fields.Integer(
        related="company_id.cartera_statement_hourly", readonly=False
    )
    cartera_statement_print_limit = fields.Integer(
        related="company_id.cartera_statement_print_limit", readonly=False
    )
