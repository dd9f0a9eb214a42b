"""The lines of a requirements file as pip splits them (pip.pypa.io, "Requirements File Format")."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from typing import Final

import msgspec

_LONGEST: Final = 4_096

_COMMENT: Final = re.compile(r"(?:^|\s)#.*")
_BEHIND: Final = re.compile(r"(?:^|\s)-")
_HASH: Final = re.compile(r"--hash(?:=|\s+)\S+")

_FLAGS: Final = frozenset(
    {
        "--allow-all-external",
        "--always-unzip",
        "--no-index",
        "--no-require-hashes",
        "--no-use-wheel",
        "--pre",
        "--prefer-binary",
        "--process-dependency-links",
        "--require-hashes",
        "--use-wheel",
    }
)
_VALUED: Final = frozenset(
    {
        "--all-releases",
        "--allow-external",
        "--allow-unverified",
        "--config-settings",
        "--constraint",
        "--editable",
        "--extra-index-url",
        "--find-links",
        "--global-option",
        "--hash",
        "--index-url",
        "--install-option",
        "--no-binary",
        "--only-binary",
        "--only-final",
        "--pypi-url",
        "--requirement",
        "--trusted-host",
        "--use-feature",
    }
)
_OPTIONS: Final = tuple(sorted(_FLAGS | _VALUED))
_SHORT: Final = {
    "-C": "--config-settings",
    "-Z": "--always-unzip",
    "-c": "--constraint",
    "-e": "--editable",
    "-f": "--find-links",
    "-i": "--index-url",
    "-r": "--requirement",
}


class Option(msgspec.Struct, frozen=True):
    """An option by its long name."""

    name: str
    value: str = ""


class Statement(msgspec.Struct, frozen=True):
    """One line of a requirements file, continuation lines included and comments left out."""

    line: int
    text: str
    requirement: str = ""
    options: tuple[Option, ...] = ()
    fault: str = ""
    """Why the options are not valid; those before the fault are kept."""


def statements(text: str) -> Iterator[Statement]:
    """The lines of a requirements file that say something."""
    for number, line in _joined(text):
        content = _COMMENT.sub("", line).strip()
        if content:
            yield _statement(number, content)


def _physical(text: str) -> Iterator[tuple[int, str]]:
    """Lines as pip splits them, at form feeds too, with the numbers that an editor shows."""
    number = 1
    for piece in text.splitlines(keepends=True):
        yield number, piece.splitlines()[0]
        number += piece.endswith(("\n", "\r"))


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their continuations, each with the number of its first line that is not blank."""
    parts: list[str] = []
    first = 0
    for number, line in _physical(text):
        if not parts:
            first = number
        comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not comment:
            parts += [line.strip("\\")] if parts or line.strip("\\ \t") else []
            continue
        yield first, "".join([*parts, " " if comment else "", line])
        parts = []
    yield first, "".join(parts)


def _statement(line: int, text: str) -> Statement:
    match = _BEHIND.search(text)
    border = match.start() if match else len(text)
    requirement, behind = text[:border].strip(), _HASH.sub("", text[border:]).strip()
    options, fault = _options(behind)
    return Statement(line, f"{requirement} {behind}".strip(), requirement, options, fault)


def _options(text: str) -> tuple[tuple[Option, ...], str]:
    """The options of a line, and what is wrong with them."""
    if len(text) > _LONGEST:
        return (), f"its options are longer than {_LONGEST} characters"
    try:
        return _parsed(shlex.split(text))
    except ValueError as error:
        return (), str(error)


def _parsed(words: list[str]) -> tuple[tuple[Option, ...], str]:
    options: list[Option] = []
    stray: list[str] = []
    rest = iter(words)
    for word in takewhile(lambda word: not word.startswith(";"), rest):
        if not word.startswith("-"):
            stray.append(word)
            continue
        name, value = _option(word)
        if name in _VALUED and value is None:
            value = next(rest, None)
        if fault := _fault(word, name, value):
            return tuple(options), fault
        options.append(Option(name, value or ""))
    return tuple(options), f"pip ignores what stands behind an option: {' '.join(stray)}" if stray else ""


def _fault(word: str, name: str, value: str | None) -> str:
    if not name:
        return f"the option {word} is not known"
    return f"the option {word} has no value" if name in _VALUED and value is None else ""


def _option(word: str) -> tuple[str, str | None]:
    """The long name of an option, empty if it is none, and the value that is attached to it."""
    if not word.startswith("--"):
        return _SHORT.get(word[:2], ""), word[2:] or None
    written, equals, value = word.partition("=")
    names = [written] if written in _OPTIONS else [name for name in _OPTIONS if name.startswith(written)]
    return names[0] if len(names) == 1 else "", value if equals else None
