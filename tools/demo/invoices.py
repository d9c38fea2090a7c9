"""Posted customer invoices of 24 months, created and posted in chronological batches.

The number of a posted invoice follows from its date, so a batch is a slice of time.
"""

from . import words
from .books import chunks
from .calendar import SellingDays, buying_span
from .documents import Documents, Planned
from .profiles import KINDS

PER_CUSTOMER = 2500 / 150  # invoices in 24 months
SHARE = {"mx": 0.85, "co": 0.15}
BATCH = 250
LINES = {"chain": (2, 4), "wholesaler": (2, 3), "shop": (1, 2), "export": (1, 3)}
DRAFTS = 8  # per 150 customers: invoices that nobody has posted yet


def plan_invoices(books, key):
    """All invoices of a company, by date. Draws, but asks nothing of Odoo."""
    rng = books.rng("invoices", key)
    buyers = [profile for profile in books.profiles if key in profile.companies]
    weights = [_weight(profile, key) for profile in buyers]
    wanted = round(books.size * PER_CUSTOMER * SHARE[key])
    days = SellingDays(books.today)
    planned = []
    for profile, share in zip(buyers, _allot(wanted, weights), strict=True):
        start, end = buying_span(profile)
        for _ in range(share):
            branch = -1
            if profile.branches and rng.random() < 0.55:
                branch = rng.randrange(len(profile.branches))
            planned.append(
                Planned(
                    days.draw(rng, start, end),
                    profile.index,
                    branch,
                    draw_lines(profile, rng),
                )
            )
    return sorted(planned, key=lambda invoice: (invoice.day, invoice.customer))


def _weight(profile, key):
    start, end = buying_span(profile)
    frequency = KINDS[profile.kind][1] * (end - start)
    return frequency if profile.companies[0] == key else frequency * 0.35


def _allot(total, weights):
    """Whole numbers that add up to the total, in proportion (largest remainders)."""
    exact = [total * weight / sum(weights) for weight in weights]
    counts = [int(share) for share in exact]
    rest = sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])
    for i in rest[: total - sum(counts)]:
        counts[i] += 1
    return counts


def draw_lines(profile, rng, factor=1.0):
    """Products and quantities near the amount this customer usually buys for."""
    low, high = KINDS[profile.kind][2]
    amount = rng.uniform(low, high) * profile.size * factor
    count = rng.randint(*LINES[profile.trade])
    chosen = rng.sample(range(len(words.PRODUCTS)), count)
    parts = [rng.uniform(0.5, 1.5) for _ in chosen]
    return tuple(
        (number, max(1, round(amount * part / sum(parts) / words.PRODUCTS[number][1])))
        for number, part in zip(chosen, parts, strict=True)
    )


def make_invoices(books, key, part=0, parts=1):
    """One slice of time (a part of the parts) of a company's invoices."""
    planned = plan_invoices(books, key)
    first = len(planned) * part // parts
    last = len(planned) * (part + 1) // parts
    maker = Documents(books, key)
    maker.count_numbers(planned[:first])
    env = books.company_env(key)
    done = first
    for batch in chunks(planned[first:last], BATCH):
        maker.post([maker.values(invoice) for invoice in batch])
        env.flush_all()
        env.invalidate_all()
        done += len(batch)
        books.tell(f"{done} of {len(planned)} invoices")


def make_drafts(books):
    """A few invoices of this week that are not posted yet."""
    rng = books.rng("drafts")
    maker = Documents(books, "mx")
    buyers = [
        profile
        for profile in books.profiles
        if "mx" in profile.companies
        and profile.habit != "broken"
        and profile.trade != "shop"
    ]
    count = max(1, round(DRAFTS * books.size / 150))
    planned = [
        Planned(
            books.ago(rng.randint(0, 4)), profile.index, -1, draw_lines(profile, rng)
        )
        for profile in rng.sample(buyers, min(count, len(buyers)))
    ]
    maker.create([maker.values(invoice, numbered=False) for invoice in planned])
