"""Worked cases of the field for collections, interest, receipts, KPIs and provision.

P: published, C: computed from a published rule. Amounts and rates are text, rounded
half up; the ids are those of the project's list. Credit limits are in ``vectors.py``.
"""

VECTORS = {
    # IFRS 9, illustrative example 12: inputs P, amounts C; the last is the total
    "T-IF-01": {
        "gross": ("15000000", "7500000", "4000000", "2500000", "1000000"),
        "rates": ("0.3", "1.6", "3.6", "6.6", "10.6"),
        "expected": ("45000.00", "120000.00", "144000.00", "165000.00", "106000.00"),
        "total": "580000.00",
    },
    # Dynamics 365, collections process FAQ: P, the year is ours
    "T-CP-01": {
        "due": "2021-01-15",
        "after_previous": (1, 6, 7),
        "expected": ("2021-01-16", "2021-01-22", "2021-01-29"),
    },
    # SAP FI-AR dunning with grace days: P
    "T-CP-06": {
        "issue": "1997-03-13",
        "due": "1997-03-12",
        "grace": (0, 3),
        "expected": (1, 0),
    },
    # Dynamics 365 10.0.18, amount × yearly rate / 365 × days: formula P, amount C
    "T-IN-04": {"amount": "10000", "rate": "12", "days": 45, "expected": "147.95"},
    # JD Edwards delinquency fee, APR / 365: formula P, amount C
    "T-IN-06": {"amount": "1000", "rate": "18", "days": 30, "expected": "14.79"},
    # 3 % a month and a part payment: C
    "T-IN-09": {
        "principal": "10000",
        "monthly": "3",
        "partial_day": 20,
        "partial": "4000",
        "end_day": 45,
        "expected": "350.00",
    },
    # Legal rate of the Mexican commercial code, art. 362: rate P, amounts C
    "T-IN-10": {
        "principal": "100000",
        "rate": "6",
        "days": 45,
        "expected": {"act_365": "739.73", "act_360": "750.00"},
    },
    # Four day counts: C
    "T-IN-11": {
        "principal": "100000",
        "rate": "24",
        "start": "2026-01-15",
        "end": "2026-03-31",
        "expected": {
            "act_365": "4931.51",
            "act_360": "5000.00",
            "30_360_us": "5066.67",
            "30e_360": "5000.00",
        },
    },
    # Usury in Colombia, 1.5 times the certified bank rate: P
    "T-CO-01": {
        "factor": "1.5",
        "expected": {
            "16.66": "24.99",
            "44.28": "66.42",
            "26.88": "40.32",
            "18.26": "27.39",
            "38.78": "58.17",
            "49.04": "73.56",
            "59.18": "88.77",
            "18.91": "28.37",
            "19.70": "29.55",
            "21.83": "32.75",
            "15.31": "22.97",
            "22.62": "33.93",
            "19.33": "29.00",
            "35.42": "53.13",
        },
    },
    # Colombia, effective rates by month: rates P, amounts C
    "T-CO-02b": {
        "principal": "10000000",
        "due": "2025-10-15",
        "paid": "2025-11-20",
        "caps": {"2025-10-01": "24.36", "2025-11-01": "24.99"},
        "expected": ("96024.31", "122976.62"),
        "total": "219000.93",
    },
    # Dynamics 365 credit statistics FAQ: P; the third row is D365's 283 days
    "T-KP-01": {
        "balance": "50000",
        "sales": "150000",
        "expected": {365: "121.67", 183: "61.00", 283: "94.33"},
    },
    # Standard and best possible days sales outstanding, average days delinquent: P
    "T-KP-02": {
        "ar": "1200000",
        "current": "800000",
        "sales": "10000000",
        "expected": ("43.80", "29.20", "14.60"),
    },
    # Countback by JD Edwards' algorithm, figures of benjipays: P
    "T-KP-03": {
        "ar": "212000",
        "periods": (("100000", 30), ("80000", 30), ("70000", 30)),
        "expected": "73.71",
    },
    # Collection effectiveness index, one period: P
    "T-KP-05": {
        "begin": "6200",
        "sales": "10890",
        "end_total": "6340",
        "end_current": "3590",
        "expected": "79.63",
    },
    # Weighted average days late: C
    "T-KP-07": {"receipts": (("100000", 1), ("1000", 30)), "expected": "1.29"},
    # Promises kept, by count and by amount: C
    "T-KP-08": {
        "kept": 26,
        "partial": 6,
        "broken": 8,
        "promised": "500000",
        "paid": "390000",
        "expected": ("65.00", "78.00"),
    },
    # SAP, payment differences: P
    "T-CA-01": {"invoice": "97346.50", "receipt": "97346.42", "expected": "0.08"},
}
