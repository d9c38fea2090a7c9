"""The workbook of the aging (d4): customers by age, currencies, every open item; today and a year ago."""

import io
from datetime import timedelta

import xlsxwriter

from odoo.tools import SQL

from . import oca_reports, session
from .measure import Contestant, race
from .positions import _row

TARGET = 2.0
CENT = 0.005
MONEY = "#,##0.00;[Red]-#,##0.00"
CUSTOMERS = (
    "Customer",
    "Unapplied credits",
    "Total",
    "Overdue",
    "Oldest, days overdue",
)
CURRENCIES = ("Currency", "Open", "Open, ledger value", "Open items")
ITEMS = (
    "Customer",
    "Document",
    "Invoice Date",
    "Due Date",
    "Days Overdue",
    "Bucket",
    "Currency",
    "Original Amount",
    "Open",
    "Open, Ledger Value",
)
_LAST = {}


def aging(books, runs):
    """Make the workbook that the aging screen offers, beside the same sheets by hand."""
    rows = []
    for work, days in (("aging XLSX today", 0), ("aging XLSX a year ago", 365)):
        question = _question(days)
        _check(work, books, question)
        ours = Contestant("suite, _workbook", books.suite, _suite, question)
        bare = Contestant("bare SQL and xlsxwriter", books.suite, _bare, question)
        contestants = [ours, bare]
        if books.oca:
            contestants += oca_reports.aged_workbooks(books, days)
        race(contestants, runs)
        rows += [_row(work, books, one, bare, TARGET) for one in contestants]
    return rows


def _question(days):
    def prepare(env):
        day = env.company._cartera_today() - timedelta(days=days)
        return env["cartera.aging.report"]._question({"as_of": day.isoformat()})

    return prepare


def _suite(env, question):
    _name, _LAST["book"] = env["cartera.aging.report"]._workbook(
        {"as_of": question.day.isoformat()}
    )


# By hand


def _bare(env, question):
    """The same three sheets: a statement each, row by row to disk, formats made once, each cell by its own method."""
    buckets = [
        (one.id, one.display_name, one.day_to)
        for one in question.profile._sorted_buckets()
    ]
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True})
    styles = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
        ),
        "money": book.add_format({"num_format": MONEY}),
        "total": book.add_format({"num_format": MONEY, "bold": True, "top": 1}),
        "bold": book.add_format({"bold": True, "top": 1}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
    }
    about = env["cartera.aging.report"]._about(question)
    items = _items_sql(env, question.day)
    _customers(env, book, styles, about, question.day, buckets, items)
    _currencies(env, book, styles, about, items)
    _items(env, book, styles, about, question.day, buckets, items)
    book.close()
    _LAST["book"] = buffer.getvalue()


def _sheet(book, styles, name, about, headings, widths):
    sheet = book.add_worksheet(name)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(4, 1)
    sheet.write_string(0, 0, about[0], styles["title"])
    sheet.write_string(1, 0, about[1])
    for column, heading in enumerate(headings):
        sheet.write_string(3, column, heading, styles["head"])
    return sheet


def _customers(env, book, styles, about, day, buckets, items):
    headings = (CUSTOMERS[0], *(name for _id, name, _to in buckets), *CUSTOMERS[1:])
    sheet = _sheet(
        book, styles, "Aging", about, headings, [40] + [15] * (len(headings) - 1)
    )
    late = SQL("%s - i.due", day)
    inside, after = [], None
    for _id, _name, day_to in buckets[:-1]:
        inside.append(
            SQL("%s <= %s", late, day_to)
            if after is None
            else SQL("%s BETWEEN %s AND %s", late, after + 1, day_to)
        )
        after = day_to
    inside.append(SQL("%s > %s", late, after))
    rows = env.execute_query(
        SQL(
            """SELECT p.name, %(buckets)s, a.credit, a.total, a.late, a.oldest
                 FROM (SELECT i.partner_id, %(sums)s, SUM(i.company) FILTER (WHERE i.company < 0) AS credit,
                              SUM(i.company) AS total,
                              SUM(i.company) FILTER (WHERE i.company > 0 AND %(late)s > 0) AS late,
                              COALESCE(MAX(%(late)s) FILTER (WHERE i.company > 0), 0) AS oldest
                         FROM (%(items)s) AS i GROUP BY i.partner_id) AS a
                 JOIN res_partner p ON p.id = a.partner_id
             ORDER BY a.total DESC, p.id""",
            buckets=SQL(", ").join(SQL("a.b%s", at) for at in range(len(buckets))),
            sums=SQL(", ").join(
                SQL(
                    "SUM(i.company) FILTER (WHERE i.company > 0 AND %s) AS b%s", one, at
                )
                for at, one in enumerate(inside)
            ),
            late=late,
            items=items,
        )
    )
    sums, money = [0.0] * (len(headings) - 2), styles["money"]
    for row, (name, *amounts, oldest) in enumerate(rows, 4):
        sheet.write_string(row, 0, name)
        for column, amount in enumerate(amounts, 1):
            sheet.write_number(row, column, amount or 0, money)
            sums[column - 1] += amount or 0
        sheet.write_number(row, len(headings) - 1, oldest)
    end = len(rows) + 4
    sheet.write_string(end, 0, "Total", styles["bold"])
    for column, amount in enumerate(sums, 1):
        letter = xlsxwriter.utility.xl_col_to_name(column)
        sheet.write_formula(
            end, column, f"=SUM({letter}5:{letter}{end})", styles["total"], amount
        )
    sheet.autofilter(3, 0, end - 1, len(headings) - 1)


