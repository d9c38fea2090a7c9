from odoo import api, models
from odoo.exceptions import AccessError, UserError


class CarteraCollectionStage(models.AbstractModel):
    """How cases move from stage to stage: by hand, by contacts, by promises and disputes, to the lawyer."""

    _name = "cartera.collection.stage"
    _description = "Stages of Collection Cases"

    @api.model
    def _expand_stages(self, stages, _domain):
        known = [key for key, _label in self._fields["stage"].selection]
        return [stage for stage in known if stage != "closed" or stage in stages]

    def _set_stage(self, stage):
        """Move open cases to ``stage``; a case that is with the lawyer stays there."""
        moving = self.sudo().filtered(
            lambda one: one.stage not in ("closed", "legal", stage)
        )
        moving.write({"stage": stage})

    @api.model
    def _follow_stages(self, facts):
        """Take cases from the stage of a promise or a dispute, once there is none any more; new ones to it."""
        moved = {}
        for fact in facts.values():
            if (fact["stage"] == "promised" and not fact["promise_live"]) or (
                fact["stage"] == "disputed" and not fact["dispute_open"]
            ):
                fact["stage"] = "disputed" if fact["dispute_open"] else "contacted"
            elif fact["stage"] == "new" and fact["promise_live"]:
                fact["stage"] = "promised"
            elif fact["stage"] == "new" and fact["dispute_open"]:
                fact["stage"] = "disputed"
            else:
                continue
            moved.setdefault(fact["stage"], []).append(fact["id"])
        for stage, ids in moved.items():
            self.browse(ids).sudo().write({"stage": stage})

    def _check_legal_stage(self, vals):
        """Refuse to drag a case to the lawyer, or back: the file goes along, and the plan stops."""
        if "stage" not in vals:
            return
        moving = self.filtered(lambda one: one.stage != vals["stage"])
        if vals["stage"] == "legal" and moving:
            raise UserError(
                self.env._(
                    "%(customer)s goes to the lawyer with the whole file: use Hand Over to the Lawyer in the case.",
                    customer=moving[0].partner_id.display_name,
                )
            )
        back = moving.filtered(lambda one: one.stage == "legal")
        if back and not self.env.user.has_group(
            "cartera_cobranza.group_credit_executive"
        ):
            raise AccessError(
                self.env._(
                    "%(customer)s is with the lawyer. Ask a credit executive to take the case back.",
                    customer=back[0].partner_id.display_name,
                )
            )
