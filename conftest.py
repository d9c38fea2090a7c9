"""Tests of ``calc/`` run without Odoo: addons import, their ``__init__`` is not run."""

import importlib.util
import sys
import types
from pathlib import Path

ROOT = Path(__file__).parent

if importlib.util.find_spec("odoo") is None:
    for addon in ROOT.glob("cartera_cobranza*"):
        for name, path in (
            (addon.name, addon),
            (f"{addon.name}.tests", addon / "tests"),
        ):
            module = types.ModuleType(name)
            module.__path__ = [str(path)]
            sys.modules[name] = module
