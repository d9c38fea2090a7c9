"""How many messages may go out in an hour; the numbers are worked out by hand."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from ..calc.throttle import HOUR, recent, room, turn

NOON = datetime(2026, 3, 16, 12)  # noqa: DTZ001 Odoo keeps moments in UTC without saying so


def minutes_ago(*minutes):
    return [NOON - timedelta(minutes=one) for one in minutes]


def clock(moment):
    return f"{moment:%H:%M}"


class TestThrottle(BaseCase):
    def test_an_hour_old_counts_no_more(self):
        self.assertEqual(recent(minutes_ago(0, 60, 59, 61), NOON), minutes_ago(59, 0))

    def test_room(self):
        for limit, ago, expected in (
            (0, (1, 2), None),
            (3, (), 3),
            (3, (5, 50), 1),
            (3, (5, 50, 60), 1),
            (2, (5, 50), 0),
            # three were sent by hand on top of the limit
            (2, (5, 50, 10), 0),
        ):
            with self.subTest(limit=limit, ago=ago):
                self.assertEqual(room(limit, minutes_ago(*ago), NOON), expected)

    def test_turns(self):
        for limit, ago, expected in (
            (0, (1,), ["12:00"] * 3),
            (2, (), ["12:00", "12:00", "13:00", "13:00", "14:00"]),
            (2, (50,), ["12:00", "12:10", "13:00", "13:10"]),
            (2, (50, 20), ["12:10", "12:40", "13:10", "13:40"]),
            # the oldest of three over the limit makes no room
            (2, (50, 40, 20), ["12:20", "12:40", "13:20"]),
        ):
            with self.subTest(limit=limit, ago=ago):
                sent = minutes_ago(*ago)
                found = [
                    clock(turn(limit, sent, NOON, n)) for n in range(len(expected))
                ]
                self.assertEqual(found, expected)

    @given(
        limit=st.integers(1, 6),
        ago=st.lists(st.integers(0, 3599), max_size=6),
        more=st.integers(0, 25),
    )
    def test_no_hour_has_more_than_the_limit(self, limit, ago, more):
        sent = sorted(NOON - timedelta(seconds=one) for one in ago)[:limit]
        turns = [turn(limit, sent, NOON, number) for number in range(more)]
        self.assertEqual(turns, sorted(turns))
        everything = sent + turns
        for moment in everything:
            inside = [one for one in everything if moment - HOUR < one <= moment]
            self.assertLessEqual(len(inside), limit)

    @given(
        limit=st.integers(1, 6),
        ago=st.lists(st.integers(0, 3599), max_size=6),
        more=st.integers(1, 25),
    )
    def test_each_goes_as_soon_as_it_may(self, limit, ago, more):
        """Sent one after the other, each at its turn, the turns are the same."""
        sent = [NOON - timedelta(seconds=one) for one in ago]
        planned = [turn(limit, sent, NOON, number) for number in range(more)]
        now, done = NOON, list(sent)
        for moment in planned:
            now = turn(limit, done, now, 0)
            self.assertEqual(now, moment)
            self.assertGreater(room(limit, done, now), 0)
            done.append(now)
