"""JSON text with the faults that tools write."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

from devsecops.errors import ReportError

Json = dict[str, Any]
Complain = Callable[[str], None]

_LONGEST_NUMBER = 18  # digits of an integer that every reader of JSON can hold


def decoded(data: bytes, complain: Complain) -> Any:  # noqa: ANN401  # any JSON
    """JSON with NaN, huge integers, lone surrogates or bytes that are not UTF-8, as a value without them.

    Raises:
        ReportError: it cannot be understood; names the place.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        complain(f"bytes that are not UTF-8 (first at byte {error.start:,})")
        text = data.decode(errors="replace")

    def constant(word: str) -> None:
        complain(f"the number {word}")

    def integer(digits: str) -> int | None:
        if len(digits) <= _LONGEST_NUMBER:
            return int(digits)
        complain("a huge integer")
        return None

    try:
        value = json.loads(text, parse_constant=constant, parse_int=integer, parse_float=_finite)
        return _without_surrogates(value, complain)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()):
            raise ReportError(f"the log is cut off after {len(data):,} bytes") from None
        raise ReportError(f"the log is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ReportError("the log is nested too deeply") from None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if number - number == 0 else None


def _without_surrogates(value: Any, complain: Complain) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            complain("lone surrogates")
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value
    if isinstance(value, list):
        return [_without_surrogates(one, complain) for one in value]
    if isinstance(value, dict):
        return {
            str(_without_surrogates(name, complain)): _without_surrogates(one, complain) for name, one in value.items()
        }
    return value


def without_doubles(data: bytes, complain: Complain) -> bytes:
    """The log with the lists that an object has twice under one name put together: the last would hide the others."""
    doubled: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> Json:
        found: Json = {}
        for name, value in members:
            if name in found and isinstance(value, list) and isinstance(found[name], list):
                doubled.append(name)
                found[name] = [*found[name], *value]
            else:
                found[name] = value
        return found

    value = json.loads(data.decode(errors="replace"), object_pairs_hook=pairs)
    if not doubled:
        return data
    complain(f"{doubled[0]} twice in one object")
    return msgspec.json.encode(value)
