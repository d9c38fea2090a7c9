import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class CarteraCustomerTouched(models.Model):
    """A note that a customer's documents changed since the last refresh of its figures.

    Rows are only added by those who change documents, and taken by the refresh job.
    """

    _name = "cartera.customer.touched"
    _description = "Customer Whose Figures Changed"
    _order = "id"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", index=True
    )
    recheck = fields.Boolean(help="Credit may have become free.")

    @api.model
    def _cron_refresh(self):
        """Refresh the figures of the customers that were touched, and take their notes away.

        Where credit may have become free, holds are looked for once more: one that was made at the same
        moment was not seen by the transaction that freed the credit.
        """
        notes = self.search([], limit=10000)
        self.env["ir.cron"]._commit_progress(remaining=len(notes))
        for company, theirs in notes.grouped("company_id").items():
            theirs = theirs.try_lock_for_update()
            partners = theirs.partner_id.commercial_partner_id
            count = len(theirs)
            try:
                self.env["cartera.payment.promise"]._evaluate_for(company, partners)
                self.env["cartera.dispute"]._settle_for(company, partners)
                self.env["cartera.customer"]._refresh_known(company, partners)
            except UserError as error:
                self.env.cr.rollback()
                _logger.warning(
                    "Figures of %s were not refreshed: %s", company.name, error
                )
                theirs = theirs.exists()
            freed = [
                (note.partner_id.id, company.id) for note in theirs if note.recheck
            ]
            self.env["cartera.credit.hold"]._trigger_for(freed)
            theirs.unlink()
            if not self.env["ir.cron"]._commit_progress(count):
                break
