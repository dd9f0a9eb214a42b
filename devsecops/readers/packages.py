"""What readers of image scanners share: names, identifiers, layers, scores."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from devsecops.scanner import Image

_ONE_FLAW: Final = re.compile(r"(?i)(?:CVE|GHSA|GO|PYSEC|RUSTSEC|OSV|MAL|SNYK)-")
PYTHON: Final = frozenset({"python", "python-pkg"})
"""What Grype and Trivy call packages of Python."""


def key(name: str, version: str, kind: str) -> str:
    """What stands for a package in `Found.examined`: names of Python as PEP 503 compares them."""
    return f"{re.sub(r'[-_.]+', '-', name).lower() if kind in PYTHON else name}=={version}"


def aliases(names: Iterable[str], primary: str) -> tuple[str, ...]:
    """The identifiers that stand for one flaw each; DSA, RHSA, USN and the like name an update for several."""
    return tuple(sorted({name for name in names if _ONE_FLAW.match(name) and name != primary}))


def layer(digest: str, image: Image | None) -> str:
    """Which layer it is, for people: `layer 2 of 3 (68b2eff0801d: COPY app /)`; empty where it is none of ours."""
    layers = image.layers if image else ()
    for number, one in enumerate(layers, start=1):
        if one.digest == digest:
            step = f": {one.instruction}" if one.instruction else ""
            return f"layer {number} of {len(layers)} ({digest.removeprefix('sha256:')[:12]}{step})"
    return ""


def message(name: str, version: str, title: str, where: str) -> str:
    """What is said of a vulnerable package."""
    return f"{name} {version}: {title or 'no description'}{f' [{where}]' if where else ''}"


def place(image: Image | None) -> str:
    """The path of what is found in an image: its name."""
    return image.name if image else ""