def _currencies(env, book, styles, about, items):
    sheet = _sheet(book, styles, "Currencies", about, CURRENCIES, (16, 18, 18, 12))
    rows = env.execute_query(
        SQL(
            """SELECT c.name, SUM(i.document), SUM(i.company), COUNT(*)
                 FROM (%s) AS i JOIN res_currency c ON c.id = i.currency_id
             GROUP BY c.id ORDER BY c.active DESC, c.name""",
            items,
        )
    )
    for row, (name, document, company, count) in enumerate(rows, 4):
        sheet.write_string(row, 0, name)
        sheet.write_number(row, 1, document, styles["money"])
        sheet.write_number(row, 2, company, styles["money"])
        sheet.write_number(row, 3, count)


def _items(env, book, styles, about, day, buckets, items):
    widths = (40, 22, 12, 12, 10, 16, 10, 16, 16, 16)
    sheet = _sheet(book, styles, "Open items", about, ITEMS, widths)
    cases = SQL(" ").join(
        SQL("WHEN %s - i.due <= %s THEN %s", day, day_to, name)
        for _id, name, day_to in buckets[:-1]
    )
    rows = env.execute_query(
        SQL(
            """SELECT p.name, m.name, COALESCE(m.invoice_date, i.date), i.due, %(day)s - i.due,
                      CASE %(cases)s ELSE %(last)s END, c.name, i.amount, i.document, i.company
                 FROM (%(items)s) AS i
                 JOIN account_move m ON m.id = i.move_id
                 JOIN res_partner p ON p.id = i.partner_id
                 JOIN res_currency c ON c.id = i.currency_id
             ORDER BY p.name, i.due, i.id""",
            day=day,
            cases=cases,
            last=buckets[-1][1],
            items=items,
        )
    )
    money, date = styles["money"], styles["date"]
    for row, values in enumerate(rows, 4):
        name, entry, issued, due, late, bucket, currency, amount, document, company = (
            values
        )
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, entry)
        sheet.write_datetime(row, 2, issued, date)
        sheet.write_datetime(row, 3, due, date)
        sheet.write_number(row, 4, late)
        sheet.write_string(row, 5, bucket)
        sheet.write_string(row, 6, currency)
        sheet.write_number(row, 7, amount, money)
        sheet.write_number(row, 8, document, money)
        sheet.write_number(row, 9, company, money)
    sheet.autofilter(3, 0, len(rows) + 3, len(ITEMS) - 1)


def _items_sql(env, day):
    """Return the query of the open items; as for the aged balance, the generated books allow it to be simple."""
    trade = SQL(
        "l.parent_state = 'posted' AND l.company_id = %s AND l.account_id = ANY(ARRAY(SELECT id FROM account_account"
        " WHERE account_type = 'asset_receivable' AND non_trade IS NOT TRUE))",
        env.company.id,
    )
    columns = SQL(
        "l.id, l.partner_id, l.currency_id, l.move_id, l.date, l.date_maturity AS due, l.amount_currency AS amount"
    )
    if day >= env.company._cartera_today():
        return SQL(
            """SELECT %s, l.amount_residual_currency AS document, l.amount_residual AS company
                 FROM account_move_line l WHERE l.reconciled IS NOT TRUE AND l.amount_residual <> 0 AND %s""",
            columns,
            trade,
        )
    return SQL(
        """SELECT * FROM (
               SELECT %(columns)s, l.amount_currency - COALESCE(d.document, 0) + COALESCE(c.document, 0) AS document,
                      l.balance - COALESCE(d.company, 0) + COALESCE(c.company, 0) AS company
                 FROM account_move_line l
            LEFT JOIN (SELECT debit_move_id AS id, SUM(amount) AS company, SUM(debit_amount_currency) AS document
                         FROM account_partial_reconcile WHERE max_date <= %(day)s GROUP BY 1) d ON d.id = l.id
            LEFT JOIN (SELECT credit_move_id AS id, SUM(amount) AS company, SUM(credit_amount_currency) AS document
                         FROM account_partial_reconcile WHERE max_date <= %(day)s GROUP BY 1) c ON c.id = l.id
                WHERE l.date <= %(day)s AND %(trade)s) AS o WHERE o.company <> 0""",
        columns=columns,
        day=day,
        trade=trade,
    )


# The same


def _check(work, books, question):
    """Read both workbooks back and compare every cell, before anything is timed."""
    import openpyxl

    made = []
    for run in (_suite, _bare):
        with session.environment(books.suite, session.ADMIN) as env:
            run(env, question(env))
        made.append(
            openpyxl.load_workbook(
                io.BytesIO(_LAST["book"]), data_only=True, read_only=True
            )
        )
    cells = 0
    for mine, theirs in zip(*(book.worksheets for book in made), strict=True):
        rows = (sheet.iter_rows(values_only=True) for sheet in (mine, theirs))
        for number, pair in enumerate(zip(*rows, strict=True), 1):
            if not all(map(_alike, *pair)) or len(pair[0]) != len(pair[1]):
                raise SystemExit(
                    f"NOT EQUAL: {work}, {mine.title}, row {number}: {pair[0]} and {pair[1]}"
                )
            cells += len(pair[0])
    print(f"  {work}: {cells:,} cells equal to the cent")


def _alike(mine, theirs):
    if isinstance(mine, float) or isinstance(theirs, float):
        return abs(mine - theirs) < CENT
    return mine == theirs
