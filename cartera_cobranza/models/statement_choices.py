"""What may be chosen for statements of account, by a run and by a customer's own account."""

ROLES = [
    ("collections", "Collections contact"),
    ("invoice", "Invoice address"),
    ("customer", "The company itself"),
    ("escalation", "Escalation contact"),
]
FILES = [("pdf", "PDF"), ("xlsx", "Excel"), ("both", "PDF and Excel")]
