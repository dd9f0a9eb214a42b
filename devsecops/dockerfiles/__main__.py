"""`python -I -m devsecops.dockerfiles RULES REPORT FILE…`: checks Dockerfiles and writes SARIF 2.1.0.

A scanner like any other (`scanners/dockerfile`): in a process of its own, so that a file made for it can exhaust
nothing but that process's time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from devsecops._version import __version__
from devsecops.dockerfiles.rules import Sighting, check
from devsecops.errors import ReportError

_LARGEST = 4 << 20  # bytes


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule of ours says, and how much it counts."""

    id: str
    name: str
    help: str
    remedy: str
    cwe: list[int]
    severity: str
    confidence: str


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`rules.toml`."""

    rule: list[Rule]


def main(rules: str, report: str, *names: str) -> None:
    """Check the named files and write the report."""
    known = {one.id: one for one in msgspec.toml.decode(Path(rules).read_bytes(), type=Rules).rule}
    results: list[dict[str, Any]] = []
    gaps: list[dict[str, Any]] = []
    for name in names:
        try:
            results += (_result(name, one, known[one.rule]) for one in check(_read(name)))
        except ReportError as error:
            gaps.append({"level": "error", "message": {"text": error.message}, "locations": [_location(name)]})
    Path(report).write_bytes(msgspec.json.encode(_log([*known.values()], names, results, gaps)))


def _read(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ReportError(f"cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise ReportError(f"is larger than {_LARGEST >> 20} MiB")
    return data


def _log(
    rules: Sequence[Rule], names: Sequence[str], results: Sequence[object], gaps: Sequence[object]
) -> dict[str, Any]:
    targets = [{"location": {"uri": _uri(name)}, "roles": ["analysisTarget"]} for name in names]
    driver = {"name": "dockerfile", "version": __version__, "rules": [*map(_descriptor, rules)]}
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": gaps}
    run = {"tool": {"driver": driver}, "invocations": [invocation], "artifacts": targets, "results": results}
    return {"version": "2.1.0", "runs": [run]}


def _descriptor(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.name},
        "fullDescription": {"text": rule.help},
        "help": {"text": f"{rule.help} {rule.remedy}"},
        "properties": {"cwe": rule.cwe, "severity": rule.severity, "confidence": rule.confidence},
    }


def _result(name: str, one: Sighting, rule: Rule) -> dict[str, Any]:
    location = _location(name)
    region = {"startLine": one.instruction.line, "endLine": one.instruction.end_line}
    location["physicalLocation"]["region"] = region
    return {
        "ruleId": one.rule,
        "message": {"text": one.message},
        "locations": [location],
        "properties": {"severity": one.severity or rule.severity},
    }


def _location(name: str) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(name)}}}


def _uri(name: str) -> str:
    return quote(os.fsencode(name))


if __name__ == "__main__":
    main(*sys.argv[1:])
