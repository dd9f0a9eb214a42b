"""Parts of a scan: merged they are the whole scan, byte for byte."""

from __future__ import annotations

import posixpath
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsecops import dedupe
from devsecops.cli import logs
from devsecops.model import Coverage, Execution, Kind, Message, Outcome, Policy, Result, Severity, Status, Tool
from devsecops.sarif import from_sarif, merge, to_sarif
from tests.factory import execution, result
from tests.sarif import test_outcome as strategies

NAMES = ("api", "web")
TOOLS = {name: Tool(name=name, version="1.2.3") for name in ("bandit", "semgrep", "zap")}


def written(outcome: Outcome) -> bytes:
    return b"".join(to_sarif(outcome))


def scan(found: list[Result], said: list[Message], services: tuple[str, ...]) -> Outcome:
    """What a scan of some of the services gives: of each scanner one execution, results in the order of a scan."""
    parts = dict.fromkeys(services, (3, 2))
    coverage = Coverage(unit="files", expected=3 * len(parts), examined=2 * len(parts), parts=parts)
    distinct = {msgspec.json.encode(one): one for one in found}.values()
    mine = sorted((one for one in distinct if one.service in services), key=dedupe.order)
    executions = [
        Execution(tool=tool, kind=Kind.SAST, status=Status.PARTIAL, coverage=coverage, exit_code=1)
        for tool in TOOLS.values()
    ]
    outcome = Outcome(executions=tuple(executions), results=tuple(mine), notes=tuple(said))
    return logs.judged(outcome)


def test_shards_by_service_are_the_whole() -> None:
    found = [
        result(service=service, scanner=scanner, message=f"{number} {severity.value}", severity=severity)
        for number, service in enumerate(NAMES * 3)
        for scanner in ("bandit", "semgrep")
        for severity in (Severity.HIGH, Severity.LOW)
    ]
    shards = [written(scan(found, [], (name,))) for name in NAMES]
    whole = written(scan(found, [], NAMES))
    assert b"".join(merge(shards, judge=logs.verdict)) == whole
    assert b"".join(merge([*reversed(shards), whole], judge=logs.verdict)) == whole


def test_a_run_that_had_nothing_to_do_is_absorbed() -> None:
    idle = Outcome(executions=(Execution(tool=Tool(name="bandit"), kind=Kind.SAST, status=Status.NOT_APPLICABLE),))
    busy = Outcome(executions=(execution(tool=TOOLS["bandit"]),), results=(result(),))
    log = from_sarif(b"".join(merge([written(idle), written(busy)])))
    assert [one.status for one in log.executions] == [Status.COMPLETE]
    alone = from_sarif(b"".join(merge([written(idle), written(idle)])))
    assert [one.status for one in alone.executions] == [Status.NOT_APPLICABLE]


def test_the_worst_that_a_shard_says_stands() -> None:
    shards = [Outcome(executions=(execution(status=status),)) for status in (Status.COMPLETE, Status.TIMED_OUT)]
    (found,) = from_sarif(b"".join(merge(map(written, shards)))).executions
    assert found.status is Status.TIMED_OUT


def test_no_shard_can_loosen_the_policy_and_a_merged_log_has_no_verdict_of_a_part() -> None:
    strict = Policy(fail_on=Severity.LOW, require=(Kind.SAST,))
    loose = Policy(fail_on=None, require=(Kind.SECRETS,), allow_incomplete=True)
    shards = [written(logs.judged(Outcome(policy=policy, executions=(execution(),)))) for policy in (strict, loose)]
    data = b"".join(merge(shards))
    policy = from_sarif(data).policy
    assert (policy.fail_on, set(policy.require), policy.allow_incomplete) == (
        Severity.LOW,
        {Kind.SAST, Kind.SECRETS},
        False,
    )
    assert b'"verdict"' not in data
    assert b'"verdict"' in b"".join(merge(shards, judge=logs.verdict))


@pytest.mark.parametrize("bag", [[], 1, {"policy": []}, {"policy": {"fail_on": 7}}, {"services": [1], "notes": [[]]}])
def test_a_bag_that_is_none_of_ours_is_said_or_ignored(bag: Any) -> None:
    log = {"version": "2.1.0", "runs": [], "properties": {"devsecops": bag}}
    found = merge([msgspec.json.encode(log), written(scan([result()], [], ("web",)))], judge=logs.verdict)
    assert len(from_sarif(b"".join(found)).results) == 1
    assert all(note.level == "error" for note in found.notes)


def observation(one: Result) -> object:
    """What a merge tells results apart by: of one scanner, no two results of a scan have it in common."""
    location = msgspec.structs.replace(one.location, end_line=0) if hasattr(one.location, "end_line") else one.location
    return one.scanner, one.service, one.rule.id, location, one.message


def is_inside(one: Result) -> bool:
    """Whether a path is one as the model spells it: below the root, without detours."""
    path = getattr(one.location, "path", "x")
    return posixpath.normpath(path) == path and path != "." and not path.startswith(("/", ".."))


def _note(message: Message) -> tuple[str, str, str]:
    return message.id, message.path, message.text


@st.composite
def divided(draw: st.DrawFn) -> tuple[Outcome, list[Outcome]]:
    """A scan of some services, and the scans of each of them."""
    one = st.builds(msgspec.structs.replace, strategies.results, service=st.sampled_from(NAMES))
    found = draw(st.lists(one.filter(is_inside), max_size=6, unique_by=observation))
    said = draw(st.lists(strategies.messages, max_size=3, unique_by=_note))
    said.sort(key=_note)
    return scan(found, said, NAMES), [scan(found, said, (name,)) for name in NAMES]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(divided())
def test_shards_of_any_scan_are_the_whole(scans: tuple[Outcome, list[Outcome]]) -> None:
    whole, shards = scans
    merged = b"".join(merge(map(written, shards), judge=logs.verdict))
    assert merged == written(whole)
