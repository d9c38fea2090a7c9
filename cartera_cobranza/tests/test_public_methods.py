"""Whatever anybody can call over RPC has been looked at: what it checks, and whom it refuses.

``reviewed_methods.py`` is the list. Each kind of method is tried by people without a role, and by the manager of
another company on real records, so that a hole does not hide behind the list.
"""

import inspect
from collections import defaultdict

from odoo import Command
from odoo.exceptions import AccessError, MissingError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import TODAY
from .plan_common import PlanCommon
from .reviewed_methods import REVIEWED

FORBIDDEN = 987654321
ANYTHING = {
    "date": TODAY,
    "until": "2026-12-31",
    "date_to": "2026-12-31",
    "next_date": "2026-12-31",
    "partner_ids": [1],
    "line_ids": [],
    "channel": "call",
    "outcome_id": 1,
    "reason_id": 1,
}


def public_methods(env):
    """Yield (addon, model, method) of the suite's public methods: no underscore, and not an extension of Odoo's.

    Those of a mixin are looked at where they are used.
    """
    for model, cls in sorted(env.registry.items()):
        if cls._abstract and cls._inherit_children:
            continue
        for name in sorted(dir(cls)):
            if name.startswith("_") or not inspect.isfunction(getattr(cls, name)):
                continue
            modules = [base.__module__ for base in cls.__mro__ if name in base.__dict__]
            if all(one.startswith("odoo.addons.cartera_cobranza") for one in modules):
                yield modules[-1].split(".")[2], model, name


@tagged("post_install", "-at_install")
@freeze_time(f"{TODAY} 12:00:00")
class TestPublicMethods(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = {
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
        }
        cls.nobody = new_test_user(
            cls.root, "nobody.at.all", groups="base.group_user", **company
        )
        groups = {
            "cartera_cobranza.group_credit_manager",
            "account.group_account_manager",
            "sales_team.group_sale_manager",
            "stock.group_stock_manager",
        }
        cls.stranger = new_test_user(
            cls.root,
            "manager.elsewhere",
            groups=",".join(
                one for one in groups if cls.root.ref(one, raise_if_not_found=False)
            ),
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )

    def call(self, user, record, name):
        """Call a method over the record's id as that user would, with arguments that mean nothing."""
        record = record.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        method = getattr(record, name)
        given = {
            key: ANYTHING.get(key, "x")
            for key, one in inspect.signature(method).parameters.items()
            if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD
        }
        if "document" in given:
            given["document"] = f"account.move,{self.document.id}"
        if "company_id" in given:
            given["company_id"] = self.company.id
        return method(**given)

    def of_kind(self, kind):
        for models in REVIEWED.values():
            for model, kinds in models.items():
                for name in kinds.get(kind, "").split():
                    if model in self.env and hasattr(self.env[model], name):
                        yield self.env[model], name

    def test_the_list_is_complete(self):
        """A new public method: say in reviewed_methods.py what it checks, or begin its name with an underscore."""
        found, listed = defaultdict(set), defaultdict(set)
        for addon, model, name in public_methods(self.env):
            found[addon].add(f"{model}.{name}")
        for addon, models in REVIEWED.items():
            for model, kinds in models.items():
                for names in kinds.values():
                    listed[addon] |= {f"{model}.{name}" for name in names.split()}
        for addon, names in found.items():
            with self.subTest(addon):
                self.assertEqual(
                    sorted(names - listed[addon]), [], "not in reviewed_methods.py yet"
                )
                self.assertEqual(
                    sorted(listed[addon] - names), [], "no longer a public method"
                )

    def answer(self, user, record, name):
        """Return what the call ends with, undone; None for a refusal that tells nothing."""
        try:
            with self.env.cr.savepoint():
                self.call(user, record, name)
                self.env.flush_all()
                raise LookupError("was done")
        except AccessError:
            return None
        except Exception as error:  # noqa: BLE001 (told by the test)
            if isinstance(error, MissingError) and record.id == FORBIDDEN:
                return None
            return f"{record._name}.{name} for {user.login}: {error}"
        finally:
            self.env.invalidate_all(flush=False)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models.unlink")
    def test_verbs_refuse_who_has_no_role(self):
        """Before anything else, so that no message tells them what there is."""
        records = self.records()
        holes = [
            self.answer(user, record, name)
            for model, name in (*self.of_kind("role"), *self.of_kind("own"))
            for record in [
                records.get(model._name)
                or model.browse(() if model._abstract else FORBIDDEN)
            ]
            for user in (self.nobody, self.portal)
        ]
        self.assertEqual([hole for hole in holes if hole], [])

    def test_what_opens_a_screen_tells_nothing(self):
        """Only an action comes back, the same for everybody; the screen is subject to the rights of its model."""
        for model, name in self.of_kind("opens"):
            for user in (self.nobody, self.portal):
                with self.subTest(f"{model._name}.{name}", user=user.login):
                    try:
                        action = self.call(user, model.browse(FORBIDDEN), name)
                    except (AccessError, MissingError):
                        continue
                    self.assertRegex(action["type"], "^ir.actions")

    def records(self):
        """One record each of what has a life of its own, in the company."""
        customer = self.customer
        line = self.make_line(customer, 1000)
        invoice = self.make_invoice(self.partner, 100, due="2026-03-01")
        self.document = invoice
        other = self.make_invoice(self.partner, 50, due="2026-03-02")
        self.make_strategy((1, "call"))
        self.turn_gate_on()
        action = self.run_on(TODAY)
        root = self.root
        company = {"company_id": self.company.id}
        customer_line = {"customer_id": customer.id}
        promise = root["cartera.payment.promise"].create(
            {
                **customer_line,
                "line_ids": [Command.create({"move_id": invoice.id, "amount": 100})],
                "instalment_ids": [Command.create({"date": TODAY, "amount": 100})],
            }
        )
        dispute = root["cartera.dispute"].create(
            {
                "move_id": other.id,
                "type_id": root.ref("cartera_cobranza.dispute_type_price").id,
                "disputed_amount": 20,
            }
        )
        found = [
            customer,
            line,
            invoice,
            action,
            action.case_id,
            promise,
            dispute,
            self.hold_invoice(self.partner, 2000),
            root["cartera.credit.request"].create(
                {**customer_line, "kind": "increase", "amount": 5000}
            ),
            root["cartera.customer.request"].create(
                {
                    **company,
                    "kind": "change",
                    "partner_id": self.make_partner("Other").id,
                }
            ),
            root["cartera.interest.run"].create({**company, "date_to": TODAY}),
            root["cartera.statement.run"].create(company),
            root["cartera.aging.snapshot"].create({**company, "date": TODAY}),
            root["cartera.forecast"].create({**company, "date": TODAY}),
            root["cartera.invoice.delivery"].create({"move_id": invoice.id}),
            action.strategy_id,
        ]
        self.env.flush_all()
        return {record._name: record for record in found}

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_verbs_refuse_the_manager_of_another_company(self):
        """With every role, but elsewhere: by the id of a record, nothing of it is told or done."""
        records = self.records()
        tried, holes = set(), []
        for model, name in self.of_kind("role"):
            record = records.get(model._name)
            if record:
                tried.add(model._name)
                holes.append(self.answer(self.stranger, record, name))
        self.assertEqual([hole for hole in holes if hole], [])
        self.assertGreater(len(tried), 14)
