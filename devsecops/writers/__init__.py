"""Writers turn an outcome into a report: one file a format."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeAlias

from devsecops.model import Outcome

if TYPE_CHECKING:
    from devsecops.sarif.projections import Projected, TextOf

Writer = Callable[[Outcome], Iterator[bytes]]
Projection: TypeAlias = "Callable[[bytes, Outcome, TextOf], Projected]"
"""From the canonical log and its outcome to the files of a report; `TextOf` gives the text of the scanned sources."""

WRITERS: Final = {
    "sarif": "devsecops.writers.sarif",
    "text": "devsecops.writers.text",
    "gitlab-sast": "devsecops.writers.gitlab_native:sast",
    "gitlab-dependency-scanning": "devsecops.writers.gitlab_native:dependency_scanning",
    "gitlab-secret-detection": "devsecops.writers.gitlab_native:secret_detection",
    "gitlab-container-scanning": "devsecops.writers.gitlab_native:container_scanning",
    "gitlab-dast": "devsecops.writers.gitlab_native:dast",
    "codequality": "devsecops.writers.codequality",
    "junit": "devsecops.writers.junit",
    "csv": "devsecops.writers.csv",
    "markdown": "devsecops.writers.markdown",
    "annotations": "devsecops.writers.annotations",
    "html": "devsecops.writers.html",
    "jsonl": "devsecops.writers.jsonl",
}
"""The formats that `-o FORMAT=FILE` knows, each with the module that writes it, and the function if not `write`."""
BILLS: Final = {"cyclonedx": "devsecops.writers.cyclonedx"}
"""Formats that list packages, not findings: there is one where a scan has read a lock file, an image or an SBOM."""
GITLAB_SCHEMAS: Final = ("15.0", "15.1", "15.2")
"""Model and revision of the schemas that GitLab's own security reports can be written for."""
PROJECTIONS: Final = {
    "github": "devsecops.writers.github",
    "gitlab": "devsecops.writers.gitlab",
    "plain": "devsecops.writers.plain",
}
"""Further formats, which keep what the outcome has no words for: each with the module that projects the log."""


def writer(name: str, *, gitlab_schema: str = "") -> Writer:
    """The writer of a format; its module is imported when it is first used.

    Args:
        name: a key of WRITERS or BILLS.
        gitlab_schema: one of GITLAB_SCHEMAS, for GitLab's own security reports; empty for the default, 15.1.
    """
    module, _, function = (WRITERS | BILLS)[name].partition(":")
    found: Callable[..., Iterator[bytes]] = getattr(import_module(module), function or "write")
    return partial(found, schema=gitlab_schema) if gitlab_schema and "gitlab_native" in module else found


def projection(name: str) -> Projection:
    """The projection of a format; its module is imported when it is first used."""
    found: Projection = import_module(PROJECTIONS[name]).project
    return found
