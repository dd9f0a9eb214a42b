"""Runs of any tool as words of the model, read leniently: nothing in here raises, whatever the run holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from devsecops.model import (
    CREDENTIALS,
    Baseline,
    Confidence,
    Execution,
    FileLocation,
    Kind,
    Message,
    Result,
    Rule,
    Severity,
    Suppression,
)
from devsecops.sarif.foreign import executions, grades, kinds, rules
from devsecops.sarif.foreign.identity import Groups, Sighting, identified
from devsecops.sarif.foreign.locations import Places, line_text, snippet
from devsecops.sarif.foreign.rules import Rules
from devsecops.sarif.foreign.values import Json, string, strings, table, tables
from devsecops.sarif.joins import encode
from devsecops.text import MASK, clean, mask, mask_literals, one_line, plural, shorten

__all__ = ["Groups", "Reading", "Sighting", "examined", "identified", "read"]

_MESSAGE: Final = 1000  # characters, as for results of a scan
_EVIDENCE: Final = 400  # characters
_WEIGHTS: Final = 10_000  # that are kept
_NO_FINDING: Final = frozenset({"pass", "notApplicable"})
_BASELINE: Final = {"unchanged": Baseline.UNCHANGED, "updated": Baseline.UNCHANGED}
_OURS = re.compile(r"(?:rule|weakness|advisory|secret|request)(?:/\d+)?/v\d+")
_SECOND = re.compile(r"/\d+(?=/v\d+$)")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a run says."""

    execution: Execution
    sightings: tuple[Sighting, ...]


def read(run: Json, results: Iterable[Any] | None, words: Mapping[str, Severity] = {}) -> Reading:  # not changed
    """What a run says.

    Args:
        run: the run; its results need not be in it.
        results: its results; None where it has no list of them.
        words: what words for severity and SARIF's levels mean to this tool.
    """
    reader = _Reader(run, words)
    sightings = [*reader.sightings(results or ())]
    tool = executions.tool(run)
    kind = kinds.guess(run, tool.name, [one.result for one in sightings])
    named = (_attributed(one, tool.name, secret=kind is Kind.SECRETS) for one in sightings)
    return Reading(
        execution=executions.execution(run, tool, kind, reader.said(), results=results is not None),
        sightings=tuple(named),
    )


def examined(run: Json) -> list[str] | None:
    """The paths that a run lists as what its tool was told to analyse (section 3.24.6); None where it lists none."""
    places = Places(run)
    targets = (one for one in tables(run.get("artifacts")) if "analysisTarget" in strings(one.get("roles")))
    paths = [places.path(places.resolved(table(one.get("location")))) for one in targets]
    return paths or None


