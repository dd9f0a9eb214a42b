"""What a finished job proves: status and coverage, by our own listing of what it had to examine."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from devsecops import globs
from devsecops.config import Accept
from devsecops.model import Coverage, DataSource, Execution, Message, Status, message_order
from devsecops.readers.report import Found, package_key, path_in_report
from devsecops.scanner import End, Finished, Job, Meaning
from devsecops.services import Services
from devsecops.text import mask, one_line, plural, shorten

GAPS = frozenset({"not-examined", "not-parsed", "not-pinned"})
"""Ids of messages that name something which was not, or only partly, examined."""
_STDERR_LINES = 12
Owner = Callable[[str], str]
"""The service that a path belongs to (`Services.of`)."""


class Conclusion(msgspec.Struct, frozen=True, kw_only=True):
    """What can be concluded from a finished job."""

    status: Status
    coverage: Coverage | None = None
    messages: tuple[Message, ...] = ()


class Warnings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[stderr]` of a manifest: regular expressions for lines that say what the exit code does not."""

    failed: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    """Lines that match these are not looked at."""
    examined: str = ""
    """A line that names a file as examined; its first group is the path."""
    counted: str = ""
    """A line that says how many bytes were examined; its first group is the number. None, of some, is a failure."""


def process_failure(finished: Finished, warnings: Warnings) -> Conclusion | None:
    """Why the process proves nothing, whatever its report says; None where it ended as it should."""
    if finished.end is End.TIMED_OUT:
        return failed(finished, f"did not end within {finished.job.timeout:.0f} s", Status.TIMED_OUT)
    if finished.end is not End.EXITED:
        return failed(finished, finished.reason or finished.end.value)
    if finished.exit_code not in finished.job.exits:
        return failed(finished, _exit_text(finished.exit_code))
    lines = _matching(finished.stderr, warnings.failed, warnings.ignore)
    if lines:
        return failed(finished, f"said: {lines[0]}")
    if warnings.counted and finished.job.size and not _bytes(finished.stderr, warnings.counted):
        return failed(finished, f"does not say that it examined any of {plural(finished.job.size, 'byte')}")
    return None


def failed(finished: Finished, text: str, status: Status = Status.FAILED) -> Conclusion:
    """A failed job, with the last lines of its stderr."""
    messages = [Message(id="failed", level="error", text=f"{finished.job.name} {text}")]
    lines = [line for line in finished.stderr.splitlines() if line.strip()]
    if lines:
        tail = "\n".join(shorten(mask(one_line(line)), 300) for line in lines[-_STDERR_LINES:])
        messages.append(Message(id="stderr", level="note", text=tail))
    return Conclusion(status=status, coverage=_nothing(finished.job), messages=tuple(messages))


def conclude(finished: Finished, found: Found, warnings: Warnings) -> Conclusion:
    """What a job proves whose process ended as it should and whose report could be read."""
    job = finished.job
    meaning = job.exits[finished.exit_code or 0]
    if meaning is Meaning.NOT_APPLICABLE:
        if job.files or job.packages:
            return failed(finished, f"found nothing to examine, of {plural(len(job.files), 'file')}")
        return Conclusion(status=Status.NOT_APPLICABLE)
    contradiction = _contradiction(meaning, found)
    if contradiction:
        return failed(finished, contradiction)
    said = [
        Message(id="not-examined", text=f"{job.scanner}: {line}", path=job.target)
        for line in _matching(finished.stderr, warnings.partial, warnings.ignore)
    ]
    if warnings.examined and found.examined is None:
        named = (
            path_in_report(path, finished) for path in re.findall(warnings.examined, finished.stderr, re.MULTILINE)
        )
        found = msgspec.structs.replace(found, examined=frozenset(named))
    coverage, missed = _measured(finished, found, counted=bool(warnings.counted))
    messages = (*found.messages, *said, *missed)
    gaps = any(message.id in GAPS for message in messages)
    return Conclusion(
        status=Status.PARTIAL if gaps else Status.COMPLETE,
        coverage=coverage,
        messages=tuple(dict.fromkeys(messages)),
    )


def joined(executions: Sequence[Execution]) -> Execution:
    """One execution of several that shared a scanner's work on one target; the worst status wins."""
    first = executions[0]
    if len(executions) == 1:
        return _sorted(first)
    coverages = [execution.coverage for execution in executions if execution.coverage]
    codes = [execution.exit_code for execution in executions if execution.exit_code is not None]
    return _sorted(
        msgspec.structs.replace(
            first,
            status=Status.worst(execution.status for execution in executions),
            exit_code=max(codes, key=lambda code: (code != 0, code), default=None),
            coverage=_sum(coverages) if coverages else None,
            messages=tuple(dict.fromkeys(message for execution in executions for message in execution.messages)),
        )
    )


