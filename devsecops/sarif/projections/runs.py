"""Runs of a projected log: one for each tool and category, made of findings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from devsecops.model import Message
from devsecops.sarif.projections import findings
from devsecops.sarif.projections.places import ROOTS, Places, dockerfiles
from devsecops.sarif.projections.shared import Group, Json, Located, bag, dump, listed, objects, written
from devsecops.text import shorten

Key = tuple[str, str]
"""The name of the tool and the category: what an upload replaces, and so what must be in a file once."""
Row = tuple[Group, Json]
"""A finding, and the result it has become."""

_VERSIONED: Final = re.compile(r"@sha256:[0-9a-f]+|:(?:latest|v?\d+(?:\.[\w-]+)*)(?=/|$)")


class Source:
    """A canonical log, asked for its findings."""

    def __init__(self, log: Json) -> None:
        self.runs: list[Json] = log["runs"]
        self.keys = [key(run) for run in self.runs]
        self._services = {written(one, "name"): one for one in listed(bag(log), "services")}
        images = dockerfiles(log)
        self._places = [Places(run, images) for run in self.runs]

    def raw(self, one: Located) -> Json:
        """A result as it stands in the log."""
        found: Json = self.runs[one[0]]["results"][one[1]]
        return found

    def row(self, group: Group) -> Row:
        """A finding as a result of the first of its results."""
        first = group[0]
        service = self._services.get(first[2].service, {})
        return group, findings.result(group, self.raw(first), self._places[first[0]], service)


def key(run: Json) -> Key:
    """The tool, and the category without the tag or digest of an image, which change from one run to the next."""
    identity = written(objects(run, "automationDetails"), "id")
    name = written(objects(objects(run, "tool"), "driver"), "name")
    return name or "tool", _VERSIONED.sub("", identity.rpartition("/")[0] or identity)


def named(key: Key) -> str:
    """A run in words."""
    return key[1] or key[0]


def head(key: Key, raw: Json, rules: Sequence[object], notes: Sequence[Message], *, complete: bool) -> Json:
    """A run without its results; `raw` is the run that it comes from."""
    tool, category = key
    invocation: Json = {"executionSuccessful": complete}
    if notes:
        invocation["toolExecutionNotifications"] = [
            {"descriptor": {"id": note.id}, "level": note.level, "message": {"text": note.text}} for note in notes
        ]
    found: Json = {
        "tool": {"driver": _driver(tool, raw) | {"rules": rules}},
        "originalUriBaseIds": ROOTS,
        "invocations": [invocation],
    }
    if category:
        found["automationDetails"] = {"id": f"{category}/"}
    return found


def joined(head: Json, results: Sequence[bytes]) -> bytes:
    """A run as JSON, one result a line."""
    return dump(head)[:-1] + b',"results":[' + b",".join(b"\n" + line for line in results) + b"]}"


def _driver(tool: str, run: Json) -> Json:
    driver = objects(objects(run, "tool"), "driver")
    said = {name: written(driver, name) for name in ("version", "semanticVersion", "informationUri")}
    if not findings.is_page(said["informationUri"]):
        del said["informationUri"]
    return {"name": shorten(tool, findings.LONGEST_NAME)} | {name: text for name, text in said.items() if text}
