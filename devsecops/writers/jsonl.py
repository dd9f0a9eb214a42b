"""JSON lines for log pipelines: first a line on the scan, then one a finding; docs/reports.md lists the keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from devsecops import dedupe
from devsecops.dedupe import Finding
from devsecops.model import Kind, Location, Outcome
from devsecops.text import clean, shorten
from devsecops.writers import parts

_TEXT = 10_000  # characters of one text
_ITEMS = 1_000  # of one list

Json = dict[str, Any]


def write(outcome: Outcome) -> Iterator[bytes]:
    """The lines; the first says how many findings follow, so that a file cut short can be told."""
    findings = dedupe.findings(outcome.results)
    kinds = parts.kinds(outcome)
    behind = parts.failing(outcome)
    yield _line(_scan(outcome, findings))
    for finding in findings:
        yield _line(_finding(finding, kinds, fails=parts.fails(finding, behind)))


def _scan(outcome: Outcome, findings: list[Finding]) -> Json:
    return {
        "type": "scan",
        "version": 1,
        "verdict": outcome.verdict.state.value,
        "reasons": [reason.text for reason in outcome.verdict.reasons],
        "findings": len(findings),
        "baseline": outcome.baseline,
        "services": [service.name for service in outcome.services],
        "not_checked": [
            {"text": gap.text, "details": gap.details, "asked": gap.serious} for gap in parts.gaps(outcome)
        ],
    }


def _finding(finding: Finding, kinds: Mapping[str, tuple[Kind, ...]], *, fails: bool) -> Json:
    first = finding.first
    return {
        "type": "finding",
        "fingerprint": finding.fingerprint,
        "state": finding.standing,
        "fails": fails,
        "severity": finding.severity.value,
        "score": parts.score(finding),
        "vector": first.vector,
        "confidence": first.confidence.value if first.confidence else None,
        "kind": parts.kind(first, kinds).value,
        "service": first.service,
        "scanners": finding.scanners,
        "rule": {
            "id": first.rule.id,
            "name": first.rule.name,
            "uri": parts.web(first.rule.uri),
            "cwe": first.rule.cwe,
            "owasp": first.rule.owasp,
        },
        "identifiers": parts.identifiers(finding),
        "message": first.message,
        "location": _location(first.location),
        "other_places": parts.other_places(finding),
        "evidence": first.evidence,
        "fixed": first.fixed,
        "reasons": [one.reason for result in finding.results for one in result.suppressions],
    }


def _location(location: Location) -> Json:
    found: Json = msgspec.to_builtins(location)
    return found


def _line(value: Json) -> bytes:
    return msgspec.json.encode(_clean(value)) + b"\n"


def _clean(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    if isinstance(value, str):
        return shorten(clean(value), _TEXT)
    if isinstance(value, dict):
        return {key: _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value[:_ITEMS]]
    return value
