"""How severe a result of any tool is, and how sure the tool is of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from devsecops.model import Confidence, Severity
from devsecops.sarif.foreign.values import Json, string, strings

SCORES: Final = ("security-severity", "cvssv3_baseScore", "cvss3BaseScore", "cvssv2_score")
"""Properties that hold a score from 0 to 10. `security-severity` is what GitHub reads (docs.github.com,
"SARIF support for code scanning"); the others are those of Trivy, dependency-check and the converters of sarif-sdk."""
VECTORS: Final = ("cvssv3_vector", "cvss3Vector")
"""Properties that hold a CVSS vector."""
_WORDED: Final = (
    "problem.severity",  # CodeQL, ruff
    "issue_severity",  # bandit and the analyzers that ShiftLeft's scan wraps
    "zizmor/severity",
    "severity",  # gosec, bundler-audit, Android lint, dependency-check
    "cvssv3_baseSeverity",
    "securityRisk",
    "DevSkimSeverity",
    "priority",  # Fortify
)
"""Properties that hold a word for the severity, most telling first."""
_CONFIDENT: Final = (
    "issue_confidence",
    "zizmor/confidence",
    "confidence",
    "Confidence",
    "DevSkimConfidence",
    "precision",
)
LEVELS: Final = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "note": Severity.LOW,
    "none": Severity.INFO,
}
"""What SARIF's own levels stand for."""
WORDS: Final = LEVELS | {
    "blocker": Severity.CRITICAL,
    "critical": Severity.CRITICAL,
    "fatal": Severity.CRITICAL,
    "high": Severity.HIGH,
    "important": Severity.HIGH,
    "severe": Severity.HIGH,
    "major": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "moderate": Severity.MEDIUM,
    "warn": Severity.MEDIUM,
    "bestpractice": Severity.LOW,
    "low": Severity.LOW,
    "minor": Severity.LOW,
    "negligible": Severity.LOW,
    "recommendation": Severity.LOW,
    "info": Severity.INFO,
    "information": Severity.INFO,
    "informational": Severity.INFO,
    "style": Severity.INFO,
    "unknown": Severity.UNKNOWN,
}
"""What tools write where SARIF or we want a severity, in lower case."""
_TAGS: Final = frozenset({"CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN"})  # as Trivy tags its rules
_CONFIDENCES: Final = {
    "very-high": Confidence.HIGH,
    "certain": Confidence.HIGH,
    "high": Confidence.HIGH,
    "firm": Confidence.MEDIUM,
    "medium": Confidence.MEDIUM,
    "low": Confidence.LOW,
    "tentative": Confidence.LOW,
    "weak": Confidence.LOW,
}


def severity(bags: Iterable[Json], level: str, words: Mapping[str, Severity]) -> Severity | None:
    """The severity of a result: a score, else a word that is known, else what its level stands for; None without any.

    A word that is not known says nothing, and the next source counts; a level that is none of SARIF's and no known
    word is `unknown`.

    Args:
        bags: property bags of the result and of its rule, the most telling first.
        level: the effective level; empty where nobody has set one.
        words: what words mean to this tool, before what they mean to others.
    """
    bags = list(bags)
    tags = {tag for one in bags for tag in strings(one.get("tags"))}
    found = score(bags)
    if found is not None:
        return Severity.of_score(found)
    for name in _WORDED:
        for one in bags:
            known = _word(string(one.get(name)), words)
            if known:
                return known
    if len(tags & _TAGS) == 1:
        return WORDS[(tags & _TAGS).pop().lower()]
    return _word(level, words) or (Severity.UNKNOWN if level else None)


def score(bags: Iterable[Json]) -> float | None:
    """The score that a result or its rule has, up to 10.0; None where there is none.

    0.0 is none: Trivy and Grype write it where nobody has scored an advisory, beside a level that says more.
    """
    bags = list(bags)
    for name in SCORES:
        for one in bags:
            number = _number(one.get(name))
            if number is not None:
                return number
    return None


def confidence(bags: Iterable[Json]) -> Confidence | None:
    """How sure the tool is."""
    bags = list(bags)
    words = (string(one.get(name)).lower() for name in _CONFIDENT for one in bags)
    return next((_CONFIDENCES[word] for word in words if word in _CONFIDENCES), None)


def vector(bags: Iterable[Json]) -> str:
    """The CVSS vector; empty where there is none."""
    return next((string(one[name]) for one in bags for name in VECTORS if string(one.get(name))), "")


def _word(word: str, words: Mapping[str, Severity]) -> Severity | None:
    lower = word.strip().lower()
    return words.get(word) or words.get(lower) or WORDS.get(lower)


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
    except (ValueError, OverflowError):
        return None
    return round(number, 1) if 0.0 < number <= 10.0 else None