class _Reader:
    """Reads the results of one run."""

    def __init__(self, run: Json, words: Mapping[str, Severity]) -> None:
        self._rules = Rules(run)
        self._places = Places(run)
        self._words = words
        self._counts: Counter[str] = Counter()
        self._weights: dict[object, _Weight] = {}

    def sightings(self, results: Iterable[Any]) -> Iterator[Sighting]:
        """The results that are findings."""
        for index, value in enumerate(results):
            if not isinstance(value, dict):
                self._counts["unreadable"] += 1
            elif string(value.get("kind")) in _NO_FINDING:
                self._counts["passed"] += 1
            elif value.get("baselineState") == "absent":
                self._counts["fixed"] += 1
            else:
                yield self._sighting(index, value)

    def said(self) -> list[Message]:
        """What became of results that are no findings."""
        unreadable, passed, fixed = (self._counts[name] for name in ("unreadable", "passed", "fixed"))
        found: list[Message] = []
        if unreadable:
            text = f"{plural(unreadable, 'result')} cannot be understood"
            found.append(Message(id="not-examined", level="error", text=text))
        if passed:
            text = f"{plural(passed, 'result')} of kind pass or notApplicable: no findings"
            found.append(Message(id="no-finding", level="note", text=text))
        if fixed:
            text = f"{plural(fixed, 'result')} absent since the baseline: no findings any more"
            found.append(Message(id="no-finding", level="note", text=text))
        return found

    def _sighting(self, index: int, result: Json) -> Sighting:
        descriptor = self._rules.descriptor(result)
        weight = self._weight(result, descriptor)
        return Sighting(
            index=index,
            line=line_text(result),
            rated=weight.severity is not None,
            result=Result(
                scanner="",
                rule=weight.rule,
                severity=weight.severity or grades.LEVELS["warning"],
                message=self._rules.message(result, descriptor) or weight.rule.id,
                location=self._places.of(result, weight.purls),
                score=weight.score,
                vector=weight.vector,
                confidence=weight.confidence,
                aliases=weight.aliases,
                evidence=snippet(result),
                fingerprints=tuple(_own_prints(result)),
                suppressions=tuple(_suppressions(result)),
                baseline=_BASELINE.get(string(result.get("baselineState")), Baseline.NEW),
            ),
        )

    def _weight(self, result: Json, descriptor: Json) -> _Weight:
        """What the rule gives the result; kept, as most results say nothing of their own, or what others say too."""
        level = self._rules.level(result, descriptor)
        key = (id(descriptor), level, _own(result))
        found = self._weights.get(key)
        if found is None:
            found = self._weighed(result, descriptor, level)
            if key[-1] and len(self._weights) < _WEIGHTS:
                self._weights[key] = found
        return found

    def _weighed(self, result: Json, descriptor: Json, level: str) -> _Weight:
        rule = self._rules.rule(result, descriptor)
        bags = rules.properties(result, descriptor)
        harmless = result.get("kind") == "informational"
        aliases = rules.other_names(rule, descriptor)
        return _Weight(
            rule=rule,
            severity=Severity.INFO if harmless else grades.severity(bags, level, self._words),
            score=grades.score(bags) if aliases or rules.is_advisory(rule) else None,
            vector=one_line(grades.vector(bags)),
            confidence=grades.confidence(bags),
            aliases=aliases,
            purls=rules.purls(descriptor),
        )


class _Weight(msgspec.Struct, frozen=True, kw_only=True):
    """What a result is about, and how much it counts."""

    rule: Rule
    severity: Severity | None
    score: float | None
    vector: str
    confidence: Confidence | None
    aliases: tuple[str, ...]
    purls: list[str]


def _attributed(sighting: Sighting, scanner: str, *, secret: bool) -> Sighting:
    """The sighting with its scanner; its texts harmless, and without the secret where its place holds one."""
    result = sighting.result
    hide = mask_literals if secret or CREDENTIALS & set(result.rule.cwe) else mask
    message = clean(result.message)
    evidence = one_line(result.evidence)
    if secret:
        message = _without(message, result.evidence)
        evidence = ""  # the region of a secret is the secret
    unrated_secret = secret and not sighting.rated  # nobody has said, and SARIF's default of "warning" says too little
    result = msgspec.structs.replace(
        result,
        scanner=scanner,
        severity=Severity.UNKNOWN if unrated_secret else result.severity,
        message=shorten(hide(message), _MESSAGE),
        evidence=shorten(hide(evidence), _EVIDENCE) if isinstance(result.location, FileLocation) else "",
    )
    return msgspec.structs.replace(sighting, result=result, secret=secret)


def _without(text: str, secret: str) -> str:
    """A text without the words of a secret."""
    for word in sorted(set(secret.split()), key=len, reverse=True):
        if len(word) >= 6:
            text = text.replace(clean(word), MASK)
    return text


def _own(result: Json) -> bytes:
    """What weighs in a result itself; empty where it cannot be written down."""
    try:
        return encode([result.get(name) for name in ("kind", "ruleId", "rule", "properties", "taxa")])
    except (RecursionError, UnicodeEncodeError):
        return b""


def _own_prints(result: Json) -> Iterator[str]:
    """Fingerprints that are ours, as a log keeps them that was made from one of ours."""
    for name, value in table(result.get("partialFingerprints")).items():
        if _OURS.fullmatch(name) and string(value):
            yield f"{_SECOND.sub('', name)}:{one_line(value)}"


def _suppressions(result: Json) -> Iterator[Suppression]:
    """The suppressions that are in force: of a kind that there is, accepted or without a status (section 3.35)."""
    for one in tables(result.get("suppressions")):
        if one.get("kind") in ("inSource", "external") and one.get("status") in (None, "accepted"):
            reason = shorten(mask(one_line(string(one.get("justification")))), _EVIDENCE)
            yield Suppression(external=one.get("kind") == "external", reason=reason)
