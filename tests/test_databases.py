"""Databases of scanners: found where the tool keeps them, or said to be of no use."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devsecops import databases, manifest
from devsecops.databases import Database
from devsecops.scanner import DatabaseSpec

JSON = DatabaseSpec(
    env="X_DIR", folder="x", file="x.db", smallest=10, update="x update", dated="meta.json", key="UpdatedAt"
)
SQLITE = DatabaseSpec(
    env="X_DIR", folder="x", file="x.db", smallest=10, update="x update", dated="x.db", query="SELECT built FROM meta"
)
NOW = datetime(2026, 8, 8, tzinfo=UTC)


def make(folder: Path, date: str = '{"UpdatedAt": "2026-08-01T12:00:00.123456789Z"}') -> dict[str, str]:
    folder.mkdir()
    (folder / "x.db").write_bytes(b"x" * 10)
    (folder / "meta.json").write_text(date)
    return {"X_DIR": str(folder)}


def test_its_folder_and_date_are_found(tmp_path: Path) -> None:
    env = make(tmp_path / "x")
    found = Database(folder=str(tmp_path / "x"), date="2026-08-01T12:00:00Z")
    assert databases.find(JSON, env) == found
    assert databases.find(JSON, {"XDG_CACHE_HOME": str(tmp_path)}) == found
    assert databases.find(JSON, {"X_DIR": "relative", "XDG_CACHE_HOME": str(tmp_path)}) == found


def test_the_date_may_stand_in_the_database_itself(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE meta (built TEXT)")
        connection.execute("INSERT INTO meta VALUES ('2026-08-01 00:00:00+00:00')")
    connection.close()
    before = sorted(tmp_path.iterdir())
    assert databases.find(SQLITE, {"X_DIR": str(tmp_path)}).date == "2026-08-01T00:00:00Z"
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("spec", "date", "problem"),
    [
        (JSON, "{}", "tells no date"),
        (JSON, "", "tells no date"),
        (JSON, '{"UpdatedAt": "soon"}', "tells no date"),
        (JSON, '{"UpdatedAt": 7}', "tells no date"),
        (JSON, "[]", "tells no date"),
        (SQLITE, "{}", "tells no date"),
    ],
)
def test_one_without_a_date_is_of_no_use(tmp_path: Path, spec: DatabaseSpec, date: str, problem: str) -> None:
    assert problem in databases.find(spec, make(tmp_path / "x", date)).problem


def test_one_that_is_absent_or_empty_is_of_no_use(tmp_path: Path) -> None:
    env = make(tmp_path / "x")
    (tmp_path / "x" / "x.db").write_bytes(b"")
    assert databases.find(JSON, env).problem == "its vulnerability database is empty: x update"
    (tmp_path / "x" / "x.db").unlink()
    assert databases.find(JSON, env).problem == "its vulnerability database is not there: x update"
    assert databases.find(JSON, {"X_DIR": "/nowhere"}).problem == "its vulnerability database is not there: x update"


@pytest.mark.parametrize(
    ("date", "days", "is_stale"),
    [
        ("2026-08-07T00:00:00Z", 7, False),
        ("2026-08-01T00:00:00Z", 7, False),
        ("2026-07-31T23:59:59Z", 7, True),
        ("2026-08-08T12:00:00Z", 7, False),
        ("2036-08-08T12:00:00Z", 7, True),
    ],
)
def test_an_old_one_is_stale_and_so_is_one_from_the_future(date: str, days: int, *, is_stale: bool) -> None:
    assert bool(databases.stale(Database(folder="x", date=date), days * 86400, NOW)) == is_stale


def test_manifests_of_scanners_of_images_have_databases() -> None:
    found = {scanner.name for scanner in manifest.bundled() if scanner.needs.images}
    assert found == {scanner.name for scanner in manifest.bundled() if scanner.needs.database} == {"grype", "trivy"}
