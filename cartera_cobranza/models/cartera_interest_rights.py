from odoo import api, models
from odoo.exceptions import AccessError, UserError


class CarteraInterestRights(models.AbstractModel):
    """Who may do what with interest runs, and where their buttons lead."""

    _name = "cartera.interest.rights"
    _description = "Rights on Interest Runs"

    @api.model
    def _check_role(self, verb):
        """Check who may simulate, waive, approve, post or reverse.

        Accountants simulate and post, executives simulate and waive, managers do all.
        """
        if self.env.su:
            return
        accountant = self.env.user.has_group("account.group_account_user")
        executive = self.env.user.has_group("cartera_cobranza.group_credit_executive")
        manager = self.env.user.has_group("cartera_cobranza.group_credit_manager")
        allowed = {
            "simulate": executive or accountant,
            "waive": executive,
            "approve": manager,
            "post": manager or accountant,
            "reverse": manager,
        }
        if not allowed[verb]:
            raise AccessError(
                {
                    "simulate": self.env._(
                        "Interest is simulated by credit executives and accountants."
                    ),
                    "waive": self.env._(
                        "Interest is waived by credit executives and managers, within their authority."
                    ),
                    "approve": self.env._(
                        "Interest runs are approved by credit managers."
                    ),
                    "post": self.env._(
                        "Interest is posted by accountants and credit managers."
                    ),
                    "reverse": self.env._(
                        "Posted interest is reversed by credit managers."
                    ),
                }[verb]
            )

    def _start_verb(self, verb, states):
        """Check role, access to the records and their state; return them with full rights."""
        self._check_role(verb)
        self.check_access("read")
        for run in self:
            if run.company_id not in self.env.companies and not self.env.su:
                raise AccessError(
                    self.env._(
                        "%(run)s belongs to %(company)s. Switch to that company.",
                        run=run.name,
                        company=run.company_id.name,
                    )
                )
            if run.state not in states:
                raise UserError(
                    self.env._(
                        "%(run)s is %(state)s: this cannot be done now.",
                        run=run.name,
                        state=run._state_label(),
                    )
                )
        return self.sudo()

    # Looking

    def action_open_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cartera_cobranza.cartera_interest_line_action"
        )
        action["domain"] = [("run_id", "=", self.id)]
        action["context"] = {
            "search_default_group_customer": 1,
            "default_run_id": self.id,
        }
        action["display_name"] = self.name
        return action

    def action_open_notes(self):
        self.ensure_one()
        lines = self.line_ids
        moves = lines.note_move_id | lines.reversal_move_id | lines.waiver_ids.move_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Notes of %s", self.name),
            "res_model": "account.move",
            "view_mode": "list,form",
            "views": [
                (self.env.ref("account.view_out_invoice_tree").id, "list"),
                (False, "form"),
            ],
            "domain": [("id", "in", moves.ids)],
        }

    def action_annex(self):
        """Print the arithmetic of all lines."""
        return self.env.ref(
            "cartera_cobranza.cartera_interest_run_report"
        ).report_action(self)

    def action_annex_xlsx(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/cartera/interest/run/{self.id}/annex.xlsx",
            "target": "download",
        }
