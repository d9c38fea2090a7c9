"""Runs steps that do not touch each other in several processes with own connections.

Posting is Python's work more than the database's, so two cores make the books in little
more than half the time. The processes are forked once and keep what Odoo has cached.
"""

import multiprocessing
import multiprocessing.connection
import os
import sys
import traceback

from odoo import sql_db
from odoo.api import SUPERUSER_ID, Environment

from .books import DemoError

LOCK = 0xCA47E7A  # name of the advisory locks of the steps
RANKS = "account.res.partner.increase_rank.customer_rank"


def worker_count(wanted=None):
    """How many processes to use: as asked, else one a core, at most two."""
    available = os.cpu_count() if hasattr(os, "fork") else 1
    return wanted or min(2, available or 1)


class Workers:
    """Processes that run steps by name. With one worker it is this process itself."""

    def __init__(self, env, run, count):
        self.env = env
        self.run = run  # called with (environment, name of the step); it commits
        self.count = count
        self.pipes = []
        self.children = []

    def run_all(self, names):
        """Run the steps, in any order; returns when all are done."""
        self.env.cr.commit()
        if self.count == 1 or len(names) == 1:
            for name in names:
                self.run(self.env, name)
            return
        while len(self.pipes) < self.count:
            self._fork()
        waiting = list(reversed(names))
        busy = {}
        for pipe in self.pipes[: len(names)]:
            self._give(pipe, waiting, busy)
        failed = []
        while busy:
            for pipe in multiprocessing.connection.wait(list(busy)):
                name = busy.pop(pipe)
                if not _is_done(pipe):
                    failed.append(name)
                if waiting and not failed:
                    self._give(pipe, waiting, busy)
        self.env.cr.commit()  # a new snapshot: see what the others have committed
        self.env.invalidate_all()
        if failed:
            raise DemoError(
                f"Making the demo books failed in: {', '.join(failed)}; see above."
            )

    def close(self):
        for pipe in self.pipes:
            pipe.close()
        for child in self.children:
            os.waitpid(child, 0)
        self.pipes, self.children = [], []

    @staticmethod
    def _give(pipe, waiting, busy):
        busy[pipe] = waiting.pop()
        pipe.send(busy[pipe])

    def _fork(self):
        ours, theirs = multiprocessing.Pipe()
        sys.stdout.flush()
        child = os.fork()
        if child:
            theirs.close()
            self.pipes.append(ours)
            self.children.append(child)
            return
        try:
            # None of the parent's ends may stay open here: its death would go unseen.
            for pipe in (*self.pipes, ours):
                pipe.close()
            _serve(self.env, self.run, theirs)
        finally:
            os._exit(0)  # no clean-up of what is the parent's


def _is_done(pipe):
    try:
        return pipe.recv()
    except EOFError:
        return False


def _serve(env, run, pipe):
    """Run what the parent asks for, until it is gone."""
    # The parent's connections stay the parent's: psycopg2 closes none that it inherits.
    registry = env.registry
    sql_db._Pool = sql_db._Pool_readonly = None
    registry._db = sql_db.db_connect(registry.db_name)
    registry._db_readonly = None
    with registry.cursor() as cr:
        own = Environment(cr, SUPERUSER_ID, dict(env.context))
        while True:
            try:
                name = pipe.recv()
            except EOFError:
                return
            try:
                run(own, name)
            except BaseException:  # noqa: BLE001 (the parent is told, whatever it was)
                traceback.print_exc()
                cr.rollback()
                sys.stdout.flush()
                pipe.send(False)
                return
            sys.stdout.flush()
            pipe.send(True)


def forget_ranks(env):
    """Let posting not count each customer's documents after the commit.

    Odoo does that for all customers of a transaction at once, and two processes would
    stop each other over it. The count only sorts lists of customers.
    """
    env.cr.postcommit.data.pop(RANKS, {}).clear()


def take_step(env, number):
    """Wait until no process (of a run that was killed) is at this step any more."""
    env.cr.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK, number))
    env.cr.commit()  # only now look what it has left


def leave_step(env, number):
    env.cr.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCK, number))
