"""What OSV records say, by the rules of the OSV schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.advisories import records
from devsecops.advisories.records import Record
from devsecops.model import Severity


def record(*events: dict[str, str], versions: list[str] | None = None, **fields: Any) -> Record:
    affected = {
        "package": {"ecosystem": "PyPI", "name": "Flask"},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}] if events else [],
        "versions": versions or [],
    }
    base = {"id": "PYSEC-1", "modified": "2026-01-01T00:00:00Z", "affected": [affected]}
    return records.parse(json.dumps(base | fields).encode())


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0.0.1", True),
        ("0.12.2", True),
        ("0.12.3", False),
        ("0.12.3rc1", True),
        ("1.0", False),
        ("1.1", True),
        ("1.4", True),
        ("1.4.1", False),
        ("v0.12", True),
        ("not a version", True),  # it cannot be compared: silence must not look like safety
    ],
)
def test_ranges(version: str, expected: bool) -> None:  # noqa: FBT001
    events = ({"introduced": "0"}, {"fixed": "0.12.3"}, {"introduced": "1.1"}, {"last_affected": "1.4"})
    assert records.affects(record(*events), "PyPI", "flask", version) is expected


@pytest.mark.parametrize(("version", "expected"), [("1.0", True), ("1.0.0", True), ("1.1", False)])
def test_versions_that_are_named(version: str, expected: bool) -> None:  # noqa: FBT001
    assert records.affects(record(versions=["0.9", "1.0"]), "PyPI", "flask", version) is expected


def test_another_package_or_ecosystem_is_not_affected() -> None:
    found = record({"introduced": "0"})
    assert not records.affects(found, "PyPI", "django", "1.0")
    assert not records.affects(found, "npm", "flask", "1.0")


def test_fixed_versions_are_those_that_end_the_range_the_version_lies_in() -> None:
    events = ({"introduced": "0"}, {"fixed": "0.12.3"}, {"introduced": "1.0"}, {"fixed": "1.2"}, {"fixed": "1.10"})
    assert records.fixed([record(*events)], "PyPI", "flask", "0.5") == ("0.12.3",)
    assert records.fixed([record(*events)], "PyPI", "flask", "1.1") == ("1.2",)
    assert records.fixed([record(*events)], "PyPI", "flask", "2.0") == ()


V2 = {"type": "CVSS_V2", "score": "AV:N/AC:L/Au:N/C:C/I:C/A:C"}
V3 = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}
V3_LOW = {"type": "CVSS_V3", "score": "CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L"}
V4 = {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"}


@pytest.mark.parametrize(
    ("scores", "word", "severity", "score"),
    [
        ([V2], None, Severity.CRITICAL, 10.0),
        ([V3], None, Severity.HIGH, 7.5),
        ([V4], None, Severity.CRITICAL, 10.0),
        ([V3, V3_LOW], None, Severity.HIGH, 7.5),  # the highest of one version
        ([V2, V3], None, Severity.HIGH, 7.5),  # the newest version
        ([V3, V4], "LOW", Severity.CRITICAL, 10.0),  # a vector says more than a word
        ([], "MODERATE", Severity.MEDIUM, None),
        ([], "moderate", Severity.MEDIUM, None),
        ([], "unheard of", Severity.UNKNOWN, None),
        ([], None, Severity.UNKNOWN, None),
        ([{"type": "CVSS_V3", "score": "nonsense"}], "HIGH", Severity.HIGH, None),
        ([{"type": "CVSS_V5", "score": "CVSS:5.0/X"}], None, Severity.UNKNOWN, None),
    ],
)
def test_severity(scores: list[dict[str, str]], word: str | None, severity: Severity, score: float | None) -> None:
    found = records.grade([record(severity=scores, database_specific={"severity": word})])
    assert (found.severity, found.score) == (severity, score)


def test_severity_is_looked_for_in_every_record_of_the_alias_set() -> None:
    assert records.grade([record(), record(severity=[V3])]).score == 7.5


def test_weaknesses_are_united() -> None:
    one, other = (record(database_specific={"cwe_ids": ids}) for ids in (["CWE-79"], ["CWE-20", "NVD-CWE-noinfo"]))
    assert records.cwe([one, other]) == (20, 79)


@given(
    st.binary(max_size=60) | st.from_regex(rb'\{"id":"a","modified":"b"(,"[a-z]+":[0-9\[\]"{}a-z]+)?\}', fullmatch=True)
)
def test_nothing_but_a_value_error_leaves_the_parser(data: bytes) -> None:
    try:
        records.parse(data)
    except ValueError:
        return
