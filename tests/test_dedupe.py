"""Results that are the same are one finding, whatever their order; nothing of them is lost."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops import fingerprint
from devsecops.dedupe import Finding, findings, order
from devsecops.model import FileLocation, PackageLocation, Result, Rule, Severity, State, Suppression, same_package
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


NAMES = st.sampled_from(["zope.interface", "zope-interface", "Zope_Interface", "flask"])
IDS = st.lists(st.sampled_from(["CVE-1", "GHSA-2", "PYSEC-3", "cve-1"]), min_size=1, max_size=3, unique=True)
PLACES = st.sampled_from(["web/uv.lock", "example/web", "bom.json"])


def seen(name: str, ids: list[str], path: str, engine: str, version: str) -> Result:
    location = PackageLocation(purl=f"pkg:pypi/{name}@{version}", path=path)
    prints = tuple(fingerprint.of_advisory(location.purl, one, path) for one in ids)
    return vulnerable(name, *ids, scanner=engine, location=location, fingerprints=prints)


SEEN = st.lists(
    st.builds(seen, NAMES, IDS, PLACES, st.sampled_from(["trivy", "grype", "pip-audit"]), st.sampled_from("12")),
    max_size=8,
)


@given(SEEN, st.randoms())
def test_engines_and_places_join_by_any_common_id_in_whatever_order(results: list[Result], random: object) -> None:
    shuffled = list(results)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found = findings(results)
    assert findings(shuffled) == found
    causes = [
        (
            {same_package(one.location.purl) for one in finding.results},  # type: ignore[union-attr]
            {name.upper() for one in finding.results for name in (one.rule.id, *one.aliases)},
        )
        for finding in found
    ]
    assert all(len(packages) == 1 for packages, _ in causes)
    for at, (packages, ids) in enumerate(causes):
        assert not any(packages == other and ids & more for other, more in causes[at + 1 :])


def test_one_cause_in_three_places_keeps_a_fingerprint_for_each() -> None:
    places = [seen("flask", ["CVE-1"], path, "trivy", "1") for path in ("web/uv.lock", "example/web", "bom.json")]
    (finding,) = findings(places)
    assert len({one.fingerprints for one in finding.results}) == 3


@pytest.mark.parametrize(
    ("purl", "plain"),
    [
        ("pkg:npm/@scope/a@1.0", "pkg:npm/%40scope/a"),
        ("pkg:npm/%40scope/a@1.0", "pkg:npm/%40scope/a"),
        ("pkg:npm/@scope/a", "pkg:npm/%40scope/a"),
        ("pkg:deb/debian/libc6@2.36?arch=amd64", "pkg:deb/debian/libc6"),
        ("pkg:golang/example.com/x?type=module#sub", "pkg:golang/example.com/x"),
        ("pkg:pypi/Zope.Interface@5", "pkg:pypi/zope-interface"),
    ],
)
def test_a_package_is_the_same_however_its_url_is_written(purl: str, plain: str) -> None:
    assert same_package(purl) == plain


def test_packages_of_one_npm_scope_are_not_one_package() -> None:
    one, other = (seen("a", ["CVE-1"], "p", "trivy", "1") for _ in range(2))
    one = msgspec.structs.replace(one, location=PackageLocation(purl="pkg:npm/@s/a@1", path="p"), fingerprints=("a",))
    other = msgspec.structs.replace(
        other, location=PackageLocation(purl="pkg:npm/@s/b@1", path="p"), fingerprints=("b",)
    )
    assert len(findings([one, other])) == 2
