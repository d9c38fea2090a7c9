"""Books of any size from a handful of posted documents, cloned table by table in SQL.

Every amount of a clone is multiplied by a whole number, every date shifted, every
reference, name and matching number replaced. Ids grow with the date and rows of one
document are adjacent, as in a ledger that grew day by day. Simplifications: one
company, one dollar rate, so no exchange differences; no messages; no child contacts.
"""

from odoo.tools import SQL

MODELS = {
    "sale_order": "sale.order",
    "sale_order_line": "sale.order.line",
    "account_move": "account.move",
    "account_move_line": "account.move.line",
    "account_payment": "account.payment",
    "account_partial_reconcile": "account.partial.reconcile",
    "account_full_reconcile": "account.full.reconcile",
}
RELATIONS = (
    ("account_tax_sale_order_line_rel", "sale_order_line_id", "account_tax_id"),
    ("sale_order_line_invoice_rel", "order_line_id", "invoice_line_id"),
    ("account_move_line_account_tax_rel", "account_move_line_id", "account_tax_id"),
    (
        "account_account_tag_account_move_line_rel",
        "account_move_line_id",
        "account_account_tag_id",
    ),
    ("account_move__account_payment", "invoice_id", "payment_id"),
)
AMOUNTS = {"price_unit", "technical_price_unit", "price_tax"}
NAMES = ("first", "second", "payment", "order")
TEXT = ("character varying", "text")


