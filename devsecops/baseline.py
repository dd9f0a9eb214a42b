"""Compares results with those of an earlier log: what is new, unchanged, fixed or has reappeared (docs/baseline.md)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from devsecops import dedupe, files, fingerprint, weakness
from devsecops.errors import ReportError, UsageError
from devsecops.model import Baseline, Execution, FileLocation, HttpLocation, Message, Outcome, Result, Status
from devsecops.sarif import from_sarif
from devsecops.text import one_line, plural

_LIMIT = 2 << 30  # bytes of a log
_ENDED = frozenset({Status.COMPLETE, Status.NOT_APPLICABLE})
_Slots = dict[str, dict[str, list[int]]]
"""Fingerprint to scanner to positions in the results of the baseline."""
_Prints = Callable[[Result, int], Sequence[str]]
"""Fingerprints to look for, of a result and its position."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """Results with what the baseline says of them."""

    results: tuple[Result, ...]
    """Those that were given and those of the baseline that are fixed, in the order of every output."""
    notes: tuple[Message, ...] = ()


def read(path: Path) -> Outcome | None:
    """The outcome of a SARIF log, of ours or of any tool; None where there is no such file, as before a first run.

    Raises:
        UsageError: the file cannot be read, or is not a SARIF 2.1.0 log.
    """
    if not path.exists() and not path.is_symlink():
        return None
    try:
        return from_sarif(files.read(path, _LIMIT), groups=weakness.groups)
    except ReportError as error:
        said = error.message.removeprefix(f"{path.name} ")
        raise UsageError(f"{path}: the baseline cannot be read: {said}", error.hint or "write it again") from None


def compared(
    results: Sequence[Result],
    earlier: Outcome,
    executions: Iterable[Execution],
    *,
    looked_at: Callable[[Result], bool] = lambda _: True,
    former: Mapping[int, Sequence[str]] = {},  # not changed
) -> Compared:
    """The results with their states against a baseline.

    A result is known when it shares a fingerprint with one of the baseline that no other result of its scanner has been
    matched with: of three equal ones, of which one was known, two are new. What another scanner had reported is known
    as often as that one had. A result of the baseline is fixed when nothing matches it, its scanner has run to the end
    on everything that it had run on, and its file has been looked at or is gone.

    Args:
        results: what a scan has found.
        earlier: the outcome of the baseline.
        executions: what became of the scanners of the scan.
        looked_at: whether the place of an earlier result was examined, or is there no more.
        former: further fingerprints by position in `results`, such as those under the former name of a file.
    """
    matches = _Matches(earlier.results, results)
    marked = [
        result if result.baseline is state else msgspec.structs.replace(result, baseline=state)
        for result, state in zip(results, matches.states(former), strict=True)
    ]
    left = list(matches.left())
    if left and len(left) == len(earlier.results) and results and not _share_a_file(results, left):
        return Compared(results=tuple(marked), notes=(_foreign(len(left)),))
    ended = _ended(earlier.executions, executions)
    fixed, unseen = [], Counter[str]()
    for old in left:
        if old.scanner in ended and looked_at(old):
            fixed.append(msgspec.structs.replace(old, baseline=Baseline.ABSENT, suppressions=()))
        else:
            unseen[one_line(old.scanner)] += 1
    return Compared(results=tuple(sorted([*marked, *fixed], key=dedupe.order)), notes=tuple(_not_again(unseen)))


class _Matches:
    """Matches results with those of a baseline, each of these at most once for each scanner."""

    def __init__(self, earlier: Sequence[Result], results: Sequence[Result]) -> None:
        self._earlier, self._results = earlier, results
        self._slots: _Slots = {}
        present_first = sorted(range(len(earlier)), key=lambda at: earlier[at].baseline is Baseline.ABSENT)
        for at in present_first:
            for print_ in earlier[at].fingerprints:
                self._slots.setdefault(print_, {}).setdefault(earlier[at].scanner, []).append(at)
        self._taken: dict[str, set[int]] = defaultdict(set)  # by scanner

    def states(self, former: Mapping[int, Sequence[str]]) -> Iterator[Baseline]:
        """The state of each result, in their order; what is most alike is matched first."""
        found: list[int | None] = [None] * len(self._results)
        ways: tuple[_Prints, ...] = (
            lambda result, _: result.fingerprints[:1],
            lambda result, _: result.fingerprints,
            lambda _, at: former.get(at, ()),
            _by_message(self._results),
        )
        for prints_of in ways:
            for at, result in enumerate(self._results):
                if found[at] is None:
                    found[at] = self._slot(result.scanner, prints_of(result, at))
        for slot in found:
            absent = slot is not None and self._earlier[slot].baseline is Baseline.ABSENT
            yield Baseline.NEW if slot is None else Baseline.REAPPEARED if absent else Baseline.UNCHANGED

    def left(self) -> Iterator[Result]:
        """The results of the baseline that nothing matches, less what was fixed in it and what others still see."""
        taken = set().union(*self._taken.values())
        seen = {print_ for result in self._results for print_ in result.fingerprints if print_ in self._slots}
        for at, old in enumerate(self._earlier):
            left = at not in taken and old.baseline is not Baseline.ABSENT
            if left and not self._is_seen_by_others(old, seen.intersection(old.fingerprints)):
                yield old

    def _slot(self, scanner: str, prints: Sequence[str]) -> int | None:
        """The first result of the baseline with one of the fingerprints that the scanner has not yet matched."""
        taken = self._taken[scanner]
        for print_ in prints:
            groups = self._slots.get(print_)
            if groups is None:
                continue
            own = groups.get(scanner) or max(groups.values(), key=len)
            for at in own:
                if at not in taken:
                    taken.add(at)
                    return at
        return None

    def _is_seen_by_others(self, old: Result, seen: Iterable[str]) -> bool:
        """Whether only other scanners still report it: then it is there, though its own no longer says so."""
        own = self._taken[old.scanner]
        groups = [self._slots[print_].get(old.scanner, ()) for print_ in seen]
        return bool(groups) and not any(at in own for group in groups for at in group)


def _by_message(results: Sequence[Result]) -> _Prints:
    """The fingerprint that `foreign.identified` gives a result of a log without the text of the line."""
    lines: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for result in results:
        if isinstance(result.location, FileLocation):
            lines[result.location.path, result.rule.id, result.message].add(result.location.line)
    ordered = {key: {line: place for place, line in enumerate(sorted(found))} for key, found in lines.items()}

    def prints(result: Result, _: int) -> Sequence[str]:
        location = result.location
        if not isinstance(location, FileLocation):
            return ()
        occurrence = ordered[location.path, result.rule.id, result.message][location.line]
        return (fingerprint.of_rule(result.rule.id, location.path, result.message, occurrence),)

    return prints


def _ended(before: Iterable[Execution], now: Iterable[Execution]) -> set[str]:
    """The scanners whose silence means something: they ran to the end on everything that they had run on before."""
    complete = {(one.scanner, one.target): one.status in _ENDED for one in now}
    unable = {scanner for (scanner, _), done in complete.items() if not done}
    unable |= {one.scanner for one in before if (one.scanner, one.target) not in complete}
    return {scanner for scanner, _ in complete} - unable


def _share_a_file(results: Iterable[Result], earlier: Iterable[Result]) -> bool:
    places = [{place for one in some if (place := _place(one))} for some in (results, earlier)]
    return not places[0].isdisjoint(places[1])


def _place(result: Result) -> str:
    return result.location.url if isinstance(result.location, HttpLocation) else result.location.path


def _foreign(count: int) -> Message:
    text = (
        f"no file of the {plural(count, 'result')} of the baseline has any result now: it seems to be of another "
        "repository, and everything counts as new"
    )
    return Message(id="baseline", text=text)


def _not_again(unseen: Mapping[str, int]) -> Iterator[Message]:
    for scanner, count in sorted(unseen.items()):
        text = f"{plural(count, 'result')} of {scanner} in the baseline not looked for again: not counted as fixed"
        yield Message(id="baseline", text=text)
