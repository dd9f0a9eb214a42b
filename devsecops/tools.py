"""Finds scanner programs: where they are, which version, and whether that version will do."""

import re
from pathlib import Path

import msgspec

from devsecops import files, process
from devsecops.model import Tool
from devsecops.scanner import Needs
from devsecops.text import one_line, shorten

_CACHE = "tools.json"
_BOUND = re.compile(r"(>=|<)\s*([\d.]+)")


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A scanner program as it was found, or why it cannot be used."""

    tool: Tool
    path: str = ""
    """Absolute; empty where the program is not there."""
    problem: str = ""
    """Why it cannot be used."""
    note: str = ""
    """What to know about it although it can be used."""


class _Known(msgspec.Struct):
    """What was learned of a program the last time; valid while size and time stay the same."""

    size: int
    time: int
    version: str
    digest: str


class Tools:
    """Looks programs up, and remembers versions and digests between scans."""

    def __init__(self, root: Path) -> None:
        """Programs inside `root`, the scanned folder, are never used."""
        self._root = root
        self._file = files.cache_folder() / _CACHE
        self._known = _remembered(self._file)
        self._changed = False

    def find(self, name: str, needs: Needs, path: str = "") -> Program:
        """The program that a scanner needs.

        Args:
            name: name of the scanner.
            needs: what it needs.
            path: where configuration says that the program is; empty to look beside our own interpreter, then in PATH.
        """
        found = process.which(path or needs.program, outside=self._root)
        if found is None:
            what = f"{path} is no program" if path else f"{needs.program} is not installed"
            return Program(tool=Tool(name=name, uri=needs.homepage), problem=f"{what}: {needs.install}")
        known = self._look_up(found, needs)
        tool = Tool(name=name, version=known.version, digest=known.digest, uri=needs.homepage)
        if not known.version:
            return Program(
                tool=tool, path=str(found), problem=f"{found.name} does not tell its version: {needs.install}"
            )
        if known.version in needs.known_bad:
            return Program(
                tool=tool, path=str(found), problem=f"{name} {known.version} is known to be bad: {needs.install}"
            )
        if _below(known.version, needs.supported):
            text = f"{name} {known.version} is too old, it must be {needs.supported}: {needs.install}"
            return Program(tool=tool, path=str(found), problem=text)
        note = (
            "" if _within(known.version, needs.supported) else f"{name} {known.version} is newer than {needs.supported}"
        )
        return Program(tool=tool, path=str(found), note=note)

    def remember(self) -> None:
        """Keep what was learned for the next scan; a cache that cannot be written is no loss."""
        if self._changed:
            files.write_cache(self._file, msgspec.json.encode(self._known))

    def _look_up(self, program: Path, needs: Needs) -> _Known:
        metadata = _metadata(program, needs.distribution)
        proof = metadata or program
        status = proof.stat()
        known = self._known.get(str(proof))
        if known and (known.size, known.time) == (status.st_size, status.st_mtime_ns):
            return known
        known = _Known(
            size=status.st_size,
            time=status.st_mtime_ns,
            version=_version_in(metadata) if metadata else self._ask(program, needs),
            digest=_package_digest(metadata) if metadata else files.digest(program.resolve()),
        )
        self._known[str(proof)] = known
        self._changed = True
        return known

    def _ask(self, program: Path, needs: Needs) -> str:
        with files.private_folder() as home:
            env = process.environment(home, outside=self._root)
            _, out, err = process.output([str(program), *needs.version_argv], cwd=home, env=env)
        found = re.search(needs.version_pattern, out.decode(errors="replace") + err)
        return shorten(one_line(found[found.lastindex or 0]), 40) if found else ""


def _remembered(path: Path) -> dict[str, _Known]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, _Known])
    except (OSError, msgspec.DecodeError):
        return {}


def _metadata(program: Path, distribution: str) -> Path | None:
    """The RECORD of a Python tool in the environment that its script belongs to."""
    if not distribution:
        return None
    name = re.sub(r"[-_.]+", "_", distribution).lower()
    for script in (program, program.resolve()):
        libraries = script.parent.parent / "lib"
        for record in sorted(libraries.glob(f"python3*/site-packages/{name}-*.dist-info/RECORD")):
            return record
    return None


def _version_in(record: Path) -> str:
    return record.parent.name.removesuffix(".dist-info").rpartition("-")[2]


def _package_digest(record: Path) -> str:
    """The digest of what pip recorded of the package's own files: alike on every machine, unlike RECORD itself."""
    lines = sorted(line for line in record.read_text("utf-8", "replace").splitlines() if ",sha256=" in line)
    own = [line for line in lines if not line.startswith(("../", "/")) and "/INSTALLER" not in line]
    return files.digest_of("\n".join(own).encode()) if own else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:4])


def _bounds(supported: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(operator, _numbers(number)) for operator, number in _BOUND.findall(supported)]


def _below(version: str, supported: str) -> bool:
    return any(_numbers(version) < bound for operator, bound in _bounds(supported) if operator == ">=")


def _within(version: str, supported: str) -> bool:
    return all(_numbers(version) < bound for operator, bound in _bounds(supported) if operator == "<")
