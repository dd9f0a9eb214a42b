"""Readers turn a scanner's report into results and what they cover: one file a format.

A reader is written only for what a manifest's `[results]` cannot say.
"""

from devsecops.readers import bandit, pip_audit, semgrep
from devsecops.readers.report import Reader

READERS: dict[str, Reader] = {
    "bandit": bandit.read,
    "pip-audit": pip_audit.read,
    "semgrep": semgrep.read,
}
"""The names that a manifest may give for `report`."""
