import json
from contextlib import contextmanager
from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..calc import money

TOKEN = "cartera_interest_state"
CHUNK = 5000
LINE_COLUMNS = {
    "id": "int",
    "customer_id": "int",
    "partner_id": "int",
    "policy_id": "int",
    "kind": "varchar",
    "fee_id": "int",
    "origin_line_id": "int",
    "move_line_id": "int",
    "move_id": "int",
    "currency_id": "int",
    "date_maturity": "date",
    "date_from": "date",
    "charged_to": "date",
    "watermark": "date",
    "days": "int",
    "balance": "numeric",
    "amount": "numeric",
    "amount_company": "numeric",
    "waived_amount": "numeric",
    "waived_company": "numeric",
    "net_amount": "numeric",
    "computed_amount": "numeric",
    "excluded_balance": "numeric",
    "before_amount": "numeric",
    "note": "varchar",
    "manual": "boolean",
}
SEGMENT_COLUMNS = {
    "line_id": "int",
    "date_from": "date",
    "date_to": "date",
    "anchor": "date",
    "days": "int",
    "balance": "numeric",
    "rate": "numeric",
    "method": "varchar",
    "capped": "boolean",
    "factor": "numeric",
    "amount": "numeric",
}


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
        self.env.flush_all()
        condition = SQL("TRUE") if manual else SQL("manual IS NOT TRUE")
        self.env.cr.execute(
            SQL(
                "DELETE FROM cartera_interest_line WHERE run_id = ANY(%s) AND state = 'proposed' AND %s",
                self.ids,
                condition,
            )
        )
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
        lines, segments = [], []
        for number, one in zip(ids, proposals, strict=True):
            lines.append(self._line_values(number, one, customers, to_company, manual))
            segments += _segment_values(number, one)
        self._insert(
            "cartera_interest_line",
            LINE_COLUMNS,
            lines,
            {"run_id": self.id, "state": "proposed", "live": False},
        )
        self._insert("cartera_interest_segment", SEGMENT_COLUMNS, segments, {})
        self._write_fingerprints()
        self.env["cartera.interest.line"].invalidate_model(flush=False)
        self.env["cartera.interest.segment"].invalidate_model(flush=False)
        self.invalidate_recordset(flush=False)
        return ids

    def _write_fingerprints(self):
        """Note with which partials the lines were counted; later ones in their days mean a correction."""
        self.env.cr.execute(
            SQL(
                "UPDATE cartera_interest_line n SET fingerprint = %s"
                " WHERE n.run_id = %s AND n.kind = 'interest' AND n.state = 'proposed'",
                self._fingerprint_sql(),
                self.id,
            )
        )

    def _line_values(self, number, one, customers, to_company, manual):
        segments = one.charge.segments
        row = one.owed
        waived = one.waived
        return {
            "id": number,
            "customer_id": customers[row.partner_id],
            "partner_id": row.partner_id,
            "policy_id": one.policy.id,
            "kind": one.kind,
            "fee_id": one.fee.id if one.fee else None,
            "origin_line_id": one.origin,
            "move_line_id": row.id,
            "move_id": row.move_id,
            "currency_id": row.currency_id,
            "date_maturity": str(row.due),
            "date_from": str(one.date_from or segments[0].date_from),
            "charged_to": str(one.charged_to or segments[-1].date_to),
            "watermark": str(row.billed_to) if row.billed_to else None,
            "days": sum(part.days for part in segments),
            "balance": str(segments[-1].balance) if segments else "0",
            "amount": str(one.amount),
            "amount_company": str(to_company(one.amount, row.currency_id)),
            "waived_amount": str(waived),
            "waived_company": str(to_company(waived, row.currency_id)),
            "net_amount": str(one.amount - waived),
            "computed_amount": str(one.computed),
            "excluded_balance": str(one.excluded),
            "before_amount": str(one.before),
            "note": one.note,
            "manual": manual,
        }

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
            lines = run.line_ids.filtered(
                lambda line: (
                    line.state == "proposed" and line.currency_id != run.currency_id
                )
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

    def _insert(self, table, columns, rows, fixed):
        """Insert rows by the chunk; ``fixed`` are values of all of them."""
        fixed = {
            **fixed,
            "company_id": self.company_id.id,
            "create_uid": self.env.uid,
            "write_uid": self.env.uid,
        }
        now = fields.Datetime.now()
        names = SQL(", ").join(
            [*map(SQL.identifier, fixed), SQL("create_date"), SQL("write_date")]
            + [SQL.identifier(name) for name in columns]
        )
        types = SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(kind))  # pylint: disable=sql-injection
            for name, kind in columns.items()
        )
        values = SQL(", ").join(
            [*(SQL("%s", value) for value in fixed.values()), SQL("%s", now)]
            + [SQL("%s", now)]
            + [SQL("x.%s", SQL.identifier(name)) for name in columns]
        )
        rows = iter(rows)
        while chunk := list(islice(rows, CHUNK)):
            self.env.cr.execute(
                SQL(
                    "INSERT INTO %s (%s) SELECT %s FROM json_to_recordset(%s::json) AS x(%s)",
                    SQL.identifier(table),
                    names,
                    values,
                    json.dumps(chunk),
                    types,
                )
            )

    # Waivers outlive a new count

    def _kept_waivers(self):
        """Return {what identifies a line: (waived amount, ids of its waivers)} of what people waived."""
        kept = {}
        for line in self.line_ids.filtered(
            lambda one: one.state == "proposed" and one.waiver_ids
        ):
            kept[_identity(line)] = (line.waived_amount, line.waiver_ids.ids)
        return kept

    def _restore_waivers(self, kept):
        if not kept:
            return
        for line in self.line_ids:
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


def _segment_values(number, one):
    return [
        {
            "line_id": number,
            "date_from": str(part.date_from),
            "date_to": str(part.date_to),
            "anchor": str(part.anchor),
            "days": part.days,
            "balance": str(part.balance),
            "rate": str(part.rate),
            "method": part.method,
            "capped": part.capped,
            "factor": str(part.factor),
            "amount": str(part.amount),
        }
        for part in one.charge.segments
    ]
