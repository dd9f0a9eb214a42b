"""An outcome as SARIF 2.1.0, the one canonical report.

What SARIF can say stands in SARIF's own properties. The rest stands in one property bag, `devsecops`, on the log, the
invocation or the result it belongs to; docs/sarif.md lists its members.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec

from devsecops.model import (
    Baseline,
    Execution,
    FileLocation,
    HttpLocation,
    Message,
    Outcome,
    PackageLocation,
    Result,
    Rule,
    Severity,
    Status,
    Suppression,
    Tool,
)
from devsecops.sarif.components import descriptor_order

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
HEAD: Final = f'{{"$schema":"{SCHEMA}","version":"2.1.0","runs":['.encode()
"""What every log begins with; our property bag stands behind the runs, so that a log can be written as it comes."""
BAG: Final = "devsecops"
ROOT_ID: Final = "%SRCROOT%"
LEVELS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.UNKNOWN: "warning",
    Severity.LOW: "note",
    Severity.INFO: "none",
}
UNSAID: Final = frozenset({Severity.CRITICAL, Severity.UNKNOWN})
"""Severities for which `level` has no word of its own."""
SCORES: Final = {
    Severity.CRITICAL: 9.5,
    Severity.HIGH: 8.0,
    Severity.MEDIUM: 5.5,
    Severity.LOW: 2.0,
    Severity.INFO: 0.0,
}
"""`security-severity` where nobody gave a CVSS score: within GitHub's bands, none of them at a border."""
_BUFFER: Final = 1 << 18  # bytes of one chunk
_FAILED: Final = frozenset({Status.FAILED, Status.MISSING, Status.TIMED_OUT})

Json = dict[str, Any]


def to_sarif(outcome: Outcome) -> Iterator[bytes]:
    """The log, piece by piece; one result a line. Equal outcomes give equal bytes."""
    return _buffered(_pieces(outcome))


def _pieces(outcome: Outcome) -> Iterator[bytes]:
    yield HEAD
    results: dict[str, list[Result]] = defaultdict(list)
    for result in outcome.results:
        results[result.scanner].append(result)
    for number, (tool, executions) in enumerate(_runs(outcome.executions, results)):
        yield b",\n" if number else b"\n"
        some = results.pop(tool.name, [])
        compared = bool(outcome.baseline) or any(result.baseline is not Baseline.NEW for result in some)
        yield from _run(tool, executions, some, compared=compared)
    yield b'],"properties":' + _json({BAG: _log_bag(outcome)}) + b"}\n"


def _runs(executions: Sequence[Execution], scanners: Iterable[str]) -> list[tuple[Tool, list[Execution]]]:
    """Each tool with its executions; a scanner that has results but no execution gets a run too."""
    runs: dict[Tool, list[Execution]] = defaultdict(list)
    for execution in executions:
        runs[execution.tool].append(execution)
    known = {tool.name for tool in runs}
    for name in scanners:
        if name not in known:
            runs[Tool(name=name)] = []
    return sorted(runs.items(), key=lambda run: (run[0].name, run[0].version, run[0].digest))


def _run(tool: Tool, executions: Sequence[Execution], results: Sequence[Result], *, compared: bool) -> Iterator[bytes]:
    rules = _rules(results)
    scores = _score_by_rule(results)
    run: Json = {
        "tool": {"driver": _driver(tool, [_rule(rule, scores.get(rule)) for rule in rules])},
        "automationDetails": {"id": f"devsecops/{tool.name}/"},
        "originalUriBaseIds": {ROOT_ID: {"description": {"text": "The root of the scanned repository."}}},
        "invocations": [invocation_of(execution) for execution in executions],
    }
    if tool.data:
        run["tool"]["extensions"] = [_extension(source) for source in tool.data]
    yield _json(run)[:-1] + b',"results":['
    for number, result in enumerate(results):
        yield (b",\n" if number else b"\n") + _json(_result(result, rules[result.rule], compared=compared))
    yield b"]}"


def _log_bag(outcome: Outcome) -> Json:
    bag = {
        "services": outcome.services,
        "notes": outcome.notes,
        "contents": outcome.contents,
        "revision": outcome.revision,
        "baseline": outcome.baseline,
        "policy": outcome.policy,
        "verdict": outcome.verdict,
        "parts": outcome.parts,
    }
    return {key: value for key, value in bag.items() if value}


def _driver(tool: Tool, rules: list[Json]) -> Json:
    driver: Json = {"name": tool.name}
    if tool.version:
        driver["version"] = tool.version
    if tool.uri:
        driver["informationUri"] = tool.uri
    if rules:
        driver["rules"] = rules
    if tool.digest:
        driver["properties"] = {BAG: {"digest": tool.digest}}
    return driver


def _extension(source: msgspec.Struct) -> Json:
    fields = msgspec.structs.asdict(source)
    extension: Json = {"name": fields["name"]}
    if fields["date"]:
        extension["releaseDateUtc"] = fields["date"]
    if fields["digest"]:
        extension["properties"] = {BAG: {"digest": fields["digest"]}}
    return extension


def _rules(results: Iterable[Result]) -> dict[Rule, int]:
    """Each rule with its place in the table; rules of one id that differ keep a place each."""
    distinct = {result.rule for result in results}
    ordered = sorted(distinct, key=lambda rule: descriptor_order(_rule(rule, None)))
    return {rule: place for place, rule in enumerate(ordered)}


def _score_by_rule(results: Iterable[Result]) -> dict[Rule, float]:
    """The worst that the results say of a rule: a CVSS score, else a number of the band of their severity.

    What the shards of a scan say is then, at its worst, what the whole says.
    """
    worst: dict[Rule, float] = {}
    for result in results:
        score = SCORES.get(result.severity) if result.score is None else result.score
        if score is not None:
            worst[result.rule] = max(worst.get(result.rule, 0.0), score)
    return worst


