"""Collection messages for real: a mail server on loopback, a bounce, an answer, two runs at once, a kill.

The mail server is aiosmtpd on a free port; answers go into Odoo's gateway as RFC 822 text.
"""

import email
import email.policy
import itertools
import os
import signal
import socket
import time

import pytest
from aiosmtpd.controller import Controller

NUMBERS = itertools.count(1)
COUNT = 60
BOSS = "boss@cobranza.example"


class Mailbox:
    """An SMTP server that keeps what it is given, and refuses addresses that say so."""

    def __init__(self):
        self.messages = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if "refused" in address:
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(
            envelope.content, policy=email.policy.default
        )
        self.messages.append((tuple(envelope.rcpt_tos), message))
        return "250 OK"

    def of(self, address):
        return [message for to, message in self.messages if address in to]

    def stop(self):
        self.controller.stop()


@pytest.fixture(scope="module")
def mailbox():
    box = Mailbox()
    yield box
    box.stop()


class Desk:
    """A strategy, customers with an overdue invoice, and the daily jobs, committed."""

    def __init__(self, books, port):
        self.books = books
        with books.env() as env:
            env["ir.mail_server"].search([]).active = False
            env["ir.mail_server"].create(
                {
                    "name": "Loopback",
                    "smtp_host": "127.0.0.1",
                    "smtp_port": port,
                    "smtp_encryption": "none",
                }
            )
            domain = env["mail.alias.domain"].search([], limit=1)
            if not domain:
                domain = env["mail.alias.domain"].create({"name": "cobranza.example"})
            env.company.alias_domain_id = domain
            env.ref("cartera_cobranza.mail_alias_collections").alias_domain_id = domain
            env.company.email = "cartera@cobranza.example"
            env["cartera.collection.strategy"].search([]).active = False
            template = env.ref("cartera_cobranza.mail_template_first")
            step = {
                "name": "Reminder",
                "days": 1,
                "channel": "email",
                "template_id": template.id,
                "copy_management": True,
            }
            env.ref("base.user_admin").email = BOSS
            env.company.cartera_management_user_id = env.ref("base.user_admin")
            self.strategy = (
                env["cartera.collection.strategy"]
                .create(
                    {
                        "name": "Loopback",
                        "working_days": "all",
                        "hour_from": 0,
                        "hour_to": 24,
                        "domain": "[('partner_id.name', '=like', 'Loopback%')]",
                        "step_ids": [(0, 0, step)],
                    }
                )
                .id
            )

    def debtors(self, *addresses):
        """Ids of new credit accounts with an invoice that came due 30 days ago."""
        with self.books.env() as env:
            day = env.company._cartera_today()
            due = env["cartera.collection.case"]._fields["opened_on"].add(day, days=-30)
            partners = env["res.partner"].create(
                [
                    {
                        "name": f"Loopback {next(NUMBERS)}",
                        "is_company": True,
                        "email": address,
                    }
                    for address in addresses
                ]
            )
            line = {"name": "x", "price_unit": 100, "tax_ids": []}
            moves = env["account.move"].create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": partner.id,
                        "invoice_date": due,
                        "invoice_date_due": due,
                        "invoice_payment_term_id": False,
                        "invoice_line_ids": [(0, 0, line)],
                    }
                    for partner in partners
                ]
            )
            moves.action_post()
            found = env["cartera.customer"]._find_or_create(partners, env.company)
            return [found[partner].id for partner in partners]

    def plan(self):
        with self.books.env() as env:
            return len(env["cartera.collection.strategy"].browse(self.strategy)._run())

    def queue(self):
        with self.books.env() as env:
            env["cartera.collection.action"]._queued()._send_queued()

    def post(self):
        with self.books.env() as env:
            mails = env["mail.mail"].search(
                [("state", "=", "outgoing"), ("model", "=", "cartera.collection.case")]
            )
            mails.send()

    def action(self, customer, field):
        with self.books.env() as env:
            action = env["cartera.collection.action"].search(
                [("customer_id", "=", customer)], order="id desc", limit=1
            )
            return action[field]

    def deliver(self, text):
        with self.books.env() as env:
            env["mail.thread"].message_process(False, text)


@pytest.fixture(scope="module")
def desk(books, mailbox):
    return Desk(books, mailbox.port)


