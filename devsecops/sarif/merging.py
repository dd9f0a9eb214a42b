"""Several SARIF logs become one that says all that they say, and nothing twice."""

from __future__ import annotations

import gc
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import msgspec

from devsecops.errors import ReportError
from devsecops.model import Message, Part
from devsecops.sarif import reading, shards
from devsecops.sarif.encode import HEAD
from devsecops.sarif.identity import Key, identity
from devsecops.sarif.integrity import Problem, RunCheck, keys
from devsecops.sarif.joins import encode
from devsecops.sarif.places import mark
from devsecops.sarif.repair import BROKEN
from devsecops.sarif.results import Results, Tally
from devsecops.sarif.whole import Whole

Json = dict[str, Any]
Judge = Callable[[bytes], object]
Inspect = Callable[[Sequence[tuple[str, Sequence[Part]]]], Iterable[Message]]

_KEPT: Final = 48 << 20  # bytes of logs that are kept, so as not to read them again
_KEPT_OF_SEVERAL: Final = 128 << 20  # the same where several runs are in a log, each of which would take a reading
_NAMED: Final = 10  # results that are set aside
_NO_RESULTS: Final = {
    "executionSuccessful": False,
    "toolExecutionNotifications": [
        {
            "descriptor": {"id": "devsecops/no-results"},
            "level": "error",
            "message": {"text": "The run has no list of results: the scan failed, or its results stand elsewhere."},
        }
    ],
}
"""In place of `results` that are null or absent, which say "failed" and not "nothing found" (section 3.14.23)."""


class Source(msgspec.Struct, frozen=True):
    """A log to merge."""

    name: str
    """For messages; a file's name without its folder."""
    open: Callable[[], bytes]
    """Gives its bytes. Called more than once, so that not all logs have to be held; raises ReportError."""


class _Part(NamedTuple):
    """A run of a source, by its place."""

    source: Source
    place: int


class _Run(NamedTuple):
    """A run that was read."""

    part: _Part
    members: reading.Run


