import psycopg2

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, mute_logger


class PartnerMerge(models.TransientModel):
    """Merging contacts: their credit accounts become one as well, with the history of all."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Merge the accounts first: Odoo moves references to partners, and one has one account a company."""
        accounts = (
            self.env["cartera.customer"]
            .sudo()
            .search(
                [("partner_id", "in", (src_partners | dst_partner).ids)], order="id"
            )
        )
        for company, theirs in accounts.grouped("company_id").items():
            kept = theirs.filtered(lambda one: one.partner_id == dst_partner)
            kept = kept or theirs[0]
            if theirs - kept:
                self._merge_credit_accounts(theirs - kept, kept)
            self.env["cartera.customer"]._touch(dst_partner.ids, company, recheck=True)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _merge_credit_accounts(self, others, kept):
        """Give ``kept`` everything that hangs on ``others``; its own line, group and open case stand.

        References are moved as Odoo's own merge moves them, for closed holds and lines refuse every write.
        """
        text = self.env._(
            "The contact was merged into %(name)s.", name=kept.partner_id.display_name
        )
        self._replace_rival_lines(others, kept)
        cases = self.env["cartera.collection.case"].sudo()
        open_cases = cases.search(
            [("customer_id", "in", (others | kept).ids), ("stage", "!=", "closed")]
        ).sorted(lambda case: (case.customer_id != kept, case.id))
        open_cases[1:]._close(text)
        others.snapshot_ids.unlink()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE cartera_collection_action a SET automatic = FALSE
                    WHERE a.customer_id = ANY(%(others)s) AND a.automatic AND EXISTS (
                          SELECT 1 FROM cartera_collection_action k
                           WHERE k.customer_id = ANY(%(all)s) AND k.planned_date = a.planned_date
                                 AND k.automatic AND k.id <> a.id)""",
                others=others.ids,
                all=(others | kept).ids,
            )
        )
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                self._update_foreign_keys_generic("cartera.customer", others, kept)
        except psycopg2.IntegrityError as error:
            raise UserError(
                self.env._(
                    "The credit accounts of %(names)s cannot become one: both have something of which a "
                    "customer has only one at a time (%(what)s). End one of them and merge again.",
                    names=", ".join((kept | others).mapped("display_name")),
                    what=self._only_one(error),
                )
            ) from None
        self.env.cr.execute(
            SQL("DELETE FROM cartera_customer WHERE id = ANY(%s)", others.ids)
        )
        self.env.invalidate_all()
        kept.message_post(body=text)

    def _replace_rival_lines(self, others, kept):
        """Of the lines in force for the same scope only one goes on: the kept account's, else the oldest."""
        in_force = (
            self.env["cartera.credit.line"]
            .sudo()
            .search(
                [
                    ("customer_id", "in", (others | kept).ids),
                    ("state", "in", ("active", "suspended")),
                ]
            )
            .sorted(lambda line: (line.customer_id != kept, line.id))
        )
        seen = set()
        for line in in_force:
            scope = line.only_this_currency and line.currency_id
            if scope in seen:
                line._set_state({"state": "replaced"})
            seen.add(scope)

    def _only_one(self, error):
        """Return in words of which model there would be two."""
        table = error.diag.table_name or ""
        model = self.env["ir.model"].sudo()._get(table.replace("_", "."))
        return model.name or table
