"""GitLab's own security reports: SAST, dependency scanning, secret detection, container scanning and DAST.

Schemas: gitlab.com/gitlab-org/security-products/security-report-schemas. GitLab knows a vulnerability again by report
type, first identifier and place; so the first identifier is the rule or the CVE, and a place in a file is tracked by
our fingerprint. A report that breaks its schema is refused as a whole: every text is cut to what the schema allows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import msgspec

from devsecops import dedupe
from devsecops._version import __version__
from devsecops.dedupe import Finding
from devsecops.model import Execution, HttpLocation, Kind, Outcome, State, Status
from devsecops.text import clean, one_line, plural, shorten
from devsecops.writers import gitlab_places as places
from devsecops.writers import parts

SCHEMAS: Final = {"15.0": "15.0.7", "15.1": "15.1.4", "15.2": "15.2.1"}
"""Versions of the schemas that can be written, by model and revision."""
SCHEMA: Final = "15.1"
_TYPES: Final = {
    "sast": (Kind.SAST, Kind.CI, Kind.IAC, Kind.API),
    "secret_detection": (Kind.SECRETS,),
    "dependency_scanning": (Kind.DEPENDENCIES,),
    "container_scanning": (Kind.IMAGE,),
    "dast": (Kind.DAST,),
}
_REPORTS: Final = {kind: report for report, kinds in _TYPES.items() for kind in kinds}
_LOOKED: Final = frozenset({Status.COMPLETE, Status.PARTIAL, Status.NOT_APPLICABLE})
_NEVER: Final = "1970-01-01T00:00:00"
_DESCRIPTION = 20_000  # characters; the schema allows 1,048,576
_SOLUTION = 7_000
_MESSAGES = 100
_IDENTIFIERS = 20  # that GitLab keeps of a vulnerability
_VECTOR = re.compile(
    r"CVSS:3[.][01](/(AV:[NALP]|AC:[LH]|PR:[NLH]|UI:[NR]|S:[UC]|[CIA]:[NLH]|E:[XUPFH]|RL:[XOTWU]|RC:[XURC]"
    r"|[CIA]R:[XLMH]|MAV:[XNALP]|MAC:[XLH]|MPR:[XNLH]|MUI:[XNR]|MS:[XUC]|M[CIA]:[XNLH]))+"
)
_PAGES: Final = {
    "cve": (r"CVE-\d{4}-\d{4,}", "https://www.cve.org/CVERecord?id={}"),
    "ghsa": (r"GHSA(-[0-9a-z]{4}){3}", "https://github.com/advisories/{}"),
    "osv": (r"[A-Z]+-[\w-]+", "https://osv.dev/vulnerability/{}"),
}
Json = dict[str, Any]


def sast(outcome: Outcome, schema: str = SCHEMA) -> Iterator[bytes]:
    """Findings of source, workflows, infrastructure and API descriptions; `schema` is a key of SCHEMAS."""
    return _write(outcome, "sast", schema)


def secret_detection(outcome: Outcome, schema: str = SCHEMA) -> Iterator[bytes]:
    """Secrets; `schema` is a key of SCHEMAS."""
    return _write(outcome, "secret_detection", schema)


def dependency_scanning(outcome: Outcome, schema: str = SCHEMA) -> Iterator[bytes]:
    """Vulnerable packages of manifests and lock files; `schema` is a key of SCHEMAS."""
    return _write(outcome, "dependency_scanning", schema)


def container_scanning(outcome: Outcome, schema: str = SCHEMA) -> Iterator[bytes]:
    """Vulnerable packages of images; `schema` is a key of SCHEMAS."""
    return _write(outcome, "container_scanning", schema)


def dast(outcome: Outcome, schema: str = SCHEMA) -> Iterator[bytes]:
    """Findings of running services; `schema` is a key of SCHEMAS."""
    return _write(outcome, "dast", schema)


def _write(outcome: Outcome, report: str, schema: str) -> Iterator[bytes]:
    """The report, one vulnerability a line.

    Known findings stay in it, as GitLab would take them for mended otherwise; suppressed and waived ones do not.
    """
    kinds = parts.kinds(outcome)
    all_findings = [one for one in dedupe.findings(outcome.results) if _report(one, kinds) == report]
    findings = [finding for finding in all_findings if finding.state in {State.NEW, State.KNOWN}]
    head: Json = {"version": SCHEMAS[schema], "scan": _scan(outcome, report, all_findings)}
    if schema == "15.0" and report == "dependency_scanning":
        head["dependency_files"] = places.dependency_files(findings)
    yield msgspec.json.encode(head)[:-1] + b',"vulnerabilities":['
    for number, (key, finding) in enumerate(parts.keys(findings)):
        found = _vulnerability(finding, key) | places.PLACES[report](finding, outcome)
        yield (b",\n" if number else b"\n") + msgspec.json.encode(found)
    yield b"\n]}\n"


def _report(finding: Finding, kinds: Mapping[str, tuple[Kind, ...]]) -> str:
    """The one report that a finding stands in: by its kind, but a request is always DAST's."""
    if isinstance(finding.first.location, HttpLocation):
        return "dast"
    return _REPORTS[parts.kind(finding.first, kinds)]


