import re
from datetime import date, datetime, timedelta

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare

from ..tools import note_file

NUMBER = {
    ".": re.compile(r"^[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$"),
    ",": re.compile(r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$"),
}
# days as spreadsheets count them, of 1982 to 2064
SERIALS = range(30_000, 60_000)


class CarteraNoteImportCheck(models.AbstractModel):
    """The dry run of a note import: every row is read and checked, and nothing is made but its report."""

    _name = "cartera.note.import.check"
    _description = "Dry Run of Note Imports"

    def _check_rows(self):
        """Read the file anew and write its rows, each with what is wrong with it and in which cell."""
        self.ensure_one()
        file_rows = self._read_rows()
        places = self._places(len(file_rows[0][1]))
        read = [
            self._read_row(number, values, places, len(file_rows[0][1]))
            for number, values in file_rows[1:]
        ]
        if not read:
            raise ValidationError(
                self.env._("%s has a header and no rows. Fill it in.", self.name)
            )
        self._look_up(read)
        self._check_amounts(read)
        self._check_keys(read)
        self.row_ids.filtered(lambda row: row.state not in ("done", "request")).unlink()
        kept = set(self.row_ids.mapped("number"))
        self.env["cartera.note.import.row"].create(
            [row["vals"] for row in read if row["vals"]["number"] not in kept]
        )

    def _places(self, width):
        """Return {target: position} of the columns; refuse a file without what notes need."""
        self._check_headers()
        places = {
            column.target: column.position
            for column in self.column_ids
            if column.target
        }
        labels = dict(
            self.env["cartera.note.import.column"]
            ._fields["target"]
            ._description_selection(self.env)
        )
        missing = [
            labels[target] for target in ("reason", "amount") if target not in places
        ]
        if "customer" not in places and "invoice" not in places:
            missing.append(
                self.env._(
                    "%(one)s or %(other)s",
                    one=labels["customer"],
                    other=labels["invoice"],
                )
            )
        if missing or len(self.column_ids) != width:
            raise ValidationError(
                self.env._(
                    "Row 1 of %(file)s does not name these columns: %(missing)s. It has: %(found)s. Say what each "
                    "column means, or start from the template.",
                    file=self.name,
                    missing=", ".join(missing) or "?",
                    found=", ".join(self.column_ids.mapped("header")),
                )
            )
        return places

    def _check_headers(self):
        """Refuse a file that names a column twice, until a person has said which of them counts."""
        for header, columns in self.column_ids.grouped(
            lambda column: column.header.strip().lower()
        ).items():
            if len(columns) == 1 or any(columns.mapped("target")):
                continue
            if self.column_ids._guess(self.company_id, [header]):
                raise ValidationError(
                    self.env._(
                        "Row 1 of %(file)s names %(header)s more than once, in %(cells)s. Say which of these columns "
                        "counts, or take the others out of the file.",
                        file=self.name,
                        header=columns[0].header,
                        cells=", ".join(
                            note_file.cell_name(column.position, 1)
                            for column in columns.sorted("position")
                        ),
                    )
                )

    # Reading one row

    def _read_row(self, number, values, places, width):
        row = {
            "places": places,
            "vals": {
                "import_id": self.id,
                "company_id": self.company_id.id,
                "number": number,
                "state": "pending",
                "error": False,
                "cell": False,
            },
            "raw": {},
        }
        # trailing empty cells are no mistake in a sheet; a CSV row that is cut off is
        if len(values) < max(places["amount"], places["reason"]) + 1:
            self._blame(
                row,
                self.env._(
                    "The row ends after %(count)s of %(width)s columns: the file may be cut off here.",
                    count=len(values),
                    width=width,
                ),
                position=len(values),
            )
        elif len(values) > width:
            self._blame(
                row,
                self.env._(
                    "The row has %(count)s columns, and the header names %(width)s.",
                    count=len(values),
                    width=width,
                ),
                position=width,
            )
        for target, position in places.items():
            value = values[position] if position < len(values) else None
            if isinstance(value, note_file.Formula):
                self._blame(
                    row,
                    self.env._(
                        "A formula (%s) is not taken: put its value in the cell.",
                        value.text[:40],
                    ),
                    target,
                )
                value = None
            row["raw"][target] = value
        raw = row["raw"]
        row["vals"].update(
            customer_text=self._text(raw.get("customer")),
            invoice_text=self._text(raw.get("invoice")),
            reason_text=self._text(raw.get("reason")),
            amount_text=self._text(raw.get("amount")),
            reference=self._text(raw.get("reference")),
            label=self._text(raw.get("label")),
            date=self._date(row),
            amount=self._amount(row),
        )
        return row

    def _blame(self, row, message, target=None, position=None):
        """Note the first thing that is wrong with a row, and the cell."""
        if row["vals"]["state"] == "error":
            return
        if position is None:
            position = row["places"].get(target)
        row["vals"].update(
            state="error",
            error=message,
            cell=note_file.cell_name(position, row["vals"]["number"])
            if position is not None
            else False,
        )

    @api.model
    def _text(self, value):
        if value is None:
            return False
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return str(value).strip() or False

    def _date(self, row):
        value = row["raw"].get("date")
        if value is None:
            return False
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if isinstance(value, (int, float)) and int(value) in SERIALS:
            self._blame(
                row,
                self.env._(
                    "%(value)s is the number of a day (%(day)s), not a date: give the cell a date format.",
                    value=int(value),
                    day=(date(1899, 12, 30) + timedelta(days=int(value))).isoformat(),
                ),
                "date",
            )
            return False
        try:
            # a day has no time zone
            return datetime.strptime(str(value), self.date_format).date()  # noqa: DTZ007
        except ValueError:
            self._blame(
                row,
                self.env._(
                    "'%(value)s' is no date like %(format)s.",
                    value=value,
                    format=dict(
                        self._fields["date_format"]._description_selection(self.env)
                    )[self.date_format],
                ),
                "date",
            )
            return False

    def _amount(self, row):
        value = row["raw"].get("amount")
        if isinstance(value, (bool, date)):
            value = str(value)
        if isinstance(value, str):
            if NUMBER[self.decimal_separator].match(value):
                thousands = "," if self.decimal_separator == "." else "."
                value = float(
                    value.replace(thousands, "").replace(self.decimal_separator, ".")
                )
            else:
                self._blame(
                    row,
                    self.env._(
                        "'%(value)s' is no amount with %(separator)s as the decimal mark.",
                        value=value,
                        separator=self.decimal_separator,
                    ),
                    "amount",
                )
                return 0.0
        if value is None:
            self._blame(row, self.env._("There is no amount."), "amount")
            return 0.0
        if value <= 0:
            self._blame(
                row,
                self.env._(
                    "The amount %s is not above zero; the reason says whether it is a credit or a debit.",
                    value,
                ),
                "amount",
            )
        return float(value)

    # Looking up what rows name: one query a kind

    def _look_up(self, read):
        moves = self._invoices({row["vals"]["invoice_text"] for row in read})
        partners = self._partners({row["vals"]["customer_text"] for row in read})
        reasons = {}
        for reason in (
            self.env["cartera.note.reason"]
            .with_context(active_test=False)
            .search([("company_id", "in", (False, self.company_id.id))])
        ):
            reasons.setdefault(reason.code.lower(), reason)
            reasons.setdefault(reason.name.lower(), reason)
        currencies = {
            currency.name: currency for currency in self.env["res.currency"].search([])
        }
        periods = {
            period.name.lower(): period
            for period in self.env["cartera.commercial.period"].search(
                [("company_id", "=", self.company_id.id)]
            )
        }
        today = self.company_id._cartera_today()
        by_day = self.env["cartera.commercial.period"]._find(
            self.company_id, {row["vals"]["date"] or today for row in read}
        )
        locks = {}
        for row in read:
            self._look_up_row(row, moves, partners, reasons, currencies)
            self._look_up_period(row, periods, by_day, today, locks)

    def _look_up_row(self, row, moves, partners, reasons, currencies):
        vals = row["vals"]
        move = self._one(
            row, moves, "invoice", self.env._("There is no posted invoice %s.")
        )
        partner = self._one(
            row, partners, "customer", self.env._("There is no customer %s.")
        )
        if move:
            vals["move_id"] = move.id
            vals["partner_id"] = move.commercial_partner_id.id
            if partner and partner.commercial_partner_id != move.commercial_partner_id:
                self._blame(
                    row,
                    self.env._(
                        "%(invoice)s is of %(other)s and not of %(customer)s.",
                        invoice=move.name,
                        other=move.commercial_partner_id.display_name,
                        customer=partner.display_name,
                    ),
                    "invoice",
                )
        elif partner:
            vals["partner_id"] = partner.commercial_partner_id.id
        elif vals["state"] != "error":
            self._blame(
                row,
                self.env._("The row names neither a customer nor an invoice."),
                "customer" if "customer" in row["places"] else "invoice",
            )
        text = row["raw"].get("currency")
        currency = move.currency_id if move else self.company_id.currency_id
        if text:
            named = currencies.get(str(text).strip().upper())
            if not named:
                self._blame(
                    row, self.env._("There is no active currency %s.", text), "currency"
                )
            elif move and named != currency:
                self._blame(
                    row,
                    self.env._(
                        "%(invoice)s is in %(currency)s and not in %(other)s.",
                        invoice=move.name,
                        currency=currency.name,
                        other=named.name,
                    ),
                    "currency",
                )
            currency = named or currency
        vals["currency_id"] = currency.id
        row["currency"], row["move"] = currency, move
        # compare_amounts would round both and see no difference
        if float_compare(vals["amount"], currency.round(vals["amount"]), 6):
            self._blame(row, self.env._("The amount has too many decimals."), "amount")
        reason = reasons.get((vals["reason_text"] or "").lower())
        row["reason"] = reason
        if not reason:
            self._blame(
                row,
                self.env._(
                    "There is no reason %s; the template lists them.",
                    vals["reason_text"] or "''",
                ),
                "reason",
            )
            return
        vals["reason_id"] = reason.id
        problem = reason._problem(
            reason.direction,
            "customer",
            self.company_id,
            vals["date"] or self.company_id._cartera_today(),
        )
        if problem:
            self._blame(row, problem, "reason")

    def _look_up_period(self, row, periods, by_day, today, locks):
        vals = row["vals"]
        day = vals["date"] or today
        text = self._text(row["raw"].get("period"))
        period = periods.get(text.lower()) if text else by_day.get(day)
        if text and not period:
            self._blame(
                row, self.env._("There is no commercial period %s.", text), "period"
            )
        if period:
            vals["period_id"] = period.id
            if period.state == "closed":
                self._blame(
                    row,
                    self.env._("The commercial period %s is closed.", period.name),
                    "period" if text else "date",
                )
        elif not text and self.company_id.cartera_note_period_required:
            self._blame(row, self.env._("%s is in no commercial period.", day), "date")
        if day not in locks:
            locks[day] = self.company_id._get_lock_date_violations(day, purchase=False)
        if locks[day]:
            self._blame(
                row,
                self.env._(
                    "%(day)s is in a locked period (up to %(lock)s).",
                    day=day,
                    lock=max(locks[day])[0],
                ),
                "date",
            )

    def _one(self, row, found, target, message):
        """Return the one record that a cell names; none or several are a mistake."""
        text = self._text(row["raw"].get(target))
        empty = self.env[
            "account.move" if target == "invoice" else "res.partner"
        ].browse()
        if not text:
            return empty
        records = found.get(text.lower(), empty)
        if not records:
            self._blame(row, message % text, target)
        elif len(records) > 1:
            self._blame(
                row,
                self.env._(
                    "%(text)s may be one of %(count)s. Use the tax id or the number.",
                    text=text,
                    count=len(records),
                ),
                target,
            )
        return records if len(records) == 1 else empty

    def _invoices(self, texts):
        names = [text for text in texts if text]
        moves = self.env["account.move"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("name", "in", names),
            ]
        )
        return {name.lower(): theirs for name, theirs in moves.grouped("name").items()}

    def _partners(self, texts):
        """Return {text: partners} by internal reference, tax id and name; the first kind that knows it counts."""
        names = [text for text in texts if text]
        found = {}
        partners = self.env["res.partner"].search(
            [
                ("company_id", "in", (False, self.company_id.id)),
                "|",
                "|",
                ("ref", "in", names),
                ("vat", "in", names),
                ("name", "in", names),
            ]
        )
        for field in ("ref", "vat", "name"):
            for value, theirs in partners.grouped(field).items():
                heads = theirs.commercial_partner_id
                if value and value.lower() not in found:
                    found[value.lower()] = heads
        return found

    # What rows do together

    def _check_amounts(self, read):
        """Credits on one invoice must not exceed what is open on it, together with the rows before them."""
        left = {}
        for row in read:
            move, reason = row.get("move"), row.get("reason")
            if row["vals"]["state"] == "error" or not move or not reason:
                continue
            if reason.direction != "credit":
                continue
            open_amount = left.setdefault(move, move.amount_residual)
            if row["currency"].compare_amounts(row["vals"]["amount"], open_amount) > 0:
                self._blame(
                    row,
                    self._too_much(
                        row["currency"], row["vals"]["amount"], open_amount, move
                    ),
                    "amount",
                )
            else:
                left[move] = open_amount - row["vals"]["amount"]

    def _too_much(self, currency, amount, open_amount, move):
        return self.env._(
            "%(amount)s are more than the %(open)s that are open on %(invoice)s.",
            amount=currency.format(amount),
            open=currency.format(max(open_amount, 0.0)),
            invoice=move.name,
        )

    def _taken_since(self, row, left):
        """Return what is wrong with a row now that it is imported, or False; ``left`` is counted down."""
        if not row.move_id or row.reason_id.direction != "credit":
            return False
        open_amount = left[row.move_id]
        if row.currency_id.compare_amounts(row.amount, open_amount) > 0:
            return self._too_much(row.currency_id, row.amount, open_amount, row.move_id)
        left[row.move_id] = open_amount - row.amount
        return False

    def _check_keys(self, read):
        """Give every row its key; one that is in the file twice is a mistake, one imported before is left out."""
        seen = {}
        for row in read:
            vals = row["vals"]
            vals["key"] = (
                f"ref:{vals['reference']}"
                if vals["reference"]
                else f"{self.file_hash}:{vals['number']}"
            )
            if vals["key"] in seen:
                self._blame(
                    row,
                    self.env._(
                        "The reference %(reference)s is in row %(row)s already.",
                        reference=vals["reference"],
                        row=seen[vals["key"]],
                    ),
                    "reference",
                )
            seen.setdefault(vals["key"], vals["number"])
        known = self.env["cartera.note.import.row"].search_fetch(
            [
                ("company_id", "=", self.company_id.id),
                ("key", "in", list(seen)),
                ("state", "in", ("done", "request")),
            ],
            ["key", "note_move_id", "request_id", "import_id"],
        )
        before = {row.key: row for row in known if row.import_id != self}
        for row in read:
            other = before.get(row["vals"]["key"])
            if other:
                document = other.note_move_id or other.request_id
                row["vals"].update(
                    state="skipped",
                    error=self.env._(
                        "Imported before as %(document)s, from %(file)s.",
                        document=document.display_name,
                        file=other.import_id.name,
                    ),
                    cell=False,
                )
