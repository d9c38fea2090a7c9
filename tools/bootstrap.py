"""The Python environment of the repository, made with the standard library only.

``./cartera`` runs this with the machine's Python before anything else. The environment
has exactly the versions of ``requirements.lock``; uv installs them in seconds, pip if
uv cannot.
"""

import os
import shutil
import subprocess
import sys

from . import paths, say, stamp

UV = "uv==0.9.5"
LOCK = paths.TOOLS / "requirements.lock"
DISK_NEEDED = 4 * 1024**3


def main():
    value = stamp.digest(
        LOCK, UV, str(paths.ROOT), ".".join(map(str, sys.version_info[:2]))
    )
    if _is_complete(value):
        return
    with stamp.lock():
        if _is_complete(value):
            return
        free = shutil.disk_usage(paths.ROOT).free
        if free < DISK_NEEDED:
            raise say.Failure(
                f"Preparing needs 4 GB of disk, {paths.ROOT} has {free / 1024**3:.1f};"
                " make room and run the same command again."
            )
        _build()
        stamp.write("venv", value)


def _is_complete(value):
    return paths.PYTHON.exists() and stamp.is_fresh("venv", value)


def _build():
    say.note("Preparing the Python environment (once)")
    stamp.clear("venv")
    shutil.rmtree(paths.VENV, ignore_errors=True)
    with say.step("virtual environment"):
        say.run([sys.executable, "-m", "venv", paths.VENV], "Virtual environment")
    with say.step("pinned requirements"):
        if not _install_with_uv():
            pip = [paths.PYTHON, "-m", "pip", "install", "--no-deps", "-r", LOCK]
            say.run(pip, "Requirements")


def _install_with_uv():
    """Whether uv did it. It is several times faster than pip and never needed."""
    log = paths.LOGS / "uv.log"
    uv = [
        paths.PYTHON,
        "-m",
        "uv",
        "pip",
        "install",
        "--no-deps",
        "--python",
        paths.PYTHON,
        "-r",
        LOCK,
    ]
    with open(log, "wb") as output:
        for command in ([paths.PYTHON, "-m", "pip", "install", UV], uv):
            done = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_uv_environment(),
                check=False,
            )
            if done.returncode:
                return False
    return True


def _uv_environment():
    """uv reads no pip configuration: hand over the certificate and the index of pip."""
    env = dict(os.environ, UV_LINK_MODE="copy", UV_NO_PROGRESS="1")
    if not os.access(os.path.expanduser("~"), os.W_OK):
        env["UV_CACHE_DIR"] = str(paths.STATE / "cache" / "uv")
    listed = subprocess.run(
        [str(paths.PYTHON), "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        value = value.strip("'\"")
        if name.endswith("index-url") and not name.endswith("extra-index-url"):
            env.setdefault("UV_DEFAULT_INDEX", value)
        elif name.endswith(".cert"):
            env.setdefault("SSL_CERT_FILE", value)
    return env


if __name__ == "__main__":
    try:
        paths.LOGS.mkdir(parents=True, exist_ok=True)
        main()
    except say.Failure as failure:
        sys.exit(f"cartera: {failure}")
    except OSError as error:
        sys.exit(f"cartera: {say.explain_os_error(error)}")
    except KeyboardInterrupt:
        sys.exit("cartera: stopped; run the same command again to go on.")
