"""One HTML page that holds everything: it loads nothing from anywhere, and is readable without its script."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from devsecops import assets, dedupe
from devsecops.dedupe import Finding
from devsecops.model import DataSource, Execution, Outcome, Severity, State, Status, VerdictState
from devsecops.text import clean, plural
from devsecops.writers import parts, rows

_WORST = 50  # findings that stand in the page itself, for where its script does not run
_SHORT = 500  # characters of each of their texts
_LINES = 200  # of one list of gaps
_STATES = ("new", "reappeared", "known", "waived", "suppressed", "fixed")
_IN_SCRIPT = {
    b"<": rb"\u003c",
    b">": rb"\u003e",
    b"&": rb"\u0026",
    "\u2028".encode(): rb"\u2028",
    "\u2029".encode(): rb"\u2029",
}


def write(outcome: Outcome) -> Iterator[bytes]:
    """The page, piece by piece."""
    stream = _environment().get_template("report.html").stream(_page(outcome))
    stream.enable_buffering(100)
    return (piece.encode() for piece in stream)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(assets.folder("templates") / "report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"link": parts.web, "plural": plural, "cut": rows.cut, "sum_of": _sum}
    return environment


def _harmless(value: object) -> object:
    """What the template prints loses the characters that are not seen; escaping is Jinja's."""
    return clean(value) if type(value) is str else value


def _sum(counts: Counter[Severity]) -> int:
    return counts.total()


def _page(outcome: Outcome) -> dict[str, Any]:
    """What the template is given."""
    findings = dedupe.findings(outcome.results)
    kinds = parts.kinds(outcome)
    limit, data = rows.encode(findings, kinds)
    services, facets = _services(outcome, findings), _facets(findings, kinds)
    counts = Counter[Severity]()
    for _, new, _ in services:
        counts.update(new)
    style, script = _asset("report.css"), _asset("report.js")
    return {
        "outcome": outcome,
        "verdict": _verdict(outcome),
        "severities": parts.ORDER,
        "shown": [severity for severity in parts.ORDER if severity is not Severity.UNKNOWN or counts[severity]],
        "counts": counts,
        "comparison": parts.comparison(outcome, findings),
        "states": dict.fromkeys(_STATES, 0) | dict(facets["state"]),
        "services": services,
        "gaps": parts.gaps(outcome),
        "lines": _LINES,
        "sources": _sources(outcome.executions),
        "total": len(findings),
        "worst": [rows.row(finding, kinds, limit=_SHORT) for finding in findings[:_WORST]],
        "facets": facets,
        "limit": limit,
        "csp": _content_policy(style, script),
        "style": style,
        "script": script,
        "data": (_in_script(piece) for piece in data),
    }


def _verdict(outcome: Outcome) -> str:
    """What the verdict says where it has no reasons."""
    if outcome.verdict.state is not VerdictState.PASSED:
        return "No reason is given."
    if parts.nothing_to_scan(outcome):
        return "Nothing to scan: no scanner has anything to examine here."
    complete = sum(one.status is Status.COMPLETE for one in outcome.executions)
    return f"Nothing of the policy is violated; {plural(complete, 'scanner')} complete."


def _services(outcome: Outcome, findings: Sequence[Finding]) -> list[tuple[str, Counter[Severity], int]]:
    """Name, new findings by severity, and the number of findings that do not count; worst first."""
    new: dict[str, Counter[Severity]] = {rows.short(one.name): Counter() for one in outcome.services}
    others: Counter[str] = Counter()
    for finding in findings:
        name = rows.short(finding.first.service)
        counts = new.setdefault(name, Counter())
        if finding.state is State.NEW:
            counts[finding.severity] += 1
        else:
            others[name] += 1
    worst = sorted(new.items(), key=lambda item: ([-item[1][severity] for severity in parts.ORDER], item[0]))
    return [(name, counts, others[name]) for name, counts in worst]


def _sources(executions: Iterable[Execution]) -> list[tuple[DataSource, str]]:
    """What answers depend on, each with the scanners that use it."""
    used: dict[DataSource, set[str]] = defaultdict(set)
    for execution in executions:
        for source in execution.tool.data:
            used[source].add(execution.scanner)
    return [
        (source, ", ".join(sorted(names)))
        for source, names in sorted(used.items(), key=lambda item: (item[0].name, item[0].date, item[0].digest))
    ]


def _facets(findings: Sequence[Finding], kinds: rows.Kinds) -> dict[str, list[tuple[str, int]]]:
    """What can be filtered by: the values with the number of findings of each."""
    severities = Counter(finding.severity for finding in findings)
    states = Counter(finding.standing for finding in findings)
    services = Counter(finding.first.service for finding in findings)
    found: dict[str, Counter[str]] = {"service": Counter(), "scanner": Counter(), "kind": Counter()}
    for name, count in services.items():
        found["service"][rows.short(name)] += count
    for names, count in Counter(finding.scanners for finding in findings).items():
        found["scanner"].update(dict.fromkeys(map(rows.short, names), count))
    for finding in findings:
        found["kind"].update(rows.kinds_of(finding, kinds))
    return {
        "severity": [(severity.value, severities[severity]) for severity in parts.ORDER if severities[severity]],
        "state": [(state, states[state]) for state in _STATES if states[state]],
        **{name: sorted(counts.items()) for name, counts in found.items()},
    }


def _asset(name: str) -> Markup:
    """A file of our own, which the page holds as it is."""
    return Markup((assets.folder("templates") / "report" / name).read_text("utf-8"))  # noqa: S704


def _content_policy(style: str, script: str) -> str:
    """Nothing is allowed but exactly our style and our script (Content Security Policy Level 3, section 2.3.1)."""
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script))
    return (
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ).format(*digests)


def _in_script(json: bytes) -> Markup:
    """JSON that ends no script element, opens no comment and breaks no line, and means the same."""
    for byte, escape in _IN_SCRIPT.items():
        json = json.replace(byte, escape)
    return Markup(json.decode())  # noqa: S704
