"""Databases: made in seconds from templates, each with its files."""

import contextlib
import os
import re
import shutil

import psycopg2
from psycopg2 import sql

from . import paths, say

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,57}$")


@contextlib.contextmanager
def connect(cluster, name="postgres"):
    """A cursor that commits each statement."""
    connection = psycopg2.connect(**cluster.dsn(name))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def names(cluster):
    with connect(cluster) as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {row[0] for row in cursor.fetchall()}


def check_name(name):
    if not NAME.match(name):
        raise say.Failure(
            f"“{name}” is no name for a database: begin with a letter or digit, then"
            " letters, digits, _ . or -, at most 58 in all."
        )


def stamp_of(cluster, name):
    """The stamp that was left on a database, or None."""
    with connect(cluster) as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database')"
            " FROM pg_database WHERE datname = %s",
            [name],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def set_stamp(cluster, name, value):
    with connect(cluster) as cursor:
        cursor.execute(
            sql.SQL("COMMENT ON DATABASE {} IS %s").format(sql.Identifier(name)),
            [value],
        )


def drop(cluster, name):
    """Remove a database and its files, whoever is connected."""
    with connect(cluster) as cursor:
        query = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
        cursor.execute(sql.SQL(query).format(sql.Identifier(name)))
    shutil.rmtree(filestore(name), ignore_errors=True)


def clone(cluster, source, target):
    """Copy a database; its files are linked, as Odoo never changes one in place."""
    with connect(cluster) as cursor:
        query = "CREATE DATABASE {} TEMPLATE {}"
        names_ = map(sql.Identifier, (target, source))
        try:
            cursor.execute(sql.SQL(query).format(*names_))
        except psycopg2.errors.DuplicateDatabase:
            raise say.Failure(
                f"There is a database {target} already; remove it with"
                f" ./cartera db {target} --drop, or take another name."
            ) from None
        except psycopg2.errors.ObjectInUse:
            raise say.Failure(
                f"Database {source} cannot be copied while somebody is connected to it;"
                " close the server or shell that uses it and run again."
            ) from None
        except psycopg2.errors.DiskFull:
            raise say.Failure(
                "The disk is full; make room and run the same command again."
            ) from None
    shutil.rmtree(filestore(target), ignore_errors=True)
    if filestore(source).exists():
        shutil.copytree(filestore(source), filestore(target), copy_function=os.link)


def rename(cluster, source, target):
    """Put a finished database in the place of another one."""
    drop(cluster, target)
    if filestore(source).exists():
        filestore(source).rename(filestore(target))
    with connect(cluster) as cursor:
        query = "ALTER DATABASE {} RENAME TO {}"
        cursor.execute(sql.SQL(query).format(*map(sql.Identifier, (source, target))))


def protect(cluster, name):
    """Let nobody connect to a template: it could no more be copied or trusted."""
    with connect(cluster) as cursor:
        query = "ALTER DATABASE {} ALLOW_CONNECTIONS false"
        cursor.execute(sql.SQL(query).format(sql.Identifier(name)))


def filestore(name):
    return paths.ODOO_DATA / "filestore" / name
