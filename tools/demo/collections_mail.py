"""The messages of today's run: taken as delivered, and what some customers wrote back."""

from email.message import EmailMessage

ANSWERS = (
    (
        "Buenos días: la factura está programada para el pago del viernes. Por favor envíenos el"
        " complemento de pago en cuanto lo reciban.",
        {},
    ),
    (
        "Estimados: el precio de dos partidas no corresponde a la orden de compra. ¿Nos llaman para"
        " revisarlo?",
        {},
    ),
    (
        "Hola, ya se pagó el lunes. Adjuntamos el comprobante en cuanto lo tengamos. Saludos.",
        {},
    ),
    (
        "Estoy fuera de la oficina hasta el lunes; para asuntos urgentes llame a recepción.",
        {"Auto-Submitted": "auto-replied"},
    ),
)
BOUNCED = "550 5.1.1 The email account that you tried to reach does not exist"


def deliver(env, actions):
    """Note today's messages as taken by a mail server: none is there, and the addresses do not exist."""
    env.flush_all()
    messages = actions.message_id.ids
    env.cr.execute(
        "UPDATE mail_mail SET state = 'sent' WHERE mail_message_id = ANY(%s)",
        (messages,),
    )
    env.cr.execute(
        "UPDATE mail_notification SET notification_status = 'sent'"
        " WHERE mail_message_id = ANY(%s)",
        (messages,),
    )
    env.invalidate_all()


def answer(env, actions):
    """A few customers answer, one by a machine, and one message comes back."""
    sent = actions.filtered(lambda one: one.state == "sent" and one.contact_ids)
    *answered, bounced = sent[: len(ANSWERS) + 1] or [sent]
    for action, (text, headers) in zip(answered, ANSWERS, strict=False):
        sender = action.contact_ids[:1]
        mail = EmailMessage()
        mail["From"] = sender.email_formatted
        mail["To"] = action.case_id.collector_id.email or "cobranza@example.com"
        mail["Subject"] = f"Re: {action.message_id.subject}"
        mail["Message-Id"] = f"<respuesta-{action.id}@example.com>"
        mail["In-Reply-To"] = action.message_id.message_id
        mail["References"] = action.message_id.message_id
        for name, value in headers.items():
            mail[name] = value
        mail.set_content(text)
        env["mail.thread"].message_process("cartera.collection.case", mail.as_string())
    if bounced:
        bounced._note_bounce(bounced.contact_ids[:1].email, BOUNCED)
