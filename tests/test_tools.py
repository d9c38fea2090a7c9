"""The tools' own logic: what they count, what they let pass, when they build anew."""

import errno
import json
import os
import re
import socket
import types

import polib
import pytest

from tools import (
    bootstrap,
    cluster,
    commands,
    database,
    i18n,
    paths,
    say,
    stamp,
    system,
)
from tools.lint import files
from tools.testing import counts, floor, logscan, plugin, selection, shards

LOG = """\
2026-01-02 10:00:00,123 77 INFO db odoo.modules.loading: loading 3 modules...
2026-01-02 10:00:00,124 77 WARNING db odoo.addons.sale: something odd
2026-01-02 10:00:00,125 77 ERROR ? odoo.sql_db: bad query: SELECT 1
ERROR: could not serialize access due to concurrent update
2026-01-02 10:00:01,000 77 INFO db odoo.tests: done
2026-01-02 10:00:02,000 77 CRITICAL db odoo.service: lost
"""


def allowed(logger, pattern):
    return logscan.Allowed(logger, re.compile(pattern, re.DOTALL), "a test")


def test_log_scan_finds_every_level_that_matters():
    unexpected, used = logscan.scan(LOG.splitlines(), [])
    assert [entry.level for entry in unexpected] == ["WARNING", "ERROR", "CRITICAL"]
    assert not used


def test_log_scan_reads_continuation_lines():
    serialize = allowed("odoo.sql_db", "bad query.*could not serialize")
    unexpected, used = logscan.scan(LOG.splitlines(), [serialize])
    assert [entry.logger for entry in unexpected] == [
        "odoo.addons.sale",
        "odoo.service",
    ]
    assert used == {serialize: 1}


@pytest.mark.parametrize(
    ("logger", "matches"),
    [
        ("odoo", True),
        ("odoo.addons", True),
        ("odoo.add", False),
        ("odoo.sql_db", False),
    ],
)
def test_log_scan_allows_by_logger_and_its_children(logger, matches):
    entry = logscan.Entry("WARNING", "odoo.addons.sale", "something odd")
    assert allowed(logger, "odd").matches(entry) is matches


def test_allow_list_gives_a_reason_for_every_entry():
    assert all(entry.reason.strip() for entry in logscan.read_allowed())


def test_allow_list_without_reason_is_refused(tmp_path):
    path = tmp_path / "allow.toml"
    path.write_text('[[allow]]\nlogger = "odoo"\npattern = "x"\n')
    with pytest.raises(KeyError):
        logscan.read_allowed(path)


def test_floor_reports_each_stage_below_it():
    found = floor.shortfalls({"calc": 9, "odoo": 50}, {"calc": 10, "odoo": 50, "x": 1})
    assert [sentence.split(":")[0] for sentence in found] == ["calc", "x"]


def test_floor_is_raised_and_never_sinks(tmp_path):
    path = tmp_path / "floor.txt"
    floor.raise_to({"calc": 10, "odoo": 5}, path)
    floor.raise_to({"calc": 8, "odoo": 6}, path)
    assert floor.read(path) == {"calc": 10, "odoo": 6}


def write_counts(path, *tests):
    found = [
        {"test": f"t{number}", "outcome": outcome, "reason": reason, "seconds": 0}
        for number, (outcome, reason) in enumerate(tests)
    ]
    path.write_text(json.dumps({"exit": 0, "tests": found}))
    return path


def test_counts_add_up(tmp_path):
    path = write_counts(
        tmp_path / "a.json", ("passed", ""), ("failed", "x"), ("skipped", "slow")
    )
    found = counts.read(path, 1, "odoo")
    assert found.line() == "1 passed, 1 failed, 1 skipped"
    assert found.ran == 2
    assert counts.Counts(passed=1).add(found).line() == "2 passed, 1 failed, 1 skipped"


@pytest.mark.parametrize(
    ("reason", "failed"),
    [
        ("Chrome executable not found", 1),
        ("websocket-client module is not installed", 1),
        ("Unable to find Wkhtmltopdf on this system", 1),
        ("cannot print several PDF documents", 1),
        ("enterprise only", 0),
    ],
)
def test_a_skip_for_want_of_a_tool_is_a_failure(tmp_path, reason, failed):
    path = write_counts(tmp_path / "a.json", ("skipped", reason))
    assert counts.read(path, 0, "odoo").failed == failed


def test_a_run_that_died_before_counting_is_a_failure(tmp_path):
    assert counts.read(tmp_path / "missing.json", 139, "odoo").failed == 1


def test_an_exit_code_without_a_failed_test_is_a_failure(tmp_path):
    path = write_counts(tmp_path / "a.json", ("passed", ""))
    assert counts.read(path, 3, "odoo").failed == 1
    assert counts.read(path, counts.NO_TESTS, "odoo").failed == 0


