"""SARIF for GitLab's `artifacts:reports:sarif`: one file."""

from __future__ import annotations

from devsecops.model import Outcome
from devsecops.sarif.projections import Projected, TextOf, gitlab
from devsecops.writers.projected import log_and_groups


def project(log: bytes, _: Outcome, __: TextOf) -> Projected:
    """The file to give to GitLab."""
    return gitlab.project(*log_and_groups(log))
