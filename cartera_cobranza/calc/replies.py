"""Telling an answer written by a person from one that a machine sent."""

import re
from collections.abc import Mapping

SUBJECTS = re.compile(
    r"^\s*(automatic reply|auto(matic)?[ -]?(reply|response)|out of (the )?office|respuesta autom[aá]tica"
    r"|fuera de (la )?oficina|ausencia|ausente|resposta autom[aá]tica)\b",
    re.IGNORECASE,
)
BULK = ("auto_reply", "auto-reply", "bulk", "junk")


def is_automatic_reply(headers: Mapping[str, str], subject: str = "") -> bool:
    """Whether a mail was sent by a machine: RFC 3834's header, its older kin, or the subject.

    Header names are compared without case.

    >>> is_automatic_reply({"Auto-Submitted": "auto-replied"})
    True
    >>> is_automatic_reply({"Auto-Submitted": "no"}, "Re: Su estado de cuenta")
    False
    >>> is_automatic_reply({}, "Respuesta automática: Su estado de cuenta")
    True
    """
    known = {
        name.lower(): str(value).strip().lower() for name, value in headers.items()
    }
    if known.get("auto-submitted", "no") != "no":
        return True
    if any(
        name in known for name in ("x-autoreply", "x-autorespond", "x-autoresponse")
    ):
        return True
    if known.get("precedence") in BULK:
        return True
    return bool(SUBJECTS.match(subject or ""))
