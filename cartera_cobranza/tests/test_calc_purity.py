"""calc/ is plain: no Odoo, no clock, no input or output, no randomness."""

import ast
from pathlib import Path

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

CALC = Path(__file__).resolve().parent.parent / "calc"
ALLOWED = {
    "bisect",
    "calendar",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "itertools",
    "math",
    "operator",
    "re",
    "typing",
}
CLOCK = {"today", "now", "utcnow", "time", "localtime", "gmtime", "monotonic"}
DOORS = {"open", "print", "input", "exec", "eval", "compile", "__import__"}


def sins(source):
    """Return what a piece of calc/ may not do, as texts."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""] if not node.level else []
            if node.level > 1:
                found.append(f"imports from outside calc (line {node.lineno})")
        else:
            names = []
        found += [
            f"imports {name} (line {node.lineno})"
            for name in names
            if name.partition(".")[0] not in ALLOWED
        ]
        if isinstance(node, ast.Attribute) and node.attr in CLOCK:
            found.append(f"reads the clock (line {node.lineno})")
        if isinstance(node, ast.Name) and node.id in DOORS:
            found.append(f"uses {node.id} (line {node.lineno})")
    return found


class TestPurity(BaseCase):
    def test_calc_is_plain(self):
        files = sorted(CALC.glob("**/*.py"))
        self.assertGreaterEqual(len(files), 5, "calc/ was not found")
        for path in files:
            with self.subTest(path.name):
                self.assertEqual(sins(path.read_text(encoding="utf-8")), [])

    def test_the_test_itself_sees_what_is_forbidden(self):
        for source in (
            "import odoo",
            "from odoo import fields",
            "import os",
            "import random",
            "from ..models import cartera_customer",
            "from datetime import date\nday = date.today()",
            "from datetime import datetime\nnow = datetime.now()",
            "import time",
            "open('/etc/passwd')",
            "print('x')",
            "def f():\n    import logging",
        ):
            with self.subTest(source):
                self.assertTrue(sins(source))

    def test_money_is_never_a_float_in_calc(self):
        for path in sorted(CALC.glob("**/*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            floats = [
                node.lineno
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, float)
            ]
            calls = [
                node.lineno
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "float"
            ]
            with self.subTest(path.name):
                self.assertEqual(floats + calls, [])
