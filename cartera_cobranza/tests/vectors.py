"""Worked cases of the field for credit limits (D2, D5: Microsoft's credit management).

Copied from the project's list of published cases; ``inf`` is unlimited.
"""

EFFECTIVE_LIMIT = {
    # own, group, mandatory, unlimited, expected
    "T-CR-01": (10000, 15000, False, False, 10000),
    "T-CR-02": (20000, 15000, False, False, 15000),
    "T-CR-03": (0, 15000, True, False, 0),
    "T-CR-04": (0, 15000, False, True, "inf"),
    "T-CR-05": (0, 15000, False, False, 15000),
}

NEXT_CHECK = {
    # day of the release, grace days, day of the next check
    "T-CR-07": (1, 2, 4),
}
