"""What a run of any tool proves: how it ended, and what it says about that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from devsecops.model import COVERAGE_UNKNOWN, Execution, Kind, Message, Status, Tool
from devsecops.sarif.foreign.locations import Places
from devsecops.sarif.foreign.rules import Rules
from devsecops.sarif.foreign.values import Json, first, position, string, table, tables, whole
from devsecops.text import clean, mask, one_line, shorten

_TEXT: Final = 1000  # characters of a message
_LEVELS: Final = frozenset({"error", "warning", "note"})


def tool(run: Json) -> Tool:
    """The tool of a run."""
    driver = table(table(run.get("tool")).get("driver"))
    uri = string(driver.get("informationUri"))
    return Tool(
        name=one_line(string(driver.get("name"))) or one_line(string(driver.get("fullName"))) or "unnamed tool",
        version=one_line(string(driver.get("semanticVersion")) or string(driver.get("version"))),
        uri=uri if re.match("https?://", uri) else "",
    )


def execution(run: Json, of: Tool, kind: Kind, said: Sequence[Message], *, results: bool) -> Execution:
    """What became of the tool.

    It failed where an invocation says so or there is no list of results (section 3.14.23), and examined only a part
    where it notified of an error; else it counts as complete, with the word that nothing tells what it examined.

    Args:
        run: the run, without its results.
        of: its tool.
        kind: of the scanner.
        said: messages about its results.
        results: whether the run has a list of results.
    """
    invocations = tables(run.get("invocations"))
    failures = [text for invocation in invocations for text in _failures(invocation)]
    if table(run.get("externalPropertyFileReferences")).get("results"):
        failures.append("wrote results into other files, which are not read")
    elif not results:
        failures.append("wrote no results: the scan failed")
    category = string(table(run.get("automationDetails")).get("id")).rpartition("/")[0].strip("/")
    where = f" ({one_line(category)})" if category else ""
    messages = [
        Message(id="failed", level="error", text=f"{of.name}{where} {text}") for text in dict.fromkeys(failures)
    ]
    messages += [*said, *notifications(run)]
    status = Status.FAILED if failures else Status.COMPLETE
    if not failures and any(message.level == "error" for message in messages):
        status = Status.PARTIAL
    if status is Status.COMPLETE:
        text = f"{of.name}{where}: nothing tells what it examined"
        messages.append(Message(id=COVERAGE_UNKNOWN, level="note", text=text))
    codes = [code for code in (whole(one.get("exitCode")) for one in invocations) if code is not None]
    return Execution(
        tool=of,
        kind=kind,
        status=status,
        exit_code=next((code for code in codes if code), codes[0] if codes else None),
        messages=tuple(dict.fromkeys(messages)),
    )


def notifications(run: Json) -> Iterator[Message]:
    """What the tool says of its own work, section 3.20.21 and 3.20.22."""
    rules, places = Rules(run), Places(run)
    for invocation in tables(run.get("invocations")):
        for name in ("toolConfigurationNotifications", "toolExecutionNotifications"):
            for notification in tables(invocation.get(name)):
                level = rules.notification_level(notification)
                if level != "none":
                    yield _message(notification, level if level in _LEVELS else "error", places)


def failures(run: Json) -> list[str]:
    """Why the tool failed, each as the end of a sentence that begins with its name; empty where nothing says so."""
    return [text for invocation in tables(run.get("invocations")) for text in _failures(invocation)]


def _failures(invocation: Json) -> Iterator[str]:
    code, successful = whole(invocation.get("exitCode")), invocation.get("executionSuccessful")
    if successful is False:
        yield "failed" + (f" with exit code {code}" if code else "") + ", as it says itself"
    elif successful is not True and code:
        yield f"ended with exit code {code}, and does not say that this is a success"
    for name in ("processStartFailureMessage", "exitSignalName"):
        if string(invocation.get(name)):
            yield f"did not end by itself: {shorten(mask(one_line(invocation[name])), 200)}"


def _message(notification: Json, level: str, places: Places) -> Message:
    physical = table(first(notification.get("locations")).get("physicalLocation"))
    path = places.path(places.resolved(table(physical.get("artifactLocation"))))
    message = table(notification.get("message"))
    exception = table(notification.get("exception"))
    text = string(message.get("text")) or string(message.get("markdown")) or string(exception.get("message"))
    name = one_line(string(table(notification.get("descriptor")).get("id")))
    return Message(
        id="not-examined" if level == "error" else name or "notification",
        level=level,
        text=shorten(mask(clean(text)), _TEXT) or name or "the tool gives no reason",
        path=path,
        line=position(table(physical.get("region")).get("startLine")) if path else 0,
    )
