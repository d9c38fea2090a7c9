from contextlib import contextmanager
from io import StringIO

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..calc import money

TOKEN = "cartera_interest_state"
LINE_COLUMNS = (
    "company_id",
    "run_id",
    "state",
    "live",
    "manual",
    "id",
    "customer_id",
    "partner_id",
    "policy_id",
    "kind",
    "fee_id",
    "origin_line_id",
    "move_line_id",
    "move_id",
    "currency_id",
    "date_maturity",
    "date_from",
    "charged_to",
    "watermark",
    "days",
    "balance",
    "amount",
    "amount_company",
    "waived_amount",
    "waived_company",
    "net_amount",
    "computed_amount",
    "excluded_balance",
    "before_amount",
    "note",
    "fingerprint",
)
SEGMENT_COLUMNS = (
    "company_id",
    "line_id",
    "date_from",
    "date_to",
    "anchor",
    "days",
    "balance",
    "rate",
    "method",
    "capped",
    "factor",
    "amount",
)
NULL = r"\N"


class CarteraInterestProposalWriter(models.AbstractModel):
    """Keeps what was counted as the lines and segments of a run: rebuildable rows, written in a few statements."""

    _name = "cartera.interest.proposal.writer"
    _description = "Writer of Interest Lines"

    @api.model
    @contextmanager
    def _writing(self):
        """While open, the verbs may write what nobody else may."""
        cache = self.env.cr.cache
        before = cache.get(TOKEN)
        cache[TOKEN] = True
        try:
            yield
            self.env.flush_all()
        finally:
            cache[TOKEN] = before

    def _delete_lines(self, manual=True):
        """Delete the lines of runs that are not decided; those added by hand only with ``manual``."""
        self._delete_proposed(
            SQL("run_id = ANY(%s)", self.ids)
            if manual
            else SQL("run_id = ANY(%s) AND manual IS NOT TRUE", self.ids)
        )

    @api.model
    def _delete_proposed(self, condition):
        """Delete lines that meet a condition and are not posted, with their arithmetic."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """WITH gone AS (
                       DELETE FROM cartera_interest_line WHERE state = 'proposed' AND %s RETURNING id)
                   DELETE FROM cartera_interest_segment s USING gone WHERE s.line_id = gone.id""",
                condition,
            )
        )
        self._forget_written()

    def _forget_written(self):
        """Read again what was written past the cache."""
        self.env["cartera.interest.line"].invalidate_model(flush=False)
        self.env["cartera.interest.segment"].invalidate_model(flush=False)
        self.invalidate_recordset(flush=False)

    def _write_proposals(self, proposals, manual=False):
        """Write lines and segments for proposals; returns the ids of the lines.

        :raise UserError: where the rate of a foreign currency is missing on the day of the notes
        """
        self.ensure_one()
        if not proposals:
            return []
        customers = self._customer_ids({one.owed.partner_id for one in proposals})
        to_company = self._company_converter(proposals)
        ids = [
            row[0]
            for row in self.env.execute_query(
                SQL(
                    "SELECT nextval('cartera_interest_line_id_seq') FROM generate_series(1, %s)",
                    len(proposals),
                )
            )
        ]
        fixed = f"{self.company_id.id}\t"
        line_start = f"{fixed}{self.id}\tproposed\tf\t{'t' if manual else 'f'}\t"
        lines, segments = [], []
        for number, one in zip(ids, proposals, strict=True):
            lines.append(line_start + _line_text(number, one, customers, to_company))
            start = f"{fixed}{number}\t"
            segments += [
                f"{start}{part.date_from}\t{part.date_to}\t{part.anchor}\t{part.days}\t{part.balance}"
                f"\t{part.rate}\t{part.method}\t{'t' if part.capped else 'f'}\t{part.factor}\t{part.amount}"
                for part in one.charge.segments
            ]
        self._copy("cartera_interest_line", LINE_COLUMNS, lines)
        self._copy("cartera_interest_segment", SEGMENT_COLUMNS, segments)
        self._forget_written()
        return ids

    def _company_converter(self, proposals):
        """Return a function (amount, currency id) -> amount in company currency at the rate of the notes' day."""
        company = self.company_id
        own = company.currency_id
        rounding = money.to_decimal(own.rounding)
        foreign = {one.owed.currency_id for one in proposals} - {own.id}
        rates = {}
        if foreign:
            helper = self.env["cartera.money"]
            rates = helper._rates(company, self.note_date)
            missing = self.env["res.currency"].browse(
                sorted(currency for currency in foreign if not rates.get(currency))
            )
            if missing:
                raise UserError(
                    helper._missing_rate_message(missing, company, self.note_date)
                )

        def to_company(amount, currency):
            if currency == own.id or not amount:
                return amount
            return money.convert(amount, rates[currency], money.to_decimal(1), rounding)

        return to_company

    def _revalue(self):
        """Count the amounts in company currency again, at the rates of another day of the notes."""
        for run in self:
            lines = self.env["cartera.interest.line"].search(
                [
                    ("run_id", "=", run.id),
                    ("state", "=", "proposed"),
                    ("currency_id", "!=", run.currency_id.id),
                ]
            )
            for currency, theirs in lines.grouped("currency_id").items():
                helper = self.env["cartera.money"]
                rate = helper._rates(run.company_id, run.note_date).get(currency.id)
                if not rate:
                    raise UserError(
                        helper._missing_rate_message(
                            currency, run.company_id, run.note_date
                        )
                    )
                rounding = money.to_decimal(run.currency_id.rounding)
                with self._writing():
                    for line in theirs:
                        amount, waived = (
                            money.convert(
                                money.to_decimal(value),
                                rate,
                                money.to_decimal(1),
                                rounding,
                            )
                            for value in (line.amount, line.waived_amount)
                        )
                        line.write(
                            {
                                "amount_company": float(amount),
                                "waived_company": float(waived),
                            }
                        )

    def _customer_ids(self, partner_ids):
        """Return {commercial partner id: credit account id}, made where missing."""
        customers = self.env["cartera.customer"]
        known = dict(
            self.env.execute_query(
                SQL(
                    "SELECT partner_id, id FROM cartera_customer WHERE company_id = %s",
                    self.company_id.id,
                )
            )
        )
        missing = partner_ids - known.keys()
        if missing:
            partners = self.env["res.partner"].browse(sorted(missing))
            made = customers._find_or_create(partners, self.company_id)
            known |= {partner.id: customer.id for partner, customer in made.items()}
        return known

    def _copy(self, table, columns, rows):
        """Write rows, each as text between tabs: ids, dates, amounts and the model's own keywords only."""
        if not rows:
            return
        statement = SQL(
            "COPY %s (%s) FROM STDIN",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, columns)),
        )
        self.env.cr.copy_expert(statement.code, StringIO("\n".join(rows) + "\n"))

    # Waivers outlive a new count

    def _kept_waivers(self):
        """Return {what identifies a line: (waived amount, ids of its waivers)} of what people waived."""
        kept = {}
        for line in self.env["cartera.interest.line"].search(
            [
                ("run_id", "in", self.ids),
                ("state", "=", "proposed"),
                ("waiver_ids", "!=", False),
            ]
        ):
            kept[_identity(line)] = (line.waived_amount, line.waiver_ids.ids)
        return kept

    def _restore_waivers(self, kept):
        if not kept:
            return
        for line in self.env["cartera.interest.line"].search(
            [
                ("run_id", "in", self.ids),
                ("move_line_id", "in", [key[1] for key in kept]),
            ]
        ):
            waived, ids = kept.get(_identity(line), (0, ()))
            if ids and not line.waiver_ids:
                waived = min(waived, line.amount)
                with self._writing():
                    line.write(
                        {
                            "waived_amount": waived,
                            "waived_company": float(line._company_amount(waived)),
                        }
                    )
                    self.env["cartera.interest.waiver"].browse(ids).write(
                        {"line_id": line.id}
                    )


