"""The results of the runs that become one: indices remapped, each observation once, in one order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec

from devsecops.sarif import observations, plain, reading, repair
from devsecops.sarif.components import Descriptors
from devsecops.sarif.integrity import RunCheck
from devsecops.sarif.joins import encode
from devsecops.sarif.observations import Key, Order
from devsecops.sarif.plain import Artifact, Plain
from devsecops.sarif.references import References
from devsecops.sarif.repair import BROKEN
from devsecops.sarif.shapes import walk
from devsecops.sarif.whole import Whole

Json = dict[str, Any]
Complain = Callable[[str], None]

_BLOCK: Final = 500  # results
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Tally(msgspec.Struct):
    """What became of the results of one tool: `read == written + duplicates + set_aside`."""

    read: int = 0
    written: int = 0
    duplicates: int = 0
    set_aside: int = 0

    def plus(self, other: Tally) -> Tally:
        """The sum."""
        return Tally(
            *(mine + theirs for mine, theirs in zip(*map(msgspec.structs.astuple, (self, other)), strict=True))
        )


class _Entry(msgspec.Struct, gc=False):
    """A result as it will be written, and how often it was seen."""

    grade: int
    key: Key
    text: bytes
    run: int
    seen: int
    before: int = 1

    def again(self, run: int, seen: int) -> None:
        """Count the same result: within a run occurrences add up, while two runs have seen the same ones."""
        if run == self.run:
            self.seen += seen
        else:
            self.before, self.run, self.seen = max(self.before, self.seen), run, seen


class Results:
    """The results of one run that is put together."""

    def __init__(self, whole: Whole, check: RunCheck | None) -> None:
        """Prepare.

        Args:
            whole: the run.
            check: sees each result as it will be written.
        """
        self.tally = Tally()
        self._whole = whole
        self._check = check
        self._entries: dict[Key, _Entry] = {}
        self._runs = 0
        rules = whole.header()["tool"]["driver"].get("rules", [])
        self._rules = Descriptors([], rules)
        self._baselined = 0  # results with a baseline state

    def add(self, listed: Sequence[msgspec.Raw], source: References) -> list[int]:
        """Take the results of one run, each as JSON; returns the places of those that are none."""
        self._runs += 1
        reader, check = _Reader(source, self._whole.numbers, self._rules), self._check
        aside: list[int] = []
        for number, text in enumerate(listed, start=self.tally.read):
            typed = reader.plain(text)
            if typed is None:
                if not self._take(reader, text, number):
                    aside.append(number - self.tally.read)
                continue
            found, artifacts = typed
            if check:
                check.plain(found.ruleId, found.ruleIndex, found.level, artifacts, number)
            self._put(observations.order_of_plain(found), encode(found))
        self.tally.read += len(listed)
        self.tally.set_aside += len(aside)
        return aside

    def blocks(self) -> Iterator[bytes]:
        """The results as JSON, worst first and then by place, one a line, some lines at a time."""
        if 0 < self._baselined < self.tally.read - self.tally.set_aside:
            self._strip_baseline()
        self.tally.written = len(self._entries)
        lines: list[bytes] = []
        for entries in _in_order(self._entries):
            lines += [entry.text if entry.seen == entry.before == 1 else _counted(entry) for entry in entries]
            if len(lines) >= _BLOCK:
                yield b",\n".join(lines)
                lines.clear()
        if lines:
            yield b",\n".join(lines)

    def _take(self, reader: _Reader, text: msgspec.Raw, number: int) -> bool:
        """Take any result; False where it is none."""
        try:
            found = reader.read(text)
            seen = found.pop("occurrenceCount", 1)
            self._put(*_written(found), seen)
        except BROKEN:
            return False
        self._baselined += "baselineState" in found
        if self._check:
            self._check.result(found, number)
        return True

    def _put(self, order: Order, text: bytes, seen: int = 1) -> None:
        """Take a result, which may be known already."""
        grade, key = order
        entry = _Entry(grade, key, text, self._runs, seen)
        known = self._entries.setdefault(key, entry)
        if known is entry:
            return
        if known.text != text:
            both = observations.united(_decode(known.text), _decode(text))
            (known.grade, _), known.text = _written(both)
        self.tally.duplicates += 1
        known.again(self._runs, seen)

    def _strip_baseline(self) -> None:
        """All results of a run have a baseline state, or none has (section 3.27.24).

        Ours are new where nothing else is said. Of other tools' nothing can be known: what counts as known is then new.
        """
        for key, entry in list(self._entries.items()):
            found = _decode(entry.text)
            if self._whole.ours:
                found.setdefault("baselineState", "new")
            elif found.pop("baselineState", "") == "absent":
                del self._entries[key]
                self.tally.set_aside += 1
                continue
            (entry.grade, _), entry.text = _written(found)


class _Reader:
    """Reads the results of one run."""

    def __init__(self, source: References, numbers: dict[str, int], all_rules: Descriptors) -> None:
        rules = source.driver.arrays["rules"]
        self._source = source
        self._complain = source.complain
        self._numbers = numbers
        self._rules = all_rules
        self._levels = [_default_level(entry) for entry in source.driver.entries["rules"]]
        self._overrides = source.overrides()
        self._artifacts = [numbers[f"artifacts:{symbol}"] for symbol in source.symbols["artifacts"]]
        self._visits = source.visits(numbers.__getitem__)
        self._known_rules = {(one, at): numbers[rules.symbols[at]] for at, one in enumerate(rules.ids)}
        self._known_places: dict[Artifact, Artifact] = {}

    def plain(self, text: msgspec.Raw | bytes) -> tuple[Plain, list[Artifact]] | None:
        """A result that has nothing unusual, as it will be written, and the files in it; None for any other."""
        typed = plain.read(text)
        if typed is None:
            return None
        found, places = typed
        number = self._known_rules.get((found.ruleId, found.ruleIndex))
        if number is None:
            return None
        found.ruleIndex = number
        artifacts = []
        for place in places:
            said = place.artifactLocation
            artifact = self._known_places.get(said) or self._artifact(said)
            if artifact is None:
                return None
            place.artifactLocation = artifact
            artifacts.append(artifact)
        return found, artifacts

    def _artifact(self, said: Artifact) -> Artifact | None:
        """An artifact location as it is written; None where its index is of another file."""
        meant = self._source.place(said.uri, said.uriBaseId)
        number = -1
        if said.index >= 0:
            if said.index >= len(self._artifacts) or self._source.artifacts[said.index] != meant:
                return None
            number = self._artifacts[said.index]
        found = self._known_places[said] = Artifact(*meant, number)
        return found

    def read(self, text: msgspec.Raw | bytes) -> Json:
        """A result as it will be written; raises one of `repair.BROKEN` where it is none."""
        found = repair.result(reading.one(text, self._complain), self._complain)
        reference = found.get("rule")
        if isinstance(reference, dict) and isinstance(found.get("ruleId"), str):
            reference.setdefault("id", found["ruleId"])
        walk("result", found, self._visits, self._complain)
        repair.traversals(found, self._complain)
        self._settle_rule(found)
        return found

    def _settle_rule(self, found: Json) -> None:
        """Rule id, rule index and level: what the result says, else what its rule says (sections 3.27.5 to 3.27.10)."""
        reference = found.get("rule")
        reference = reference if isinstance(reference, dict) else {}
        rules = self._source.rules(reference)
        index = found.get("ruleIndex", -1)
        identifier = found.get("ruleId", reference.get("id"))
        at = rules.find(index, identifier, reference.get("guid")) if rules else None
        if at is None and index != -1:
            self._complain("ruleIndex that leads nowhere")
        if rules and at is not None:
            found.setdefault("ruleId", rules.ids[at])
            found["ruleIndex"] = self._numbers[rules.symbols[at]]
        else:
            found.pop("ruleIndex", None)
            if isinstance(identifier, str):
                found["ruleId"] = identifier
            elsewhere = self._rules.find(None, identifier) if rules is self._source.rules() else None
            if elsewhere is not None:
                found["ruleIndex"] = elsewhere
        if found.get("level") is None:
            found["level"] = self._level(found, at if rules is self._source.rules() else None)

    def _level(self, found: Json, at: int | None) -> str:
        if found.get("kind", "fail") != "fail":
            return "none"
        override = self._overrides.get(str(found.get("ruleId", "")))
        return override or (self._levels[at] if at is not None else "warning")


def _written(found: Json) -> tuple[Order, bytes]:
    """The order of a result and how it is written: as a plain one where it is one, whichever way it was read."""
    text = encode(observations.in_form(found))
    typed = plain.read(text)
    return observations.order_of(found), encode(typed[0]) if typed else text


def _in_order(entries: dict[Key, _Entry]) -> Iterator[list[_Entry]]:
    """The entries in their order, which are taken out; file by file, so that neighbours in memory are looked at."""
    groups: dict[tuple[Any, ...], list[_Entry]] = defaultdict(list)
    for entry in entries.values():
        groups[entry.grade, entry.key[0], entry.key[1]].append(entry)
    entries.clear()
    for group in sorted(groups):
        yield sorted(groups.pop(group), key=attrgetter("key"))


def _counted(entry: _Entry) -> bytes:
    """A result with how often it was seen."""
    count = max(entry.before, entry.seen)
    return entry.text if count == 1 else encode({**_decode(entry.text), "occurrenceCount": count})


def _default_level(entry: Json) -> str:
    configuration = entry.get("defaultConfiguration")
    word = configuration.get("level") if isinstance(configuration, dict) else None
    return repair.level(word, lambda _: None) if word is not None else "warning"
