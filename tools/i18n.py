"""Translations: the .pot of each addon from a database, merged into its es.po."""

import copy
import fnmatch
import shutil
import subprocess
import tomllib

import polib

from . import addons, database, odoo, paths, say, stamp
from .prepare import prepare

LANGUAGE = "es"
NO_TERMS = (*addons.NOT_INSTALLED, "i18n")
LOG = paths.LOGS / "i18n.log"
SCRIPT = """
from odoo.tools.translate import trans_export
for name in {names!r}:
    with open("{folder}/" + name + ".pot", "wb") as out:
        trans_export(None, [name], out, "po", env)

"""


def main(arguments):
    """Export and merge; say what is left to translate, and fail while something is."""
    if arguments:
        raise say.Failure("./cartera i18n takes no arguments.")
    missing = 0
    for addon, exported in _export():
        _write_pot(addon, exported)
        missing += _merge(addon, exported)
    if missing:
        say.note(
            f"{missing} terms to translate: fill in i18n/{LANGUAGE}.po and run again"
        )
        return 1
    print("translations are complete")
    return 0


def check():
    """Findings for lint: an outdated .pot, untranslated and doubtful terms."""
    findings = []
    for addon, exported in _export():
        pot = _pot_path(addon)
        name = paths.relative(pot)
        committed = _ids(polib.pofile(str(pot))) if pot.exists() else set()
        wanted = _ids(exported)
        new, old = len(wanted - committed), len(committed - wanted)
        if new or old:
            findings.append(
                f"{name}: {new} terms missing, {old} no longer used; run ./cartera i18n"
            )
        findings += _incomplete(addon, wanted)
    return findings


def _incomplete(addon, wanted):
    path = _po_path(addon)
    name = paths.relative(path)
    if not path.exists():
        return [f"{name} is missing; run ./cartera i18n"] if wanted else []
    po = polib.pofile(str(path))
    findings = [
        f"{name}:{entry.linenum}: fuzzy: {entry.msgid!r}"
        for entry in po.fuzzy_entries()
    ]
    findings += [
        f"{name}:{entry.linenum}: untranslated: {entry.msgid!r}"
        for entry in po.untranslated_entries()
    ]
    lost = wanted - _ids(po)
    if lost:
        findings.append(f"{name}: {len(lost)} terms are not in it; run ./cartera i18n")
    return findings


def _export():
    """(addon, its exported terms) for every addon that can be installed here."""
    if not addons.all_addons():
        return []
    ready = prepare()
    found = addons.suite(ready.odoo)
    sources = [stamp.tree_digest(addon.path, skip=NO_TERMS) for addon in found]
    value = stamp.digest(ready.odoo.release, *sources)
    folder = paths.STATE / "pot"
    if not stamp.is_fresh("pot", value):
        template = ready.templates.suite()
        with stamp.lock("pot"), say.step("exporting the terms"):
            _export_to(ready, template, found, folder)
            stamp.write("pot", value)
    return [(addon, _exported(addon, folder)) for addon in found]


def _exported(addon, folder):
    """The terms of an addon, with entries of their own for the contexts of its contexts.toml."""
    catalogue = polib.pofile(str(folder / f"{addon.name}.pot"))
    path = addon.path / "i18n" / "contexts.toml"
    if path.exists():
        split(catalogue, tomllib.loads(path.read_text()))
    return catalogue


def split(catalogue, contexts):
    """Move the places of a term that a context names into an entry with that ``msgctxt``.

    :param contexts: {msgid: {context: [patterns of the names of fields, values and views]}}; the first that fits counts

    Odoo reads a translation for each place and never looks at contexts, so that a word can be said in two ways.
    """
    for msgid, patterns in contexts.items():
        entry = catalogue.find(msgid, msgctxt=None)
        if entry is None:
            continue
        places = {}
        for place in entry.occurrences:
            places.setdefault(_context_of(place[0], patterns), []).append(place)
        entry.occurrences = places.pop(None, [])
        at = catalogue.index(entry)
        for context in sorted(places):
            own = copy.copy(entry)
            own.msgctxt, own.occurrences = context, places[context]
            at += 1
            catalogue.insert(at, own)
        if not entry.occurrences:
            catalogue.remove(entry)


def _context_of(place, patterns):
    kind, _colon, rest = place.partition(":")
    if kind not in ("model", "model_terms"):
        return None
    name = rest.rpartition(".")[2]
    return next(
        (
            context
            for context, names in patterns.items()
            if any(fnmatch.fnmatchcase(name, one) for one in names)
        ),
        None,
    )


def _export_to(ready, template, found, folder):
    """Export all addons in one process, from a copy that nobody else uses."""
    name = "cartera_i18n"
    database.drop(ready.cluster, name)
    database.clone(ready.cluster, template, name)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        _shell(
            ready,
            name,
            SCRIPT.format(names=[addon.name for addon in found], folder=folder),
        )
    finally:
        database.drop(ready.cluster, name)
    for addon in found:
        path = folder / f"{addon.name}.pot"
        if not path.exists():
            raise say.Failure(
                f"The terms of {addon.name} were not exported;"
                f" read {paths.relative(LOG)}."
            )
        if not path.stat().st_size:
            polib.POFile().save(str(path))


def _shell(ready, name, script):
    with open(LOG, "w") as output:
        subprocess.run(
            odoo.command("shell", "-d", name, "--no-http"),
            input=script,
            text=True,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=ready.odoo.environment(),
            check=False,
        )


def _write_pot(addon, exported):
    """Replace the .pot when its terms or places changed; dates do not count."""
    path = _pot_path(addon)
    _settle(exported)
    text = str(exported)
    if not path.exists() or path.read_text() != text + "\n":
        stamp.write_file(path, text + "\n")


def _settle(catalogue):
    """Leave out of the header what changes with every export."""
    for name in ("POT-Creation-Date", "PO-Revision-Date"):
        catalogue.metadata.pop(name, None)


def _merge(addon, exported):
    """Bring new terms into es.po, drop dead ones; return how many are left to do."""
    path = _po_path(addon)
    if path.exists():
        po = polib.pofile(str(path), wrapwidth=78)
    else:
        po = polib.POFile()
        po.metadata = dict(exported.metadata, Language=LANGUAGE)
    po.merge(exported)
    for entry in po.obsolete_entries():
        po.remove(entry)
    _settle(po)
    if len(po):
        stamp.write_file(path, str(po) + "\n")
    left = len(po.untranslated_entries()) + len(po.fuzzy_entries())
    say.note(f"  {addon.name}: {len(po)} terms, {left} to translate")
    return left


def _ids(catalogue):
    return {(entry.msgctxt, entry.msgid) for entry in catalogue if not entry.obsolete}


def _pot_path(addon):
    return addon.path / "i18n" / f"{addon.name}.pot"


def _po_path(addon):
    return addon.path / "i18n" / f"{LANGUAGE}.po"
