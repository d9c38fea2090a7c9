"""The worked examples in the docstrings of calc/ are run, so that they stay true."""

import doctest
import importlib
import pkgutil

try:
    from odoo.tests import BaseCase
except ImportError:
    from unittest import TestCase as BaseCase

from .. import calc


class TestExamples(BaseCase):
    def test_every_example_gives_what_it_says(self):
        tried = 0
        for found in pkgutil.iter_modules(calc.__path__):
            module = importlib.import_module(f"{calc.__name__}.{found.name}")
            told = []
            runner = doctest.DocTestRunner(verbose=False)
            for example in doctest.DocTestFinder().find(module):
                tried += runner.run(example, out=told.append).attempted
            with self.subTest(found.name):
                self.assertFalse(runner.failures, "".join(told))
        self.assertGreater(tried, 100, "the examples were not found")