def _scan(outcome: Outcome, report: str, findings: Sequence[Finding]) -> Json:
    executions = [execution for execution in outcome.executions if _REPORTS[execution.kind] == report]
    examined = any(execution.status in _LOOKED for execution in executions)
    whole = examined and not any(map(parts.is_gap, executions))
    tool = {"id": "devsecops", "name": "devsecops", "version": __version__, "vendor": {"name": "devsecops"}}
    time = _time(outcome)
    scan: Json = {
        "analyzer": tool,
        "scanner": tool,
        "type": report,
        "start_time": time,
        "end_time": time,
        "status": "success" if whole else "failure",
        "messages": _messages(outcome, executions, findings, report, examined=examined),
    }
    if report == "dast":
        scan["scanned_resources"] = places.resources(executions, findings)
    return scan


def _messages(
    outcome: Outcome, executions: Sequence[Execution], findings: Iterable[Finding], report: str, *, examined: bool
) -> list[Json]:
    """What was not checked, and what is left out."""
    said = [] if examined else [("fatal", f"no scanner for {report.replace('_', ' ')} examined anything")]
    dependencies = report == "dependency_scanning"
    notes = tuple(note for note in outcome.notes if dependencies or note.id != "not-covered")
    for gap in parts.gaps(Outcome(executions=tuple(executions), notes=notes)):
        level = "warn" if gap.serious or (dependencies and not gap.scanner) else "info"
        said += [(level, text) for text in (gap.text, *gap.details)]
    left = parts.not_counted(one for one in findings if one.state not in {State.NEW, State.KNOWN})
    if left:
        said.insert(0, ("info", f"left out of this report: {left}"))
    if len(said) > _MESSAGES:
        more = plural(len(said) - _MESSAGES + 1, "more message")
        said = [*said[: _MESSAGES - 1], ("warn", f"and {more}, see the other reports")]
    return [{"level": level, "value": shorten(one_line(text), 1_000) or "(empty)"} for level, text in said]


def _time(outcome: Outcome) -> str:
    """SOURCE_DATE_EPOCH where it is set, else the date of the newest data, else 1970: equal outcomes, equal bytes."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if re.fullmatch("[0-9]{1,11}", epoch):
        return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    dates = [source.date[:19] for execution in outcome.executions for source in execution.tool.data]
    return max(
        (date for date in dates if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}", date)), default=_NEVER
    )


def _vulnerability(finding: Finding, key: str) -> Json:
    first = finding.first
    links = dict.fromkeys(filter(None, (parts.web(result.rule.uri) for result in finding.results)))
    found: Json = {
        "id": str(uuid5(NAMESPACE_URL, f"devsecops:{clean(key)}")),
        "name": parts.title(finding, places.NAME),
        "description": _description(finding),
        "severity": finding.severity.value.capitalize(),
        "identifiers": _identifiers(finding),
    }
    if parts.fix(finding):
        found["solution"] = shorten(f"U{parts.fix(finding)[1:]}.", _SOLUTION)
    if re.fullmatch(_VECTOR, first.vector) and 32 <= len(first.vector) <= 128:
        found["cvss_vectors"] = [{"vendor": "unknown", "vector": first.vector}]
    if links:
        found["links"] = [{"url": url} for url in links]
    return found


def _description(finding: Finding) -> str:
    """Message, help, other places and scanners; Markdown to GitLab, so nothing in it may be a link or a mention."""
    first = finding.first
    where = parts.other_places(finding)
    known = "Known: a baseline holds it." if finding.state is State.KNOWN else ""
    others = f"Also at {', '.join(where[:20])}{' …' if len(where) > 20 else ''}." if where else ""
    help_ = first.rule.help if first.rule.help != first.message else ""
    said = [first.message, help_, others, known, f"Found by {parts.rules(finding)}."]
    text = "\n\n".join(clean(part).strip() for part in said if part)
    return shorten(re.sub(r"[\\\[<@]", r"\\\g<0>", text), _DESCRIPTION)


def _identifiers(finding: Finding) -> list[Json]:
    """The CVE or the rule first, then every other name of it, CWE and OWASP category last."""
    names = parts.identifiers(finding)
    found = [_advisory(name) for name in names]
    if not names:
        pairs = dict.fromkeys((result.scanner, result.rule.id) for result in finding.results)
        found = [_identifier(f"{scanner}_rule_id", f"{scanner} {rule}", rule) for scanner, rule in pairs]
    rules = [result.rule for result in finding.results]
    for number in dict.fromkeys(number for rule in rules for number in rule.cwe):
        url = f"https://cwe.mitre.org/data/definitions/{number}.html"
        found.append(_identifier("cwe", f"CWE-{number}", str(number), url))
    found += [_identifier("owasp", name, name) for name in dict.fromkeys(name for rule in rules for name in rule.owasp)]
    return found[:_IDENTIFIERS]


def _advisory(name: str) -> Json:
    for kind, (pattern, page) in _PAGES.items():
        if re.fullmatch(pattern, name, re.ASCII):
            return _identifier(kind, name, name, page.format(name))
    return _identifier("advisory", name, name)


def _identifier(kind: str, name: str, value: str, url: str = "") -> Json:
    found = {"type": places.text(kind), "name": places.text(name), "value": places.text(value)}
    return found | ({"url": url} if url else {})
