"""Who the customers are: plain values drawn from a seed, without Odoo."""

import unicodedata
from dataclasses import dataclass, field

from . import words

# kind: share of the customers, invoices a month (relative), amount of an invoice in MXN
KINDS = {
    "chain": (0.08, 2.3, (38_000, 150_000)),
    "wholesaler": (0.19, 1.25, (16_000, 75_000)),
    "shop": (0.545, 0.42, (2_200, 13_000)),
    "export": (0.06, 0.8, (60_000, 240_000)),
    "co_chain": (0.02, 1.9, (40_000, 120_000)),
    "co_wholesaler": (0.04, 1.1, (15_000, 60_000)),
    "co_shop": (0.065, 0.5, (2_200, 12_000)),
}
TERMS = {  # kind: term and weight
    "chain": {"60": 3, "30": 4, "split": 4},
    "wholesaler": {"30": 6, "15": 2, "60": 1, "split": 2},
    "shop": {"0": 4, "15": 5, "30": 3},
    "export": {"30": 3, "60": 3, "split": 1},
}
HABITS = {  # kind: habit and weight
    "chain": {"on_time": 5, "late": 5, "early": 1, "erratic": 1},
    "wholesaler": {"on_time": 7, "late": 7, "early": 3, "erratic": 4, "broken": 2},
    "shop": {"on_time": 8, "late": 6, "early": 4, "erratic": 4, "broken": 4},
    "export": {"on_time": 5, "late": 3, "early": 3, "erratic": 1},
}
SHARED = 0.06  # of the customers buy from both companies


@dataclass(frozen=True)
class Profile:
    """One customer (a commercial entity) of the books."""

    index: int
    kind: str  # a key of KINDS
    habit: str  # early, on_time, late, erratic or broken
    term: str  # 0, 15, 30, 60 or split
    currency: str
    companies: tuple  # of "mx", "co"
    name: str
    place: tuple
    size: float  # how big its invoices are, around 1
    joined: float  # share of the 24 months that had passed when it became a customer
    broke: int  # days ago it stopped paying (broken ones)
    seller: int
    group: str = ""  # the holding it belongs to
    branches: tuple = field(default=())

    @property
    def slug(self):
        plain = (
            unicodedata.normalize("NFKD", self.name)
            .encode("ascii", "ignore")
            .decode()
            .lower()
        )
        kept = "".join(c if c.isalnum() else "-" for c in plain.split(",")[0])
        parts = [part for part in kept.split("-") if part]
        return "-".join([*parts, "co"] if self.kind.startswith("co_") else parts)

    @property
    def trade(self):
        return self.kind.removeprefix("co_")

    @property
    def is_company(self):
        return self.trade != "shop" or self.index % 3 == 0


def make_profiles(size, rng):
    """``size`` customers of all kinds, always the same ones for the same generator."""
    used = set()
    profiles = []
    for index, kind in enumerate(_kinds(size)):
        trade = kind.removeprefix("co_")
        colombian = kind.startswith("co_")
        name, group = _name(kind, index, rng, used)
        companies = ("co",) if colombian else ("mx",)
        if trade in ("chain", "wholesaler") and rng.random() < SHARED / 0.33:
            companies = ("co", "mx") if colombian else ("mx", "co")
        profiles.append(
            Profile(
                index=index,
                kind=kind,
                habit=_pick(rng, HABITS[trade]),
                term=_pick(rng, TERMS[trade]),
                currency="USD" if kind == "export" else "COP" if colombian else "MXN",
                companies=companies,
                name=name,
                place=rng.choice(_places(kind)),
                size=rng.lognormvariate(0, 0.35),
                joined=0.0 if rng.random() < 0.7 else rng.uniform(0.1, 0.75),
                broke=rng.randint(80, 230),
                seller=rng.randrange(2 if colombian else 3),
                group=group,
                branches=tuple(rng.sample(words.BRANCHES, rng.randint(2, 4)))
                if trade == "chain"
                else (),
            )
        )
    return profiles


def _kinds(size):
    """Each kind by its share; small shops take the rest."""
    counts = {
        kind: max(1, round(share * size)) for kind, (share, _, _) in KINDS.items()
    }
    counts["shop"] = max(
        1, size - sum(n for kind, n in counts.items() if kind != "shop")
    )
    return [kind for kind, count in counts.items() for _ in range(count)]


def _places(kind):
    if kind == "export":
        return words.PLACES_EXPORT
    return words.PLACES_CO if kind.startswith("co_") else words.PLACES_MX


def _pick(rng, weights):
    return rng.choices(list(weights), list(weights.values()))[0]


def _name(kind, index, rng, used):
    """A name nobody has yet, and the holding of a chain's legal entity."""
    if kind == "chain":
        entities = [
            (g, region) for g, regions in words.CHAIN_GROUPS for region in regions
        ]
        if index < len(entities):
            group, region = entities[index]
            return f"Súper {group} {region}, S.A. de C.V.", f"Grupo {group}"
    for attempt in range(1000):
        name = _draw_name(kind, index, rng)
        if attempt > 20:  # a big book: number the namesakes, as real ones are
            name = (
                f"{name} {attempt}"
                if "," not in name
                else name.replace(",", f" {attempt},", 1)
            )
        if name not in used:
            break
    used.add(name)
    return name, ""


def _draw_name(kind, index, rng):
    own = rng.choice(words.OWN_WORDS)
    person = f"{rng.choice(words.FIRST_NAMES)} {rng.choice(words.LAST_NAMES)}"
    if kind == "export":
        return f"{rng.choice(words.EXPORT_WORDS)} {rng.choice(words.EXPORT)}"
    colombian = kind.startswith("co_")
    if kind.endswith("shop"):
        sign = rng.choice(words.SHOP_NAMES_CO if colombian else words.SHOP_NAMES_MX)
        return f"{sign} {own}" if index % 3 else f"{sign} {person}"
    if kind.endswith("chain"):
        sign = rng.choice(words.CHAIN_CO if colombian else words.CHAIN_MX)
    else:
        sign = rng.choice(words.WHOLESALE_CO if colombian else words.WHOLESALE_MX)
    return f"{sign} {own}, {'S.A.S.' if colombian else 'S.A. de C.V.'}"
