"""Sending no more than so many messages in any hour: a sliding window over what went out."""

from collections.abc import Iterable
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)


def recent(sent: Iterable[datetime], now: datetime) -> list[datetime]:
    """What went out within the hour before ``now``, oldest first; what is an hour old counts no more.

    >>> t = datetime(2026, 3, 16, 12)
    >>> [at.minute for at in recent([t - HOUR, t - timedelta(minutes=20)], t)]
    [40]
    """
    return sorted(at for at in sent if at > now - HOUR)


def room(limit: int, sent: Iterable[datetime], now: datetime) -> int | None:
    """How many may go out at once; None where there is no limit (0).

    >>> t = datetime(2026, 3, 16, 12)
    >>> room(3, [t - timedelta(minutes=20)], t), room(0, [], t)
    (2, None)
    """
    if not limit:
        return None
    return max(limit - len(recent(sent, now)), 0)


def turn(limit: int, sent: Iterable[datetime], now: datetime, ahead: int) -> datetime:
    """When a message may go out that has ``ahead`` others before it, each sent as soon as it may.

    Each message takes the place of the one that went out ``limit`` messages before it, an hour later.

    >>> t = datetime(2026, 3, 16, 12)
    >>> early = [t - timedelta(minutes=50), t - timedelta(minutes=20)]
    >>> [f"{turn(2, early, t, ahead):%H:%M}" for ahead in range(4)]
    ['12:10', '12:40', '13:10', '13:40']
    >>> turn(3, early, t, 0) == turn(0, early, t, 999) == t
    True
    """
    if not limit:
        return now
    found = recent(sent, now)[-limit:]
    free = limit - len(found)
    if ahead < free:
        return now
    # the places of this hour: first what is free, then what went out, an hour later; and so on every hour
    hours, place = divmod(ahead, limit)
    start = now if place < free else found[place - free] + HOUR
    return start + hours * HOUR
