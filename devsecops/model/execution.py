"""Jobs and what became of them."""

from __future__ import annotations

from typing import Final

import msgspec

from devsecops.model.severity import Kind, Status

COVERAGE_UNKNOWN: Final = "coverage-unknown"
"""Id of the message that says that nothing tells what a tool examined."""

OURS: Final = "devsecops"
"""The scanner of what we find ourselves, in the configuration of an image: it replaces no scanner of its kind."""


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to know about an execution or about the whole scan (a SARIF notification)."""

    id: str
    """What sort of message: `not-examined`, `accepted`, `stderr`, … (docs/coverage.md)."""
    text: str
    level: str = "warning"
    """`error`, `warning` or `note`."""
    path: str = ""
    """The file it is about, relative to the scanned root; empty where it is about no file."""
    line: int = 0
    package: str = ""
    """The package it is about."""


def message_order(message: Message) -> tuple[str, int, str, str]:
    """The order of messages in every output."""
    return (message.path, message.line, message.id, message.text)


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What was to be examined and what was; the difference stands in the execution's messages, item by item."""

    unit: str = "files"
    """`files`, `packages` or `endpoints`."""
    expected: int = 0
    """How many we wanted examined, by our own listing."""
    examined: int = 0
    """How many were."""
    evidence: str = "claimed"
    """How we know: `listed` by the tool, `counted`, or only `claimed` by its success."""
    parts: dict[str, tuple[int, int]] = {}
    """Expected and examined by service, sorted by name; empty where it is not known."""


class DataSource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Data that a tool's answer depends on, such as an advisory archive."""

    name: str
    date: str = ""
    """RFC 3339 time of the newest entry; empty where nobody can tell."""
    digest: str = ""
    """`sha256:<hex>` of the data; empty where it is answered by a service."""


class Tool(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A scanner program as it was found. What could not be looked up is left empty, never invented."""

    name: str
    version: str = ""
    digest: str = ""
    """`sha256:<hex>` of the program (docs/scanners.md says of which files)."""
    uri: str = ""
    data: tuple[DataSource, ...] = ()


class Execution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one scanner on one target."""

    tool: Tool
    kind: Kind
    status: Status
    target: str = ""
    """Empty for the repository; the image, SBOM or URL otherwise."""
    asked: bool = True
    """False for a scanner that runs only where it happens to be installed."""
    exit_code: int | None = None
    """The tool's own exit code; the first that is not 0 where the work was split."""
    coverage: Coverage | None = None
    messages: tuple[Message, ...] = ()

    @property
    def scanner(self) -> str:
        """Name of the scanner."""
        return self.tool.name
