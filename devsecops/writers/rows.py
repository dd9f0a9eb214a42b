"""Findings as rows of short harmless texts, for a page that shows them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

import msgspec

from devsecops.dedupe import Finding
from devsecops.model import HttpLocation, Kind, Location, PackageLocation, Result, Rule
from devsecops.text import clean, one_line, plural, shorten
from devsecops.writers import parts

Kinds = Mapping[str, tuple[Kind, ...]]
"""Name of a scanner to the kinds of its executions."""

_SHORT = 300  # characters of a text that stands in one line
_MANY = 50  # items of one list
_SIZE = 12_000_000  # bytes of all rows: with what is around them, less than 15 MB
_LIMITS = (4000, 1000, 250)  # characters of a long text, the first with which all rows fit into `_SIZE`
_PIECE = 500  # rows encoded together


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a page shows of one finding. Every text is harmless in text, none of them in HTML."""

    severity: str
    state: str
    title: str
    place: str
    rule: int
    """Position of the rule of its first result among the rules."""
    scanners: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    service: str = ""
    message: str = ""
    evidence: str = ""
    fix: str = ""
    score: float | None = None
    vector: str = ""
    confidence: str = ""
    package: str = ""
    aliases: tuple[str, ...] = ()
    cwe: tuple[int, ...] = ()
    owasp: tuple[str, ...] = ()
    reports: tuple[tuple[str, str, str, str], ...] = ()
    """Scanner, rule, place and state of each result, where there are several."""
    unlisted: int = 0
    """How many more results there are than in `reports`."""
    reasons: tuple[str, ...] = ()
    """Why it is waived or suppressed."""
    fingerprint: str = ""


class _Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    id: str
    name: str = ""
    help: str = ""
    uri: str = ""


def encode(findings: Sequence[Finding], kinds: Kinds) -> tuple[int, list[bytes]]:
    """JSON of all findings: `{"findings": [Row, …], "rules": [{"id", "name", "help", "uri"}, …]}`.

    Returns:
        the number of characters at which long texts are cut, and the JSON in pieces.
    """
    for limit in _LIMITS:
        pieces = list(_encoded(findings, kinds, limit))
        if sum(map(len, pieces)) <= _SIZE:
            break
    return limit, pieces


def row(finding: Finding, kinds: Kinds, rule: int = 0, limit: int = _LIMITS[1]) -> Row:
    """The row of a finding, with long texts cut at `limit` characters."""
    first = finding.first
    results = finding.results
    scanners = finding.scanners
    several = len(results) > 1
    best = max((one for one in results if one.score is not None), key=_score, default=None)
    return Row(
        severity=finding.severity.value,
        state=finding.standing,
        title=parts.title(finding, _SHORT),
        place=place(first.location),
        rule=rule,
        scanners=tuple(map(short, scanners)),
        kinds=kinds_of(finding, kinds),
        service=short(first.service),
        message=_message(first, limit),
        evidence=next((cut(one.evidence, limit) for one in results if one.evidence), ""),
        fix=_fix(finding),
        score=best.score if best else None,
        vector=short(best.vector) if best else "",
        confidence=first.confidence.value if first.confidence else "",
        package=short(first.location.purl) if isinstance(first.location, PackageLocation) else "",
        aliases=_some(sorted({alias for one in results for alias in one.aliases})),
        cwe=tuple(dict.fromkeys(number for one in results for number in one.rule.cwe)),
        owasp=_some(dict.fromkeys(name for one in results for name in one.rule.owasp)),
        reports=tuple(map(_report, results[:_MANY])) if several else (),
        unlisted=max(len(results) - _MANY, 0),
        reasons=_reasons(results),
        fingerprint=short(finding.fingerprint),
    )


def kinds_of(finding: Finding, kinds: Kinds) -> tuple[str, ...]:
    """The kinds of what it was found by, sorted."""
    return tuple(sorted({parts.kind(one, kinds).value for one in finding.results}))


def place(location: Location) -> str:
    """Where it is: `path:line`, or a request with the parameter that carried the attack."""
    parameter = f" ({location.parameter})" if isinstance(location, HttpLocation) and location.parameter else ""
    return short(f"{parts.place_of(location)}{parameter}")


def short(text: str) -> str:
    """Harmless text of one line."""
    return shorten(text if text.isascii() and text.isprintable() else one_line(text), _SHORT)


def cut(text: str, limit: int) -> str:
    """Harmless text of some lines; what is left out is counted."""
    left = len(text) - limit
    return clean(text) if left <= 0 else f"{clean(text[:limit])}… ({plural(left, 'more character')})"


def _encoded(findings: Sequence[Finding], kinds: Kinds, limit: int) -> Iterator[bytes]:
    rules: dict[Rule, int] = {}
    encoder = msgspec.json.Encoder()
    yield b'{"findings":['
    for start in range(0, len(findings), _PIECE):
        rows = [
            row(one, kinds, rules.setdefault(one.first.rule, len(rules)), limit)
            for one in findings[start : start + _PIECE]
        ]
        yield (b"," if start else b"") + encoder.encode(rows)[1:-1]
    yield b'],"rules":'
    yield encoder.encode([_rule(rule, limit) for rule in rules])
    yield b"}"


def _rule(rule: Rule, limit: int) -> _Rule:
    return _Rule(id=short(rule.id), name=short(rule.name), help=cut(rule.help, limit), uri=parts.web(rule.uri))


def _score(result: Result) -> float:
    return result.score or 0.0


def _message(result: Result, limit: int) -> str:
    """The message, unless it is no more than the beginning of the help that is shown too."""
    said = result.message.partition(": ")[2].rstrip("…")
    repeated = isinstance(result.location, PackageLocation) and said and result.rule.help.startswith(said)
    return "" if repeated else cut(result.message, limit)


def _fix(finding: Finding) -> str:
    fixed = next((one.fixed for one in finding.results if one.fixed), ())
    if fixed:
        return short(f"upgrade to {' or '.join(fixed)}")
    return "no fixed version is known" if isinstance(finding.first.location, PackageLocation) else ""


def _some(texts: Collection[str]) -> tuple[str, ...]:
    """The first texts, and how many more there are."""
    more = len(texts) - _MANY
    return tuple(map(short, islice(texts, _MANY))) + ((f"and {more:,} more",) if more > 0 else ())


def _report(result: Result) -> tuple[str, str, str, str]:
    return short(result.scanner), short(result.rule.id), place(result.location), result.state.value


def _reasons(results: Sequence[Result]) -> tuple[str, ...]:
    if not any(one.suppressions for one in results):
        return ()
    said = (
        f"{'waived' if one.external else 'suppressed'}: {one.reason or 'no reason is given'}"
        for result in results
        for one in result.suppressions
    )
    return _some(dict.fromkeys(said))