def with_advisories(execution: Execution, data: tuple[DataSource, ...], problems: Sequence[str]) -> Execution:
    """The execution with the advisories it depends on; it has failed where those could not be had."""
    said = tuple(Message(id="failed", level="error", text=f"advisories: {problem}") for problem in problems)
    return msgspec.structs.replace(
        execution,
        tool=msgspec.structs.replace(execution.tool, data=data),
        status=Status.FAILED if problems else execution.status,
        messages=(*execution.messages, *said),
    )


def with_stale_data(execution: Execution, problem: str) -> Execution:
    """The execution as one that has failed, because of the age of the data it depends on; its results stand."""
    if not problem or execution.status in {Status.MISSING, Status.NOT_APPLICABLE}:
        return execution
    said = Message(id="failed", level="error", text=problem)
    return msgspec.structs.replace(execution, status=Status.FAILED, messages=(*execution.messages, said))


def with_notes(execution: Execution, notes: Sequence[Message], owner: Owner) -> Execution:
    """The execution with what was known before it began; gaps among that were never given to the tool."""
    gaps = Counter(owner(note.path) for note in notes if note.id in GAPS)
    known = execution.coverage or Coverage(unit="packages", evidence="listed")
    partial = gaps and execution.status in {Status.COMPLETE, Status.NOT_APPLICABLE}
    return _sorted(
        msgspec.structs.replace(
            execution,
            status=Status.PARTIAL if partial else execution.status,
            coverage=_plus(known, expected=gaps) if gaps else execution.coverage,
            messages=(*execution.messages, *notes),
        )
    )


def with_gaps(execution: Execution, gaps: Iterable[Message], owner: Owner) -> Execution:
    """The execution with some of the files it examined known as not examined after all."""
    known = {message.path for message in execution.messages if message.id in GAPS and message.path}
    new = [gap for gap in gaps if gap.path not in known]
    if not new or execution.status not in {Status.COMPLETE, Status.PARTIAL}:
        return execution
    fewer = Counter(owner(path) for path in {gap.path for gap in new})
    return _sorted(
        msgspec.structs.replace(
            execution,
            status=Status.PARTIAL,
            coverage=_plus(execution.coverage or Coverage(), fewer=fewer),
            messages=(*execution.messages, *new),
        )
    )


def not_parsed(executions: Iterable[Execution]) -> list[Message]:
    """The files that any of the executions could not parse."""
    messages = (message for execution in executions for message in execution.messages)
    return [message for message in messages if message.id == "not-parsed"]


def accepted(execution: Execution, accepts: Sequence[Accept]) -> Execution:
    """The execution with the gaps taken out that the configuration accepts; they stay as notes.

    Args:
        execution: what to look at.
        accepts: `[[coverage.accept]]` of the configuration.
    """
    messages: list[Message] = []
    for message in execution.messages:
        accept = next((one for one in accepts if _takes_out(one, message, execution.scanner)), None)
        if accept is None:
            messages.append(message)
        else:
            text = f"{message.text} (accepted: {accept.reason})"
            messages.append(msgspec.structs.replace(message, id="accepted", level="note", text=text))
    if messages == list(execution.messages):
        return execution
    gaps = any(message.id in GAPS for message in messages)
    complete = execution.status is Status.PARTIAL and not gaps
    status = Status.COMPLETE if complete else execution.status
    return _sorted(msgspec.structs.replace(execution, status=status, messages=tuple(messages)))


def _takes_out(accept: Accept, message: Message, scanner: str) -> bool:
    if message.id not in GAPS or accept.scanner not in {"", scanner}:
        return False
    if accept.path.startswith("package:"):
        return message.package != "" and message.package == accept.path.removeprefix("package:")
    return message.path != "" and globs.matches(message.path, [accept.path])


def _contradiction(meaning: Meaning, found: Found) -> str:
    """What is wrong where the exit code and the report say different things."""
    if meaning is Meaning.FINDINGS and not found.results:
        return "says by its exit code that it found something, but its report has no result"
    if meaning is Meaning.CLEAN and found.results:
        return f"says by its exit code that all is clean, but its report has {plural(len(found.results), 'result')}"
    return ""


