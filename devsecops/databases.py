"""Vulnerability databases that scanners keep: where they are, and how old. A scan reads them and never gets them."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from devsecops import files
from devsecops.errors import ReportError
from devsecops.scanner import DatabaseSpec

_DOCUMENT = 1 << 20  # bytes


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """A database as it was found."""

    folder: str
    date: str = ""
    """RFC 3339; empty where nothing can be told."""
    releases: frozenset[str] = frozenset()
    """Releases of operating systems that it has advisories for; empty where it does not tell."""
    problem: str = ""
    """Why it cannot be used."""


def find(spec: DatabaseSpec, env: Mapping[str, str]) -> Database:
    """The database of a tool, or why there is none that can be used.

    Args:
        spec: what the tool's manifest says of it.
        env: the environment; a folder in it must be absolute.
    """
    said = env.get(spec.env, "")
    folder = Path(said) if Path(said).is_absolute() else _caches(env) / spec.folder
    try:
        size = (folder / spec.file).stat().st_size
    except OSError:
        return Database(folder=str(folder), problem=f"its vulnerability database is not there: {spec.update}")
    if size < spec.smallest:
        return Database(folder=str(folder), problem=f"its vulnerability database is empty: {spec.update}")
    try:
        moment = _moment(spec, folder / spec.dated)
        releases = frozenset(str(row[0]) for row in _rows(folder / spec.dated, spec.releases)) if spec.releases else ()
    except (ReportError, KeyError, ValueError, sqlite3.Error, msgspec.DecodeError):
        return Database(folder=str(folder), problem=f"its vulnerability database tells no date: {spec.update}")
    return Database(folder=str(folder), date=moment.strftime("%Y-%m-%dT%H:%M:%SZ"), releases=frozenset(releases))


def stale(database: Database, limit: float, now: datetime | None = None) -> str:
    """What is wrong with its age; empty where nothing is.

    Args:
        database: with a date.
        limit: seconds.
        now: the moment that counts; by default, this one.
    """
    now = now or datetime.now(UTC)
    age = now - datetime.fromisoformat(database.date)
    if age <= timedelta(seconds=limit) and age > -timedelta(days=1):
        return ""
    days = limit / 86400
    return f"its vulnerability database is of {database.date[:10]}, not of the last {days:g} days"


def _moment(spec: DatabaseSpec, path: Path) -> datetime:
    if spec.key:
        text = msgspec.json.decode(files.read(path, _DOCUMENT), type=dict[str, object])[spec.key]
    else:
        rows = _rows(path, spec.query)
        text = rows[0][0] if rows else ""
    moment = datetime.fromisoformat(str(text)[:19])
    return moment.replace(tzinfo=UTC)


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return connection.execute(query).fetchall()


def _caches(env: Mapping[str, str]) -> Path:
    said = env.get("XDG_CACHE_HOME", "")
    usual = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return Path(said) if Path(said).is_absolute() else usual
