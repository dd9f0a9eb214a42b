"""Severity, confidence and the other closed lists of words."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Severity(Enum):
    """How bad a result is. `UNKNOWN` is a value of its own: nobody has said, which is not "low"."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Position from worst (0) to least (5); unknown stands behind high, as it counts like high."""
        return _RANKS[self]

    @classmethod
    def worst(cls, severities: Iterable[Severity]) -> Severity:
        """The worst of several; `INFO` where there are none."""
        return min(severities, key=_RANKS.__getitem__, default=cls.INFO)

    @classmethod
    def of_score(cls, score: float) -> Severity:
        """The CVSS qualitative rating of a base score (CVSS v3.1 specification, section 5; v4.0, section 6)."""
        if score >= 9.0:
            return cls.CRITICAL
        if score >= 7.0:
            return cls.HIGH
        if score >= 4.0:
            return cls.MEDIUM
        return cls.LOW if score > 0.0 else cls.INFO


_RANKS = {
    Severity.CRITICAL: 0,
    Severity.HIGH: 1,
    Severity.UNKNOWN: 2,
    Severity.MEDIUM: 3,
    Severity.LOW: 4,
    Severity.INFO: 5,
}


class Confidence(Enum):
    """How sure the scanner is that its result is true."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Kind(Enum):
    """What a scanner looks at."""

    SAST = "sast"
    SECRETS = "secrets"
    DEPENDENCIES = "dependencies"
    IMAGE = "image"
    IAC = "iac"
    API = "api"
    DAST = "dast"
    CI = "ci"


class Status(Enum):
    """How an execution ended. Only `COMPLETE` lets the absence of results mean anything."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    MISSING = "missing"
    TIMED_OUT = "timed-out"
    NOT_APPLICABLE = "not-applicable"

    @classmethod
    def worst(cls, statuses: Iterable[Status]) -> Status:
        """The one that promises least; `NOT_APPLICABLE` where there are none."""
        return min(statuses, key=_WORST.index, default=cls.NOT_APPLICABLE)


_WORST = (
    Status.FAILED,
    Status.TIMED_OUT,
    Status.MISSING,
    Status.PARTIAL,
    Status.COMPLETE,
    Status.NOT_APPLICABLE,
)


class State(Enum):
    """Where a result stands: only `NEW` ones are judged by the policy's severity threshold."""

    NEW = "new"
    KNOWN = "known"
    WAIVED = "waived"
    SUPPRESSED = "suppressed"
    FIXED = "fixed"
    """It was in the baseline, and the scanners that had reported it have looked again and no longer do."""


class Baseline(Enum):
    """What a baseline says of a result (SARIF 2.1.0, section 3.27.24, and one word more)."""

    NEW = "new"
    """It is not there, or there is no baseline."""
    UNCHANGED = "unchanged"
    ABSENT = "absent"
    """It is there, and has been looked for again in vain."""
    REAPPEARED = "reappeared"
    """It is there as absent: it is new again."""