class Cloner:
    """Clones the scenarios of a template customer for many customers."""

    def __init__(self, env, template, scenarios, first_customer, options):
        self.env = env
        self.cr = env.cr
        self.template = template
        self.scenarios = scenarios
        self.first_customer = first_customer
        self.options = options
        self.rows = [self._rows_of(scenario) for scenario in scenarios]

    def run(self, progress):
        """Insert all clones; ``progress(table, rows)`` is called after each table."""
        self._write_positions()
        self._write_documents()
        dropped = self._drop_indexes()
        self.cr.execute("SET LOCAL session_replication_role = replica")
        for table in MODELS:
            progress(table, self._clone_table(table))
        for relation in RELATIONS:
            self._clone_relation(*relation)
        self.cr.execute("SET LOCAL session_replication_role = origin")
        for definition in dropped:
            self.cr.execute(definition)
        progress("indexes", len(dropped))

    # What is cloned

    @staticmethod
    def _rows_of(scenario):
        """Return {table: ids} of one scenario's rows, in a fixed order."""
        moves = [move.id for move in scenario.moves]
        moves += [payment.move_id.id for payment in scenario.payments]
        found = {table: [] for table in MODELS} | {"account_move": moves}
        if scenario.orders:
            orders = scenario.orders[0].union(*scenario.orders[1:])
            found["sale_order"] = orders.ids
            found["sale_order_line"] = sorted(orders.order_line.ids)
        if scenario.payments:
            found["account_payment"] = [payment.id for payment in scenario.payments]
        documents = scenario.moves or [payment.move_id for payment in scenario.payments]
        if documents:
            lines = documents[0].browse(moves).line_ids
            partials = lines.matched_debit_ids | lines.matched_credit_ids
            found["account_move_line"] = sorted(lines.ids)
            found["account_partial_reconcile"] = sorted(partials.ids)
            found["account_full_reconcile"] = sorted(lines.full_reconcile_id.ids)
        return found

    def _write_positions(self):
        """Note the place of every template row among its scenario's rows."""
        self.cr.execute(
            "CREATE TEMP TABLE bench_position"
            " (tab text, scenario int, id int, position int) ON COMMIT DROP"
        )
        for number, rows in enumerate(self.rows):
            for table, ids in rows.items():
                for position, row in enumerate(ids):
                    self.cr.execute(
                        "INSERT INTO bench_position VALUES (%s, %s, %s, %s)",
                        [table, number, row, position],
                    )

    def _names_of(self, scenario):
        """Return the template's names, ``@@`` where there is none to replace."""
        moves = [move.name for move in scenario.moves] + [None, None]
        payment = scenario.payments[0].move_id.name if scenario.payments else None
        order = scenario.orders[0].name if scenario.orders else None
        found = (moves[0], moves[1], payment, order)
        return [name if name and name != "/" else "@@" for name in found]

    def _write_documents(self):
        """Write one row for each clone: whose, when, how much, and its first ids."""
        cr, options = self.cr, self.options
        counts = SQL(", ").join(
            SQL("%s int", SQL.identifier(f"count_{table}")) for table in MODELS
        )
        cr.execute(
            SQL(
                """CREATE TEMP TABLE bench_scenario (scenario int, wanted int,
                       has_invoice boolean, has_payment boolean, evenly boolean,
                       day date, pay_day date, old_first text, old_second text,
                       old_payment text, old_order text, %s) ON COMMIT DROP""",
                counts,
            )
        )
        for number, scenario in enumerate(self.scenarios):
            base = options.invoices if scenario.of == "invoices" else options.orders
            moves, payments = scenario.moves, scenario.payments
            values = [
                number,
                round(scenario.weight * base),
                bool(moves or payments),
                bool(payments),
                scenario.name.endswith(("paid", "order_invoiced")),
                moves[0].date if moves else payments[0].date if payments else None,
                payments[0].date if payments else None,
                *self._names_of(scenario),
                *(len(ids) for ids in self.rows[number].values()),
            ]
            cr.execute(SQL("INSERT INTO bench_scenario VALUES %s", tuple(values)))
        cr.execute(self._documents_sql())
        cr.execute("ANALYZE bench_document")

    def _documents_sql(self):
        """Return the statement that makes ``bench_document``.

        Customers are chosen unevenly, the first ones most; paid invoices spread over
        all months, open ones crowd towards today.
        """
        firsts = SQL(", ").join(
            SQL(
                "(SELECT COALESCE(MAX(id), 0) + 1 FROM %(table)s)"
                " + (SUM(%(count)s) OVER (ORDER BY place) - %(count)s)::int"
                " AS %(first)s",
                table=SQL.identifier(table),
                count=SQL.identifier(f"count_{table}"),
                first=SQL.identifier(f"first_{table}"),
            )
            for table in MODELS
        )
        return SQL(
            """CREATE TEMP TABLE bench_document ON COMMIT DROP AS
  WITH chosen AS (
      SELECT s.*, (%(customer)s + floor(%(customers)s * power(random(), 2)))::int
                 AS partner_id,
             (1 + floor(49 * power(random(), 2)))::int AS factor,
             CASE WHEN has_invoice THEN current_date - 1 - floor(%(days)s
                       * CASE WHEN evenly THEN random()
                              ELSE power(random(), 1.7) END)::int
                  ELSE current_date - floor(60 * random())::int END AS new_day,
             (10 + floor(80 * random()))::int AS lag
        FROM bench_scenario s, generate_series(1, s.wanted)),
  paid AS (
      SELECT c.*, CASE WHEN old_first = '@@' AND has_payment THEN new_day
                       WHEN has_payment THEN LEAST(current_date, new_day + lag)
                  END AS new_pay_day
        FROM chosen c),
  placed AS (
      SELECT p.*, row_number() OVER (ORDER BY new_day, random()) AS place FROM paid p),
  numbered AS (
      SELECT p.*, 1000 + row_number() OVER (PARTITION BY
                 extract(year FROM new_day), split_part(old_first, '/', 1)
                 ORDER BY place) AS first_number,
             1000 + row_number() OVER (PARTITION BY
                 extract(year FROM new_pay_day) ORDER BY new_pay_day, place)
                 AS payment_number
        FROM placed p)
  SELECT n.*, new_day - day AS shift, COALESCE(new_pay_day - pay_day, 0) AS pay_shift,
         new_day - current_date AS order_shift,
         %(first_name)s AS new_first, %(second_name)s AS new_second,
         CASE WHEN has_payment THEN %(payment_name)s ELSE '@@' END AS new_payment,
         'S' || lpad((place + 1000)::text, 8, '0') AS new_order, %(firsts)s
    FROM numbered n
ORDER BY place""",
            customer=self.first_customer,
            customers=self.options.customers,
            days=self.options.months * 30.4,
            first_name=_new_name("old_first", "new_day", SQL("first_number")),
            second_name=_new_name(
                "old_second", "new_day", SQL("first_number + 5000000")
            ),
            payment_name=_new_name("old_payment", "new_pay_day", SQL("payment_number")),
            firsts=firsts,
        )

    # Cloning

    def _drop_indexes(self):
        """Drop the plain indexes of the large tables; return their definitions."""
        self.cr.execute(
            """SELECT i.indexname, i.indexdef FROM pg_indexes i
                WHERE i.tablename = ANY(%s) AND i.schemaname = 'public'
                  AND NOT EXISTS (SELECT 1 FROM pg_constraint c
                                   WHERE c.conname = i.indexname)""",
            [[*MODELS, *(relation[0] for relation in RELATIONS)]],
        )
        found = self.cr.fetchall()
        for name, _definition in found:
            self.cr.execute(SQL("DROP INDEX %s", SQL.identifier(name)))
        return [SQL(definition.replace("%", "%%")) for _name, definition in found]

    def _columns(self, table):
        self.cr.execute(
            """SELECT column_name, data_type FROM information_schema.columns
                WHERE table_name = %s AND table_schema = 'public'
             ORDER BY ordinal_position""",
            [table],
        )
        return dict(self.cr.fetchall())

    def _references(self, table):
        """Return {column: table that it refers to}."""
        self.cr.execute(
            """SELECT a.attname, c.confrelid::regclass::text
                 FROM pg_constraint c
                 JOIN pg_attribute a
                   ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
                WHERE c.contype = 'f' AND c.conrelid = %s::regclass""",
            [table],
        )
        return dict(self.cr.fetchall())

    def _clone_table(self, table):
        columns, references = self._columns(table), self._references(table)
        own = {
            name: references[name] for name in columns if references.get(name) in MODELS
        }
        own["id"] = table
        self._write_template_rows(table, own)
        fields = self.env[MODELS[table]]._fields
        amounts = AMOUNTS | {
            name for name, one in fields.items() if one.store and one.type == "monetary"
        }
        values = [
            self._value(table, name, kind, own, references, amounts)
            for name, kind in columns.items()
        ]
        self.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM bench_document d"
                " JOIN bench_template t ON t.bench_scenario = d.scenario",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(values),
            )
        )
        count = self.cr.rowcount
        self.cr.execute(
            SQL(
                "SELECT setval(%s, (SELECT MAX(id) FROM %s))",
                f"{table}_id_seq",
                SQL.identifier(table),
            )
        )
        return count

    def _write_template_rows(self, table, own):
        """Copy the template's rows of a table, with the places of their references."""
        cr = self.cr
        cr.execute("DROP TABLE IF EXISTS bench_template")
        cr.execute(
            SQL(
                """CREATE TEMP TABLE bench_template ON COMMIT DROP AS
                   SELECT p.scenario AS bench_scenario, FALSE AS bench_later,
                          NULL::int AS bench_match, t.*
                     FROM %s t JOIN bench_position p ON p.tab = %s AND p.id = t.id""",
                SQL.identifier(table),
                table,
            )
        )
        for column, target in own.items():
            place = SQL.identifier(f"at_{column}")
            cr.execute(SQL("ALTER TABLE bench_template ADD %s int", place))
            cr.execute(
                SQL(
                    "UPDATE bench_template t SET %s = p.position"
                    "  FROM bench_position p WHERE p.tab = %s"
                    "   AND p.scenario = t.bench_scenario AND p.id = t.%s",
                    place,
                    target,
                    SQL.identifier(column),
                )
            )
        if table == "account_move_line":
            cr.execute(
                "UPDATE bench_template t SET bench_match = p.position"
                "  FROM bench_position p WHERE p.tab = 'account_partial_reconcile'"
                "   AND p.scenario = t.bench_scenario"
                "   AND t.matching_number = 'P' || p.id"
            )
        move = {"account_move": "id", "account_move_line": "move_id"}.get(table)
        if move:
            cr.execute(
                SQL(
                    "UPDATE bench_template SET bench_later = TRUE WHERE %s IN"
                    " (SELECT move_id FROM account_payment)",
                    SQL.identifier(move),
                )
            )
        elif table == "account_payment":
            cr.execute("UPDATE bench_template SET bench_later = TRUE")
        cr.execute("ANALYZE bench_template")

    def _value(self, table, name, kind, own, references, amounts):
        """Return what a clone has in a column."""
        column = SQL.identifier("t", name)
        if (table, name) in SPECIAL:
            return SPECIAL[table, name]
        if name == "id":
            return SQL("%s + t.at_id", SQL.identifier("d", f"first_{table}"))
        if name in own:
            place = SQL.identifier("t", f"at_{name}")
            first = SQL.identifier("d", f"first_{own[name]}")
            return SQL(
                "CASE WHEN %s IS NULL THEN %s ELSE %s + %s END",
                place,
                column,
                first,
                place,
            )
        if references.get(name) == "res_partner":
            return SQL(
                "CASE WHEN %s = %s THEN d.partner_id ELSE %s END",
                column,
                self.template.id,
                column,
            )
        if name in amounts:
            return SQL("%s * d.factor", column)
        if name in ("create_date", "write_date"):
            return SQL("now() at time zone 'utc'")
        if kind == "date":
            return SQL("%s + %s", column, _shift(table))
        if kind.startswith("timestamp"):
            return SQL("%s + make_interval(days => %s)", column, _shift(table))
        return _renamed_text(column) if kind in TEXT else column

    def _clone_relation(self, relation, left, right):
        """Clone the rows of a many-to-many table that hang on the template's rows."""
        references = self._references(relation)
        position = SQL(
            "(SELECT p.scenario, p.id, p.position"
            " FROM bench_position p WHERE p.tab = %s)",
            references[left],
        )
        other, joined = SQL.identifier("r", right), SQL("")
        if references[right] in MODELS:
            joined = SQL(
                "JOIN bench_position q ON q.tab = %s AND q.scenario = a.scenario"
                " AND q.id = %s",
                references[right],
                other,
            )
            first = SQL.identifier("d", f"first_{references[right]}")
            other = SQL("%s + q.position", first)
        self.cr.execute(
            SQL(
                """INSERT INTO %(relation)s (%(left)s, %(right)s)
                   SELECT %(first)s + a.position, %(other)s
                     FROM %(position)s a
                     JOIN %(relation)s r ON r.%(left)s = a.id %(joined)s
                     JOIN bench_document d ON d.scenario = a.scenario""",
                relation=SQL.identifier(relation),
                left=SQL.identifier(left),
                right=SQL.identifier(right),
                first=SQL.identifier("d", f"first_{references[left]}"),
                other=other,
                position=position,
                joined=joined,
            )
        )


