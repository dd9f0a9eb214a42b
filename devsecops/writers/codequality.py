"""GitLab Code Quality: the report that merge requests show on every tier.

Format: https://docs.gitlab.com/ci/testing/code_quality/. GitLab stops reading at the first issue it finds invalid, and
of issues with one fingerprint it shows the first only.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from devsecops import dedupe
from devsecops.dedupe import Finding
from devsecops.model import FileLocation, HttpLocation, Outcome, Severity, State
from devsecops.text import one_line, shorten
from devsecops.writers import parts
from devsecops.writers.parts import Gap

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.UNKNOWN: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}
_TEXT = 1_000  # characters of a description
_NAME = 255
_NOWHERE = "devsecops.toml"  # of what is about no file: GitLab wants a path

Json = dict[str, Any]


def write(outcome: Outcome) -> Iterator[bytes]:
    """The array, one issue a line: what was asked for and not examined, then the findings that stand.

    Known ones too, as GitLab itself compares with the target branch; suppressed and waived ones are left out.
    """
    findings = [one for one in dedupe.findings(outcome.results) if one.state in {State.NEW, State.KNOWN}]
    issues = [
        *(_gap(gap, f"gap {number}") for number, gap in enumerate(parts.gaps(outcome)) if gap.serious),
        *(_finding(finding, key) for key, finding in parts.keys(findings)),
    ]
    yield b"["
    for number, issue in enumerate(issues):
        yield (b",\n" if number else b"\n") + msgspec.json.encode(issue)
    yield b"\n]\n"


def _finding(finding: Finding, key: str) -> Json:
    said = parts.title(finding)
    message = one_line(finding.first.message)
    text = said if message.rstrip(".") == said.rstrip(".") else f"{said}: {message}"
    fix = parts.fix(finding)
    return {
        "description": shorten(f"{text} ({fix})" if fix else text, _TEXT),
        "check_name": shorten(one_line(f"{finding.first.scanner}/{finding.first.rule.id}"), _NAME),
        "fingerprint": _hash(key),
        "severity": _SEVERITIES[finding.severity],
        "location": _location(finding),
    }


def _location(finding: Finding) -> Json:
    location = finding.first.location
    if isinstance(location, HttpLocation):
        return {"path": _path(location.url.partition("://")[2] or location.url), "lines": {"begin": 1}}
    lines = {"begin": max(location.line, 1)}
    if isinstance(location, FileLocation) and location.end_line > lines["begin"]:
        lines["end"] = location.end_line
    return {"path": _path(location.path), "lines": lines}


def _path(path: str) -> str:
    """Relative to the repository, without `./`; never empty."""
    parts_ = [part for part in one_line(path).split("/") if part not in {"", "."}]
    return "/".join(parts_) or _NOWHERE


def _gap(gap: Gap, key: str) -> Json:
    details = f": {'; '.join(gap.details)}" if gap.details else ""
    return {
        "description": shorten(f"Not checked: {gap.text}{details}", _TEXT),
        "check_name": "devsecops/not-checked",
        "fingerprint": _hash(f"{key} {gap.text}"),
        "severity": "blocker",
        "location": {"path": _NOWHERE, "lines": {"begin": 1}},
    }


def _hash(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
