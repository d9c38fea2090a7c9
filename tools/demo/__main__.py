"""``python -m tools.demo``: run inside Odoo's environment by ``./cartera demo``."""

from .main import main

main()
