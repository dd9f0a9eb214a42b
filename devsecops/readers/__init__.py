"""Readers turn a scanner's report into results and what they cover: one file a format.

A reader is written only for what a manifest's `[results]` cannot say.
"""

from importlib import import_module

from devsecops.readers.report import Reader

READERS = {
    "bandit": "devsecops.readers.bandit",
    "grype": "devsecops.readers.grype",
    "pip-audit": "devsecops.readers.pip_audit",
    "sarif": "devsecops.readers.sarif",
    "semgrep": "devsecops.readers.semgrep",
    "trivy": "devsecops.readers.trivy",
}
"""The names that a manifest may give for `report`, each with the module that reads it."""


def reader(name: str) -> Reader:
    """The reader of that name; its module is imported when it is first used."""
    found: Reader = import_module(READERS[name]).read
    return found
