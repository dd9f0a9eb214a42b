"""Requirements files (pip), with the files that they include and their constraints."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from packaging.utils import canonicalize_name

from devsecops.errors import DevsecopsError, ReportError
from devsecops.lockfiles.decoding import declared
from devsecops.lockfiles.documents import broken
from devsecops.lockfiles.origins import resolved
from devsecops.lockfiles.places import Found, Place, lock
from devsecops.lockfiles.requirement import (
    URL,
    VARIABLE,
    Answer,
    Invalid,
    Local,
    Open,
    Pinned,
    Unclear,
    editable,
    requirement,
)
from devsecops.lockfiles.statements import Option, Statement, statements
from devsecops.model import Lock
from devsecops.text import clean

_PROSE: Final = 20
_MOST_FILES: Final = 1_000
_INCLUDES: Final = {"--requirement": False, "--constraint": True}
"""Options that include a file, and whether it holds constraints."""

Opener = Callable[[str], bytes]


class _Ask(msgspec.Struct, frozen=True):
    """One thing that a line asks for."""

    place: Place
    text: str
    answer: Answer | Option


class _Unsettled(msgspec.Struct, frozen=True):
    """A requirement without a pin, until all constraints are known."""

    place: Place
    text: str
    answer: Open


def read(path: str, data: bytes, opener: Opener) -> Lock:
    """Read a requirements file and the files that it includes."""
    tree = _Tree(path, opener)
    tree.walk(path, data)
    return lock(path, tree.settled())


class _Tree:
    """A requirements file with everything that it includes, read without recursion."""

    def __init__(self, path: str, opener: Opener) -> None:
        self._opener = opener
        self._seen = {(posixpath.normpath(path), False)}
        self._found: list[Found | _Unsettled] = []
        self._constraints: dict[str, dict[str, None]] = {}

    def walk(self, path: str, data: bytes) -> None:
        """Take every line of the file, and of each included file in the place of the line that includes it."""
        files = [(iter(self._asks(path, data)), False)]
        while files:
            asks, constraint = files[-1]
            ask = next(asks, None)
            if ask is None:
                files.pop()
            elif isinstance(ask.answer, Option):
                files.extend(self._included(ask, ask.answer))
            else:
                self._take(ask, ask.answer, constraint=constraint)

    def settled(self) -> Iterator[Found]:
        """Everything found, with the versions that constraints give."""
        for item in self._found:
            if not isinstance(item, _Unsettled):
                yield item
            elif versions := self._constraints.get(item.answer.name):
                yield from (item.place.package(item.answer.name, version) for version in versions)
            else:
                yield item.place.unpinned(item.text, item.answer.reason)

    def _asks(self, path: str, data: bytes) -> list[_Ask]:
        lines = [*statements(declared(path, data))]
        asks = [ask for line in lines for ask in self._asked(path, line)]
        if len(lines) > _PROSE and not _says_anything(lines, asks):
            reason = f"line {lines[0].line}: not a requirements file: none of its {len(lines)} lines is a requirement"
            raise broken(path, reason, "give it another name, or exclude it from the scan")
        return asks

    def _asked(self, path: str, line: Statement) -> Iterator[_Ask]:
        place = Place(path, line.line)
        answer = self._answer(path, line.requirement) if line.requirement else None
        if answer:
            yield _Ask(place, line.requirement, answer)
        for option in line.options:
            if option.name in _INCLUDES:
                yield _Ask(place, line.text, option)
            elif option.name == "--editable":
                yield _Ask(place, line.text, editable(path, option.value))
        if line.fault and not isinstance(answer, Invalid):
            yield _Ask(place, line.text, Invalid(line.fault))

    def _answer(self, path: str, text: str) -> Answer:
        answer = requirement(path, text)
        if isinstance(answer, Local) and not answer.certain and not self._is_project(path, answer.folder):
            return Invalid("it is not a name, and there is no project at this path")
        return answer

    def _is_project(self, path: str, folder: str) -> bool:
        """Whether there is a project at this path, seen from the file or from the root, where pip is often started."""
        bases = (posixpath.dirname(path), "")
        places = (posixpath.join(base, folder, name) for base in bases for name in ("pyproject.toml", "setup.py"))
        return any(self._exists(posixpath.normpath(place)) for place in places)

    def _exists(self, path: str) -> bool:
        try:
            self._bytes(path)
        except (OSError, DevsecopsError):
            return False
        return True

    def _bytes(self, path: str) -> bytes:
        if path != clean(path):
            raise ReportError("its path holds control characters")
        return self._opener(path)

    def _first(self, path: str, *, constraint: bool) -> bytes:
        """The bytes of a file that was not included before; links to folders can make endlessly many paths."""
        if len(self._seen) >= _MOST_FILES:
            raise ReportError(f"more than {_MOST_FILES:,} files are included")
        self._seen.add((path, constraint))
        return self._bytes(path)

    def _take(self, ask: _Ask, answer: Answer, *, constraint: bool) -> None:
        match answer:
            case Invalid(reason):
                self._found.append(ask.place.unpinned(ask.text, f"not a valid requirement: {reason}"))
            case Pinned(name, version) if constraint:
                self._constraints.setdefault(canonicalize_name(name), {})[version] = None
            case _ if constraint:
                pass
            case Local():
                pass
            case Pinned(name, version):
                self._found.append(ask.place.package(name, version))
            case Unclear(reason):
                self._found.append(ask.place.unpinned(ask.text, reason))
            case _:
                self._found.append(_Unsettled(ask.place, ask.text, answer))

    def _included(self, ask: _Ask, option: Option) -> Iterator[tuple[Iterator[_Ask], bool]]:
        """The lines of an included file, once; where it cannot be read, the line that includes it is kept."""
        constraint = _INCLUDES[option.name]
        try:
            path = _target(ask.place.path, option.value)
            if (path, constraint) not in self._seen:
                yield iter(self._asks(path, self._first(path, constraint=constraint))), constraint
        except OSError as error:
            self._found.append(
                ask.place.unpinned(ask.text, f"the file cannot be opened: {error.strerror or type(error).__name__}")
            )
        except DevsecopsError as error:
            self._found.append(ask.place.unpinned(ask.text, f"the file cannot be read: {error.message}"))


def _target(path: str, value: str) -> str:
    """The path of an included file."""
    if variable := VARIABLE.search(value):
        raise ReportError(f"it depends on the environment variable {variable[1]}")
    if URL.match(value):
        raise ReportError("it is at a URL, and nothing is downloaded")
    target = resolved(path, value)
    if target is None:
        raise ReportError("it lies outside the scanned root")
    return target


def _says_anything(lines: list[Statement], asks: list[_Ask]) -> bool:
    return any(line.options for line in lines) or any(not isinstance(ask.answer, Invalid) for ask in asks)
