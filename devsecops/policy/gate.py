"""Findings and coverage become a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from devsecops.dedupe import Finding
from devsecops.model import (
    COVERAGE_UNKNOWN,
    OURS,
    Execution,
    Kind,
    Message,
    Policy,
    Reason,
    Severity,
    State,
    Status,
    Verdict,
    VerdictState,
)
from devsecops.text import plural

_HARMLESS = frozenset({Status.COMPLETE, Status.NOT_APPLICABLE})


def judge(
    policy: Policy, findings: Sequence[Finding], executions: Sequence[Execution], notes: Iterable[Message] = ()
) -> Verdict:
    """The verdict: incomplete before failed before passed, with the reasons of all.

    A finding fails if any of its new results is as severe as the threshold or worse; unknown severity counts as high.
    """
    failed = _failures(policy, findings)
    notes = tuple(notes)
    unknown = _unknown(policy, executions)
    gaps = [*_gaps(executions), *_unmet(policy, executions), *_uncovered(policy, notes), *_broken(notes)]
    if policy.unknown_coverage == "incomplete":
        gaps += unknown
        unknown = []
    if gaps and not policy.allow_incomplete:
        return Verdict(state=VerdictState.INCOMPLETE, reasons=(*gaps, *failed, *unknown))
    downgraded = [msgspec.structs.replace(gap, text=f"{gap.text} (allowed by --allow-incomplete)") for gap in gaps]
    state = VerdictState.FAILED if failed else VerdictState.PASSED
    return Verdict(state=state, reasons=(*failed, *downgraded, *unknown))


def fails(policy: Policy, finding: Finding) -> bool:
    """Whether a finding is as severe as the policy's threshold or worse."""
    if policy.fail_on is None or finding.state is not State.NEW:
        return False
    severity = Severity.HIGH if finding.severity is Severity.UNKNOWN else finding.severity
    return severity.rank <= policy.fail_on.rank


def _failures(policy: Policy, findings: Sequence[Finding]) -> list[Reason]:
    failing = [finding for finding in findings if fails(policy, finding)]
    if not failing or policy.fail_on is None:
        return []
    what = (
        "of severity critical"
        if policy.fail_on is Severity.CRITICAL
        else f"of severity {policy.fail_on.value} or worse"
    )
    return [
        Reason(
            text=f"{plural(len(failing), 'finding')} {what}",
            policy=f'fail-on = "{policy.fail_on.value}" ({policy.origin})',
            fingerprints=tuple(sorted({finding.fingerprint for finding in failing})),
        )
    ]


def _gaps(executions: Sequence[Execution]) -> Iterator[Reason]:
    """Executions that were asked for, or had begun, and did not examine everything."""
    if not executions:
        yield Reason(text="no scanner was asked for anything", policy="everything asked for is examined")
    for execution in executions:
        if execution.status in _HARMLESS or (execution.status is Status.MISSING and not execution.asked):
            continue
        where = f" on {execution.target}" if execution.target else ""
        yield Reason(text=f"{execution.scanner}{where} {_what(execution)}", policy="everything asked for is examined")


def _what(execution: Execution) -> str:
    coverage = execution.coverage
    if execution.status is Status.PARTIAL and coverage and coverage.examined < coverage.expected:
        return f"examined {coverage.examined:,} of {plural(coverage.expected, coverage.unit[:-1])}"
    words = {
        Status.FAILED: "failed",
        Status.MISSING: "is missing",
        Status.TIMED_OUT: "did not end in time",
        Status.PARTIAL: "did not examine everything",
    }
    return words[execution.status]


def _unmet(policy: Policy, executions: Sequence[Execution]) -> Iterator[Reason]:
    """Kinds that must have been examined and were not, by anything."""
    done = {one.kind for one in executions if one.status is Status.COMPLETE and one.scanner != OURS}
    for kind in policy.require:
        if kind not in done:
            yield Reason(text=f"nothing examined {kind.value} completely", policy=f"require {kind.value}")


def _unknown(policy: Policy, executions: Sequence[Execution]) -> list[Reason]:
    """Tools that say that all went well, and not what they examined: accepted or not, it is said."""
    names = [
        execution.scanner
        for execution in executions
        if execution.status is Status.COMPLETE and any(one.id == COVERAGE_UNKNOWN for one in execution.messages)
    ]
    if not names:
        return []
    text = f"nothing tells what was examined by {', '.join(dict.fromkeys(names))}"
    return [Reason(text=text, policy=f'unknown-coverage = "{policy.unknown_coverage}"')]


def _uncovered(policy: Policy, notes: Iterable[Message]) -> Iterator[Reason]:
    """Lock files that nothing audits, where dependencies must have been examined."""
    if Kind.DEPENDENCIES in policy.require:
        for note in notes:
            if note.id == "not-covered":
                yield Reason(text=note.text, policy="require dependencies")


def _broken(notes: Iterable[Message]) -> Iterator[Reason]:
    for note in notes:
        if note.level == "error":
            yield Reason(text=note.text, policy="everything asked for is examined")
