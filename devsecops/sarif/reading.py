"""Bytes to the parts of a SARIF log, read leniently: what can be understood is, else there is an error with its place.

Results stay JSON text until they are asked for, one at a time: a log takes little more memory than its file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec

from devsecops.errors import ReportError
from devsecops.sarif import lenient

Json = dict[str, Any]
Complain = Callable[[str], None]

VERSION: Final = "2.1.0"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"))
_BOMS_16 = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LARGE: Final = 1 << 20  # bytes
_BESIDES: Final = 16  # bytes that a member may take besides its name and value

_any = msgspec.json.Decoder()


_Raw = msgspec.Raw
_ABSENT: Final = _Raw(b"")


class _Run(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A run that has nothing but what SARIF knows (section 3.14)."""

    results: list[_Raw] | None = None
    tool: _Raw = _ABSENT
    invocations: _Raw = _ABSENT
    conversion: _Raw = _ABSENT
    language: _Raw = _ABSENT
    version_control_provenance: _Raw = _ABSENT
    original_uri_base_ids: _Raw = _ABSENT
    artifacts: _Raw = _ABSENT
    logical_locations: _Raw = _ABSENT
    graphs: _Raw = _ABSENT
    automation_details: _Raw = _ABSENT
    run_aggregates: _Raw = _ABSENT
    baseline_guid: _Raw = _ABSENT
    redaction_tokens: _Raw = _ABSENT
    default_encoding: _Raw = _ABSENT
    default_source_language: _Raw = _ABSENT
    newline_sequences: _Raw = _ABSENT
    column_kind: _Raw = _ABSENT
    external_property_file_references: _Raw = _ABSENT
    thread_flow_locations: _Raw = _ABSENT
    taxonomies: _Raw = _ABSENT
    addresses: _Raw = _ABSENT
    translations: _Raw = _ABSENT
    policies: _Raw = _ABSENT
    web_requests: _Raw = _ABSENT
    web_responses: _Raw = _ABSENT
    special_locations: _Raw = _ABSENT
    properties: _Raw = _ABSENT


_AnyRun = TypeVar("_AnyRun")


class _Log(msgspec.Struct, Generic[_AnyRun], forbid_unknown_fields=True, rename="camel"):
    """A log that has nothing unexpected at its top."""

    runs: list[_AnyRun]
    version: str
    schema: str = msgspec.field(name="$schema", default="")
    properties: _Raw = _ABSENT
    inline_external_properties: _Raw = _ABSENT


_MEMBERS: Final = {field.encode_name: field.name for field in msgspec.structs.fields(_Run) if field.name != "results"}
_usual = msgspec.json.Decoder(_Log[_Run])
_loose = msgspec.json.Decoder(_Log[dict[str, _Raw]])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])


class Log(msgspec.Struct):
    """A log whose runs are not decoded yet."""

    runs: list[Run]
    odd: bool
    """Whether it had to be repaired to be read at all."""
    size: int
    """Bytes of its text."""
    extra: Json
    """Its properties other than `$schema`, `version` and `runs`."""


class Run(msgspec.Struct):
    """A run: its members as JSON text."""

    members: dict[str, _Raw]
    """All but the results."""
    results: list[_Raw] | None
    """None where the run has no list of them, which is not the same as an empty one."""

    def header(self, complain: Complain) -> Json:
        """All members but the results."""
        return {name: one(raw, complain) for name, raw in self.members.items()}

    def part(self, name: str) -> Any:  # noqa: ANN401  # any JSON
        """One member; None where it is absent."""
        return one(self.members[name], lambda _: None) if name in self.members else None

    def size(self) -> int:
        """Bytes of its members, without what stands between them."""
        return sum(map(_length, (*self.members.values(), *(self.results or ()))))


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
        log = _decoded(text)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _read_odd(text, complain)
    except RecursionError:
        raise ReportError("the log is nested too deeply") from None
    _check(log.version, log.schema, complain)
    runs = [_run(run) for run in log.runs]
    if _hides_something(text, runs):
        single = lenient.without_doubles(text, complain)
        if single != text:
            return msgspec.structs.replace(read(single, complain), odd=True)
    named = {"properties": log.properties, "inlineExternalProperties": log.inline_external_properties}
    extra = {name: one(raw, complain) for name, raw in named.items() if bytes(raw)}
    return Log(runs=runs, size=len(text), extra=extra, odd=text is not data)


def read_again(data: bytes) -> Log:
    """The runs of a log that `read` found to be sound."""
    try:
        return Log(runs=[_run(run) for run in _decoded(data).runs], size=len(data), extra={}, odd=False)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ReportError("the log changed while it was read") from None


def _decoded(data: bytes) -> _Log[_Run] | _Log[dict[str, _Raw]]:
    try:
        return _usual.decode(data)
    except msgspec.ValidationError:  # something that SARIF does not know, or results that are no list
        return _loose.decode(data)


def _run(found: _Run | dict[str, _Raw]) -> Run:
    if isinstance(found, _Run):
        said = ((name, getattr(found, field)) for name, field in _MEMBERS.items())
        return Run({name: raw for name, raw in said if raw is not _ABSENT}, found.results)
    raw = found.pop("results", _ABSENT)
    return Run(found, _raw_list.decode(raw) if bytes(memoryview(raw)[:1]) == b"[" else None)


def _length(raw: _Raw) -> int:
    return memoryview(raw).nbytes


def one(raw: msgspec.Raw | bytes, complain: Complain) -> Any:  # noqa: ANN401  # any JSON
    """A piece of JSON text as a value.

    Raises:
        ReportError: it cannot be understood.
    """
    try:
        return _any.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return lenient.decoded(bytes(raw), complain)
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
    return Log(
        runs=[_run(_members.decode(msgspec.json.encode(run))) for run in found], size=len(data), extra=extra, odd=True
    )


def _hides_something(data: bytes, runs: Sequence[Run]) -> bool:
    """Whether a list may stand twice under one name: of two, decoding keeps the last.

    To count takes a while; for a large log first the bytes that its members do not account for are looked at.
    """
    if len(data) > _LARGE:
        commas = sum(len(run.results or ()) for run in runs)
        members = sum(len(run.members) for run in runs)
        if len(data) - sum(map(Run.size, runs)) - commas < _BESIDES * (members + 20):
            return False
    return data.count(b'"results"') > len(runs) or data.count(b'"runs"') > 1


def _kind(value: object) -> str:
    names = {list: "list", str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}
    return names.get(type(value), "value")
