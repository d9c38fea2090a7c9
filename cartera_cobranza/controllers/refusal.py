"""What an address gets that asks for nonsense: a page that says what is wrong, in the user's language, never a 500."""

from functools import wraps

from odoo import fields
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

BIGGEST_ID = 2**31 - 1
FIRST_YEAR = 1900


def told(endpoint):
    """Answer what the endpoint refuses with a page: 404 for what is not there, 403 for no right, else 400."""

    @wraps(endpoint)
    def answer(self, *args, **kwargs):
        try:
            return endpoint(self, *args, **kwargs)
        except MissingError:
            return refused(404, nothing_there())
        except AccessError as error:
            return refused(403, str(error))
        except UserError as error:
            return refused(400, str(error))

    return answer


def refused(status, message):
    """Return the page that says why; nothing of the request is kept."""
    message = str(message)
    request.env.cr.rollback()
    return request.render(
        "cartera_cobranza.refusal_page",
        {"message": message, "lang_code": (request.env.lang or "en_US")[:2]},
        status=status,
    )


def nothing_there():
    return request.env._(
        "There is no such document, or it is not one of yours. Open it from its list and try again."
    )


def day_of(text):
    """Return the date that a text of an address stands for, or None."""
    text = (text or "").strip()
    if not text:
        return None
    try:
        day = fields.Date.to_date(text)
    except ValueError as error:
        raise UserError(
            request.env._("%s is not a date. Enter it as 2026-03-31.", text[:40])
        ) from error
    if day.year < FIRST_YEAR:
        raise UserError(
            request.env._(
                "%(day)s is too long ago. Choose a day from %(first)s on.",
                day=text[:40],
                first=f"{FIRST_YEAR}-01-01",
            )
        )
    return day


def id_of(text):
    """Return the id that a text or number of an address stands for, or 0."""
    text = str(text or "").strip()
    if not text or text == "0":
        return 0
    if not text.isdecimal() or int(text) > BIGGEST_ID:
        raise UserError(
            request.env._(
                "%s is not the number of a document. Open it from its list and try again.",
                text[:40],
            )
        )
    return int(text)


def one_of(model, number):
    """Return the record of a number that the user may read.

    :raise MissingError: when there is none
    :raise AccessError: when the user may not see it
    """
    record = request.env[model].browse(id_of(number)).exists()
    if not record:
        raise MissingError(nothing_there())
    record.check_access("read")
    return record