def _identity(line):
    return (
        line.kind,
        line.move_line_id.id,
        line.fee_id.id,
        line.date_from,
        line.charged_to,
        line.amount,
    )


def _line_text(number, one, customers, to_company):
    """Return the rest of a line's row, from its id on."""
    segments = one.charge.segments
    row = one.owed
    waived = one.waived
    currency = row.currency_id
    charged_to = one.charged_to or segments[-1].date_to
    days = segments[0].days if len(segments) == 1 else sum(s.days for s in segments)
    in_company = to_company(one.amount, currency)
    return (
        f"{number}\t{customers[row.partner_id]}\t{row.partner_id}\t{one.policy.id}\t{one.kind}"
        f"\t{one.fee.id if one.fee else NULL}\t{one.origin or NULL}\t{row.id}\t{row.move_id}\t{currency}"
        f"\t{row.due}\t{one.date_from or segments[0].date_from}\t{charged_to}\t{row.billed_to or NULL}\t{days}"
        f"\t{segments[-1].balance if segments else 0}\t{one.amount}\t{in_company}\t{waived}"
        f"\t{to_company(waived, currency) if waived else 0}\t{one.amount - waived}\t{one.computed}"
        f"\t{one.excluded}\t{one.before}\t{one.note or NULL}"
        f"\t{row.fingerprint(charged_to) if one.kind == 'interest' else NULL}"
    )
