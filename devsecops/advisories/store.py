"""Advisory records on disk: imported once, looked up in every scan, without network."""

import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Self
from zlib import error as ZlibError  # noqa: N812  # its own name says nothing

import msgspec

from devsecops import files
from devsecops.advisories import records
from devsecops.advisories.records import Record
from devsecops.errors import AdvisoryError, OutputError
from devsecops.model import DataSource

_RECORD_LIMIT = 32 << 20  # bytes
_TABLES = """
CREATE TABLE record (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE package (name TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (name, id)) WITHOUT ROWID;
CREATE TABLE alias (name TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (name, id)) WITHOUT ROWID;
"""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an imported archive; stands beside it as JSON."""

    ecosystem: str
    records: int
    date: str
    """When the newest record was modified, RFC 3339."""
    source_digest: str
    """`sha256:<hex>` of what was imported."""
    digest: str
    """`sha256:<hex>` of our database of it."""


class Store:
    """The records of one ecosystem."""

    def __init__(self, connection: sqlite3.Connection, ecosystem: str, source: DataSource) -> None:
        self._connection = connection
        self._lock = Lock()
        self.ecosystem = ecosystem
        self.data = source

    def affecting(self, name: str, version: str) -> list[bytes]:
        """The records, as they were published, that affect a version of a package."""
        found = (body for _, body in self._about(name))
        return [body for body in found if records.affects(records.parse(body), self.ecosystem, name, version)]

    def alike(self, names: Iterable[str]) -> list[Record]:
        """All records that share an identifier with the given ones, directly or through others."""
        seen: dict[str, Record] = {}
        wanted = {name.upper() for name in names}
        asked: set[str] = set()
        while wanted - asked:
            name = min(wanted - asked)
            asked.add(name)
            for identifier, body in self._called(name):
                if identifier not in seen:
                    seen[identifier] = records.parse(body)
                    wanted |= {identifier.upper(), *(alias.upper() for alias in seen[identifier].aliases)}
        return [seen[identifier] for identifier in sorted(seen)]

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _about(self, name: str) -> list[tuple[str, bytes]]:
        return self._select("SELECT id, body FROM package JOIN record USING (id) WHERE name = ? ORDER BY id", name)

    def _called(self, name: str) -> list[tuple[str, bytes]]:
        return self._select(
            "SELECT record.id, body FROM alias JOIN record USING (id) WHERE name = ? ORDER BY record.id", name
        )

    def _select(self, statement: str, name: str) -> list[tuple[str, bytes]]:
        with self._lock:
            return self._connection.execute(statement, (name,)).fetchall()


def from_folder(folder: Path, ecosystem: str) -> Store:
    """The records of a folder: `<ecosystem>/*.json`, or `<ecosystem>/all.zip` as OSV publishes it.

    Raises:
        AdvisoryError: there is none, or one is damaged.
    """
    source = folder / ecosystem
    path = source / "all.zip" if (source / "all.zip").is_file() else source
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    date, _ = _fill(connection, ecosystem, path)
    return Store(connection, ecosystem, DataSource(name=f"OSV {ecosystem}", date=date, digest=_digest(path)))


def import_archive(path: Path, ecosystem: str, home: Path) -> Summary:
    """Make an archive, or a folder of records, ready for scans.

    Args:
        path: `all.zip` as OSV publishes it, or a folder of JSON records.
        ecosystem: as OSV spells it, such as `PyPI`.
        home: the folder of imported archives.

    Raises:
        AdvisoryError: it is absent, damaged, or has no record of the ecosystem. What was imported before is kept.
        OutputError: it cannot be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make {home}: {error.strerror}") from None
    connection = sqlite3.connect(":memory:")
    date, count = _fill(connection, ecosystem, path)
    connection.execute("VACUUM")
    body = connection.serialize()
    connection.close()
    summary = Summary(
        ecosystem=ecosystem,
        records=count,
        date=date,
        source_digest=_digest(path),
        digest=files.digest_of(body),
    )
    files.write(home / f"{ecosystem}.sqlite", [body])
    files.write(home / f"{ecosystem}.json", [msgspec.json.encode(summary)])
    return summary


def imported(home: Path, ecosystem: str) -> Store | None:
    """The imported records of an ecosystem; None where nothing was imported.

    Raises:
        AdvisoryError: the database is not what was imported.
    """
    summary = summary_of(home, ecosystem)
    if summary is None:
        return None
    path = home / f"{ecosystem}.sqlite"
    if files.digest(path) != summary.digest:
        raise AdvisoryError(
            f"{path}: its checksum is not that of what was imported",
            "import the archive again: devsecops advisories import",
        )
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    source = DataSource(name=f"OSV {ecosystem}", date=summary.date, digest=summary.source_digest)
    return Store(connection, ecosystem, source)


def summary_of(home: Path, ecosystem: str) -> Summary | None:
    """What is known of an imported archive; None where nothing was imported.

    Raises:
        AdvisoryError: the summary is damaged.
    """
    path = home / f"{ecosystem}.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Summary)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise AdvisoryError(
            f"{path}: is damaged: {error}", "import the archive again: devsecops advisories import"
        ) from None


def _fill(connection: sqlite3.Connection, ecosystem: str, path: Path) -> tuple[str, int]:
    """Fill the tables; the time of the newest record, and the number of records."""
    connection.executescript(_TABLES)
    newest, count = "", 0
    now = datetime.now(UTC).isoformat()
    for place, body in _bodies(path):
        try:
            record = records.parse(body)
        except ValueError as error:
            raise AdvisoryError(f"{path}: {place} is not an OSV record: {error}", "get the archive again") from None
        packages = record.packages(ecosystem)
        if not packages:
            continue
        count += 1
        if record.modified <= now:  # a date in the future is a slip of somebody's pen, and would hide old data
            newest = max(newest, record.modified)
        names = {record.id.upper(), *(alias.upper() for alias in record.aliases)}
        connection.execute("INSERT OR REPLACE INTO record VALUES (?, ?)", (record.id, body))
        connection.executemany("INSERT OR IGNORE INTO package VALUES (?, ?)", ((name, record.id) for name in packages))
        connection.executemany("INSERT OR IGNORE INTO alias VALUES (?, ?)", ((name, record.id) for name in names))
    if not count:
        raise AdvisoryError(
            f"{path}: there is no OSV record of {ecosystem}", "is the ecosystem spelled as OSV spells it?"
        )
    connection.commit()
    return newest, count


def _bodies(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every JSON file of an archive or folder, with its name."""
    if path.is_dir():
        for file in sorted(path.glob("*.json")):
            yield file.name, file.read_bytes()
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for member in sorted(archive.infolist(), key=lambda one: one.filename):
                if member.filename.endswith(".json"):
                    yield member.filename, _member(archive, member, path)
    except FileNotFoundError:
        raise AdvisoryError(f"{path}: there is no such archive or folder") from None
    except (OSError, zipfile.BadZipFile, ZlibError, EOFError, NotImplementedError) as error:
        raise AdvisoryError(f"{path}: is damaged: {error}", "get the archive again") from None


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> bytes:
    if member.file_size > _RECORD_LIMIT:
        raise AdvisoryError(f"{path}: {member.filename} is larger than {_RECORD_LIMIT >> 20} MiB: no OSV record is")
    return archive.read(member)


def _digest(path: Path) -> str:
    if path.is_file():
        return files.digest(path)
    return files.digest_of("\n".join(files.digest(one) for one in sorted(path.glob("*.json"))).encode())
