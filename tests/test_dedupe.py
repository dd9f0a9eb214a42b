"""Results that are the same are one finding, whatever their order; nothing of them is lost."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from devsecops.dedupe import Finding, findings, order
from devsecops.model import FileLocation, Result, Rule, Severity, State, Suppression
from tests.factory import result, vulnerable

PRINTS = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=2, unique=True).map(tuple)
RESULTS = st.lists(
    st.builds(
        lambda prints, severity, line, hidden: result(
            fingerprints=prints,
            severity=severity,
            location=FileLocation(path="a.py", line=line),
            suppressions=(Suppression(),) if hidden else (),
        ),
        PRINTS,
        st.sampled_from(Severity),
        st.integers(1, 3),
        st.booleans(),
    ),
    max_size=8,
)


@given(RESULTS, st.randoms())
def test_the_order_of_results_does_not_matter(results: list[Result], random: object) -> None:
    shuffled = list(results)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert findings(shuffled) == findings(results)


@given(RESULTS)
def test_every_result_is_in_exactly_one_finding(results: list[Result]) -> None:
    kept = [one for finding in findings(results) for one in finding.results]
    assert sorted(kept, key=order) == sorted(results, key=order)


@given(RESULTS)
def test_results_that_share_a_fingerprint_share_a_finding_and_others_do_not(results: list[Result]) -> None:
    found = findings(results)
    for finding in found:
        mine = {one for result in finding.results for one in result.fingerprints}
        others = {one for other in found if other is not finding for two in other.results for one in two.fingerprints}
        assert not mine & others


@given(RESULTS)
def test_a_finding_is_as_severe_as_its_worst_new_result(results: list[Result]) -> None:
    for finding in findings(results):
        new = [one.severity for one in finding.results if one.state is State.NEW]
        if new:
            assert finding.severity is Severity.worst(new)
            assert finding.state is State.NEW


def test_one_silenced_result_does_not_silence_what_another_scanner_says() -> None:
    silenced = result(fingerprints=("w",), suppressions=(Suppression(reason="nosec"),), severity=Severity.CRITICAL)
    loud = result(fingerprints=("w",), scanner="semgrep", severity=Severity.LOW)
    (finding,) = findings([silenced, loud])
    assert (finding.state, finding.severity, finding.first) == (State.NEW, Severity.LOW, loud)
    assert finding.scanners == ("bandit", "semgrep")


def test_one_advisory_of_one_package_in_several_places_of_a_service_is_one_finding() -> None:
    found = findings([vulnerable(path="a/lock"), vulnerable(path="a/requirements.txt")])
    assert [len(finding.results) for finding in found] == [2]


def test_in_two_services_it_is_two() -> None:
    assert len(findings([vulnerable(service="a"), vulnerable(service="b", path="b/lock")])) == 2


def test_records_of_one_vulnerability_with_different_ids_join_by_any_common_alias() -> None:
    found = findings([vulnerable("flask", "PYSEC-1", "CVE-9"), vulnerable("flask", "GHSA-2", "cve-9")])
    assert len(found) == 1


def test_two_advisories_of_one_package_are_two_findings() -> None:
    assert len(findings([vulnerable("flask", "PYSEC-1"), vulnerable("flask", "PYSEC-2")])) == 2


def test_worst_come_first_and_silenced_last() -> None:
    low = result(fingerprints=("a",), severity=Severity.LOW)
    silenced = result(fingerprints=("b",), severity=Severity.CRITICAL, suppressions=(Suppression(),))
    high = result(fingerprints=("c",), severity=Severity.HIGH)
    assert [finding.first for finding in findings([low, silenced, high])] == [high, low, silenced]


def test_the_result_with_help_speaks_for_the_finding() -> None:
    bare = result(fingerprints=("a",), scanner="a")
    helpful = msgspec.structs.replace(bare, scanner="b", rule=Rule(id="r", help="do this"))
    assert Finding(results=findings([bare, helpful])[0].results).first is helpful
