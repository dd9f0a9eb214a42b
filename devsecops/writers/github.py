"""SARIF for GitHub code scanning: one file, or more where one would be refused."""

from __future__ import annotations

from devsecops.model import Outcome
from devsecops.sarif.projections import Projected, TextOf, github
from devsecops.writers.projected import log_and_groups


def project(log: bytes, _: Outcome, text_of: TextOf) -> Projected:
    """The files to upload; `text_of` gives the sources to compute GitHub's fingerprints from."""
    return github.project(*log_and_groups(log), text_of)
