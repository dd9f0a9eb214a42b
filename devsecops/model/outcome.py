"""Services, policy, verdict, and the outcome that holds everything known about a scan."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Literal

import msgspec

from devsecops.model.execution import Execution, Message
from devsecops.model.package import Contents
from devsecops.model.result import Result
from devsecops.model.severity import Kind, Severity


class Service(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of the repository that is built, deployed or run by itself."""

    name: str
    folder: str = "."
    """Relative to the scanned root; `.` for the root itself."""
    languages: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    """Dependency manifests and lock files, relative to the scanned root."""
    dockerfile: str = ""
    image: str = ""
    openapi: str = ""
    url: str = ""
    owners: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why it is thought to be a service."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The policy in force, after configuration and command line."""

    fail_on: Severity | None = Severity.HIGH
    """A new finding of this severity or worse fails; None lets no finding fail."""
    require: tuple[Kind, ...] = ()
    """Kinds that must have been examined completely."""
    allow_incomplete: bool = False
    unknown_coverage: Literal["accept", "incomplete"] = "accept"
    """What a tool means that does not tell what it examined, as most SARIF does not."""
    origin: str = "default"
    """Where `fail_on` was set, for people."""


class VerdictState(Enum):
    """What the policy says of the scan."""

    PASSED = "passed"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reason of a verdict."""

    text: str
    policy: str = ""
    """The line of policy behind it, with where it was set."""
    fingerprints: tuple[str, ...] = ()
    """First fingerprints of the findings behind it, sorted."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict; `INCOMPLETE` outranks `FAILED`, and the reasons of both are kept."""

    state: VerdictState
    reasons: tuple[Reason, ...] = ()


class Part(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One part of a scan that was divided."""

    plan: str
    """Digest of the plan."""
    number: int
    """From 1."""
    of: int
    """Parts that the plan has."""


def apart(parts: Sequence[Part]) -> str:
    """What keeps parts from being one scan; empty where they are one, or none at all."""
    if not parts:
        return ""
    if len({(part.plan, part.of) for part in parts}) > 1:
        return "parts of different plans do not make up a scan"
    there = [part.number for part in parts]
    missing = [str(number) for number in range(1, parts[0].of + 1) if number not in there][:10]
    if missing:
        return f"a part of a scan: of {parts[0].of} parts are missing: {', '.join(missing)}"
    return "" if len(there) == parts[0].of else "a part of a scan is there more than once"


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything known about a scan: sorted, with finite numbers and valid Unicode only."""

    services: tuple[Service, ...] = ()
    executions: tuple[Execution, ...] = ()
    results: tuple[Result, ...] = ()
    notes: tuple[Message, ...] = ()
    """What was left out or refused, for the scan as a whole."""
    contents: tuple[Contents, ...] = ()
    """The packages of each lock file, image and SBOM, sorted by kind and path: what a bill of materials is made of."""
    revision: str = ""
    """The commit that was checked out, as git names it; empty where there is none."""
    baseline: str = ""
    """What the results were compared with, for people; empty where they were not."""
    policy: Policy = Policy()
    verdict: Verdict = Verdict(state=VerdictState.PASSED)
    parts: tuple[Part, ...] = ()
    """The parts that it consists of, as long as they do not make up the whole."""
