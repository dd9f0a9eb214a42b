"""Bytes to the parts of a SARIF log, read leniently: what can be understood is, else there is an error with its place.

Results stay JSON text until they are asked for, one at a time: a log takes little more memory than its file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec

from devsecops.errors import ReportError

Json = dict[str, Any]
Complain = Callable[[str], None]

VERSION: Final = "2.1.0"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"))
_BOMS_16 = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LARGE: Final = 1 << 20  # bytes
_BESIDES: Final = 16  # bytes that a member may take besides its name and value
_LONGEST_NUMBER = 18  # digits of an integer that every reader of JSON can hold

_any = msgspec.json.Decoder()


class _Log(msgspec.Struct, forbid_unknown_fields=True):
    """A log that has nothing unexpected at its top."""

    runs: list[dict[str, msgspec.Raw]]
    version: str
    schema: str = msgspec.field(name="$schema", default="")
    properties: msgspec.Raw = msgspec.Raw(b"")
    inlineExternalProperties: msgspec.Raw = msgspec.Raw(b"")  # noqa: N815  # SARIF's name


_usual = msgspec.json.Decoder(_Log)
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])


class Log(msgspec.Struct):
    """A log whose runs are not decoded yet."""

    runs: list[Run]
    odd: bool
    """Whether it had to be repaired to be read at all."""
    extra: Json
    """Its properties other than `$schema`, `version` and `runs`."""


class Run(msgspec.Struct):
    """A run: its members as JSON text."""

    members: dict[str, msgspec.Raw]

    def header(self, complain: Complain) -> Json:
        """All members but the results."""
        return {name: one(raw, complain) for name, raw in self.members.items() if name != "results"}

    def part(self, name: str) -> Any:  # noqa: ANN401  # any JSON
        """One member; None where it is absent."""
        return one(self.members[name], lambda _: None) if name in self.members else None

    def says_nothing(self) -> bool:
        """Whether there is no list of results, which is not the same as an empty one."""
        raw = self.members.get("results")
        return raw is None or bytes(memoryview(raw)[:1]) != b"["

    def results(self, complain: Complain) -> list[msgspec.Raw]:
        """The results, each as JSON; none where the run has no list of them."""
        if self.says_nothing():
            return []
        raw = self.members["results"]
        try:
            return _raw_list.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return _raw_list.decode(msgspec.json.encode(one(raw, complain)))


def read(data: bytes, complain: Complain) -> Log:
    """The parts of a log.

    Args:
        data: the file.
        complain: told what had to be repaired.

    Raises:
        ReportError: it is empty, cut off, not JSON, or no SARIF 2.1.0 log; names the place.
    """
    text = _utf8(data, complain)
    try:
        log = _usual.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _read_odd(text, complain)
    except RecursionError:
        raise ReportError("the log is nested too deeply") from None
    _check(log.version, log.schema, complain)
    if _hides_something(text, log.runs):
        single = _without_doubles(text, complain)
        if single != text:
            return msgspec.structs.replace(read(single, complain), odd=True)
    named = {"properties": log.properties, "inlineExternalProperties": log.inlineExternalProperties}
    extra = {name: one(raw, complain) for name, raw in named.items() if bytes(raw)}
    return Log(runs=[Run(members) for members in log.runs], extra=extra, odd=text is not data)


def read_again(data: bytes) -> Log:
    """The runs of a log that `read` found to be sound."""
    try:
        return Log(runs=[Run(members) for members in _usual.decode(data).runs], extra={}, odd=False)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ReportError("the log changed while it was read") from None


def one(raw: msgspec.Raw | bytes, complain: Complain) -> Any:  # noqa: ANN401  # any JSON
    """A piece of JSON text as a value.

    Raises:
        ReportError: it cannot be understood.
    """
    try:
        return _any.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _lenient(bytes(raw), complain)
    except RecursionError:
        raise ReportError("the log is nested too deeply") from None


def _utf8(data: bytes, complain: Complain) -> bytes:
    if not data.strip():
        raise ReportError("the log is empty")
    for mark, encoding in (*_BOMS, *_BOMS_16):
        if data.startswith(mark):
            try:
                found = data.removeprefix(mark) if encoding == "utf-8" else data.decode(encoding).encode()
            except UnicodeError:
                raise ReportError(f"the log is not {encoding.upper()}, as its byte order mark says") from None
            complain(f"byte order mark ({encoding.upper()})")
            return found
    for encoding in ("utf-16-le", "utf-16-be"):
        if data[:1] in b"{\0" and data[:2] == "{".encode(encoding):
            try:
                found = data.decode(encoding).encode()
            except UnicodeError:
                raise ReportError(f"the log is not {encoding.upper()}, as its first bytes say") from None
            complain(f"encoding {encoding.upper()}")
            return found
    return data


def _check(version: str, schema: str, complain: Complain) -> None:
    if version != VERSION:
        raise ReportError(f"this is a SARIF {version[:40]} log", f"SARIF {VERSION} is read; convert it")
    if schema and "2.1.0" not in schema:
        complain("$schema of another version")


def _read_odd(data: bytes, complain: Complain) -> Log:
    """A log with something unexpected at its top, or that is not quite JSON."""
    value = one(data, complain)
    if not isinstance(value, dict):
        raise ReportError(
            f"this is not a SARIF log: a JSON {_kind(value)}", "it must be an object with version and runs"
        )
    if "version" not in value and not isinstance(value.get("runs"), list):
        raise ReportError("this is not a SARIF log: it has no version and no runs")
    if "version" not in value:
        complain("no version")
    _check(str(value.get("version", VERSION)), str(value.get("$schema", "")), complain)
    runs = value.get("runs")
    if not isinstance(runs, list):
        raise ReportError(f"runs is {_kind(runs)}: the log says nothing", "look why its tool did not finish")
    found = [run for run in runs if isinstance(run, dict)]
    if len(found) != len(runs):
        raise ReportError("runs has something that is no object")
    extra = {name: value[name] for name in value if name not in {"version", "$schema", "runs"}}
    return Log(runs=[Run(_members.decode(msgspec.json.encode(run))) for run in found], extra=extra, odd=True)


def _lenient(data: bytes, complain: Complain) -> Any:  # noqa: ANN401  # any JSON
    """JSON with the faults that tools write: NaN, huge integers, lone surrogates, bytes that are not UTF-8."""
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


def _hides_something(data: bytes, runs: list[dict[str, msgspec.Raw]]) -> bool:
    """Whether a list may stand twice under one name: of two, decoding keeps the last.

    To count takes a while; for a large log first the bytes that its members do not account for are looked at.
    """
    if len(data) > _LARGE:
        members = [(len(name), memoryview(raw).nbytes) for run in runs for name, raw in run.items()]
        if len(data) - sum(name + size for name, size in members) < _BESIDES * (len(members) + 20):
            return False
    return data.count(b'"results"') > len(runs) or data.count(b'"runs"') > 1


def _without_doubles(data: bytes, complain: Complain) -> bytes:
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


def _kind(value: object) -> str:
    names = {list: "list", str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}
    return names.get(type(value), "value")
