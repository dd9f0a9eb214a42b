"""What the scanned repository's own configuration may do, and what it may not."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devsecops.config import Config, Raw, decode
from devsecops.errors import UsageError
from devsecops.model import Kind
from devsecops.settings import settle
from devsecops.trust import CLASSES, KeyClass, Refusal, Trust, allows, detect, sifted

GITHUB = {"GITHUB_ACTIONS": "true", "CI": "true"}
GITLAB = {"GITLAB_CI": "true", "CI": "true"}
PLAIN, LOOSENING, EXECUTING = KeyClass.PLAIN, KeyClass.LOOSENING, KeyClass.EXECUTING


@pytest.mark.parametrize(
    ("env", "trust", "why"),
    [
        ({}, "local", "local run"),
        ({"CI": ""}, "local", "local run"),
        ({"CI": "false"}, "local", "local run"),
        ({"CI": "0"}, "local", "local run"),
        ({"CI": "true"}, "untrusted", "a CI system that does not say whether the branch is protected"),
        ({"CI": "True"}, "untrusted", "a CI system that does not say whether the branch is protected"),
        ({"CI": "1"}, "untrusted", "a CI system that does not say whether the branch is protected"),
        (GITHUB, "untrusted", "branch without protection on GitHub"),
        (GITHUB | {"GITHUB_EVENT_NAME": "push"}, "untrusted", "branch without protection on GitHub"),
        (
            GITHUB | {"GITHUB_EVENT_NAME": "push", "GITHUB_REF_PROTECTED": "false"},
            "untrusted",
            "branch without protection on GitHub",
        ),
        (
            GITHUB | {"GITHUB_EVENT_NAME": "push", "GITHUB_REF_PROTECTED": "true"},
            "trusted",
            "protected branch on GitHub",
        ),
        (
            GITHUB | {"GITHUB_EVENT_NAME": "schedule", "GITHUB_REF_PROTECTED": "true"},
            "trusted",
            "protected branch on GitHub",
        ),
        (GITLAB, "untrusted", "branch without protection on GitLab"),
        (GITLAB | {"CI_COMMIT_REF_PROTECTED": "false"}, "untrusted", "branch without protection on GitLab"),
        (GITLAB | {"CI_COMMIT_REF_PROTECTED": "true"}, "trusted", "protected branch on GitLab"),
        (
            GITLAB | {"CI_COMMIT_REF_PROTECTED": "true", "CI_MERGE_REQUEST_IID": "7"},
            "untrusted",
            "GitLab merge request",
        ),
    ],
)
def test_the_ci_system_says_how_far_to_trust(env: dict[str, str], trust: str, why: str) -> None:
    assert detect(env) == (Trust(trust), why)


@pytest.mark.parametrize(
    "event",
    [
        "pull_request",
        "pull_request_target",
        "pull_request_review",
        "pull_request_review_comment",
        "merge_group",
        "issue_comment",
        "workflow_run",
    ],
)
def test_foreign_events_on_github_are_not_trusted_even_on_protected_branches(event: str) -> None:
    env = GITHUB | {"GITHUB_EVENT_NAME": event, "GITHUB_REF_PROTECTED": "true"}
    assert detect(env) == (Trust.UNTRUSTED, f"GitHub event {event}")


@pytest.mark.parametrize(
    "env",
    [
        {"CI": "woodpecker"},
        {"CI": "yes"},
        {"TF_BUILD": "True"},
        {"JENKINS_URL": "https://jenkins.example"},
        {"TEAMCITY_VERSION": "2026.1"},
    ],
    ids=str,
)
def test_no_other_ci_system_is_taken_for_a_developer(env: dict[str, str]) -> None:
    assert detect(env)[0] is Trust.UNTRUSTED


@pytest.mark.parametrize(
    ("trust", "allowed"),
    [("untrusted", {PLAIN}), ("local", {PLAIN, LOOSENING}), ("trusted", {PLAIN, LOOSENING, EXECUTING})],
)
def test_each_trust_takes_some_classes_of_keys(trust: str, allowed: set[KeyClass]) -> None:
    assert {one for one in KeyClass if allows(Trust(trust), one)} == allowed


def keys(table: type[msgspec.Struct], prefix: str = "") -> Iterator[str]:
    """The dotted names of all keys, as a file spells them; tables of a class of their own are descended into."""
    for name, hint in zip(table.__struct_encode_fields__, typing.get_type_hints(table).values(), strict=True):
        key = f"{prefix}{name}"
        inner = [one for one in (hint, *typing.get_args(hint)) if isinstance(one, type)]
        structs = [one for one in inner if issubclass(one, msgspec.Struct)]
        if structs and key not in CLASSES:
            yield from keys(structs[0], f"{key}.")
        elif key != "scanner":
            yield key


def test_every_key_of_the_configuration_has_a_class() -> None:
    assert set(keys(Config)) == {key for key in CLASSES if not key.startswith("scanner.")}


def nested(key: str, value: object) -> Raw:
    """Tables in which a dotted key has a value."""
    name, _, rest = key.partition(".")
    inner = nested(rest, value) if rest else value
    return {name: [inner] if name == "service" else inner}


VALUES: dict[str, object] = {
    "scan.exclude": ["tests/**"],
    "scan.kinds": ["sast"],
    "scan.only": ["bandit"],
    "scan.skip": ["bandit"],
    "scan.services": ["web"],
    "policy.fail-on": "none",
    "policy.allow-incomplete": True,
    "coverage.accept": [{"path": "a", "reason": "b"}],
    "advisories.folder": "advisories",
    "service.url": "https://example.com",
    "scanner.bandit.path": "./bandit",
    "scanner.bandit.unknown": "x",
    "scanners.folders": ["scanners"],
    "advisories.service": "https://example.com",
    "scan.vendored": True,
    "scan.scanners": ["bandit"],
    "scan.require": ["sast"],
    "scan.timeout": "5m",
    "scan.jobs": 2,
    "scan.offline": True,
    "service.folder": "web",
    "scanner.semgrep.timeout": "5m",
    "scanner.semgrep.rules": ["rules"],
}


@pytest.mark.parametrize("key", VALUES)
def test_a_key_is_taken_or_refused_by_its_class(key: str) -> None:
    raw = nested(key, VALUES[key])
    found = LOOSENING if key == "policy.fail-on" else CLASSES.get(key.replace("semgrep", "*"), EXECUTING)
    for trust in Trust:
        kept, refused = sifted(raw, trust)
        if allows(trust, found):
            assert (kept, refused) == (raw, [])
        else:
            assert refused == [Refusal(key=key, key_class=found)]
            assert key.rpartition(".")[2] not in str(kept)


@pytest.mark.parametrize("severity", ["critical", "none", "nothing", "", 5, True, 1.5])
def test_a_looser_threshold_is_loosening(severity: object) -> None:
    refused = [Refusal(key="policy.fail-on", key_class=LOOSENING)]
    assert sifted({"policy": {"fail-on": severity}}, Trust.UNTRUSTED) == ({"policy": {}}, refused)


@pytest.mark.parametrize("severity", ["high", "medium", "low", "info"])
def test_a_stricter_threshold_is_plain(severity: str) -> None:
    raw = {"policy": {"fail-on": severity}}
    assert sifted(raw, Trust.UNTRUSTED) == (raw, [])


@pytest.mark.parametrize("severity", [["high"], [], [{"a": 1}], {"a": "high"}, {}])
@pytest.mark.parametrize("trust", Trust)
def test_a_threshold_of_an_odd_type_ends_in_a_usage_error(trust: Trust, severity: object) -> None:
    kept, refused = sifted({"policy": {"fail-on": severity}}, trust)
    if not refused:
        with pytest.raises(UsageError):
            decode(kept, "file")


def test_tables_of_a_list_lose_the_refused_key_each() -> None:
    raw = {"service": [{"name": "a", "url": "https://a"}, {"name": "b"}, {"name": "c", "url": "https://c"}]}
    kept, refused = sifted(raw, Trust.LOCAL)
    assert kept == {"service": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}
    assert {refusal.key for refusal in refused} == {"service.url"}


def test_refusals_are_sorted_and_what_is_given_stays_as_it_is() -> None:
    raw = {"scan": {"skip": ["a"], "exclude": ["b"]}, "advisories": {"service": "https://a"}}
    kept, refused = sifted(raw, Trust.UNTRUSTED)
    assert [refusal.key for refusal in refused] == ["advisories.service", "scan.exclude", "scan.skip"]
    assert kept == {"scan": {}, "advisories": {}}
    assert raw["scan"] == {"skip": ["a"], "exclude": ["b"]}


def test_an_unknown_key_is_kept_so_that_reading_the_file_complains() -> None:
    raw: Raw = {"scan": {"exclud": ["a"]}}
    assert sifted(raw, Trust.UNTRUSTED) == (raw, [])
    with pytest.raises(UsageError, match=r"unknown key 'scan\.exclud'"):
        decode(raw, "file")


@pytest.mark.parametrize("key", ["", "scan.", "scanner.bandit."])
def test_deep_tables_end_in_a_usage_error(tmp_path: Path, key: str) -> None:
    (tmp_path / "devsecops.toml").write_text(f"{key}{'.'.join('a' * 90)} = 1")
    with pytest.raises(UsageError, match="nested more than"):
        settle(tmp_path, "untrusted", {})


NAMES = st.sampled_from(
    [
        *sorted({part for key in [*CLASSES, "scanner.bandit.path"] for part in key.split(".")}),
        "",
        ".",
        "scan.exclude",
        "service.url",
        "bandit.timeout",
        "x.rules",
        "*",
        "path",
        "url ",
        "fail_on",
    ]
)
LEAVES = st.sampled_from(["none", "high", "x", ["a"], [], 1, True, [{"path": "a", "reason": "b"}], "https://a", {}])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.dictionaries(NAMES, inner, max_size=3) | st.lists(inner, max_size=3),
    max_leaves=12,
)


def says(config: Config) -> set[str]:
    """The keys by which a configuration differs from the default."""
    found: set[str] = set()
    for name, table in msgspec.to_builtins(config).items():
        for one in table if isinstance(table, list) else [table]:
            found |= {f"{name}.{key}" for key in one}
    return found


@given(st.dictionaries(NAMES, TREES, max_size=4), st.sampled_from(Trust))
@example({"service": {"url": "https://a"}}, Trust.UNTRUSTED)
@example({"service": [[{"url": "https://a"}]]}, Trust.UNTRUSTED)
@example({"service": [{"name": "a", "url": "https://a"}, 1]}, Trust.UNTRUSTED)
@example({"scanner": [{"bandit": {"path": "a"}}]}, Trust.UNTRUSTED)
@example({"scanner": {"": {"path": "a"}}}, Trust.UNTRUSTED)
@example({"scanner": {"a.b": {"path": "a"}}}, Trust.UNTRUSTED)
@example({"scanner": {"bandit": {"path.timeout": "a"}}}, Trust.UNTRUSTED)
@example({"scan.exclude": ["a"]}, Trust.UNTRUSTED)
@example({"scan": [{"exclude": ["a"]}]}, Trust.UNTRUSTED)
@example({"": {"scan": {"exclude": ["a"]}}}, Trust.UNTRUSTED)
@example({"coverage": {"accept": [{"path": "a", "reason": "b"}]}}, Trust.UNTRUSTED)
def test_whatever_the_nesting_nothing_refused_comes_into_force(raw: Raw, trust: Trust) -> None:
    try:
        kept, refused = sifted(raw, trust)
        config = decode(kept, "file")
    except UsageError:
        return
    for key in says(config):
        if key.startswith("scanner."):
            options = config.scanner[key.removeprefix("scanner.")]
            found = {CLASSES.get(f"scanner.*.{option}", EXECUTING) for option in options}
        else:
            found = {PLAIN if key == "policy.fail-on" else CLASSES[key]}
        assert all(allows(trust, one) for one in found)
    assert allows(trust, LOOSENING) or config.policy.fail_on in {"high", "medium", "low", "info"}
    assert all(not allows(trust, refusal.key_class) for refusal in refused)


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_a_trusted_run_takes_everything(raw: Raw) -> None:
    assert sifted(raw, Trust.TRUSTED) == (raw, [])


OWN = """
[scan]
exclude = ["tests/**"]
vendored = true
[advisories]
service = "https://mirror.example"
"""


@pytest.mark.parametrize(
    ("trust", "refused"),
    [
        ("untrusted", ["advisories.service", "scan.exclude"]),
        ("local", ["advisories.service"]),
        ("trusted", []),
    ],
)
def test_the_repositorys_own_file_is_taken_as_far_as_it_is_trusted(
    tmp_path: Path, trust: str, refused: list[str]
) -> None:
    (tmp_path / "devsecops.toml").write_text(OWN)
    settled = settle(tmp_path, trust, {})
    assert [refusal.key for refusal in settled.refused] == refused
    assert (settled.trust, settled.why, settled.origin) == (Trust(trust), "as asked", "devsecops.toml")
    assert settled.config.scan.vendored
    assert settled.config.scan.exclude == (() if trust == "untrusted" else ("tests/**",))


def test_by_default_the_environment_decides(tmp_path: Path) -> None:
    (tmp_path / "devsecops.toml").write_text(OWN)
    assert settle(tmp_path, "auto", {"CI": "true"}).config.scan.exclude == ()
    assert settle(tmp_path, "auto", {}).config.scan.exclude == ("tests/**",)


def test_a_file_that_the_pipeline_names_is_trusted_and_stands_in_place_of_the_repositorys_own(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "devsecops.toml").write_text("[scan]\nskip = ['bandit']")
    named = tmp_path / "policy.toml"
    named.write_text(OWN)
    settled = settle(root, "untrusted", {}, named)
    assert settled.refused == ()
    assert settled.config.advisories.service == "https://mirror.example"
    assert settled.config.scan.skip == ()
    assert settled.origin == "policy.toml"


def test_what_the_command_line_says_wins_and_is_trusted(tmp_path: Path) -> None:
    (tmp_path / "devsecops.toml").write_text("[scan]\nkinds = ['iac']\nvendored = true\nrequire = ['sast']")
    over: Raw = {"scan": {"kinds": ["sast"], "vendored": False, "require": ["ci"]}, "policy": {"fail-on": "none"}}
    settled = settle(tmp_path, "untrusted", {}, over=over)
    assert settled.config.scan.kinds == (Kind.SAST,)
    assert not settled.config.scan.vendored
    assert settled.config.scan.require == (Kind.SAST, Kind.CI)
    assert settled.config.policy.threshold is None
    assert [refusal.key for refusal in settled.refused] == ["scan.kinds"]


def test_without_a_file_the_defaults_are_in_force(tmp_path: Path) -> None:
    settled = settle(tmp_path, "auto", {})
    assert (settled.config, settled.origin, settled.refused) == (Config(), "", ())


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("devsecops.toml", "[scan]\nexclud = []", "devsecops.toml: unknown key 'scan.exclud'"),
        ("pyproject.toml", "[tool.devsecops.scan]\nexclud = []", "pyproject.toml: unknown key 'scan.exclud'"),
    ],
)
def test_an_error_names_the_file(tmp_path: Path, name: str, content: str, where: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UsageError) as caught:
        settle(tmp_path, "auto", {})
    assert caught.value.message == where


def test_an_error_of_the_command_line_names_it(tmp_path: Path) -> None:
    over: dict[str, Any] = {"scan": {"timeout": "soon"}}
    with pytest.raises(UsageError, match=r"^command line: scan\.timeout: 'soon' is not a duration"):
        settle(tmp_path, "auto", {}, over=over)
