from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..calc import money
from ..calc.interest import NOISE
from ..calc.rates import ONE_DAY, MissingRate
from .cartera_interest_proposal_writer import LINE_COLUMNS, SEGMENT_COLUMNS
from .interest_items import InterestCalculator, as_owed

OWED = (
    "id",
    "move_id",
    "partner_id",
    "currency_id",
    "due",
    "amount",
    "untaxed",
    "total",
    "compounded",
    "is_entry",
    "billed_to",
    "billed",
)
FRAME = (
    "number",
    "part",
    "policy_id",
    "due",
    "billed_to",
    "start",
    "total_days",
    "total_factor",
    "date_from",
    "date_to",
    "anchor",
    "days",
    "rate",
    "method",
    "capped",
    "factor",
)
NULL = r"\N"
NEVER = "-infinity"


class CarteraInterestBulk(models.AbstractModel):
    """Charges in the database the items whose balance stood still on all the days that are charged.

    What one unit of balance costs depends on the due date, the watermark and the policy only: ``calc`` says it once
    for each of those, and the database multiplies, rounds once and keeps the lines. Whatever has a condition,
    a limit, a fee, a dispute, a promise, another currency or a balance that moved goes item by item through the engine,
    and posting counts every item by the engine again.
    """

    _name = "cartera.interest.bulk"
    _description = "Interest of Steady Items"

    def _find_steady(self, scope, known):
        """Set steady items apart in tables of this transaction.

        :return: ({id: Owed} of the rest, the policies by which steady items are charged)
        """
        self.ensure_one()
        policies = self._steady_policies(scope, known)
        if not policies:
            return self._gather(scope), policies
        self._read_owed(scope, known, policies)
        numbered = self._write_frames(scope, policies)
        self._write_balances(scope)
        rest = self.env.execute_query(
            SQL(
                "SELECT %s FROM cartera_interest_owed o WHERE NOT EXISTS"
                " (SELECT 1 FROM cartera_interest_steady s WHERE s.id = o.id)",
                SQL(", ").join(SQL.identifier("o", name) for name in OWED),
            )
        )
        owed = as_owed(rest)
        self._gather_changes(owed, scope.end)
        return owed, numbered

    @api.model
    def _steady_policies(self, scope, known):
        """Return the policies that charge an item by its balance, due date and watermark alone."""
        rounding = money.to_decimal(scope.company.currency_id.rounding)
        if rounding != Decimal(1).scaleb(rounding.adjusted()):
            return self.env["cartera.interest.policy"]
        policies = known.default.union(*set(known.assigned.values()))
        return policies.filtered(
            lambda policy: (
                policy.charging == "bill"
                and policy.base != "untaxed"
                and not policy.exclude_domain
                and not policy.minimum
                and not policy.maximum
                and not policy.customer_minimum
                and not policy.customer_maximum
                and "late" not in policy.fee_ids.mapped("kind")
                and (not scope.only or policy in scope.only)
            )
        )

    def _read_owed(self, scope, known, policies):
        """Make the table of the items of a scope; those that are not steady for sure have no policy in it."""
        apart = {
            partner: policy.id if policy in policies else 0
            for partner, policy in known.assigned.items()
        }
        default = known.default if known.default in policies else policies.browse()
        for partner in known.in_credit:
            if known.assigned.get(partner, default).skip_in_credit:
                apart[partner] = 0
        waiting = {item for amounts in known.suspended.values() for item in amounts}
        self.env.cr.execute(
            SQL("DROP TABLE IF EXISTS cartera_interest_owed, cartera_interest_frame")
        )
        self.env.cr.execute(
            SQL(
                """CREATE TEMPORARY TABLE cartera_interest_owed ON COMMIT DROP AS
                   SELECT o.*,
                          CASE WHEN o.currency_id = %(own)s AND NOT o.compounded AND NOT o.is_entry
                                    AND NOT o.id = ANY(%(waiting)s::int[])
                               THEN NULLIF(COALESCE(a.policy_id, %(default)s), 0) END AS policy_id
                     FROM (%(owed)s) o
                LEFT JOIN UNNEST(%(partners)s::int[], %(policies)s::int[]) AS a (partner_id, policy_id)
                       ON a.partner_id = o.partner_id""",
                own=scope.company.currency_id.id,
                waiting=list(waiting),
                default=default.id or 0,
                owed=self._owed_sql(scope),
                partners=list(apart),
                policies=list(apart.values()),
            )
        )
        self.env.cr.execute(SQL("ANALYZE cartera_interest_owed (id, policy_id, due)"))

    def _write_frames(self, scope, policies):
        """Make the table of what one unit of balance costs; returns the policies that are in it.

        A class for which a rate is missing is left to the engine, which knows whether anybody owes for those days.
        """
        calculator = InterestCalculator(self, scope, policies)
        by_id = {policy.id: policy for policy in policies}
        rows, used = [], set()
        classes = self.env.execute_query(
            SQL(
                "SELECT policy_id, due, billed_to FROM cartera_interest_owed WHERE policy_id IS NOT NULL"
                " GROUP BY policy_id, due, billed_to"
            )
        )
        currency = scope.company.currency_id.id
        for number, (policy, due, billed_to) in enumerate(classes):
            try:
                charge = calculator.unit(by_id[policy], currency, due, billed_to)
            except MissingRate:
                continue
            used.add(policy)
            rows += _frame_rows(number, policy, due, billed_to, charge, scope.end)
        self.env.cr.execute(
            SQL(
                """CREATE TEMPORARY TABLE cartera_interest_frame (
                       number int, part int, policy_id int, due date, billed_to date, start date, total_days int,
                       total_factor numeric, date_from date, date_to date, anchor date, days int, rate numeric,
                       method varchar, capped boolean, factor numeric
                   ) ON COMMIT DROP"""
            )
        )
        self._copy("cartera_interest_frame", FRAME, rows)
        self.env.cr.execute(SQL("ANALYZE cartera_interest_frame"))
        return policies.browse(sorted(used))

    def _write_balances(self, scope):
        """Make the table of the steady items: the balance on all their days, and its interest, rounded once."""
        rounding = money.to_decimal(scope.company.currency_id.rounding)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS cartera_interest_steady"))
        self.env.cr.execute(
            SQL(
                """CREATE TEMPORARY TABLE cartera_interest_steady ON COMMIT DROP AS
                   WITH framed AS (
                       SELECT o.id, o.amount, o.touched, f.number, f.start, f.total_factor
                         FROM cartera_interest_owed o
                         JOIN cartera_interest_frame f
                           ON f.part = 0 AND f.policy_id = o.policy_id AND f.due = o.due
                          AND f.billed_to = COALESCE(o.billed_to, '-infinity')),
                   change AS (
                       SELECT f.id, r.id AS partial, r.debit_amount_currency AS amount, %(day)s AS day, f.start
                         FROM framed f
                         JOIN account_partial_reconcile r ON r.debit_move_id = f.id
                         JOIN account_move_line c ON c.id = r.credit_move_id
                         JOIN account_move cm ON cm.id = c.move_id
                        WHERE f.touched AND r.debit_amount_currency <> 0
                       OFFSET 0),
                   changed AS (
                       SELECT id, SUM(amount) AS paid, BOOL_OR(day > start) AS moved,
                              MD5(STRING_AGG(partial::text, ',' ORDER BY partial)) AS fingerprint
                         FROM change WHERE day < %(end)s
                     GROUP BY id)
                   SELECT f.id, f.number, b.balance, COALESCE(x.fingerprint, '') AS fingerprint,
                          ROUND(ROUND(b.balance * f.total_factor, %(noise)s), %(digits)s) AS amount
                     FROM framed f
                LEFT JOIN changed x ON x.id = f.id
                    CROSS JOIN LATERAL (SELECT GREATEST(f.amount - COALESCE(x.paid, 0), 0) AS balance) b
                    WHERE x.moved IS NOT TRUE""",
                day=self._value_day(),
                end=scope.end,
                noise=-NOISE.adjusted(),
                digits=-rounding.adjusted(),
            )
        )

    def _write_steady(self):
        """Write lines and segments of the items that were set apart."""
        self.ensure_one()
        partners = self.env.execute_query(
            SQL(
                """SELECT DISTINCT o.partner_id
                     FROM cartera_interest_steady s JOIN cartera_interest_owed o ON o.id = s.id
                    WHERE s.amount <> 0 AND NOT EXISTS (
                          SELECT 1 FROM cartera_customer k
                           WHERE k.partner_id = o.partner_id AND k.company_id = %s)""",
                self.company_id.id,
            )
        )
        if partners:
            self._customer_ids({row[0] for row in partners})
        values = {
            "company_id": SQL("k.company_id"),
            "run_id": SQL("%s", self.id),
            "state": SQL("'proposed'"),
            "live": SQL("FALSE"),
            "manual": SQL("FALSE"),
            "id": SQL("nextval('cartera_interest_line_id_seq')"),
            "customer_id": SQL("k.id"),
            "partner_id": SQL("o.partner_id"),
            "policy_id": SQL("o.policy_id"),
            "kind": SQL("'interest'"),
            "move_line_id": SQL("o.id"),
            "move_id": SQL("o.move_id"),
            "currency_id": SQL("o.currency_id"),
            "date_maturity": SQL("o.due"),
            "date_from": SQL("f.start + 1"),
            "charged_to": SQL("%s", self.date_to),
            "watermark": SQL("o.billed_to"),
            "days": SQL("f.total_days"),
            "balance": SQL("s.balance"),
            "fingerprint": SQL("s.fingerprint"),
            **dict.fromkeys(
                ("amount", "amount_company", "net_amount", "computed_amount"),
                SQL("s.amount"),
            ),
            **dict.fromkeys(
                (
                    "waived_amount",
                    "waived_company",
                    "excluded_balance",
                    "before_amount",
                ),
                SQL("0"),
            ),
        }
        columns = [name for name in LINE_COLUMNS if name in values]
        self.env.cr.execute(
            SQL(
                """WITH line AS (
                       INSERT INTO cartera_interest_line (%(line_columns)s)
                       SELECT %(line_values)s
                         FROM cartera_interest_steady s
                         JOIN cartera_interest_owed o ON o.id = s.id
                         JOIN cartera_interest_frame f ON f.number = s.number AND f.part = 0
                         JOIN cartera_customer k ON k.partner_id = o.partner_id AND k.company_id = %(company)s
                        WHERE s.amount <> 0
                    RETURNING id, move_line_id)
                   INSERT INTO cartera_interest_segment (%(segment_columns)s)
                   SELECT %(company)s, line.id, f.date_from, f.date_to, f.anchor, f.days, s.balance, f.rate, f.method,
                          f.capped, f.factor, s.balance * f.factor
                     FROM line
                     JOIN cartera_interest_steady s ON s.id = line.move_line_id
                     JOIN cartera_interest_frame f ON f.number = s.number""",
                line_columns=SQL(", ").join(map(SQL.identifier, columns)),
                line_values=SQL(", ").join(values[name] for name in columns),
                segment_columns=SQL(", ").join(map(SQL.identifier, SEGMENT_COLUMNS)),
                company=self.company_id.id,
            )
        )
        self._forget_written()


def _frame_rows(number, policy, due, billed_to, charge, end):
    """Return the rows of a class for COPY; one that costs nothing where nothing is charged yet."""
    head = f"{policy}\t{due}\t{billed_to or NEVER}"
    parts = charge.segments
    if not parts:
        return [f"{number}\t0\t{head}\t{end}\t0\t0" + f"\t{NULL}" * 8]
    start = parts[0].date_from - ONE_DAY
    total = f"{start}\t{sum(part.days for part in parts)}\t{charge.exact}"
    return [
        f"{number}\t{place}\t{head}\t{total}\t{part.date_from}\t{part.date_to}\t{part.anchor}\t{part.days}"
        f"\t{part.rate}\t{part.method}\t{'t' if part.capped else 'f'}\t{part.factor}"
        for place, part in enumerate(parts)
    ]