def _new_name(old, day, number):
    """Return the journal's own format with the clone's year and number."""
    return SQL(
        "CASE WHEN %(old)s = '@@' THEN '@@' ELSE split_part(%(old)s, '/', 1) || '/'"
        " || extract(year FROM %(day)s) || '/' || lpad((%(number)s)::text, 7, '0') END",
        old=SQL.identifier(old),
        day=SQL.identifier(day),
        number=number,
    )


def _shift(table):
    if table.startswith("sale_order"):
        return SQL("d.order_shift")
    return SQL("CASE WHEN t.bench_later THEN d.pay_shift ELSE d.shift END")


def _renamed(column):
    """Return the new name of a document, by its whole old name."""
    cases = SQL(" ").join(
        SQL(
            "WHEN %s THEN %s",
            SQL.identifier("d", f"old_{name}"),
            SQL.identifier("d", f"new_{name}"),
        )
        for name in NAMES
    )
    return SQL("CASE %s %s ELSE %s END", column, cases, column)


def _renamed_text(column):
    """Return a text with the old names in it replaced."""
    for name in ("order", "payment", "first"):
        column = SQL(
            "replace(%s, %s, %s)",
            column,
            SQL.identifier("d", f"old_{name}"),
            SQL.identifier("d", f"new_{name}"),
        )
    return column


