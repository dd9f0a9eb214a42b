"""Text to typed values: TOML and JSON, with errors that name the file and the place."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from devsecops.errors import ReportError
from devsecops.lockfiles.outline import outline
from devsecops.text import clean

T = TypeVar("T")

_PARTS: Final = 100
_ENDLESS: Final = re.compile(
    rf"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{_PARTS}}}"""  # tomllib is quadratic in them
)

_REGENERATE: Final = "generate the file again with the tool that wrote it"
_VERSION: Final = re.compile(r"(\d{1,9})(?:\.[0-9A-Za-z]{1,9})*", re.ASCII)


def broken(path: str, reason: str, hint: str = "") -> ReportError:
    """The error of a file that cannot be read."""
    return ReportError(clean(f"{path}: {reason}"), hint or "look at the file, or exclude it from the scan")


def toml(path: str, text: str, table: str, kind: type[T]) -> T:
    """A TOML lock file as a value of this type.

    Args:
        path: the lock file.
        text: its text.
        table: the name of the array of tables that holds its entries.
        kind: the type, in which nothing is an array of tables but that array.
    """
    text = outline(text.replace("\r\n", "\n"), table)
    if endless := _ENDLESS.search(text):
        line = text.count("\n", 0, endless.start()) + 1
        raise broken(path, f"line {line}: a key has more than {_PARTS} parts", _REGENERATE)
    return shaped(path, _parsed(path, "TOML", tomllib.loads, text), kind)


def json_object(path: str, text: str) -> dict[str, object]:
    """The members of a JSON document."""
    return shaped(path, _parsed(path, "JSON", json.loads, text), dict[str, object])


def _parsed(path: str, syntax: str, parse: Callable[[str], object], text: str) -> object:
    try:
        return parse(text)
    except RecursionError as error:
        raise broken(path, f"not valid {syntax}: values are nested too deeply", _REGENERATE) from error
    except ValueError as error:
        raise broken(path, f"not valid {syntax}: {error}", _REGENERATE) from error


def shaped(path: str, value: object, kind: type[T], key: str = "") -> T:
    """The value as this type, or an error that names the key that is wrong."""
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        where = f"{key}: " if key else ""
        raise broken(path, f"{where}{error}", _REGENERATE) from error


def known(path: str, key: str, version: str | int, newest: int) -> None:
    """Refuse a file whose format is newer than what is read here: its entries may mean something else.

    Raises:
        ReportError: the major version is higher than `newest`, or is none.
    """
    match = _VERSION.fullmatch(str(version)) if len(str(version)) < 100 else None
    if match is None:
        raise broken(path, f"{key}: {str(version)[:40]!r} is not a version", _REGENERATE)
    if int(match[1]) > newest:
        hint = "use a newer release of this program, or an older one of the tool that wrote the file"
        raise broken(path, f"{key}: version {version} is not known, the newest is {newest}", hint)
