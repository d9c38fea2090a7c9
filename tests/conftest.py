"""Helpers for tests that need real commits, threads or processes of their own.

``./cartera test`` gives them a database (CARTERA_DB) with the suite, its configuration
(ODOO_RC) and its log (CARTERA_LOG). Without these they are skipped,
so that the tests of the tools run with plain pytest and nothing else.
"""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


class Books:
    """The test database: environments whose changes are really committed."""

    def __init__(self, name):
        from odoo.modules.registry import Registry
        from odoo.tools import config

        config.parse_config(["-d", name], setup_logging=True)
        self.name = name
        self.registry = Registry(name)

    @contextlib.contextmanager
    def env(self, user=None, **context):
        """An environment of its own transaction; commits unless an error leaves."""
        from odoo.api import SUPERUSER_ID, Environment

        with self.registry.cursor() as cr:
            env = Environment(cr, user or SUPERUSER_ID, context)
            yield env
            env.flush_all()

    def retrying(self, function, *args, user=None):
        """Call ``function(env, *args)`` as a request does: again on a conflict."""
        from odoo.service.model import retrying

        with self.env(user=user) as env:
            return retrying(lambda: function(env, *args), env)

    def together(self, *functions):
        """Run functions of no arguments in threads that start at the same moment.

        Returns what each returned, or the exception that it raised.
        """
        barrier = threading.Barrier(len(functions))
        results = [None] * len(functions)

        def work(number, function):
            threading.current_thread().dbname = self.name
            barrier.wait()
            try:
                results[number] = function()
            except Exception as error:  # noqa: BLE001 (handed to the test)
                results[number] = error

        threads = [
            threading.Thread(target=work, args=pair) for pair in enumerate(functions)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def process(self, script, **kwargs):
        """Start a Python process whose script finds ``env``; it must commit itself.

        The caller may kill it; its standard output is a pipe with text.
        """
        prelude = (
            "import odoo, odoo.api\n"
            "from odoo.modules.registry import Registry\n"
            "from odoo.tools import config\n"
            f"config.parse_config(['-d', {self.name!r}], setup_logging=True)\n"
            f"cr = Registry({self.name!r}).cursor()\n"
            "env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})\n"
        )
        command = [sys.executable, "-c", prelude + script]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=ROOT, **kwargs
        )


@pytest.fixture(scope="session")
def books():
    """The test database, booted once."""
    name = os.environ.get("CARTERA_DB")
    if not name:
        pytest.skip("needs a database of its own: run it with ./cartera test")
    return Books(name)
