"""Who may sign a credit application, and when the signatures are enough."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

ALONE = 1
SHARED = 2


@dataclass(frozen=True)
class Signature:
    """A yes that was given: by whom, on whose authority (one's own, or a delegation), how strong.

    ``strength`` 1 decides alone, 2 needs another person's signature beside it.
    """

    user: int
    principal: int
    strength: int


@dataclass(frozen=True)
class Choice:
    """On whose authority a person signs, or why not.

    ``problem``: own (asked for it), twice (has signed), lent (that authority has signed or is the
    requester's), none (no authority over so much).
    """

    signature: Signature | None
    problem: str | None = None


def choose(
    user: int,
    authority: Mapping[int, int],
    given: Iterable[Signature],
    requesters: Collection[int],
) -> Choice:
    """The signature that ``user`` can give, the strongest first and the own before a lent one.

    :param authority: {principal: strength}: the user's own and what others delegated for today
    :param requesters: who asked for the application; they neither sign nor lend their authority

    >>> choose(7, {7: 2, 9: 1}, [], {3}).signature
    Signature(user=7, principal=9, strength=1)
    >>> choose(7, {7: 1}, [], {7}).problem
    'own'
    """
    given = list(given)
    if user in requesters:
        return Choice(None, "own")
    if any(one.user == user for one in given):
        return Choice(None, "twice")
    if not authority:
        return Choice(None, "none")
    used = {one.principal for one in given} | {one.user for one in given}
    free = {
        principal: strength
        for principal, strength in authority.items()
        if principal not in used and principal not in requesters
    }
    if not free:
        return Choice(None, "lent")
    principal = min(free, key=lambda one: (free[one], one != user, one))
    return Choice(Signature(user, principal, free[principal]))


def is_enough(given: Iterable[Signature]) -> bool:
    """Whether the signatures decide: one that decides alone, or two of different people.

    >>> is_enough([Signature(1, 1, 2)]), is_enough([Signature(1, 1, 2), Signature(2, 2, 2)])
    (False, True)
    """
    given = list(given)
    if any(one.strength == ALONE for one in given):
        return True
    return (
        len({one.user for one in given}) > 1
        and len({one.principal for one in given}) > 1
    )
