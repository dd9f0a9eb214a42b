"""CI systems are recognised by what they set."""

from __future__ import annotations

import pytest

from devsecops import ci

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.example.com",
    "GITHUB_REPOSITORY": "a/b",
    "GITHUB_RUN_ID": "7",
}


def test_a_run_on_github_says_where_it_is_and_what_it_is_for() -> None:
    run = ci.recognised(GITHUB | {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"})
    assert run == ci.Run(
        system="GitHub",
        foreign="event pull_request",
        protected=False,
        base="main",
        url="https://github.example.com/a/b/actions/runs/7",
    )


def test_a_merge_request_on_gitlab_says_what_it_is_compared_with() -> None:
    env = {
        "GITLAB_CI": "true",
        "CI_MERGE_REQUEST_IID": "3",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": "abc",
        "CI_JOB_URL": "https://gitlab.example.com/j/1",
    }
    run = ci.recognised(env)
    assert run == ci.Run(
        system="GitLab",
        foreign="merge request",
        protected=False,
        base="main",
        base_commit="abc",
        url="https://gitlab.example.com/j/1",
    )


@pytest.mark.parametrize(
    ("env", "system"),
    [
        ({"JENKINS_URL": "x", "BUILD_URL": "https://ci"}, "Jenkins"),
        ({"CI": "true", "CIRCLECI": "true"}, "CircleCI"),
        ({"CI": "1"}, "a CI system"),
        ({"CI": "false"}, None),
        ({}, None),
    ],
)
def test_other_systems_are_recognised_and_do_not_say_whether_a_branch_is_protected(
    env: dict[str, str], system: str | None
) -> None:
    run = ci.recognised(env)
    assert (run and run.system) == system
    assert run is None or run.protected is None
