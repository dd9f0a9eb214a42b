"""What the scanned repository's own configuration may do.

The repository is hostile until somebody vouches for it. Each key has a class; which classes its file may use depends
on the run. What is refused is said in every report. Files named by `--config` and options are trusted: they come from
the pipeline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

import msgspec

from devsecops import ci
from devsecops.config import Raw
from devsecops.model import Severity


class Trust(Enum):
    """How far a run trusts the repository."""

    UNTRUSTED = "untrusted"
    """A pull request: plain keys only."""
    LOCAL = "local"
    """A developer's own checkout: plain and loosening keys."""
    TRUSTED = "trusted"
    """A protected branch in CI: all keys."""


class KeyClass(Enum):
    """What a key can do."""

    PLAIN = "plain"
    LOOSENING = "loosening"
    EXECUTING = "executing"


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was not taken."""

    key: str
    key_class: KeyClass


CLASSES = {
    "scan.exclude": KeyClass.LOOSENING,
    "scan.vendored": KeyClass.PLAIN,
    "scan.kinds": KeyClass.LOOSENING,
    "scan.scanners": KeyClass.PLAIN,
    "scan.only": KeyClass.LOOSENING,
    "scan.skip": KeyClass.LOOSENING,
    "scan.require": KeyClass.PLAIN,
    "scan.services": KeyClass.LOOSENING,
    "scan.timeout": KeyClass.PLAIN,
    "scan.jobs": KeyClass.PLAIN,
    "scan.offline": KeyClass.PLAIN,
    "policy.fail-on": KeyClass.PLAIN,  # LOOSENING where it is looser than the default
    "policy.allow-incomplete": KeyClass.LOOSENING,
    "policy.unknown-coverage": KeyClass.PLAIN,  # the other word than the default is the stricter one
    "policy.max-database-age": KeyClass.LOOSENING,
    "coverage.accept": KeyClass.LOOSENING,
    "service.name": KeyClass.PLAIN,
    "service.folder": KeyClass.PLAIN,
    "service.languages": KeyClass.PLAIN,
    "service.dockerfile": KeyClass.PLAIN,
    "service.image": KeyClass.PLAIN,
    "service.openapi": KeyClass.PLAIN,
    "service.url": KeyClass.EXECUTING,  # requests would go there
    "service.owners": KeyClass.PLAIN,
    "scanner.*.timeout": KeyClass.PLAIN,
    "scanner.*.rules": KeyClass.PLAIN,
    "scanners.folders": KeyClass.EXECUTING,
    "image.services": KeyClass.PLAIN,
    "image.engine": KeyClass.LOOSENING,  # a scanner that sees less may be chosen
    "image.platform": KeyClass.LOOSENING,
    "image.registries": KeyClass.EXECUTING,  # requests and credentials would go there
    "advisories.folder": KeyClass.LOOSENING,
    "advisories.service": KeyClass.EXECUTING,  # requests would go there
}
"""The class of every key; `scanner.*` keys that do not stand here are executing."""
_MAY = {
    Trust.UNTRUSTED: {KeyClass.PLAIN},
    Trust.LOCAL: {KeyClass.PLAIN, KeyClass.LOOSENING},
    Trust.TRUSTED: set(KeyClass),
}
_DEFAULT_THRESHOLD = Severity.HIGH


def detect(env: Mapping[str, str]) -> tuple[Trust, str]:
    """How far this run trusts the repository, and why, from what the CI system says of it."""
    run = ci.recognised(env)
    if run is None:
        return Trust.LOCAL, "local run"
    if run.foreign:
        return Trust.UNTRUSTED, f"{run.system} {run.foreign}"
    if run.protected is None:
        return Trust.UNTRUSTED, "a CI system that does not say whether the branch is protected"
    if run.protected:
        return Trust.TRUSTED, f"protected branch on {run.system}"
    return Trust.UNTRUSTED, f"branch without protection on {run.system}"


def allows(trust: Trust, key_class: KeyClass) -> bool:
    """Whether a run of this trust takes keys of this class from the repository."""
    return key_class in _MAY[trust]


def sifted(raw: Raw, trust: Trust) -> tuple[Raw, list[Refusal]]:
    """The tables without the keys that the run does not take, and those keys."""
    refused = [
        Refusal(key=key, key_class=found)
        for key, value in _leaves(raw, "")
        if not allows(trust, found := _class_of(key, value))
    ]
    names = {refusal.key for refusal in refused}
    return _without(raw, "", names), sorted(refused, key=lambda refusal: refusal.key)


def _class_of(key: str, value: object) -> KeyClass:
    if key == "policy.fail-on" and _is_looser(value):
        return KeyClass.LOOSENING
    parts = key.split(".")
    if parts[0] == "scanner":
        return CLASSES.get(".".join([parts[0], "*", *parts[2:]]), KeyClass.EXECUTING)
    return CLASSES.get(key, KeyClass.PLAIN)  # an unknown key is kept, so that reading the file complains of it


def _is_looser(value: object) -> bool:
    known = {severity.value: severity for severity in Severity}
    return not isinstance(value, str) or value not in known or known[value].rank < _DEFAULT_THRESHOLD.rank


def _leaves(value: object, key: str) -> Iterator[tuple[str, object]]:
    """Every key with its value; the tables of a list share one key."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{key}.{name}".strip("."))
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value) and key == "service":
        for item in value:
            yield from _leaves(item, key)
    else:
        yield key, value


def _without(value: Raw, key: str, names: set[str]) -> Raw:
    kept: Raw = {}
    for name, inner in value.items():
        path = f"{key}.{name}".strip(".")
        if path in names:
            continue
        if isinstance(inner, dict):
            kept[name] = _without(inner, path, names)
        elif path == "service" and isinstance(inner, list):
            kept[name] = [_without(item, path, names) if isinstance(item, dict) else item for item in inner]
        else:
            kept[name] = inner
    return kept