def test_message_answer_and_bounce(desk, mailbox):
    from odoo.tools import mute_logger

    good, gone, refused, away = desk.debtors(
        "good@client.example",
        "gone@client.example",
        "refused@client.example",
        "away@client.example",
    )
    assert desk.plan() == 4
    desk.queue()
    with mute_logger("odoo.addons.mail.models.mail_mail"):
        desk.post()  # one address is refused, which Odoo logs as an error
    (sent,) = mailbox.of("good@client.example")
    assert "cobranza@" in sent["Reply-To"]
    html = sent.get_body(("html",)).get_content()
    assert "100" in html and "INV/" in html
    assert desk.action(good, "state") == "sent"
    # The manager's copy is of the same text
    copies = [one.get_body(("html",)).get_content() for one in mailbox.of(BOSS)]
    assert html in copies
    # Refused at the door: no contact, and a task
    assert desk.action(refused, "delivered") == 0

    desk.deliver(
        f"From: good@client.example\nTo: {sent['Reply-To']}\nSubject: Re: {sent['Subject']}\n"
        f"Message-ID: <answer-{os.getpid()}@client.example>\nIn-Reply-To: {sent['Message-ID']}\n"
        f"References: {sent['Message-ID']}\nContent-Type: text/plain; charset=utf-8\n\nPagamos el viernes.\n"
    )
    assert desk.action(good, "state") == "replied"
    with desk.books.env() as env:
        case = (
            env["cartera.collection.action"]
            .search([("customer_id", "=", good)])
            .case_id
        )
        assert case.reply_unread and case.paused_until

    # A machine answers for somebody who is away: nothing pauses, nobody is told
    (sent,) = mailbox.of("away@client.example")
    desk.deliver(
        f"From: away@client.example\nTo: {sent['Reply-To']}\nSubject: Fuera de la oficina\n"
        f"Message-ID: <away-{os.getpid()}@client.example>\nIn-Reply-To: {sent['Message-ID']}\n"
        "Auto-Submitted: auto-replied\nContent-Type: text/plain; charset=utf-8\n\nVuelvo el lunes.\n"
    )
    assert desk.action(away, "state") == "sent"
    with desk.books.env() as env:
        case = (
            env["cartera.collection.action"]
            .search([("customer_id", "=", away)])
            .case_id
        )
        assert not case.reply_unread and not case.paused_until

    (lost,) = mailbox.of("gone@client.example")
    with desk.books.env() as env:
        bounce = env.company.alias_domain_id.bounce_email
    desk.deliver(
        f"From: MAILER-DAEMON@client.example\nTo: {bounce}\nSubject: Undelivered Mail Returned to Sender\n"
        f"Message-ID: <bounce-{os.getpid()}@client.example>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nThe user does not exist.\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; client.example\n\n"
        "Final-Recipient: rfc822; gone@client.example\nAction: failed\nStatus: 5.1.1\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {lost['Message-ID']}\n"
        "To: gone@client.example\n\n--b--\n"
    )
    assert desk.action(gone, "state") == "bounced"
    assert desk.action(gone, "bounced_email") == "gone@client.example"


def test_a_mail_to_the_mailbox_lands_on_the_senders_case(desk, mailbox):
    (customer,) = desk.debtors(f"writer{os.getpid()}@client.example")
    with desk.books.env() as env:
        address = env.ref("cartera_cobranza.mail_alias_collections").alias_full_name
    desk.deliver(
        f"From: writer{os.getpid()}@client.example\nTo: {address}\nSubject: Mi saldo\n"
        f"Message-ID: <new-{os.getpid()}@client.example>\nContent-Type: text/plain\n\nQue debo?\n"
    )
    with desk.books.env() as env:
        case = env["cartera.collection.case"].search([("customer_id", "=", customer)])
        assert case.reply_unread
        assert "Mi saldo" in case.message_ids.mapped("subject")


def test_two_runs_at_once_plan_each_customer_once(desk, mailbox):
    from odoo.tools import mute_logger

    customers = desk.debtors(*(f"twice{n}@client.example" for n in range(5)))

    def run():
        return desk.books.retrying(
            lambda env: len(
                env["cartera.collection.strategy"]
                .browse(desk.strategy)
                ._run(customers=env["cartera.customer"].browse(customers))
            )
        )

    with mute_logger("odoo.sql_db", "odoo.service.model"):
        results = desk.books.together(run, run)
    assert sum(results) == 5, results
    desk.queue()
    desk.post()
    for number in range(5):
        assert len(mailbox.of(f"twice{number}@client.example")) == 1


def test_killed_at_half_and_run_again_everybody_gets_one(desk, mailbox):
    addresses = [f"kill{n}@client.example" for n in range(COUNT)]
    customers = desk.debtors(*addresses)
    desk.plan()
    script = """
import time
Action = env["cartera.collection.action"]
queued = Action._queued()
for number in range(0, len(queued), 10):
    queued[number:number + 10]._send_queued()
    env.cr.commit()
    print("batch", flush=True)
    time.sleep(0.3)
"""
    process = desk.books.process(script)
    for _batch in range(COUNT // 20):
        assert process.stdout.readline().strip() == "batch"
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.5)
    with desk.books.env() as env:
        half = env["cartera.collection.action"].search_count(
            [("customer_id", "in", customers), ("state", "=", "sent")]
        )
    assert 0 < half < COUNT
    assert desk.plan() == 0
    desk.queue()
    desk.queue()
    # Killed once more while the mail server takes them one by one
    script = """
import time
mails = env["mail.mail"].search([("state", "=", "outgoing"), ("model", "=", "cartera.collection.case")])
for mail in mails:
    mail.send(auto_commit=True)
    print("mail", flush=True)
    time.sleep(0.3)
"""
    process = desk.books.process(script)
    for _mail in range(COUNT // 3):
        assert process.stdout.readline().strip() == "mail"
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.5)
    assert 0 < sum(len(mailbox.of(address)) for address in addresses) < COUNT
    desk.post()
    desk.post()
    assert [len(mailbox.of(address)) for address in addresses] == [1] * COUNT
