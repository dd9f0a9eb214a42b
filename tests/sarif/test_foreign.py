"""SARIF of any tool as an outcome: levels, rules, messages, places, endings."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from devsecops import fingerprint, weakness
from devsecops.errors import ReportError
from devsecops.model import (
    Baseline,
    Confidence,
    Execution,
    FileLocation,
    HttpLocation,
    Kind,
    Outcome,
    PackageLocation,
    Result,
    Severity,
    State,
    Status,
)
from devsecops.sarif import from_sarif, located, to_sarif

Json = dict[str, Any]


def log(*runs: Json) -> bytes:
    return json.dumps({"version": "2.1.0", "runs": list(runs)}).encode()


def run(*results: Json, rules: list[Json] | None = None, name: str = "scanner", **fields: Any) -> Json:
    driver = {"name": name, "rules": rules or []}
    return {"tool": {"driver": driver}, "results": list(results), **fields}


def result(**fields: Any) -> Json:
    return {"ruleId": "R", "message": {"text": "said"}, **fields}


def place(uri: str, line: int = 0, **fields: Any) -> list[Json]:
    region = {"region": {"startLine": line}} if line else {}
    return [{"physicalLocation": {"artifactLocation": {"uri": uri, **fields}, **region}}]


def read(*results: Json, **fields: Any) -> tuple[Result, ...]:
    return from_sarif(log(run(*results, **fields)), groups=weakness.groups).results


def only(result: Json, rule: Json | None = None, **fields: Any) -> Result:
    (found,) = read(result, rules=[{"id": "R"} | (rule or {})], **fields)
    return found


def execution(**fields: Any) -> Execution:
    (found,) = from_sarif(log(run(**fields))).executions
    return found


def override(level: str, index: int = 0) -> Json:
    return {
        "invocations": [
            {
                "executionSuccessful": True,
                "ruleConfigurationOverrides": [{"descriptor": {"index": index}, "configuration": {"level": level}}],
            }
        ]
    }


ERROR = {"defaultConfiguration": {"level": "error"}}


@pytest.mark.parametrize(
    ("fields", "rule", "of_run", "severity"),
    [
        ({}, {}, {}, Severity.MEDIUM),
        ({"level": "error"}, {}, {}, Severity.HIGH),
        ({"level": "note"}, ERROR, {}, Severity.LOW),
        ({"level": "none"}, ERROR, {}, Severity.INFO),
        ({}, ERROR, {}, Severity.HIGH),
        ({}, ERROR, override("note"), Severity.LOW),
        ({"level": "warning"}, ERROR, override("note"), Severity.MEDIUM),
        ({}, ERROR, override("note", 7), Severity.HIGH),
        ({"kind": "review"}, ERROR, {}, Severity.INFO),
        ({"kind": "open", "level": "error"}, {}, {}, Severity.HIGH),
        ({"kind": "informational", "level": "error"}, ERROR, {}, Severity.INFO),
        ({"kind": "invented"}, ERROR, {}, Severity.HIGH),
        ({"level": "critical"}, {}, {}, Severity.CRITICAL),
        ({"level": "Moderate"}, {}, {}, Severity.MEDIUM),
        ({"level": "terrible"}, {}, {}, Severity.UNKNOWN),
        ({"level": 7}, ERROR, {}, Severity.HIGH),
        ({"rank": 95.0}, {}, {}, Severity.MEDIUM),
        ({"level": "note"}, {"properties": {"security-severity": "9.8"}}, {}, Severity.CRITICAL),
        ({"level": "error"}, {"properties": {"security-severity": 4.0}}, {}, Severity.MEDIUM),
        ({"level": "error"}, {"properties": {"security-severity": "0.0"}}, {}, Severity.HIGH),
        ({"level": "none"}, {"properties": {"security-severity": "0.0"}}, {}, Severity.INFO),
        ({}, {"properties": {"security-severity": "0.0", "tags": ["UNKNOWN"]}}, {}, Severity.UNKNOWN),
        ({"level": "error"}, {"properties": {"security-severity": "77"}}, {}, Severity.HIGH),
        ({"level": "error"}, {"properties": {"security-severity": "NaN"}}, {}, Severity.HIGH),
        ({"level": "error"}, {"properties": {"security-severity": "high"}}, {}, Severity.HIGH),
        ({}, {"properties": {"problem.severity": "recommendation"}}, {}, Severity.LOW),
        ({"level": "note", "properties": {"severity": "critical"}}, {}, {}, Severity.CRITICAL),
        ({"level": "note", "properties": {"severity": "extreme"}}, {}, {}, Severity.LOW),
        ({"level": "error"}, {"properties": {"tags": ["vulnerability", "CRITICAL"]}}, {}, Severity.CRITICAL),
    ],
)
def test_severity_is_the_score_else_a_known_word_else_the_effective_level(
    fields: Json, rule: Json, of_run: Json, severity: Severity
) -> None:
    assert only(result(ruleIndex=0, **fields), rule, **of_run).severity is severity


def test_a_secret_whose_severity_nobody_has_said_is_unknown_and_so_counts_as_high() -> None:
    assert only(result(), name="gitleaks").severity is Severity.UNKNOWN
    assert only(result(level="note"), name="gitleaks").severity is Severity.LOW


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"ruleId": "B", "ruleIndex": 1}, "second"),
        ({"ruleId": "B", "ruleIndex": 0}, "second"),
        ({"ruleId": "B", "ruleIndex": 99}, "second"),
        ({"ruleId": "B"}, "second"),
        ({"ruleIndex": 1}, "second"),
        ({"rule": {"index": 1}}, "second"),
        ({"rule": {"id": "B"}}, "second"),
        ({"rule": {"guid": "7a77fa41-8f2c-4f5d-9a5a-7d9d1f5c6d1e"}}, "second"),
        ({"rule": {"index": 0, "toolComponent": {"index": 0}}}, "extended"),
        ({"rule": {"index": 0, "toolComponent": {"name": "more"}}}, "extended"),
        ({"ruleId": "E"}, "extended"),
        ({"ruleId": "A/part/piece"}, "first"),
        ({"ruleId": "C/part"}, "below"),
        ({"ruleId": "unheard of"}, ""),
        ({"rule": {"index": 0, "toolComponent": {"index": 5}}}, ""),
        ({}, ""),
    ],
)
def test_a_rule_is_found_wherever_the_tool_keeps_it(fields: Json, name: str) -> None:
    rules = [
        {"id": "A", "shortDescription": {"text": "first"}},
        {"id": "B", "shortDescription": {"text": "second"}, "guid": "7a77fa41-8f2c-4f5d-9a5a-7d9d1f5c6d1e"},
        {"id": "C", "shortDescription": {"text": "above"}, "help": {"text": "inherited"}},
        {"id": "C/part", "shortDescription": {"text": "below"}},
    ]
    extension = {"name": "more", "rules": [{"id": "E", "shortDescription": {"text": "extended"}}]}
    one = run({"message": {"text": "said"}, **fields}, rules=rules)
    one["tool"]["extensions"] = [extension]
    (found,) = from_sarif(log(one)).results
    assert found.rule.name == name
    assert found.rule.id == fields.get("ruleId", found.rule.id) != ""
    assert found.rule.help == ("inherited" if name == "below" else "")


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "plain {0}"}, "plain {0}"),
        ({"text": "got {0} and {1}", "arguments": ["a", "b"]}, "got a and b"),
        ({"text": "{{{0}}}", "arguments": ["a"]}, "{a}"),
        ({"text": "{5} is missing", "arguments": ["a"]}, "{5} is missing"),
        ({"id": "default", "arguments": ["x"]}, "the x of the rule"),
        ({"id": "global"}, "of the tool"),
        ({"markdown": "**bold**"}, "**bold**"),
        ({"text": "see [the place](1)"}, "see the place"),
        ({}, "what the rule is about"),
        (None, "what the rule is about"),
    ],
)
def test_messages_are_looked_up_and_filled_in(message: object, text: str) -> None:
    rule = {
        "id": "R",
        "fullDescription": {"text": "what the rule is about"},
        "messageStrings": {"default": {"text": "the {0} of the rule"}},
    }
    one = run({"ruleId": "R", "message": message}, rules=[rule])
    one["tool"]["driver"]["globalMessageStrings"] = {"global": {"text": "of the tool"}}
    assert from_sarif(log(one)).results[0].message == text


def test_a_message_cannot_be_made_to_fill_the_memory() -> None:
    message = {"text": "{0}" * 1_000_000, "arguments": ["x" * 1_000_000]}
    assert len(only(result(message=message)).message) <= 1000


@pytest.mark.parametrize(
    "value",
    [
        b"1" * 5000,
        b"1e999",
        b"NaN",
        b"-Infinity",
        b'"\\ud800"',
        b"[" * 900 + b"]" * 900,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b"\xff\xfe",
        b'"a", "a": "b"',
    ],
)
@pytest.mark.parametrize("key", ["level", "ruleIndex", "rank", "message", "properties", "locations", "fingerprints"])
def test_values_that_no_parser_likes_are_read_or_refused(key: str, value: bytes) -> None:
    text = log(run(result(**{key: "HERE"}), result(ruleId="other"))).replace(b'"HERE"', value)
    found: tuple[Result, ...] | None = None
    with suppress(ReportError):
        found = from_sarif(text).results
    if found is not None:
        assert len(found) == 2
        assert list(to_sarif(Outcome(results=found)))


@pytest.mark.parametrize("deep", [b"[" * 200_000, b'{"version":"2.1.0","runs":' + b"[" * 200_000])
def test_deep_nesting_is_refused(deep: bytes) -> None:
    with pytest.raises(ReportError):
        from_sarif(deep)


BASES: Json = {
    "originalUriBaseIds": {
        "SRCROOT": {"uri": "file:///build/shop/"},
        "LIB": {"uri": "lib/", "uriBaseId": "SRCROOT"},
        "OUT": {"uri": "file:///tmp/out/"},
        "SITE": {"uri": "https://example.com/app/"},
        "A": {"uri": "a/", "uriBaseId": "B"},
        "B": {"uri": "b/", "uriBaseId": "A"},
    },
    "artifacts": [{"location": {"uri": "listed.py", "uriBaseId": "%SRCROOT%"}}],
}


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ({"uri": "a.py"}, "a.py"),
        ({"uri": "./a/../b//c.py"}, "b/c.py"),
        ({"uri": "../../etc/passwd"}, "../../etc/passwd"),
        ({"uri": "%2e%2e/%2e%2e/etc"}, "../../etc"),
        ({"uri": "src\\win\\a.cs"}, "src/win/a.cs"),
        ({"uri": "with%20space.py"}, "with space.py"),
        ({"uri": "odd%FFbyte.py"}, "odd%FFbyte.py"),
        ({"uri": "%E2%82%AC.py"}, "€.py"),
        ({"uri": "a.py", "uriBaseId": "%SRCROOT%"}, "a.py"),
        ({"uri": "/a.py", "uriBaseId": "SRCROOT"}, "a.py"),
        ({"uri": "a.py", "uriBaseId": "LIB"}, "lib/a.py"),
        ({"uri": "a.py", "uriBaseId": "OUT"}, "/tmp/out/a.py"),
        ({"uri": "file:///build/shop/a.py"}, "a.py"),
        ({"uri": "file:///build/workshop/a.py"}, "/build/workshop/a.py"),
        ({"uri": "file:////build/shop/a.py"}, "a.py"),
        ({"uri": "file:/build/shop/a.py"}, "a.py"),
        ({"uri": "file://localhost/build/shop/a.py"}, "a.py"),
        ({"uri": "/build/shop/./a.py"}, "/build/shop/a.py"),
        ({"uri": "file:///C:/x/a.cs"}, "C:/x/a.cs"),
        ({"uri": "C:\\x\\a.cs"}, "C:/x/a.cs"),
        ({"uri": "file://server/share/a.cs"}, "//server/share/a.cs"),
        ({"uri": "alpine:3.12"}, "alpine:3.12"),
        ({"uri": "host://10.0.0.1"}, "host://10.0.0.1"),
        ({"index": 0}, "listed.py"),
        ({"index": 9}, ""),
        ({}, ""),
        ({"uri": 7}, ""),
    ],
)
def test_paths_are_resolved_and_never_invented(uri: Json, path: str) -> None:
    found = only(result(locations=[{"physicalLocation": {"artifactLocation": uri}}]), **BASES)
    expected = path if path != "/build/shop/a.py" else "a.py"
    assert found.location == FileLocation(path=expected)


def test_base_ids_that_go_in_a_circle_end() -> None:
    found = only(result(locations=place("a.py", uriBaseId="A")), **BASES)
    assert isinstance(found.location, FileLocation)
    assert found.location.path.endswith("/a.py")


def test_a_path_below_the_working_folder_is_relative_to_it() -> None:
    where: Json = {"invocations": [{"executionSuccessful": True, "workingDirectory": {"uri": "file:///home/me/repo"}}]}
    found = only(result(locations=place("file:///home/me/repo/a.py")), **where)
    assert found.location == FileLocation(path="a.py")


@pytest.mark.parametrize(
    ("region", "location"),
    [
        ({"startLine": 3}, FileLocation(path="a", line=3)),
        ({"startLine": 3, "endLine": 3}, FileLocation(path="a", line=3)),
        (
            {"startLine": 3, "startColumn": 2, "endLine": 5, "endColumn": 1},
            FileLocation(path="a", line=3, column=2, end_line=5, end_column=1),
        ),
        ({"startLine": 3, "startColumn": 2, "endColumn": 0}, FileLocation(path="a", line=3, column=2)),
        ({"startLine": 3, "endLine": 1}, FileLocation(path="a", line=3)),
        ({"startLine": -1, "endLine": 5}, FileLocation(path="a")),
        ({"startLine": 10**40}, FileLocation(path="a")),
        ({"startLine": "3"}, FileLocation(path="a")),
        ({"startLine": 3.0}, FileLocation(path="a", line=3)),
        ({"charOffset": 7}, FileLocation(path="a")),
        ("wrong", FileLocation(path="a")),
    ],
)
def test_regions_are_repaired(region: object, location: FileLocation) -> None:
    where = [{"physicalLocation": {"artifactLocation": {"uri": "a"}, "region": region}}]
    assert only(result(locations=where)).location == location


def test_requests_and_packages_are_places_too() -> None:
    assert only(result(locations=place("http://x.example/a?b=1"))).location == HttpLocation(
        url="http://x.example/a?b=1"
    )
    request = {"target": "https://x.example/a", "method": "post"}
    assert only(result(webRequest=request)).location == HttpLocation(url="https://x.example/a", method="POST")
    assert only(result(webRequest={"index": 0}), webRequests=[request]).location == HttpLocation(
        url="https://x.example/a", method="POST"
    )
    assert only(result(locations=place("login", uriBaseId="SITE")), **BASES).location == HttpLocation(
        url="https://example.com/app/login"
    )
    package = PackageLocation(purl="pkg:npm/lodash@4.17.4", path="web/package-lock.json", line=7)
    logical = [{"fullyQualifiedName": package.purl, "kind": "package"}]
    where = place("web/package-lock.json", 7)
    assert only(result(locations=[where[0] | {"logicalLocations": logical}])).location == package
    assert only(result(locations=where, properties={"purl": package.purl})).location == package
    assert only(result(locations=where), {"properties": {"purls": [package.purl]}}).location == package


@pytest.mark.parametrize(
    ("rule", "fields", "cwe"),
    [
        ({"properties": {"tags": ["external/cwe/cwe-079"]}}, {}, (79,)),
        ({"properties": {"tags": ["CWE-95: Eval Injection", "cwe:94"]}}, {}, (95, 94)),
        ({"properties": {"cwe": ["CWE-79"]}}, {}, (79,)),
        ({"properties": {"cwe": 89}}, {}, (89,)),
        ({}, {"properties": {"cwe": "CWE-327: Use of a Broken or Risky Cryptographic Algorithm"}}, (327,)),
        ({}, {"properties": {"cwe": "327"}}, (327,)),
        ({"helpUri": "https://cwe.mitre.org/data/definitions/798.html"}, {}, (798,)),
        ({"relationships": [{"target": {"id": "22", "toolComponent": {"name": "CWE"}}}]}, {}, (22,)),
        ({"relationships": [{"target": {"id": "RA-5", "toolComponent": {"name": "NIST"}}}]}, {}, ()),
        ({}, {"taxa": [{"index": 1, "toolComponent": {"index": 0}}]}, (601,)),
        ({}, {"taxa": [{"id": "CWE-601", "toolComponent": {"name": "CWE"}}]}, (601,)),
        ({"properties": {"tags": ["external/cwe/cwe-0", "not-a-cwe", 7, None]}}, {}, ()),
    ],
)
def test_weaknesses_are_found_in_tags_taxa_and_relationships(rule: Json, fields: Json, cwe: tuple[int, ...]) -> None:
    taxonomies = [{"name": "CWE", "taxa": [{"id": "79"}, {"id": "601"}]}]
    assert only(result(**fields), rule, taxonomies=taxonomies).rule.cwe == cwe


def test_owasp_categories_of_2021_are_taken_and_those_of_other_years_are_not() -> None:
    tags = ["OWASP-A03:2021 - Injection", "owasp/A01:2021", "OWASP-A1:2017-Injection"]
    assert only(result(), {"properties": {"tags": tags}}).rule.owasp == ("A01:2021", "A03:2021")


def test_confidence_and_score() -> None:
    assert only(result(properties={"issue_confidence": "MEDIUM"})).confidence is Confidence.MEDIUM
    assert only(result(), {"properties": {"precision": "very-high"}}).confidence is Confidence.HIGH
    assert only(result(), {"properties": {"security-severity": "7.5"}}).score is None
    rated = {"id": "CVE-2020-1111", "properties": {"security-severity": "7.5"}}
    assert only(result(ruleId="CVE-2020-1111"), rated).score == 7.5


def test_what_is_no_finding_is_counted_and_said() -> None:
    one = run(
        result(kind="pass"),
        result(kind="notApplicable"),
        result(baselineState="absent"),
        result(baselineState="unchanged"),
        result(),
    )
    outcome = from_sarif(log(one))
    assert [found.baseline for found in outcome.results] == [Baseline.UNCHANGED, Baseline.NEW]
    texts = [message.text for message in outcome.executions[0].messages]
    assert "2 results of kind pass or notApplicable: no findings" in texts
    assert "1 result absent since the baseline: no findings any more" in texts


def test_results_in_other_files_are_not_taken_for_none() -> None:
    elsewhere = {"results": [{"location": {"uri": "results.sarif-external-properties"}}]}
    found = from_sarif(log(run(externalPropertyFileReferences=elsewhere))).executions[0]
    assert found.status is Status.FAILED
    assert "other files" in found.messages[0].text


@pytest.mark.parametrize(
    ("suppression", "state"),
    [
        ({"kind": "inSource"}, State.SUPPRESSED),
        ({"kind": "external", "status": "accepted", "justification": "why"}, State.WAIVED),
        ({"kind": "external", "status": "underReview"}, State.NEW),
        ({"kind": "external", "status": "rejected"}, State.NEW),
        ({"kind": "external", "status": ["accepted"]}, State.NEW),
        ({"kind": "made up"}, State.NEW),
        ({"kind": ["inSource"]}, State.NEW),
        ({}, State.NEW),
    ],
)
def test_suppressions_count_where_they_are_in_force(suppression: Json, state: State) -> None:
    assert only(result(suppressions=[suppression])).state is state


NOTIFIED = {"executionSuccessful": True, "toolExecutionNotifications": [{"level": "error", "message": {"text": "no"}}]}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, Status.COMPLETE),
        ({"results": None}, Status.FAILED),
        ({"results": {}}, Status.FAILED),
        ({"invocations": [{"executionSuccessful": True, "exitCode": 1}]}, Status.COMPLETE),
        ({"invocations": [{"executionSuccessful": True}, {"executionSuccessful": False}]}, Status.FAILED),
        ({"invocations": [{"exitCode": 2}]}, Status.FAILED),
        ({"invocations": [{"executionSuccessful": True, "exitSignalName": "SIGSEGV"}]}, Status.FAILED),
        ({"invocations": [NOTIFIED]}, Status.PARTIAL),
        (
            {
                "invocations": [
                    {"executionSuccessful": True, "toolConfigurationNotifications": [{"level": "error", "message": {}}]}
                ]
            },
            Status.PARTIAL,
        ),
        ({"invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [{}]}]}, Status.COMPLETE),
        ({"results": [None]}, Status.PARTIAL),
    ],
)
def test_a_tool_that_says_that_it_failed_has_failed(fields: Json, status: Status) -> None:
    found = execution(**fields)
    assert found.status is status
    unknown = [message for message in found.messages if message.id == "coverage-unknown"]
    assert bool(unknown) is (status is Status.COMPLETE)
    if status is Status.FAILED:
        assert found.messages[0].level == "error"


def test_a_run_without_results_says_so() -> None:
    one = run()
    del one["results"]
    (found,) = from_sarif(log(one)).executions
    assert found.status is Status.FAILED
    assert "the tool" not in found.messages[0].text
    assert found.messages[0].text == "scanner wrote no results: the scan failed"


def test_a_log_without_runs_proves_nothing() -> None:
    assert from_sarif(log()).notes[0].level == "error"
    assert from_sarif(b"".join(to_sarif(Outcome()))).notes == ()


@pytest.mark.parametrize(
    ("name", "results", "rules", "kind"),
    [
        ("gitleaks", [], [], Kind.SECRETS),
        ("OWASP Dependency-Check", [], [], Kind.DEPENDENCIES),
        ("Grype", [], [], Kind.IMAGE),
        ("Checkov", [], [], Kind.IAC),
        ("ZAP", [], [], Kind.DAST),
        ("zizmor", [], [], Kind.CI),
        ("spectral", [], [], Kind.API),
        ("unheard of", [], [], Kind.SAST),
        ("unheard of", [result(locations=place("http://x.example/"))], [], Kind.DAST),
        ("unheard of", [result(ruleId="CVE-2020-1111")], [{"id": "CVE-2020-1111"}], Kind.DEPENDENCIES),
    ],
)
def test_the_kind_is_guessed(name: str, results: list[Json], rules: list[Json], kind: Kind) -> None:
    assert from_sarif(log(run(*results, rules=rules, name=name))).executions[0].kind is kind


def test_a_secret_stands_in_no_field_of_its_result() -> None:
    secret = "correct-horse-battery"
    where = place("a.env", 3)
    where[0]["physicalLocation"]["region"]["snippet"] = {"text": secret}
    found = only(result(message={"text": f"found {secret}"}, locations=where), name="gitleaks")
    assert secret not in repr(found)
    assert found.fingerprints == (fingerprint.of_secret("R", "a.env", "", 0),)


def test_fingerprints_are_those_of_a_scan_where_the_line_is_known() -> None:
    text = "    eval(x)"
    where = [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "a.py"},
                "region": {"startLine": 2, "startColumn": 5, "snippet": {"text": "eval(x)"}},
                "contextRegion": {"startLine": 1, "snippet": {"text": f"import os\n{text}\n"}},
            }
        }
    ]
    found = only(result(locations=where), {"properties": {"tags": ["external/cwe/cwe-095"]}})
    assert found.fingerprints == (
        fingerprint.of_rule("R", "a.py", text, 0),
        fingerprint.of_weakness("code-injection", "a.py", text, 0),
    )


def test_tools_that_see_one_line_share_a_fingerprint_and_equal_lines_are_told_apart() -> None:
    def seen(line: int) -> Json:
        where = place("a.py", line)
        where[0]["physicalLocation"]["region"]["snippet"] = {"text": "eval(x)"}
        return result(locations=where)

    rule = [{"id": "R", "properties": {"tags": ["CWE-95"]}}]
    one, two = run(seen(4), seen(9), rules=rule, name="one"), run(seen(9), rules=rule, name="two")
    first, second, third = from_sarif(log(one, two), groups=weakness.groups).results
    assert second.fingerprints == third.fingerprints
    assert not set(first.fingerprints) & set(second.fingerprints)


def test_fingerprints_of_other_tools_are_not_believed() -> None:
    results = [result(fingerprints={"matchBasedId/v1": "requires login"}, locations=place(name)) for name in "ab"]
    first, second = read(*results)
    assert not set(first.fingerprints) & set(second.fingerprints)


def test_results_are_located_in_the_log_they_come_from() -> None:
    value = json.loads(log(run(result(kind="pass"), result(locations=place("b"))), run(result(locations=place("c")))))
    found = [(at, index, one.location) for at, index, one in located(value)]
    assert found == [(0, 1, FileLocation(path="b")), (1, 0, FileLocation(path="c"))]
    assert [one for _, _, one in located(value)] == list(from_sarif(json.dumps(value).encode()).results)


def test_runs_of_ours_and_of_others_stand_in_one_log() -> None:
    own = Outcome(results=(only(result(level="error")),), executions=(execution(),))
    value = json.loads(b"".join(to_sarif(own)))
    value["runs"].append(run(result(level="note"), name="other"))
    found = from_sarif(json.dumps(value).encode())
    assert found.results[0] == own.results[0]
    assert found.executions[0] == own.executions[0]
    assert found.results[1].scanner == "other"


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0", "2.0.0-csd.2.beta.2018-10-10", "2.2"])
def test_other_versions_are_refused_by_name(version: str) -> None:
    with pytest.raises(ReportError, match=f"SARIF {version}"):
        from_sarif(json.dumps({"version": version, "runs": []}).encode())
