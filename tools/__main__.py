"""``./cartera``: finds the command and turns every failure into one sentence."""

import sys

from . import say

HELP = """\
usage: ./cartera COMMAND [ARGUMENTS]

  demo [--no-serve] [--reset] [--size N] [--port N]
                        the demo books in database cartera_demo, then the web client
  test [PYTEST ARGUMENTS]
                        every test, on fresh databases; the last line has the counts
  test --fast [--http] [PYTEST ARGUMENTS]
                        the daily loop, on a kept database (CARTERA_FAST_DB)
  db NAME [--demo]      a database with the suite, in seconds; --drop removes it
  serve [-d NAME] [--port N]
                        the web client on a database (cartera_demo)
  odoo ARGUMENTS        Odoo's own command line, e.g. ./cartera odoo shell -d NAME
  psql [ARGUMENTS]      PostgreSQL's client on the repository's own server
  lint                  style, XML, translations, purity of calc/
  i18n                  export the .pot files and merge them into es.po
  bench [ARGUMENTS]     bench/run.py
  stop                  stop the repository's PostgreSQL server
  help                  this text

Environment: ODOO_HOME (a tree of Odoo 19), CARTERA_ADDONS (more folders with addons),
CARTERA_PYTHON (the Python to use), CARTERA_FAST_DB (database of test --fast).
Everything is kept below .cartera; removing that folder starts from nothing.
"""


def main(arguments):
    name, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if name in ("help", "-h", "--help"):
        print(HELP, end="")
        return 0
    from . import commands

    command = commands.COMMANDS.get(name)
    if not command:
        print(HELP, end="", file=sys.stderr)
        raise say.Failure(f"There is no command “{name}”.")
    return command(rest) or 0


def guarded(arguments):
    """Run, and give one sentence for whatever goes wrong."""
    try:
        return main(arguments)
    except say.Failure as failure:
        say.note(f"cartera: {failure}")
        return 1
    except BrokenPipeError:
        return 1
    except OSError as error:
        say.note(f"cartera: {say.explain_os_error(error)}")
        return 1
    except KeyboardInterrupt:
        say.note("cartera: stopped; run the same command again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(guarded(sys.argv[1:]))