def report(**values):
    given = {"nodeid": "t", "when": "call", "duration": 0.1, "longrepr": None}
    given |= {"passed": False, "failed": False, "skipped": False} | values
    return types.SimpleNamespace(**given)


def test_the_plugin_keeps_the_worst_of_a_test(tmp_path):
    outcomes = plugin.Outcomes()
    outcomes.add(report(passed=True))
    outcomes.add(report(failed=True, when="teardown", longrepr="x"))
    outcomes.add(report(nodeid="s", skipped=True, longrepr=("f.py", 1, "Skipped: no")))
    before = os.times()
    outcomes.spend(
        "t",
        before,
        types.SimpleNamespace(
            elapsed=before.elapsed + 2, user=before.user + 1, system=before.system
        ),
    )
    outcomes.write(tmp_path / "counts.json", 1)
    found = counts.read(tmp_path / "counts.json", 1, "odoo")
    assert found.line() == "0 passed, 1 failed, 1 skipped"
    assert outcomes.of("s")["reason"] == "Skipped: no"
    assert outcomes.of("t")["seconds"] == pytest.approx(2)
    assert outcomes.of("t")["cpu"] == pytest.approx(1)


def repository(root):
    for name in ("tests", "cartera_cobranza/tests"):
        (root / name).mkdir(parents=True)
    for name in (
        "tests/test_race.py",
        "cartera_cobranza/tests/test_calc_gate.py",
        "cartera_cobranza/tests/test_hold.py",
    ):
        (root / name).touch()
    return root


def test_arguments_go_to_the_stage_that_runs_them(tmp_path, monkeypatch):
    monkeypatch.chdir(repository(tmp_path))
    chosen = selection.select(
        ["cartera_cobranza/tests/test_hold.py::TestHold", "-k", "x"], tmp_path
    )
    assert [path.split("/")[-1] for path in chosen.odoo] == ["test_hold.py::TestHold"]
    assert not chosen.wants("calc")
    assert not chosen.wants("process")
    assert chosen.options == ["-k", "x"]
    assert selection.select(["tests"], tmp_path).wants("process")
    calc = selection.select(["cartera_cobranza/tests/test_calc_gate.py"], tmp_path)
    assert calc.wants("calc")
    assert not calc.wants("odoo")
    both = selection.select(["cartera_cobranza"], tmp_path)
    assert both.wants("calc")
    assert both.wants("odoo")


def test_options_alone_go_to_every_stage(tmp_path):
    chosen = selection.select(["-k", "hold"], tmp_path)
    assert all(map(chosen.wants, ("calc", "odoo", "process")))
    assert not chosen.is_everything
    assert selection.select([], tmp_path).is_everything


def test_a_missing_test_file_is_named(tmp_path):
    with pytest.raises(say.Failure, match="no test file tests/test_none.py"):
        selection.select(["tests/test_none.py::test_x"], tmp_path)


def test_a_free_port_is_kept_and_a_taken_one_replaced():
    free = cluster.free_port()
    assert cluster.free_port(free) == free
    with socket.socket() as other:
        other.bind(("127.0.0.1", free))
        other.listen()
        assert cluster.free_port(free) != free


def test_a_tree_digest_sees_names_and_contents_only(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "a.py").write_text("1")
    first = stamp.tree_digest(tmp_path, skip=("tests",))
    (tmp_path / "tests" / "test_a.py").write_text("1")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("1")
    (tmp_path / "a.py").touch()
    assert stamp.tree_digest(tmp_path, skip=("tests",)) == first
    (tmp_path / "a.py").write_text("2")
    second = stamp.tree_digest(tmp_path, skip=("tests",))
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert len({first, second, stamp.tree_digest(tmp_path, skip=("tests",))}) == 3


def test_a_file_is_written_whole_with_its_mode(tmp_path):
    path = tmp_path / "folder" / "secret"
    stamp.write_file(path, "x", mode=0o600)
    assert path.read_text() == "x"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]


@pytest.mark.parametrize("name", ["a", "cartera_demo", "X-1.2"])
def test_names_of_databases(name):
    database.check_name(name)


@pytest.mark.parametrize("name", ["", "-d", "a b", 'a"b', "é", "x" * 59])
def test_bad_names_of_databases_are_refused(name):
    with pytest.raises(say.Failure, match="is no name for a database"):
        database.check_name(name)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("tar: No space left on device", "the disk is full"),
        ("E: Temporary failure resolving 'x'", "the network does not answer"),
        ("SyntaxError", ""),
    ],
)
def test_failures_are_explained(text, sentence):
    assert sentence in say.explain("Download", text)
    assert bool(say.explain("Download", text)) is bool(sentence)