def _rule(rule: Rule, score: float | None) -> Json:
    tags = ["security", *(f"external/cwe/cwe-{number:03}" for number in rule.cwe)]
    tags += [f"owasp/{category}" for category in rule.owasp]
    found: Json = {"id": rule.id, "properties": {"tags": tags}}
    if rule.name:
        found["shortDescription"] = {"text": rule.name}
    if rule.help:
        found["help"] = {"text": rule.help}
    if rule.uri:
        found["helpUri"] = rule.uri
    if score is not None:
        found["properties"]["security-severity"] = f"{score:.1f}"
    return found


def invocation_of(execution: Execution) -> Json:
    """An execution as an invocation."""
    bag: Json = {"kind": execution.kind, "status": execution.status}
    if execution.target:
        bag["target"] = execution.target
    if not execution.asked:
        bag["asked"] = False
    if execution.coverage:
        bag["coverage"] = execution.coverage
    found: Json = {"executionSuccessful": execution.status not in _FAILED, "properties": {BAG: bag}}
    if execution.exit_code is not None:
        found["exitCode"] = execution.exit_code
    if execution.messages:
        found["toolExecutionNotifications"] = [_notification(message) for message in execution.messages]
    return found


def _notification(message: Message) -> Json:
    found: Json = {
        "descriptor": {"id": message.id},
        "level": message.level,
        "message": {"text": message.text},
    }
    location: Json = {}
    if message.path:
        location["physicalLocation"] = _physical(message.path, {"startLine": message.line} if message.line else {})
    if message.package:
        location["logicalLocations"] = [{"name": message.package, "kind": "package"}]
    if location:
        found["locations"] = [location]
    return found


def _result(result: Result, rule: int, *, compared: bool) -> Json:
    found: Json = {
        "ruleId": result.rule.id,
        "ruleIndex": rule,
        "level": LEVELS[result.severity],
        "message": {"text": result.message},
    }
    if result.severity is Severity.INFO:
        found["kind"] = "informational"  # the only kind of result whose level may be "none" (section 3.27.10)
    if result.score is not None:
        found["rank"] = round(result.score * 10, 1)
    if result.fingerprints:
        found["partialFingerprints"] = _fingerprints(result.fingerprints)
    if result.suppressions:
        found["suppressions"] = [_suppression(one) for one in result.suppressions]
    if compared:
        again = result.baseline is Baseline.REAPPEARED  # SARIF has no word for it
        found["baselineState"] = Baseline.NEW if again else result.baseline
    bag = _result_bag(result)
    _place(result, found, bag)
    if bag:
        found["properties"] = {BAG: bag}
    return found


def _result_bag(result: Result) -> Json:
    bag: Json = {
        "service": result.service,
        "severity": result.severity if result.severity in UNSAID else None,
        "confidence": result.confidence,
        "vector": result.vector,
        "aliases": result.aliases,
        "fixed": result.fixed,
        "since": result.since,
        "reappeared": result.baseline is Baseline.REAPPEARED,
    }
    looked_up = {"kev": result.kev, "epss": result.epss}
    said = {key: value for key, value in bag.items() if value}
    return said | {key: value for key, value in looked_up.items() if value is not None}


def _place(result: Result, found: Json, bag: Json) -> None:
    """Put the location into the result, and the evidence beside it where SARIF has a place for it."""
    location = result.location
    if isinstance(location, FileLocation):
        region = _region(location)
        if region and result.evidence:
            region["snippet"] = {"text": result.evidence}
        found["locations"] = [{"physicalLocation": _physical(location.path, region)}]
    elif isinstance(location, PackageLocation):
        region = {"startLine": location.line} if location.line else {}
        package = {"fullyQualifiedName": location.purl, "kind": "package"}
        found["locations"] = [{"physicalLocation": _physical(location.path, region), "logicalLocations": [package]}]
    else:
        _place_request(location, found)
        region = {}
    if result.evidence and "snippet" not in region:
        bag["evidence"] = result.evidence


def _place_request(location: HttpLocation, found: Json) -> None:
    found["webRequest"] = {"target": location.url, "method": location.method}
    if location.parameter:
        found["locations"] = [{"logicalLocations": [{"name": location.parameter, "kind": "parameter"}]}]


def _physical(path: str, region: Json) -> Json:
    found: Json = {"artifactLocation": {"uri": quote(path), "uriBaseId": ROOT_ID}}
    if region:
        found["region"] = region
    return found


def _region(location: FileLocation) -> Json:
    numbers = {
        "startLine": location.line,
        "startColumn": location.column,
        "endLine": location.end_line,
        "endColumn": location.end_column,
    }
    return {name: number for name, number in numbers.items() if number} if location.line else {}


def _fingerprints(fingerprints: Sequence[str]) -> dict[str, str]:
    """`kind/v1:hex` as `kind/v1` to `hex`; the second of a kind is called `kind/2/v1` (section 3.27.17)."""
    found: dict[str, str] = {}
    for fingerprint in fingerprints:
        name, _, value = fingerprint.partition(":")
        kind, _, version = name.rpartition("/")
        place = 1
        key = name
        while key in found:
            place += 1
            key = f"{kind}/{place}/{version}"
        found[key] = value
    return found


def _suppression(suppression: Suppression) -> Json:
    found: Json = {"kind": "external" if suppression.external else "inSource", "status": "accepted"}
    if suppression.reason:
        found["justification"] = suppression.reason
    return found


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)


def _buffered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        if len(buffer) >= _BUFFER:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)
