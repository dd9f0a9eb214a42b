"""Packages as manifests and lock files name them."""

from __future__ import annotations

import re
from typing import Final, Literal

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
    "Debian": "deb",
    "Alpine": "apk",
    "RPM": "rpm",
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


class Component(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A package as the bill of materials of a place lists it."""

    purl: str
    """Package URL with version."""
    line: int = 0
    """The line of the place's file that names it, from 1; 0 where it is not known."""


class Contents(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The packages of one place."""

    path: str
    """The lock file, image or SBOM, as in `PackageLocation.path`."""
    service: str
    kind: Literal["lock", "image", "sbom"] = "lock"
    digest: str = ""
    """`sha256:<hex>` of an image's configuration, or of an SBOM's bytes."""
    components: tuple[Component, ...] = ()
    """Sorted by purl and line."""
    partial: bool = False
    """Whether something in it is known to be none of the components: a line without a pin, a database unread."""


def versionless(purl: str) -> str:
    """A package URL without version, qualifiers and subpath; the `@` of an npm scope may stand unencoded in it."""
    path = re.split("[?#]", purl, maxsplit=1)[0]
    head, at, version = path.rpartition("@")
    return head if at and "/" not in version else path


def same_package(purl: str) -> str:
    """What two package URLs have in common when they name one package, of whatever version.

    Names of PyPI as PEP 503 compares them: dots, underscores and case differ among tools. An `@` is encoded.
    """
    plain = versionless(purl)
    if plain.startswith("pkg:pypi/"):
        return "pkg:pypi/" + re.sub(r"[-_.]+", "-", plain.removeprefix("pkg:pypi/")).lower()
    return plain.replace("/@", "/%40")
