"""Which stages a person's pytest arguments belong to."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from .. import addons, paths, say

CALC = "test_calc_"


@dataclass
class Selection:
    """Targets of each stage (None: all, empty: none) and the options for all."""

    calc: list | None = None
    odoo: list | None = None
    process: list | None = None
    options: list = field(default_factory=list)

    @property
    def is_everything(self):
        return not self.options and self.calc is self.odoo is self.process is None

    def wants(self, stage):
        return getattr(self, stage) != []


def select(arguments, root=paths.ROOT):
    """Sort arguments: paths go to the stage that runs them, the rest to every stage."""
    targets = {"calc": [], "odoo": [], "process": []}
    options = []
    for argument in arguments:
        path = Path(os.path.abspath(argument.split("::")[0]))
        is_path = not argument.startswith("-") and path.exists()
        if not is_path:
            if "::" in argument or argument.endswith(".py"):
                raise say.Failure(f"There is no test file {argument.split('::')[0]}.")
            options.append(argument)
            continue
        for stage in _stages(path, root):
            targets[stage].append(str(path) + argument[len(argument.split("::")[0]) :])
    if not any(targets.values()):
        return Selection(options=options)
    return Selection(options=options, **targets)


def _stages(path, root):
    """The stages to which a path belongs; a folder of an addon belongs to two."""
    try:
        parts = path.relative_to(root).parts
    except ValueError:
        raise say.Failure(f"{path} is not in this repository.") from None
    if not parts:
        return ("calc", "odoo", "process")
    if not parts[0].startswith(addons.PREFIX):
        return ("process",)
    if path.is_file():
        return ("calc",) if path.name.startswith(CALC) else ("odoo",)
    return ("calc", "odoo")
