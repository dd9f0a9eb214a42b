"""The one version that a list of version specifiers allows."""

from __future__ import annotations

from packaging.specifiers import SpecifierSet

NO_VERSION = "no version is pinned"
RANGE = "only a range of versions is given"
SEVERAL = "it pins several versions at once"


def pin(specifiers: SpecifierSet) -> tuple[str, str]:
    """The pinned version and an empty reason, or no version and the reason why."""
    versions = sorted({item.version for item in specifiers if _is_exact(item.operator, item.version)})
    if len(versions) == 1:
        return versions[0], ""
    if versions:
        return "", SEVERAL
    return "", RANGE if len(specifiers) else NO_VERSION


def _is_exact(operator: str, version: str) -> bool:
    return operator == "===" or (operator == "==" and not version.endswith(".*"))
