"""Security scanning for repositories of many services.

>>> from devsecops import Config, scan
>>> outcome = scan("path/to/repository")  # doctest: +SKIP
>>> outcome.verdict.state  # doctest: +SKIP
<VerdictState.PASSED: 'passed'>
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from devsecops._version import __version__

if TYPE_CHECKING:
    from devsecops.config import Config
    from devsecops.dedupe import Finding, findings
    from devsecops.errors import DevsecopsError, UsageError
    from devsecops.model import Outcome, Result, Severity, VerdictState
    from devsecops.orchestrator import scan
    from devsecops.sarif import from_sarif, to_sarif
    from devsecops.scanner import Observer

_HOMES = {
    "Config": "config",
    "DevsecopsError": "errors",
    "Finding": "dedupe",
    "Observer": "scanner",
    "Outcome": "model",
    "Result": "model",
    "Severity": "model",
    "UsageError": "errors",
    "VerdictState": "model",
    "findings": "dedupe",
    "from_sarif": "sarif",
    "scan": "orchestrator",
    "to_sarif": "sarif",
}

__all__ = [
    "Config",
    "DevsecopsError",
    "Finding",
    "Observer",
    "Outcome",
    "Result",
    "Severity",
    "UsageError",
    "VerdictState",
    "__version__",
    "findings",
    "from_sarif",
    "scan",
    "to_sarif",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that importing the package stays cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'devsecops' has no attribute {name!r}")
    return getattr(import_module(f"devsecops.{_HOMES[name]}"), name)
