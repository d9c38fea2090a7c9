"""The stages: calculation, a fresh installation, and parts of the tests side by side."""

import os

from .. import addons, cluster, config, database, odoo, paths, say
from . import counts, shards

NO_ODOO = ("-p", "no:odoo")


class Run:
    """One run of the tests: its logs, its databases, what the person asked for."""

    def __init__(self, ready, selection, folder):
        self.ready = ready
        self.selection = selection
        self.folder = folder
        self.logs = []
        self.database = None  # with the suite, copied for each part

    def calc(self):
        """Tests of calc/ without Odoo, with branch coverage when all of them run."""
        targets = self.selection.calc
        found = [
            str(path)
            for path in sorted(
                paths.ROOT.glob(f"{addons.PREFIX}*/tests/test_calc_*.py")
            )
        ]
        if targets is None:
            targets = found
        targets = _calc_files(targets)
        folders = sorted(paths.ROOT.glob(f"{addons.PREFIX}*/calc"))
        if not targets:
            empty = counts.Counts()
            if folders and self.selection.is_everything:
                empty.problem("calc: there is a calc/ folder and no test_calc_*.py")
            return empty
        options = [*NO_ODOO, "--import-mode=importlib", *targets]
        if self.selection.is_everything:
            options += [f"--cov={folder}" for folder in folders]
            report = f"--cov-report=json:{self.folder / 'coverage.json'}"
            options += [
                "--cov-branch",
                report,
                "--cov-report=term-missing:skip-covered",
            ]
        env = dict(os.environ, PYTHONPATH=str(paths.ROOT))
        env["COVERAGE_FILE"] = str(self.folder / "coverage")
        result = self._pytest("calc", options, env)
        if self.selection.is_everything:
            _check_coverage(self.folder / "coverage.json", result)
        return result

    def install(self, name, key):
        """A fresh database with the suite, installed by Odoo's command line."""
        templates = self.ready.templates
        database.clone(self.ready.cluster, templates.base(), name)
        found = addons.suite(self.ready.odoo)
        if not found:
            return
        log = self.folder / "install.log"
        self.logs.append(log)
        odoo.modules(
            self.ready.odoo, name, log, install=[addon.name for addon in found]
        )
        templates.adopt("cartera_tmpl_suite", key, name)

    def part(self, part):
        """One part of the tests in Odoo or with processes, on a copy of the suite's database."""
        name = f"{self.database}_{part.stage}_{part.label}".replace(" ", "_")
        database.clone(self.ready.cluster, self.database, name)
        try:
            method = self.odoo if part.stage == "odoo" else self.process
            return method(name, targets=part.targets, label=part.label)
        finally:
            database.drop(self.ready.cluster, name)

    def odoo(self, name, http=True, targets=None, label="odoo", lend=True):
        """Tests of the addons inside Odoo, with its HTTP server and the browser.

        ``lend`` gives the test classes companies that are made already.
        """
        targets = self.selection.odoo if targets is None else targets
        if targets is None:
            folders = (addon.path / "tests" for addon in addons.suite(self.ready.odoo))
            targets = [str(folder) for folder in folders if folder.is_dir()]
        if not targets:
            return counts.Counts()
        conf = self._config("odoo", name, label)
        env = self.ready.odoo.environment() | {"ODOO_RC": str(conf)}
        options = [
            "-o",
            "addopts=",
            "-p",
            "no:cacheprovider",
            f"--odoo-database={name}",
        ]
        options += ["--odoo-log-level=info", f"--ignore-glob=*/{'test_calc_'}*.py"]
        options += ["--disable-warnings"]
        options += ["-p", "tools.testing.companies"] if lend else []
        options += ["-p", "tools.testing.assets"] if http else []
        options += [*(["--odoo-http"] if http else []), *targets]
        return self._pytest("odoo", options, env, label)

    def process(self, name, targets=None, label="process"):
        """Tests with processes and real commits of their own, on their own database."""
        targets = self.selection.process if targets is None else targets
        if targets is None:
            targets = (
                [str(paths.ROOT / "tests")]
                if list(paths.ROOT.glob("tests/**/test_*.py"))
                else []
            )
        if not targets:
            return counts.Counts()
        conf = self._config("process", name, label)
        env = self.ready.odoo.environment()
        env |= {
            "ODOO_RC": str(conf),
            "CARTERA_DB": name,
            "CARTERA_LOG": str(conf.with_suffix(".log")),
        }
        return self._pytest("process", [*NO_ODOO, *targets], env, label)

    def _config(self, stage, name, label):
        stem = f"{stage}-{label}".replace(" ", "-")
        log = self.folder / f"{stem}.log"
        self.logs.append(log)
        changes = {"logfile": str(log), "db_name": name, "dbfilter": f"^{name}$"}
        changes["screenshots"] = str(self.folder / "screenshots")
        changes["http_port"] = str(cluster.free_port())
        return config.variant(self.folder / f"{stem}.conf", **changes)

    def _pytest(self, stage, options, env, label=None):
        """Run pytest with its output on the terminal, and read what it counted."""
        label = label or stage
        result = self.folder / f"{stage}-{label}.json".replace(" ", "-")
        env = env | {"CARTERA_COUNTS": str(result)}
        command = [
            str(paths.PYTHON),
            "-m",
            "pytest",
            "-p",
            "tools.testing.plugin",
            "-q",
        ]
        command += [*options, *self.selection.options]
        code = shards.show(command, label, env)
        if code == 2 and not result.exists():
            raise KeyboardInterrupt
        return counts.read(result, code, label)


def _calc_files(targets):
    """Folders become the calc tests in them; pytest would take others as well."""
    files = []
    for target in targets:
        if os.path.isdir(target):
            found = sorted(paths.ROOT.joinpath(target).glob("**/test_calc_*.py"))
            files += [str(path) for path in found]
        else:
            files.append(target)
    return files


def _check_coverage(path, result):
    """Every line and branch of calc/ must run in its tests."""
    import json

    if not path.exists():
        result.problem("calc: no coverage was written")
        return
    for name, file in json.loads(path.read_text())["files"].items():
        percent = file["summary"]["percent_covered"]
        if percent < 100:
            result.problem(f"calc: {name} is covered to {percent:.1f} %, wanted 100 %")
    say.note("    coverage of calc/ is checked")
