"""When customers buy and when they pay: pure drawing of dates, without Odoo."""

import bisect
from datetime import timedelta

MONTHS = 24
DAYS = 730
SEASON = (
    0.86,
    0.9,
    0.98,
    1.0,
    1.03,
    0.98,
    0.97,
    0.98,
    1.02,
    1.05,
    1.12,
    1.32,
)  # January first
GROWTH = 0.35  # sales of today over those of 24 months ago, less 1
WEEKDAYS = (1.2, 1.1, 1.0, 1.0, 1.0, 0.5, 0.0)  # nothing on Sundays
STOPPED_BUYING = 40  # days after a broken customer stopped paying, we stopped selling


class SellingDays:
    """The working days of the period, weighted by season, growth and weekday."""

    def __init__(self, today):
        self.first = today - timedelta(days=DAYS)
        self.total = []
        running = 0.0
        for offset in range(DAYS):
            day = self.first + timedelta(days=offset)
            growth = 1 + GROWTH * offset / DAYS
            running += SEASON[day.month - 1] * growth * WEEKDAYS[day.weekday()]
            self.total.append(running)

    def draw(self, rng, start, end):
        """A day between two shares (0 to 1) of the period."""
        low = self.total[min(int(start * DAYS), DAYS - 1)]
        high = self.total[min(int(end * DAYS), DAYS - 1)]
        offset = bisect.bisect_left(self.total, rng.uniform(low, high))
        return self.first + timedelta(days=min(offset, DAYS - 1))


def buying_span(profile):
    """The shares of the period between which a customer buys."""
    if profile.habit != "broken":
        return profile.joined, 1.0
    end = 1 - (profile.broke - STOPPED_BUYING) / DAYS
    return min(profile.joined, end - 0.2), end


def pay_day(profile, invoice_date, due, today, rng):
    """When the customer pays an instalment; None if it never does."""
    habit = profile.habit
    if habit == "broken" and due > today - timedelta(days=profile.broke):
        return None
    days = {
        "early": lambda: -rng.randint(1, 8),
        "on_time": lambda: rng.choice((0, 0, 0, 1, 1, 2, 3)),
        "late": lambda: 3 + min(70, round(rng.expovariate(1 / 11))),
        "erratic": lambda: rng.randint(-6, 30)
        + (rng.randint(20, 75) if rng.random() < 0.3 else 0),
        "broken": lambda: 3 + min(70, round(rng.expovariate(1 / 18))),
    }[habit]()
    day = max(due + timedelta(days=days), invoice_date)
    return _payment_round(profile, day)


def _payment_round(profile, day):
    """Chains pay every other Friday, wholesalers thrice a month, nobody on Sundays."""
    if profile.trade == "chain":
        friday = day + timedelta(days=(4 - day.weekday()) % 7)
        odd_week = (friday.toordinal() // 7 + profile.index) % 2
        return friday + timedelta(days=7 * odd_week)
    if profile.trade == "wholesaler":
        wanted = next((d for d in (5, 15, 25) if d >= day.day), None)
        day = day.replace(day=wanted) if wanted else _next_month(day)
    return day + timedelta(days=1) if day.weekday() == 6 else day


def _next_month(day):
    """The 5th of the next month."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=5)
