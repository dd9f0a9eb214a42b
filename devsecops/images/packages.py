"""How packages in images are named."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from devsecops.model import PURL_TYPES, Package
from devsecops.scanner import SYSTEMS

_VENDORS: Final = {"RPM": "linux", "Debian": "debian", "Alpine": "alpine"}
"""Namespaces of package URLs where the image does not tell its system."""


def url(package: Package, system: str) -> str:
    """The package URL of a package in an image (package-url/purl-spec: deb, apk, rpm, maven).

    Args:
        package: as the inventory found it.
        system: ID and VERSION_ID of os-release, such as `debian 12`; may be empty.
    """
    kind, version = PURL_TYPES[package.ecosystem], quote(package.version, safe="")
    if package.ecosystem not in SYSTEMS:
        name = package.name.replace(":", "/") if package.ecosystem == "Maven" else package.name
        return f"pkg:{kind}/{quote(name, safe='/')}@{version}"
    vendor, _, release = system.partition(" ")
    distro = f"?distro={quote(vendor)}-{quote(release)}" if vendor and release else ""
    return f"pkg:{kind}/{quote(vendor or _VENDORS[package.ecosystem])}/{quote(package.name, safe='')}@{version}{distro}"
