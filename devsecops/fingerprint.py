"""Fingerprints: what stays the same of a result when lines move, tools are updated and packages are bumped.

Version 1. A change of what goes into a fingerprint gets a new version, so that old baselines are not misread;
docs/fingerprints.md describes each.
"""

from __future__ import annotations

from collections.abc import Iterable

from devsecops.model import versionless

_DIGITS = 32  # hexadecimal digits: 128 bits


def of_rule(rule: str, path: str, text: str, occurrence: int) -> str:
    """A result in source, by its rule.

    Args:
        rule: the rule's identifier.
        path: of the file.
        text: the line; white space does not count.
        occurrence: how many lines with the same text stand above it in the file.
    """
    return _print("rule", rule, path, normal(text), str(occurrence))


def of_weakness(group: str, path: str, text: str, occurrence: int) -> str:
    """A result in source, by the group its weakness belongs to: shared by scanners that see the same thing."""
    return _print("weakness", group, path, normal(text), str(occurrence))


def of_advisory(purl: str, advisory: str, path: str) -> str:
    """A vulnerable package, by one of the advisory's identifiers.

    Args:
        purl: package URL; its version does not count.
        advisory: one identifier, such as `CVE-2018-1000656`.
        path: the manifest, lock file or image (without tag) that brings the package.
    """
    return _print("advisory", versionless(purl), advisory.upper(), path)


def of_secret(rule: str, path: str, blanked: str, occurrence: int) -> str:
    """A secret: the line with the secret's columns blanked, so that the fingerprint tells nothing of it."""
    return _print("secret", rule, path, normal(blanked), str(occurrence))


def of_request(rule: str, url: str, method: str, parameter: str) -> str:
    """A result of a running service."""
    return _print("request", rule, url, method.upper(), parameter)


def normal(text: str) -> str:
    """The line as it counts: white space folded."""
    return " ".join(text.split())


def _print(kind: str, *parts: str) -> str:
    return f"{kind}/v1:{_hash(parts)}"


def _hash(parts: Iterable[str]) -> str:
    from hashlib import sha256  # noqa: PLC0415  # only where there are results

    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
