"""CI systems, recognised from the environment alone: which one this is, and what it says of the run."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

_OTHERS = {
    "TF_BUILD": "Azure Pipelines",
    "JENKINS_URL": "Jenkins",
    "TEAMCITY_VERSION": "TeamCity",
    "BITBUCKET_BUILD_NUMBER": "Bitbucket",
    "BUILDKITE": "Buildkite",
    "CIRCLECI": "CircleCI",
    "DRONE": "Drone",
}
"""Variables by which systems are known, some of which do not set `CI`, or did not always."""
_URLS = ("BUILD_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "DRONE_BUILD_LINK")
GITHUB, GITLAB = "GitHub", "GitLab"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a CI system says of one run."""

    system: str
    """Its name; `a CI system` where only that much is known."""
    foreign: str = ""
    """What makes the code foreign: `event pull_request`, `merge request`; empty for a branch of the repository."""
    protected: bool | None = None
    """Whether the branch is protected; None where the system does not say."""
    base: str = ""
    """The branch that a pull or merge request is for; empty for other runs."""
    base_commit: str = ""
    """The commit that a merge request is compared with, where a variable says so."""
    url: str = ""
    """Where people find the run."""


def recognised(env: Mapping[str, str]) -> Run | None:
    """The run that this is, or None outside of CI."""
    if env.get("GITHUB_ACTIONS") == "true":
        return _github(env)
    if env.get("GITLAB_CI") == "true":
        return _gitlab(env)
    name = next((name for variable, name in _OTHERS.items() if env.get(variable)), "")
    if name or env.get("CI", "").lower() not in {"", "false", "0"}:
        url = next((env[variable] for variable in _URLS if env.get(variable)), "")
        return Run(system=name or "a CI system", url=url)
    return None


def _github(env: Mapping[str, str]) -> Run:
    event = env.get("GITHUB_EVENT_NAME", "")
    foreign = event.startswith(("pull_request", "merge_group")) or event in {"issue_comment", "workflow_run"}
    where = [env.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    return Run(
        system=GITHUB,
        foreign=f"event {event}" if foreign else "",
        protected=env.get("GITHUB_REF_PROTECTED") == "true",
        base=env.get("GITHUB_BASE_REF", ""),
        url=f"{where[0]}/{where[1]}/actions/runs/{where[2]}" if all(where) else "",
    )


def _gitlab(env: Mapping[str, str]) -> Run:
    return Run(
        system=GITLAB,
        foreign="merge request" if env.get("CI_MERGE_REQUEST_IID") else "",
        protected=env.get("CI_COMMIT_REF_PROTECTED") == "true",
        base=env.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", ""),
        base_commit=env.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", ""),
        url=env.get("CI_JOB_URL", ""),
    )
