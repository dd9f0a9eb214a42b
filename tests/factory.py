"""Values for tests, with what a test does not care about filled in."""

from __future__ import annotations

from typing import Any

from devsecops.model import Execution, FileLocation, Kind, PackageLocation, Result, Rule, Severity, Status, Tool


def result(**fields: Any) -> Result:
    """A result of bandit in `a.py`, line 1."""
    base: dict[str, Any] = {
        "scanner": "bandit",
        "rule": Rule(id="B602", cwe=(78,)),
        "severity": Severity.HIGH,
        "message": "m",
        "location": FileLocation(path="a.py", line=1),
        "service": "web",
    }
    return Result(**base | fields)


def vulnerable(
    name: str = "flask", advisory: str = "PYSEC-1", *aliases: str, path: str = "a/lock", **fields: Any
) -> Result:
    """A vulnerable package in a lock file."""
    base: dict[str, Any] = {
        "scanner": "pip-audit",
        "rule": Rule(id=advisory),
        "aliases": aliases,
        "location": PackageLocation(purl=f"pkg:pypi/{name}@1.0", path=path, line=3),
    }
    return result(**base | fields)


def execution(scanner: str = "bandit", status: Status = Status.COMPLETE, **fields: Any) -> Execution:
    """An execution of a scanner on the repository."""
    base: dict[str, Any] = {"tool": Tool(name=scanner), "kind": Kind.SAST, "status": status}
    return Execution(**base | fields)
