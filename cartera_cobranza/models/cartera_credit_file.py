import base64

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

CLOSED = ("approved", "rejected", "cancelled")
UNDECIDED = {"waived_reason": False, "waived_by": False, "waived_on": False}


class CarteraCreditFile(models.Model):
    """One document of an application or a guarantee: what is asked for, the file, until when it is valid.

    Made from the table of required documents, or added by hand. A missing one can be waived by somebody who
    could approve the application.
    """

    _name = "cartera.credit.file"
    _description = "Credit Document"
    _order = "required desc, sequence, id"

    request_id = fields.Many2one(
        "cartera.credit.request",
        string="Application",
        index="btree_not_null",
        ondelete="cascade",
    )
    guarantee_id = fields.Many2one(
        "cartera.credit.guarantee", index="btree_not_null", ondelete="cascade"
    )
    customer_id = fields.Many2one(
        "cartera.customer",
        compute="_compute_customer_id",
        store=True,
        precompute=True,
        index=True,
    )
    company_id = fields.Many2one(
        related="customer_id.company_id", store=True, index=True, precompute=True
    )
    type_id = fields.Many2one(
        "cartera.document.type", string="Document", required=True, ondelete="restrict"
    )
    sequence = fields.Integer(related="type_id.sequence", store=True)
    required = fields.Boolean(
        readonly=True, copy=False, help="Asked for by kind of application and limit."
    )
    file = fields.Binary(attachment=True, copy=False)
    file_name = fields.Char(copy=False)
    received_on = fields.Date(readonly=True, copy=False)
    received_by = fields.Many2one("res.users", readonly=True, copy=False)
    date_to = fields.Date(
        string="Valid Until", help="Last day of the document; empty for no end."
    )
    note = fields.Char(help="What was found when it was looked at.")
    waived_reason = fields.Char(
        string="Waived Because",
        readonly=True,
        copy=False,
        help="Why it is not asked for after all.",
    )
    waived_by = fields.Many2one("res.users", readonly=True, copy=False)
    waived_on = fields.Date(readonly=True, copy=False)
    state = fields.Selection(
        [
            ("missing", "Missing"),
            ("received", "Received"),
            ("expired", "Expired"),
            ("waived", "Waived"),
            ("optional", "Not asked for"),
        ],
        compute="_compute_state",
    )

    _one_owner = models.Constraint(
        "CHECK((request_id IS NULL) <> (guarantee_id IS NULL))",
        "A document belongs to an application or to a guarantee.",
    )
    _expiry_idx = models.Index("(company_id, date_to) WHERE date_to IS NOT NULL")

    @api.depends("request_id.customer_id", "guarantee_id.customer_id")
    def _compute_customer_id(self):
        for one in self:
            one.customer_id = one.request_id.customer_id or one.guarantee_id.customer_id

    @api.depends("file", "file_name", "date_to", "required", "waived_by")
    def _compute_state(self):
        for one in self:
            today = (one.company_id or self.env.company)._cartera_today()
            if one.file_name and one.received_on:
                one.state = (
                    "expired" if one.date_to and one.date_to < today else "received"
                )
            elif one.waived_by:
                one.state = "waived"
            else:
                one.state = "missing" if one.required else "optional"
            if one.state == "expired" and one.waived_by:
                one.state = "waived"

    @api.depends("type_id")
    def _compute_display_name(self):
        for one in self:
            one.display_name = one.type_id.name or ""

    # Keeping what a decision rests on

    @api.model
    def _is_internal(self):
        return bool(self.env.cr.cache.get("cartera_credit_request"))

    @api.model_create_multi
    def create(self, vals_list):
        made = []
        for vals in vals_list:
            vals = {**vals, **UNDECIDED}
            if not self._is_internal():
                vals["required"] = False
            vals["received_on"] = vals["received_by"] = False
            if vals.get("file"):
                kind = self.env["cartera.document.type"].browse(vals["type_id"])
                vals |= self._received_vals(kind, vals)
            made.append(vals)
        files = super().create(made)
        if not self._is_internal():
            files._check_open()
        return files

    def write(self, vals):
        if self._is_internal():
            return super().write(vals)
        if {*UNDECIDED, "required", "received_on", "received_by"} & set(vals):
            raise UserError(
                self.env._(
                    "What is asked for, and what is waived, is not entered: use the buttons."
                )
            )
        if {"request_id", "guarantee_id", "type_id"} & set(vals) and any(
            one.required or one.file_name for one in self
        ):
            raise UserError(
                self.env._(
                    "A document stays with its application. Add another one instead."
                )
            )
        self._check_open()
        if "file" not in vals:
            return super().write(vals)
        for one in self:
            if vals["file"]:
                extra = one._received_vals(one.type_id, vals)
                if "date_to" in vals:
                    extra["date_to"] = vals["date_to"]
            else:
                extra = {"file_name": False, "received_on": False, "received_by": False}
            super(CarteraCreditFile, one).write({**vals, **extra})
        return True

    @api.model
    def _received_vals(self, kind, vals):
        """Return what goes with a file that is handed in, after checking it."""
        content = vals["file"]
        if isinstance(content, str):
            content = content.encode()
        try:
            content = base64.b64decode(content, validate=True)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "%s could not be read. Attach it again.",
                    vals.get("file_name") or "",
                )
            ) from error
        kind._check_file(vals.get("file_name"), content)
        today = self.env.company._cartera_today()
        return {
            "received_on": today,
            "received_by": self.env.uid,
            "date_to": vals.get("date_to")
            or (
                fields.Date.add(today, months=kind.valid_months)
                if kind.valid_months
                else False
            ),
        }

    @api.constrains("file", "file_name")
    def _check_name(self):
        for one in self:
            if one.file_name and not one.received_on:
                raise ValidationError(
                    self.env._(
                        "%s has the name of a file and no file. Attach it.",
                        one.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_not_required(self):
        if self._is_internal():
            return
        self._check_open()
        for one in self:
            if one.required:
                raise UserError(
                    self.env._(
                        "%s is asked for and cannot be removed. Have it waived, with the reason.",
                        one.display_name,
                    )
                )

    def _check_open(self):
        for one in self:
            request = one.request_id
            if request and request.sudo().state in CLOSED:
                raise UserError(
                    self.env._(
                        "%(request)s is decided, and its documents stay as they were. Make a new application.",
                        request=request.sudo().name,
                    )
                )
            if one.guarantee_id.sudo().state not in (False, "draft", "accepted"):
                raise UserError(
                    self.env._(
                        "%s is closed, and its documents stay as they were.",
                        one.guarantee_id.sudo().display_name,
                    )
                )
            if one.guarantee_id.sudo().state == "accepted" and one.file_name:
                raise UserError(
                    self.env._(
                        "%s is accepted, and its documents stay as they were. Add a new one.",
                        one.guarantee_id.sudo().display_name,
                    )
                )

    # Verbs

    def action_waive(self, reason=None):
        """Do without documents that are asked for: by who could approve the application, and did not ask for it.

        :param reason: why; obligatory
        """
        self.check_access("read")
        if not (reason or "").strip():
            raise UserError(
                self.env._("Say why the document is not asked for after all.")
            )
        for one in self:
            request = one.request_id
            if not request or not one.required:
                raise UserError(
                    self.env._(
                        "%s is not asked for, so there is nothing to waive.",
                        one.display_name,
                    )
                )
            one._check_open()
            request._check_may_waive(one)
            request._write_decided_on(
                one,
                {
                    "waived_reason": reason,
                    "waived_by": self.env.uid,
                    "waived_on": one.company_id._cartera_today(),
                },
            )
            request.sudo().message_post(
                body=self.env._(
                    "%(document)s is waived by %(user)s: %(reason)s",
                    document=one.display_name,
                    user=self.env.user.name,
                    reason=reason,
                )
            )
        return True

    def action_open_waive(self):
        """Ask why a document is waived (button)."""
        self.ensure_one()
        return self.env["cartera.reason"]._ask(self, "action_waive")