def _measured(finished: Finished, found: Found, *, counted: bool) -> tuple[Coverage, list[Message]]:
    """Coverage, and a message for each expected item that the tool said nothing of."""
    job = finished.job
    places = {package_key(package): (package.path, package.line) for package in job.packages}
    expected = set(places) or set(job.files)
    named = {message.path for message in found.messages if message.id in GAPS}
    examined = expected - named if found.examined is None else expected & found.examined
    silent = sorted(expected - examined - named)
    messages = [_silent(finished, item, places) for item in silent if not _said(item, places, found)]
    coverage = Coverage(
        unit="packages" if job.packages or job.image else "files",
        evidence="listed" if found.examined is not None else "counted" if counted else "claimed",
    )
    return _plus(coverage, expected=_by_service(job, expected), examined=_by_service(job, examined)), messages


def _said(item: str, places: dict[str, tuple[str, int]], found: Found) -> bool:
    return item in places and any(
        (message.path, message.line) == places[item] for message in found.messages if message.id in GAPS
    )


def _silent(finished: Finished, item: str, places: dict[str, tuple[str, int]]) -> Message:
    if item not in places:
        return Message(id="not-examined", text=f"{finished.job.scanner}: not among the files it examined", path=item)
    path, line = places[item]
    name, _, version = item.partition("==")
    text = f"{finished.job.scanner}: {name} {version} is not among the packages it examined"
    return Message(id="not-examined", text=text, path=path, line=line, package=name)


def _by_service(job: Job, items: Iterable[str]) -> Counter[str]:
    """How many of the files, or of the packages, that a job was given each service has."""
    owner = Services(job.services).of
    if not job.packages:
        return Counter(owner(path) for path in items)
    wanted = set(items)
    named = {(package_key(one), owner(one.path)) for one in job.packages if package_key(one) in wanted}
    return Counter(service for _, service in named)


def _nothing(job: Job) -> Coverage | None:
    items = {package_key(package) for package in job.packages} or set(job.files)
    coverage = Coverage(unit="packages" if job.packages or job.image else "files", evidence="listed")
    return _plus(coverage, expected=_by_service(job, items)) if items else None


def _plus(
    coverage: Coverage,
    *,
    expected: Mapping[str, int] = {},
    examined: Mapping[str, int] = {},
    fewer: Mapping[str, int] = {},
) -> Coverage:
    """Coverage with more that was expected or examined, by service, or with `fewer` that was examined after all."""
    parts = {}
    for service in sorted({*coverage.parts, *expected, *examined, *fewer}):
        wanted, done = coverage.parts.get(service, (0, 0))
        done = max(done + examined.get(service, 0) - fewer.get(service, 0), 0)
        parts[service] = (wanted + expected.get(service, 0), done)
    return msgspec.structs.replace(
        coverage,
        expected=coverage.expected + sum(expected.values()),
        examined=max(coverage.examined + sum(examined.values()) - sum(fewer.values()), 0),
        parts=parts,
    )


def _sum(coverages: Sequence[Coverage]) -> Coverage:
    evidence = {coverage.evidence for coverage in coverages}
    parts: dict[str, tuple[int, int]] = {}
    for service, (wanted, done) in sorted(part for coverage in coverages for part in coverage.parts.items()):
        before = parts.get(service, (0, 0))
        parts[service] = (before[0] + wanted, before[1] + done)
    return Coverage(
        unit=coverages[0].unit,
        expected=sum(coverage.expected for coverage in coverages),
        examined=sum(coverage.examined for coverage in coverages),
        evidence=evidence.pop() if len(evidence) == 1 else "claimed",
        parts=parts,
    )


def _sorted(execution: Execution) -> Execution:
    return msgspec.structs.replace(execution, messages=tuple(sorted(execution.messages, key=message_order)))


def _matching(text: str, patterns: Sequence[str], ignore: Sequence[str]) -> list[str]:
    """The lines that match one of the patterns and none to be ignored, harmless to print."""
    if not patterns or not text:
        return []
    wanted = [re.compile(pattern) for pattern in patterns]
    unwanted = [re.compile(pattern) for pattern in ignore]
    lines = (one_line(line) for line in text.splitlines())
    found = [
        shorten(mask(line), 300)
        for line in lines
        if any(one.search(line) for one in wanted) and not any(one.search(line) for one in unwanted)
    ]
    return found[:_STDERR_LINES]


def _bytes(text: str, pattern: str) -> int:
    """The number of bytes that a tool says it examined; 0 where it does not say."""
    return max((int(number) for number in re.findall(pattern, text)), default=0)


def _exit_text(code: int | None) -> str:
    return f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with exit code {code}"
