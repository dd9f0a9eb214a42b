"""Fingerprints stay the same when nothing of the result has changed, and differ when it is another result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devsecops import evidence
from devsecops.listing import Listing
from devsecops.model import FileLocation, PackageLocation, Result, Rule, Severity
from tests.factory import result, vulnerable

Annotate = Callable[..., list[Result]]
LINES = st.lists(st.sampled_from(["eval(x)", "eval(y)", "pass", "", "  eval(x)", "# comment"]), min_size=1, max_size=12)


@pytest.fixture
def annotate(tmp_path: Path) -> Annotate:
    """Annotate results in files with the given content."""

    def run(content: Mapping[str, str], *results: Result, **options: object) -> list[Result]:
        for path, text in content.items():
            (tmp_path / path).write_text(text, "utf-8")
        listing = Listing(tmp_path.resolve(), content)
        return list(evidence.annotated(results, listing, lambda _: "web", **options))  # type: ignore[arg-type]

    return run


def at(line: int, **fields: object) -> Result:
    return result(location=FileLocation(path="a.py", line=line), **fields)


SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SLOW
@given(lines=LINES, above=st.lists(st.sampled_from(["import os", "x = 1", ""]), max_size=4), data=st.data())
def test_lines_inserted_above_change_nothing(
    annotate: Annotate, lines: list[str], above: list[str], data: st.DataObject
) -> None:
    line = data.draw(st.integers(1, len(lines)).filter(lambda number: lines[number - 1].strip() != ""))
    (before,) = annotate({"a.py": "\n".join(lines)}, at(line))
    (after,) = annotate({"a.py": "\n".join([*above, *lines])}, at(line + len(above)))
    assert before.fingerprints == after.fingerprints


@SLOW
@given(lines=LINES)
def test_every_line_has_a_fingerprint_of_its_own_even_if_lines_are_equal(annotate: Annotate, lines: list[str]) -> None:
    found = annotate({"a.py": "\n".join(lines)}, *(at(number) for number in range(1, len(lines) + 1)))
    for kind in ("rule/", "weakness/"):
        prints = [one for result in found for one in result.fingerprints if one.startswith(kind)]
        assert len(set(prints)) == len(lines)


def test_the_version_of_a_tool_the_help_of_a_rule_and_the_message_do_not_count(annotate: Annotate) -> None:
    (one,) = annotate({"a.py": "eval(x)"}, at(1))
    (other,) = annotate(
        {"a.py": "eval(x)"},
        at(1, message="other", rule=Rule(id="B602", cwe=(78,), help="other"), severity=Severity.LOW),
    )
    assert one.fingerprints == other.fingerprints


def test_indentation_does_not_count(annotate: Annotate) -> None:
    (one,) = annotate({"a.py": "eval(x)"}, at(1))
    (other,) = annotate({"a.py": "    eval(x)"}, at(1))
    assert one.fingerprints == other.fingerprints


def test_scanners_that_see_the_same_weakness_on_a_line_share_a_fingerprint(annotate: Annotate) -> None:
    (one, other) = annotate(
        {"a.py": "os.system(x)"},
        at(1, scanner="bandit", rule=Rule(id="B605", cwe=(78,))),
        at(1, scanner="semgrep", rule=Rule(id="python-command-injection", cwe=(77,))),
    )
    assert set(one.fingerprints) & set(other.fingerprints)


def test_an_advisory_that_gains_an_alias_keeps_its_fingerprints(annotate: Annotate) -> None:
    (one,) = annotate({"a": ""}, vulnerable("flask", "PYSEC-1", "CVE-1"))
    (other,) = annotate({"a": ""}, vulnerable("flask", "PYSEC-1", "CVE-1", "GHSA-1"))
    assert set(one.fingerprints) < set(other.fingerprints)


def test_a_new_version_of_a_package_with_the_same_advisory_is_the_same_result(annotate: Annotate) -> None:
    def at_version(version: str) -> Result:
        location = PackageLocation(purl=f"pkg:pypi/flask@{version}", path="lock", line=1)
        (found,) = annotate({"lock": ""}, vulnerable(location=location))
        return found

    assert at_version("1.0").fingerprints == at_version("1.0.1").fingerprints


def test_a_secret_is_in_no_fingerprint_and_no_evidence(annotate: Annotate) -> None:
    def found(secret: str) -> Result:
        location = FileLocation(path="a.env", line=1, column=7, end_column=6 + len(secret))
        one = result(scanner="gitleaks", rule=Rule(id="token", cwe=(798,)), location=location)
        (annotated,) = annotate({"a.env": f"TOKEN={secret}\n"}, one, secrets=frozenset({"gitleaks"}))
        return annotated

    one, other = found("abcdefgh12345678"), found("zyxwvuts87654321")
    assert one.fingerprints == other.fingerprints
    assert one.evidence == other.evidence == "TOKEN=***"


def test_two_secrets_of_one_form_in_one_file_differ(annotate: Annotate) -> None:
    def secret(line: int) -> Result:
        location = FileLocation(path="a.env", line=line, column=7, end_column=12)
        return result(scanner="gitleaks", rule=Rule(id="token", cwe=(798,)), location=location)

    found = annotate({"a.env": "TOKEN=abcdef\nTOKEN=ghijkl\n"}, secret(1), secret(2), secrets=frozenset({"gitleaks"}))
    assert len({one.fingerprints for one in found}) == 2


def test_a_credential_found_by_any_scanner_is_masked_in_evidence_and_message(annotate: Annotate) -> None:
    (found,) = annotate(
        {"a.py": 'password = "hunter2-secret"'},
        at(1, rule=Rule(id="B105", cwe=(259,)), message="Possible hardcoded password: 'hunter2-secret'"),
    )
    assert "hunter2" not in found.evidence + found.message


def test_what_others_say_of_the_lines_of_a_secret_does_not_show_it(annotate: Annotate) -> None:
    lines = ["ENV A=1 \\", "    PASSWORD=planted", "RUN a", "ENV B=2"]
    first = FileLocation(path="a.py", line=1, end_line=2)
    secret = result(rule=Rule(id="DL3064", cwe=(798,)), scanner="hadolint", location=first)
    others = [result(rule=Rule(id="R"), location=location) for location in (first, FileLocation(path="a.py", line=4))]
    found = annotate({"a.py": "\n".join(lines)}, secret, *others)
    assert [one.evidence for one in found] == ["ENV A=*** PASSWORD=***", "ENV A=*** PASSWORD=***", "ENV B=2"]


def test_a_result_whose_file_cannot_be_read_is_kept_without_evidence(annotate: Annotate) -> None:
    (found,) = annotate({"b.py": ""}, at(3))
    assert found.evidence == ""
    assert found.fingerprints


def test_nothing_outside_the_root_is_read(annotate: Annotate, tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside.txt"
    outside.write_text("outside-secret")
    (tmp_path / "link.py").symlink_to(outside)
    found = annotate(
        {"b.py": ""},
        result(location=FileLocation(path="link.py", line=1)),
        result(location=FileLocation(path="../outside.txt", line=1)),
        result(location=FileLocation(path=str(outside), line=1)),
    )
    assert [one.evidence for one in found] == ["", "", ""]


def test_a_rule_without_owasp_category_gets_the_one_of_its_weakness(annotate: Annotate) -> None:
    (found,) = annotate({"a.py": "x"}, at(1, rule=Rule(id="r", cwe=(89,))))
    assert found.rule.owasp == ("A03:2021",)


@pytest.mark.parametrize(
    ("text", "silenced"),
    [("eval(x)  # nosec", True), ("eval(x)", False)],
)
def test_comments_silence_unless_the_run_is_untrusted(annotate: Annotate, text: str, *, silenced: bool) -> None:
    (found,) = annotate({"a.py": text}, at(1))
    assert bool(found.suppressions) is silenced
    (found,) = annotate({"a.py": text}, at(1), silence=False)
    assert not found.suppressions


def in_image(rule: str, shown: str, path: str = "example/app", line: int = 0) -> tuple[str, ...]:
    seen = Result(
        scanner="s",
        rule=Rule(id=rule, cwe=(798,)),
        severity=Severity.HIGH,
        message="m",
        location=FileLocation(path=path, line=line),
        evidence=shown,
    )
    (found,) = evidence.in_image([seen], "shop")
    assert found.service == "shop"
    return found.fingerprints


def test_a_secret_in_the_environment_of_an_image_is_the_same_for_every_scanner() -> None:
    ours = in_image("image-env-secret", "GITHUB_TOKEN=***")
    assert in_image("github-pat", '  "GITHUB_TOKEN=****************",') == ours
    assert in_image("github-pat", 'created_by": "ENV GITHUB_TOKEN=****"') == ours
    assert in_image("image-env-secret", "OTHER_TOKEN=***") != ours
    assert in_image("image-env-secret", "GITHUB_TOKEN=***", path="example/other") != ours
    assert in_image("github-pat", "GITHUB_TOKEN=***", path="example/app/app/.env", line=1) != ours
