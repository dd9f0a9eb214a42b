"""Packages as manifests and lock files name them."""

from __future__ import annotations

from typing import Final

import msgspec

PURL_TYPES: Final = {
    "PyPI": "pypi",
    "npm": "npm",
    "Go": "golang",
    "Maven": "maven",
    "NuGet": "nuget",
    "crates.io": "cargo",
    "RubyGems": "gem",
    "Packagist": "composer",
}
"""OSV ecosystem to purl type (package-url/purl-spec, PURL-TYPES)."""


class Package(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One package at one exact version, at the place that names it."""

    name: str
    """As the ecosystem compares names: for PyPI lower case with single hyphens (PEP 503)."""
    version: str
    path: str
    """The manifest or lock file, relative to the scanned root."""
    line: int = 0
    """The line of `path` that names it, from 1; 0 where it is not known."""
    ecosystem: str = "PyPI"
    """OSV's name of the ecosystem."""

    @property
    def purl(self) -> str:
        """The package URL, with version."""
        from urllib.parse import quote  # noqa: PLC0415  # only where there is a package

        return f"pkg:{PURL_TYPES[self.ecosystem]}/{quote(self.name, safe='/')}@{quote(self.version, safe='')}"


class Unpinned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A line that asks for something without saying exactly what: it cannot be audited."""

    path: str
    text: str
    """The requirement as written."""
    reason: str
    """Why it cannot be audited, as an end of the sentence "cannot be audited: …"."""
    line: int = 0
    name: str = ""
    """The package's canonical name; empty where the line does not say it."""


class Lock(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one dependency manifest or lock file says."""

    path: str
    packages: tuple[Package, ...] = ()
    unpinned: tuple[Unpinned, ...] = ()
