"""Runs steps that do not touch each other in several processes, each with its own connection.

Posting is Python's work, not the database's, so two cores make the books in half the time.
"""

import os
import sys
import traceback

from odoo import sql_db
from odoo.api import SUPERUSER_ID, Environment

from .books import DemoError

LOCK = 0x_CA47_E7A  # name of the advisory locks of the steps
RANKS = "account.res.partner.increase_rank.customer_rank"


def worker_count(wanted=None):
    """How many processes to use: as asked, else one a core, at most two."""
    available = os.cpu_count() if hasattr(os, "fork") else 1
    return wanted or min(2, available or 1)


def run_steps(env, jobs, run, workers):
    """Call ``run(env, name, function)`` for the jobs, in as many processes as workers.

    ``run`` commits. Each process takes every so-manieth job, in their order.
    """
    env.cr.commit()
    if workers == 1 or len(jobs) == 1:
        for name, function in jobs:
            run(env, name, function)
        return
    sys.stdout.flush()
    children = [_fork(env, jobs[first::workers], run) for first in range(workers)]
    failed = [child for child in children if os.waitpid(child, 0)[1]]
    env.cr.commit()  # a new snapshot: see what the others have committed
    env.invalidate_all()
    if failed:
        names = ", ".join(name for name, _function in jobs)
        raise DemoError(f"Making the demo books failed in one of: {names}; see above.")


def _fork(env, jobs, run):
    child = os.fork()
    if child:
        return child
    try:
        # The parent's connections stay the parent's (psycopg2 closes none that it inherits).
        registry = env.registry
        sql_db._Pool = sql_db._Pool_readonly = None
        registry._db = sql_db.db_connect(registry.db_name)
        registry._db_readonly = None
        with registry.cursor() as cr:
            own = Environment(cr, SUPERUSER_ID, dict(env.context))
            for name, function in jobs:
                run(own, name, function)
        sys.stdout.flush()
        os._exit(0)
    except BaseException:  # noqa: BLE001 (whatever it was, this process ends here)
        traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


def forget_ranks(env):
    """Let posting not count each customer's documents after the commit.

    Odoo does that for all customers of a transaction at once, and two processes would stop
    each other over it. The count only sorts lists of customers.
    """
    env.cr.postcommit.data.pop(RANKS, {}).clear()


def take_step(env, number):
    """Wait until no other process (of a run that was killed) is at this step any more."""
    env.cr.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK, number))
    env.cr.commit()  # only now look what it has left


def leave_step(env, number):
    env.cr.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCK, number))