class Merged:
    """A merged log: iterate over it once for its bytes, one result a line."""

    def __init__(self, sources: Sequence[Source], judge: Judge | None, inspect: Inspect | None, *, check: bool) -> None:
        self.tallies: dict[str, Tally] = {}
        """What became of the results, by name of the tool."""
        self.notes: list[Message] = []
        """What could not be read or was set aside (level `error`), and what was repaired (level `note`)."""
        self.repairs: Counter[tuple[str, str]] = Counter()
        """How often something was repaired, by name of the log and repair."""
        self.problems: list[Problem] = []
        """What the integrity check says of the log that was written."""
        self._sources = sources
        self._judge = judge
        self._inspect = inspect
        self._checked = check
        self._kept: dict[int, reading.Log] = {}
        self._kept_size = 0
        self._keys: list[Json] = []

    def __iter__(self) -> Iterator[bytes]:
        with _cyclic_gc_off():
            yield from self._chunks()

    def _chunks(self) -> Iterator[bytes]:
        buckets, extra = self._sorted_out()
        pieces = self._runs(buckets)
        if self._judge is None or not shards.has_bag(extra):
            yield HEAD
            yield from pieces
            yield self._tail(extra)
            return
        body = b"".join(pieces)
        try:
            extra = shards.with_verdict(extra, self._judge(HEAD + body + self._tail(extra)))
        except ReportError as error:
            self._set_aside("the merged log", f"there is no verdict on it: {error.message}")
        yield from (HEAD, body, self._tail(extra))

    def _sorted_out(self) -> tuple[dict[Key, list[_Part]], Json]:
        """The runs that belong together, and what the logs say besides."""
        buckets: dict[Key, list[_Part]] = defaultdict(list)
        idle: dict[Key, list[_Part]] = defaultdict(list)
        extras: list[Json] = []
        held: list[tuple[str, Sequence[Part]]] = []
        for source in self._sources:
            try:
                log = reading.read(source.open(), self._complaints(source))
                found = [identity(run) for run in log.runs]
            except BROKEN as error:
                said = error.message if isinstance(error, ReportError) else "it has members of unexpected types"
                text = f"{source.name} could not be read: {said}"
                self.notes.append(Message(id="unreadable", level="error", text=text))
                continue
            for place, (key, is_idle) in enumerate(found):
                (idle if is_idle else buckets)[key].append(_Part(source, place))
            self._keep(source, log)
            if self._is_extra(source, log.extra):
                extras.append(log.extra)
                held.append((source.name, shards.parts_in(log.extra)))
        self.notes += self._inspect(held) if self._inspect else ()
        busy = {(key.tool, key.category) for key in buckets}
        buckets |= {key: parts for key, parts in idle.items() if (key.tool, key.category) not in busy}
        return buckets, shards.united(extras)

    def _is_extra(self, source: Source, extra: Json) -> bool:
        """Whether what a log says besides its runs can be understood."""
        try:
            shards.united([extra])
        except BROKEN:
            self._set_aside(source.name, f"properties.{shards.BAG} was set aside: it has members of unexpected types")
            return False
        return True

    def _runs(self, buckets: dict[Key, list[_Part]]) -> Iterator[bytes]:
        """The runs of the whole, each behind its separator."""
        variants = Counter((key.tool, key.version, key.category) for key in buckets)
        number = 0
        for key in sorted(buckets):
            category = key.category
            if variants[key.tool, key.version, key.category] > 1:
                category = f"{category}variant-{mark(key.variant)}/"
            runs, whole = self._whole(buckets.pop(key), category)
            if whole:
                yield b",\n" if number else b"\n"
                yield from self._run(number, key.tool, whole, runs)
                number += 1

    def _whole(self, parts: Sequence[_Part], category: str) -> tuple[list[_Run], Whole | None]:
        """The runs that are to become one, less those that cannot be understood, and the header of it."""
        runs: list[_Run] = []
        for part in parts:
            try:
                runs.append(_Run(part, self._read(part.source).runs[part.place]))
            except ReportError as error:
                self._set_aside(part.source.name, f"could not be read again: {error.message}")
        try:
            return runs, self._put_together(runs, category)
        except BROKEN:
            sound = [run for run in runs if self._is_sound(run, category)]
            if len(sound) == len(runs):
                raise
        return sound, self._put_together(sound, category)

    def _put_together(self, runs: Sequence[_Run], category: str) -> Whole | None:
        if not runs:
            return None
        complaints = [self._complaints(run.part.source) for run in runs]
        headers = [_header(run.members, complain) for run, complain in zip(runs, complaints, strict=True)]
        return Whole(headers, category, complaints)

    def _is_sound(self, run: _Run, category: str) -> bool:
        """Whether there is nothing in the header of a run that cannot be understood."""
        try:
            self._put_together([run], category)
        except BROKEN as error:
            place = f"runs[{run.part.place}]"
            said = error.message if isinstance(error, ReportError) else "it has members of unexpected types"
            self._set_aside(run.part.source.name, f"{place} was set aside: {said}")
            return False
        return True

    def _run(self, number: int, tool: str, whole: Whole, runs: Sequence[_Run]) -> Iterator[bytes]:
        check = RunCheck(whole.header() | {"originalUriBaseIds": whole.bases}, number) if self._checked else None
        results = Results(whole, check)
        for run, source in zip(runs, whole.sources, strict=True):
            aside = results.add(run.members.results or (), source)
            if aside:
                more = f" and {len(aside) - _NAMED:,} more" if len(aside) > _NAMED else ""
                places = ", ".join(map(str, aside[:_NAMED]))
                self._set_aside(
                    run.part.source.name, f"of runs[{run.part.place}].results no result, set aside: {places}{more}"
                )
        header = whole.header()
        self._keys.append({name: header[name] for name in ("tool", "automationDetails") if name in header})
        yield encode(header)[:-1] + b',"results":['
        for place, block in enumerate(results.blocks()):
            yield b",\n" if place else b"\n"
            yield block
        yield b"]}"
        self.tallies[tool] = self.tallies.get(tool, Tally()).plus(results.tally)
        if check:
            self.problems += check.problems

    def _set_aside(self, name: str, text: str) -> None:
        self.notes.append(Message(id="set-aside", level="error", text=f"{name}: {text}"))

    def _tail(self, extra: Json) -> bytes:
        if self._checked:
            self.problems += [one for one in keys(self._keys) if one not in self.problems]
        noted = [*self.notes, *(_repaired(text) for _, text in self.repairs)]
        extra = shards.with_notes(extra, noted)
        members = b"".join(b"," + encode(name) + b":" + encode(value) for name, value in extra.items())
        return b"]" + members + b"}\n"

    def _read(self, source: Source) -> reading.Log:
        """A log that was read before, and found to be one."""
        return self._kept.get(id(source)) or reading.read_again(source.open())

    def _keep(self, source: Source, log: reading.Log) -> None:
        most = _KEPT_OF_SEVERAL if len(log.runs) > 1 else _KEPT
        if log.odd or len(self._sources) == 1 or self._kept_size + log.size <= most:
            self._kept_size += log.size
            self._kept[id(source)] = log

    def _complaints(self, source: Source) -> Callable[[str], None]:
        def complain(text: str) -> None:
            self.repairs[source.name, text] += 1

        return complain


def merge(
    logs: Iterable[Source | bytes],
    *,
    judge: Judge | None = None,
    inspect: Inspect | None = None,
    check: bool = True,
) -> Merged:
    """Merge SARIF 2.1.0 logs of any tools.

    The runs of one tool, version and category become one: the tables that they point into are united, and results that
    are the same observation are written once. Neither the order of the logs shows nor how results were divided.

    Args:
        logs: the logs, or their bytes.
        judge: gives the verdict on a log that holds parts of scans of devsecops; without it the log has none.
        inspect: gives notes on the parts of a divided scan that the logs hold, by the name of the log.
        check: whether the log that is written is checked for integrity.

    Returns:
        The merged log. One that cannot be read is a note of level `error`; the others are merged all the same.
    """
    return Merged(
        [log if isinstance(log, Source) else _of_bytes(number, log) for number, log in enumerate(logs, start=1)],
        judge,
        inspect,
        check=check,
    )


def _of_bytes(number: int, data: bytes) -> Source:
    return Source(f"log {number}", lambda: data)


def _header(run: reading.Run, complain: Callable[[str], None]) -> Json:
    header = run.header(complain)
    if run.results is None:
        complain("results that are null or absent: the scan failed")
        listed = header.get("invocations")
        header["invocations"] = [*(listed if isinstance(listed, list) else ()), _NO_RESULTS]
    return header


def _repaired(text: str) -> Message:
    return Message(id="repaired", level="note", text=f"repaired: {text}")


@contextmanager
def _cyclic_gc_off() -> Iterator[None]:
    """JSON has no cycles, and looking for some costs more than all else (measured: two thirds of a merge)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