def test_a_taken_port_is_named_with_one_that_would_do():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(say.Failure, match=rf"Port {port} is taken.*--port \d+"):
            commands.check_port(port)


def test_a_full_disk_is_told_before_anything_is_made(monkeypatch):
    monkeypatch.setattr(bootstrap, "_is_complete", lambda value: False)
    monkeypatch.setattr(bootstrap, "_build", lambda: pytest.fail("it went on"))
    usage = types.SimpleNamespace(free=1024**3)
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(
        say.Failure, match=r"needs 4 GB.*has 1\.0.*run the same command"
    ):
        bootstrap.main()


def test_whoever_is_not_root_reads_what_is_missing_and_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system.shutil, "which", lambda name: None)
    monkeypatch.setattr(system, "_install", lambda missing: pytest.fail("tried"))
    needs = [system.Need(("a-package",), "printing", lambda: None)]
    monkeypatch.setattr(system, "NEEDS", needs)
    system.prepare()
    assert "missing: a-package, for printing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "The disk is full; make room and run the same command again."),
        (errno.EACCES, "No right to write x; give this user the folder"),
        (errno.EIO, "if it stays, remove .cartera and run again"),
    ],
)
def test_errors_that_nobody_foresaw_are_sentences(number, sentence):
    error = OSError(number, os.strerror(number), "x")
    assert sentence in say.explain_os_error(error)


def test_a_program_that_fails_is_one_sentence_and_its_log(tmp_path):
    log = tmp_path / "x.log"
    command = ["sh", "-c", "echo Network is unreachable; exit 3"]
    with pytest.raises(say.Failure, match="the network does not answer"):
        say.run(command, "Download", log=log)
    assert "unreachable" in log.read_text()
    with pytest.raises(say.Failure, match="x.log"):
        say.run(["sh", "-c", "exit 3"], "Something", log=log)


def test_what_was_half_made_is_never_taken_for_whole(tmp_path):
    path = tmp_path / "file"
    stamp.write_file(path, "whole")
    with pytest.raises(TypeError):
        stamp.write_file(path, object())
    assert path.read_text() == "whole"


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("import odoo", 1),
        ("from odoo.tools import float_round", 1),
        ("from datetime import date\ndate.today()", 1),
        ("import datetime\ndatetime.datetime.now()", 1),
        ("open('x')", 1),
        ("from .money import share\nfrom decimal import Decimal", 0),
        ("segment.today()", 0),
    ],
)
def test_purity_of_calculation(source, number):
    assert len(list(files.impurities(source))) == number


def test_parts_are_made_even_by_what_files_took(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "SECONDS", tmp_path / "seconds.txt")
    monkeypatch.setattr(shards, "_read_seconds", shards._read_seconds.__wrapped__)
    results = [
        {"test": "a/tests/test_slow.py::T::t", "seconds": 8.4},
        {"test": "a/tests/test_slow.py::T::u", "seconds": 91},
        {"test": "a/tests/test_calc_x.py::T::t", "seconds": 5},
        {"test": "tests/test_quick.py::t", "seconds": 0.1},
    ]
    (tmp_path / "odoo-part-1.json").write_text(json.dumps({"tests": results}))
    shards.remember(tmp_path)
    assert shards._read_seconds() == {
        "a/tests/test_slow.py": 99,
        "tests/test_quick.py": 1,
    }
    assert shards._size(paths.ROOT / "a/tests/test_slow.py") == 99


def test_a_new_file_is_weighed_by_its_length(tmp_path):
    path = tmp_path / "test_new.py"
    path.write_text("x" * 7000)
    assert shards._size(path) == 10


def test_a_word_is_translated_by_its_context():
    catalogue = polib.POFile()
    places = [
        "code:addons/x/models/a.py",
        "model:ir.model.fields.selection,name:x.selection__x_dispute__state__open",
        "model_terms:ir.ui.view,arch_db:x.x_dispute_view_search",
        "model:ir.model.fields,field_description:x.field_x_item__residual",
    ]
    catalogue.append(
        polib.POEntry(
            msgid="Open",
            comment="module: x",
            occurrences=[(one, "0") for one in places],
        )
    )
    i18n.split(
        catalogue,
        {
            "Open": {"feminine": ["selection__*"], "plural": ["*_view_search"]},
            "Gone": {"any": ["*"]},
        },
    )
    found = {
        entry.msgctxt: [place for place, _line in entry.occurrences]
        for entry in catalogue
    }
    assert found == {
        None: [places[0], places[3]],
        "feminine": [places[1]],
        "plural": [places[2]],
    }
    assert all(entry.comment == "module: x" for entry in catalogue)
