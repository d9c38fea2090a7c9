"""Two people decide the same application, or the same customer, at the same moment: it happens once."""

import itertools

import pytest

from .test_dispute_races import ROUNDS, quiet, twice  # noqa: F401 (a fixture)

NUMBERS = itertools.count(1)


class Department:
    """Two managers of authority, somebody who asks, and what they decide; all of it committed."""

    def __init__(self, books):
        self.books = books
        with books.env() as env:
            self.company = env.company.id
            self.asker = self._user(env, "group_collector", "group_viewer")
            self.managers = [
                self._user(env, "group_credit_manager") for _number in range(2)
            ]
            env["cartera.authority"].search(
                [("kind", "=", "request"), ("company_id", "=", self.company)]
            ).unlink()
            self.authority = (
                env["cartera.authority"]
                .create(
                    {
                        "kind": "request",
                        "group_id": env.ref("cartera_cobranza.group_credit_manager").id,
                        "company_id": self.company,
                        "unlimited": True,
                        "signatures": "1",
                    }
                )
                .id
            )

    def _user(self, env, *groups):
        name = f"Races: {groups[0]} {next(NUMBERS)}"
        return (
            env["res.users"]
            .create(
                {
                    "name": name,
                    "login": name.lower().replace(" ", "."),
                    "email": "races@example.com",
                    "company_id": self.company,
                    "company_ids": [(6, 0, [self.company])],
                    "group_ids": [
                        (4, env.ref("base.group_user").id),
                        *(
                            (4, env.ref(f"cartera_cobranza.{group}").id)
                            for group in groups
                        ),
                    ],
                }
            )
            .id
        )

    def signatures(self, count):
        with self.books.env() as env:
            env["cartera.authority"].browse(self.authority).signatures = str(count)

    def application(self):
        with self.books.env() as env:
            partner = env["res.partner"].create(
                {"name": f"Races: applicant {next(NUMBERS)}", "is_company": True}
            )
            customer = env["cartera.customer"]._find_or_create(
                partner, env["res.company"].browse(self.company)
            )[partner]
            request = env["cartera.credit.request"].create(
                {
                    "customer_id": customer.id,
                    "kind": "opening",
                    "amount": 1000,
                    "requested_by": self.asker,
                }
            )
            request.action_submit()
            request.document_ids.unlink()
            return customer.id, request.id

    def newcomer(self, vat, name=None):
        with self.books.env() as env:
            request = (
                env["cartera.customer.request"]
                .with_user(self.asker)
                .create(
                    {
                        "kind": "new",
                        "company_id": self.company,
                        "customer_name": name or f"Races: newcomer {vat}",
                        "vat": vat,
                        "street": "Street 1",
                        "city": "City",
                        "zip": "06600",
                        "country_id": env.ref("base.aq").id,
                        "email": f"{vat}@example.com",
                        "payment_term_id": env.ref(
                            "account.account_payment_term_30days"
                        ).id,
                    }
                )
            )
            request.action_submit()
            return request.id

    def do(self, env, number, model, record, verb):
        """A manager does a verb (name, arguments) with a record."""
        name, *arguments = verb
        found = env[model].with_user(self.managers[number]).browse(record)
        return getattr(found, name)(*arguments)

    def together(self, model, ids, *verbs):
        """Each manager does a verb with a record, in transactions that overlap."""
        return twice(
            self.books,
            lambda env, number: self.do(
                env, number - 1, model, ids[number - 1], verbs[number - 1]
            ),
        )


@pytest.fixture(scope="module")
def department(books):
    return Department(books)


def outcome(books, customer, request):
    with books.env() as env:
        record = env["cartera.credit.request"].browse(request)
        lines = env["cartera.credit.line"].search([("customer_id", "=", customer)])
        return (
            record.state,
            sorted(record.decision_ids.mapped("verdict")),
            [(line.state, line.amount) for line in lines],
        )


def refusals(results):
    return [str(one) for one in results if isinstance(one, Exception)]


APPROVE = ("action_approve",)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_managers_approve_one_application(books, department, _round):
    """One of them decides, the other reads that it is decided; there is one line of 1,000."""
    department.signatures(1)
    customer, request = department.application()
    results = department.together(
        "cartera.credit.request", [request] * 2, APPROVE, APPROVE
    )
    (refused,) = refusals(results)
    assert "is in state Approved" in refused
    assert outcome(books, customer, request) == (
        "approved",
        ["approved"],
        [("active", 1000)],
    )


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_two_signatures_that_are_needed_come_at_once(books, department, _round):
    """Both count, one after the other: the second carries it out, nobody has to sign again."""
    department.signatures(2)
    customer, request = department.application()
    results = department.together(
        "cartera.credit.request", [request] * 2, APPROVE, APPROVE
    )
    assert not refusals(results)
    assert outcome(books, customer, request) == (
        "approved",
        ["approved", "approved"],
        [("active", 1000)],
    )


def test_one_person_twice_is_one_signature(books, department):
    department.signatures(2)
    customer, request = department.application()
    managers, department.managers = department.managers, department.managers[:1] * 2
    try:
        results = department.together(
            "cartera.credit.request", [request] * 2, APPROVE, APPROVE
        )
    finally:
        department.managers = managers
    (refused,) = refusals(results)
    assert "signed" in refused
    assert outcome(books, customer, request) == ("review", ["approved"], [])


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_approves_while_the_other_rejects(books, department, _round):
    """Whoever is first decides; never both, and a rejected application leaves no line."""
    department.signatures(1)
    customer, request = department.application()
    results = department.together(
        "cartera.credit.request", [request] * 2, APPROVE, ("action_reject", "no")
    )
    assert len(refusals(results)) == 1
    found = outcome(books, customer, request)
    assert found in (
        ("approved", ["approved"], [("active", 1000)]),
        ("rejected", ["rejected"], []),
    )


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_people_approve_one_newcomer(books, department, _round):
    """The customer is made once."""
    request = department.newcomer(f"RACE{next(NUMBERS):06}")
    results = department.together(
        "cartera.customer.request", [request] * 2, APPROVE, APPROVE
    )
    (refused,) = refusals(results)
    assert "Approved" in refused
    with books.env() as env:
        record = env["cartera.customer.request"].browse(request)
        partners = env["res.partner"].search([("vat", "=", record.vat)])
        assert partners == record.partner_id
        customers = env["cartera.customer"].search([("partner_id", "=", partners.id)])
        assert [bool(one.approved_on) for one in customers] == [True]


def test_two_requests_for_one_newcomer_handed_in_at_once(books, department):
    """Each names the other and neither is approved, also at once; with one rejected the other makes the customer."""
    vat = f"TWIN{next(NUMBERS):06}"
    first = department.newcomer(vat)
    second = department.newcomer(f"X{vat}", "Races: twin")
    with books.env() as env:  # as two overlapping transactions would have left them
        env.cr.execute(
            "UPDATE cartera_customer_request SET vat = %s WHERE id = %s", [vat, second]
        )
        env.invalidate_all()
        env["cartera.customer.request"].browse(second)._rebuild_lines()
    ids, model = [first, second], "cartera.customer.request"
    refused = refusals(department.together(model, ids, APPROVE, APPROVE))
    assert len(refused) == 2
    assert all("which is open" in text for text in refused), refused
    results = department.together(model, ids, APPROVE, ("action_reject", "twice"))
    assert len(refusals(results)) <= 1, results  # the approval may have been too early
    if refusals(results):
        with books.env() as env:  # now it is alone
            department.do(env, 0, model, first, APPROVE)
    with books.env() as env:
        assert len(env["res.partner"].search([("vat", "=", vat)])) == 1
