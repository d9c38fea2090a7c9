"""What verbs decide, and nobody writes by hand: a mark in the cursor's cache, out of reach of RPC and context."""

from contextlib import contextmanager


@contextmanager
def deciding(env, mark, flush=False):
    """Let what is written inside pass the guard that looks for ``mark``.

    :param flush: write it out before the guard closes
    """
    cache = env.cr.cache
    before = cache.get(mark)
    cache[mark] = True
    try:
        yield
        if flush:
            env.flush_all()
    finally:
        cache[mark] = before
