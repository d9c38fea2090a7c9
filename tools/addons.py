"""The addons of this repository: their needs, their hashes, whether they install."""

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

from . import config, paths, stamp

PREFIX = "cartera_cobranza"
NOT_INSTALLED = ("tests", "readme", "docs")


@dataclass(frozen=True)
class Addon:
    """An addon and the part of its manifest that matters here."""

    name: str
    path: Path
    depends: tuple
    installable: bool

    def digest(self):
        """Changes when something changes that an installed database would notice."""
        return stamp.tree_digest(self.path, skip=NOT_INSTALLED)


def read(path):
    manifest = ast.literal_eval((path / "__manifest__.py").read_text())
    depends = tuple(manifest.get("depends", ()))
    return Addon(path.name, path, depends, manifest.get("installable", True))


def all_addons(root=paths.ROOT):
    """Every addon of the repository, by name."""
    found = sorted(root.glob(f"{PREFIX}*/__manifest__.py"))
    return [read(manifest.parent) for manifest in found]


def suite(odoo, root=paths.ROOT):
    """The addons that can be installed here: all they depend on can be found."""
    folders = [Path(folder) for folder in config.addons_path(odoo)]

    @functools.cache
    def available(name):
        for folder in folders:
            if (folder / name / "__manifest__.py").exists():
                addon = read(folder / name)
                return addon.installable and all(map(available, addon.depends))
        return False

    return [addon for addon in all_addons(root) if available(addon.name)]


def digest(addons):
    return stamp.digest(*(f"{addon.name} {addon.digest()}" for addon in addons))
