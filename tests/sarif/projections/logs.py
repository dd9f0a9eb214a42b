"""Logs to project, and what is asked of every projected log."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import msgspec

from devsecops.model import Outcome
from devsecops.sarif import from_sarif
from devsecops.sarif.integrity import PLATFORMS, check, limits, validate
from devsecops.sarif.projections import Projected, TextOf
from devsecops.writers import projection, writer
from tests.conftest import SHARED

Json = dict[str, Any]
SCHEMA = SHARED / "data/schemas/sarif-2.1.0.json"
CORPUS = SHARED / "data/sarif"


def nothing(_: str) -> None:
    """No source is there."""


def project(name: str, log: Outcome | Json | bytes, text_of: TextOf = nothing) -> Projected:
    """The projection of an outcome or a log."""
    if isinstance(log, Outcome):
        log = b"".join(writer("sarif")(log))
    data = log if isinstance(log, bytes) else json.dumps(log).encode()
    return projection(name)(data, from_sarif(data), text_of)


def valid(outcome: Outcome) -> Outcome:
    """The outcome with valid Unicode only, as every outcome has that came from files."""
    return msgspec.convert(_valid(msgspec.to_builtins(outcome)), Outcome)


def _valid(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {name: _valid(below) for name, below in value.items()}
    return [_valid(below) for below in value] if isinstance(value, list | tuple) else value


def logs(projected: Projected) -> list[Json]:
    """The files of a projection."""
    return [json.loads(b"".join(pieces)) for pieces in projected.files]


def only(projected: Projected) -> Json:
    """The only run of a projection."""
    (log,) = logs(projected)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def results(projected: Projected) -> list[Json]:
    """The results in all runs of a projection."""
    return [result for log in logs(projected) for run in log["runs"] for result in run["results"]]


@cache
def schema() -> bytes:
    """OASIS's schema; empty where it is not there."""
    return SCHEMA.read_bytes() if SCHEMA.exists() else b""


def complaints(projected: Projected, platform: str) -> list[object]:
    """What is wrong in a projection: integrity, limits of the platform, schema."""
    found: list[object] = []
    for pieces in projected.files:
        data = b"".join(pieces)
        log = json.loads(data)
        found += check(log)
        found += limits(log, platform) if platform in PLATFORMS else []
        found += validate(data, schema()) if schema() else []
    return found


def run(*found: Json, name: str = "tool", rules: list[Json] | None = None, **fields: Any) -> Json:
    """A run of a tool that is not ours."""
    base = {"tool": {"driver": {"name": name, "rules": rules or []}}, "results": list(found)}
    return base | fields


def log(*runs: Json) -> Json:
    """A log of some runs."""
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": list(runs)}


def said(uri: str = "a.py", line: int = 1, **fields: Any) -> Json:
    """A result at a place."""
    place = {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}
    base = {"ruleId": "R1", "message": {"text": "m"}, "locations": [{"physicalLocation": place}]}
    return base | fields