_MOVE_NAME = _renamed(SQL.identifier("t", "name"))
SPECIAL = {
    ("sale_order", "name"): _MOVE_NAME,
    ("sale_order", "access_token"): SQL("NULL"),
    ("account_move", "access_token"): SQL("NULL"),
    ("account_move", "name"): _MOVE_NAME,
    ("account_move", "payment_reference"): _renamed(
        SQL.identifier("t", "payment_reference")
    ),
    ("account_move", "sequence_prefix"): SQL(
        "CASE WHEN t.sequence_number > 0 THEN regexp_replace(%s, '[0-9]+$', '')"
        " ELSE t.sequence_prefix END",
        _MOVE_NAME,
    ),
    ("account_move", "sequence_number"): SQL(
        "CASE WHEN t.sequence_number > 0 THEN substring(%s from '[0-9]+$')::int"
        " ELSE t.sequence_number END",
        _MOVE_NAME,
    ),
    ("account_move_line", "move_name"): _renamed(SQL.identifier("t", "move_name")),
    ("account_move_line", "matching_number"): SQL(
        "CASE WHEN t.at_full_reconcile_id IS NOT NULL"
        " THEN (d.first_account_full_reconcile + t.at_full_reconcile_id)::text"
        " WHEN t.bench_match IS NOT NULL"
        " THEN 'P' || (d.first_account_partial_reconcile + t.bench_match) END"
    ),
    ("account_payment", "name"): _MOVE_NAME,
    ("account_partial_reconcile", "max_date"): SQL(
        "GREATEST(d.new_day, COALESCE(d.new_pay_day, d.new_day))"
    ),
}
