"""How one scan is divided among machines: cells of work, packed into shards, and whether the parts make up the whole.

Each shard is a scan of its cells and writes one part. Nothing of how work was divided shows in the merged parts.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Literal

import msgspec

from devsecops import files
from devsecops._version import __version__
from devsecops.errors import ReportError, UsageError
from devsecops.model import Kind, Message, Part
from devsecops.text import one_line
from devsecops.work import Cell

LIMIT: Final = 200
"""Shards: GitLab's limit for `parallel`; GitHub's for a matrix is 256."""
_WORTHWHILE = 240.0  # seconds of work for one shard: to start a job in CI takes 10 to 60 seconds
_LARGEST = 64 << 20  # bytes of a plan
_NAMED = 5  # cells of a shard that is missing

Held = Sequence[tuple[str, Sequence[Part]]]
"""The parts that logs hold, each with the name of the log."""


class Shard(msgspec.Struct, frozen=True, kw_only=True):
    """What one machine does."""

    cost: float
    """Estimated seconds, the start of each scanner included."""
    cells: tuple[Cell, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A scan, divided. Its digest is that of its bytes: `encoded`."""

    version: Literal[1] = 1
    devsecops: str
    commit: str
    """The commit that is checked out; empty where git does not tell."""
    shards: tuple[Shard, ...]


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one shard takes of all work."""

    part: Part
    mine: frozenset[tuple[Kind, str]]
    planned: frozenset[tuple[Kind, str]]

    def takes(self, kind: Kind, service: str) -> bool:
        """Whether a kind of check on a service is done here; what no shard was given falls to the first."""
        cell = (kind, service)
        return cell in self.mine or (self.part.number == 1 and cell not in self.planned)


def divided(cells: Sequence[Cell], starts: Mapping[Kind, float], count: int | None, commit: str = "") -> Plan:
    """The plan that shares cells out: longest first, each to the shard that then has least to do.

    Args:
        cells: all cells.
        starts: seconds that each kind takes to start in a shard.
        count: how many shards at most; none of them is empty. None for as many as are worth starting.
        commit: what is checked out.

    Raises:
        UsageError: there is nothing to share out.
    """
    if not cells:
        raise UsageError("there is nothing here that a scanner would examine", "devsecops scanners says what there is")
    whole = sum(cell.cost for cell in cells)
    count = min(math.ceil(whole / _WORTHWHILE), LIMIT) if count is None else count
    shards = sorted(_packed(cells, starts, min(count, len(cells))), key=lambda shard: (-shard.cost, _first(shard)))
    return Plan(devsecops=__version__, commit=commit, shards=tuple(shards))


def _packed(cells: Sequence[Cell], starts: Mapping[Kind, float], count: int) -> Iterator[Shard]:
    loads = [0.0] * count
    kinds: list[set[Kind]] = [set() for _ in range(count)]
    given: list[list[Cell]] = [[] for _ in range(count)]
    for cell in sorted(cells, key=lambda cell: (-cell.cost, cell.kind.value, cell.service)):
        start = starts.get(cell.kind, 0.0)
        after = [load + (0.0 if cell.kind in there else start) for load, there in zip(loads, kinds, strict=True)]
        least = after.index(min(after))
        loads[least] = after[least] + cell.cost
        kinds[least].add(cell.kind)
        given[least].append(cell)
    for load, some in zip(loads, given, strict=True):
        if some:
            yield Shard(cost=round(load, 2), cells=tuple(sorted(some, key=lambda cell: cell.work)))


def _first(shard: Shard) -> tuple[str, str, int, int]:
    return shard.cells[0].work


def encoded(plan: Plan) -> bytes:
    """The bytes of a plan: one cell a line."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n"


def read(path: Path) -> tuple[Plan, str]:
    """The plan that a file holds, and its digest.

    Raises:
        UsageError: it is none, or one of another version.
    """
    hint = "write it: devsecops plan -o plan.json"
    try:
        data = files.read(path, _LARGEST)
        plan = msgspec.json.decode(data, type=Plan)
    except ReportError as error:
        raise UsageError(f"{path}: {error.message}", hint) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: is not a plan: {error}", hint) from None
    if not plan.shards or not all(shard.cells for shard in plan.shards):
        raise UsageError(f"{path}: a shard of the plan has nothing to do", hint)
    return plan, files.digest_of(data)


def share(plan: Plan, digest: str, number: int, of: int) -> Share:
    """What a shard takes.

    Raises:
        UsageError: there is no such shard.
    """
    if of != len(plan.shards) or not 1 <= number <= of:
        known = ", ".join(f"{at}/{len(plan.shards)}" for at in range(1, min(len(plan.shards), _NAMED) + 1))
        more = "…" if len(plan.shards) > _NAMED else ""
        raise UsageError(f"the plan has no shard {number}/{of}", f"its shards: {known}{more}")
    return Share(
        part=Part(plan=digest, number=number, of=of),
        mine=frozenset((cell.kind, cell.service) for cell in plan.shards[number - 1].cells),
        planned=frozenset((cell.kind, cell.service) for shard in plan.shards for cell in shard.cells),
    )


def check(plan: Plan, here: Iterable[Cell], commit: str) -> None:
    """See that a plan is of what is to be scanned.

    Raises:
        UsageError: it is of another version of devsecops, of another commit, or of other files.
    """
    hint = "plan and shards need the same checkout, version and options: devsecops plan"
    if plan.devsecops != __version__:
        raise UsageError(f"the plan is stale: of devsecops {plan.devsecops}, and this is {__version__}", hint)
    if plan.commit != commit:
        raise UsageError(f"the plan is stale: of commit {plan.commit or 'unknown'}, here is {commit or 'none'}", hint)
    planned = {cell.work for shard in plan.shards for cell in shard.cells}
    differing = sorted(planned.symmetric_difference(cell.work for cell in here))
    if differing:
        kind, service, *_ = differing[0]
        of = one_line(f"{kind} of {service or 'the repository'}")
        more = f" and {len(differing) - 1:,} more" if len(differing) > 1 else ""
        raise UsageError(f"the plan is stale: it differs from what is here in {of}{more}", hint)


def inspector(path: Path) -> Callable[[Held], Iterator[Message]]:
    """What sees that logs are all parts of a plan: `faults`, for `sarif.merge`.

    Raises:
        UsageError: as `read`.
    """
    return partial(faults, *read(path))


def faults(plan: Plan, digest: str, held: Held) -> Iterator[Message]:
    """What keeps logs from being all parts of a plan: an error for each one that is missing, doubled or foreign.

    Args:
        plan: the plan.
        digest: its digest.
        held: the parts that each log holds, with its name; none where it is no part of a scan.
    """
    count = len(plan.shards)
    names: dict[int, list[str]] = defaultdict(list)
    for name, parts in held:
        if not parts:
            yield _error("foreign", f"{name} is no part of this plan")
        for part in parts:
            if part.plan != digest or part.of != count or not 1 <= part.number <= count:
                text = f"{name} is part {part.number}/{part.of} of another plan: of another run, commit or repository"
                yield _error("foreign", text)
            else:
                names[part.number].append(name)
    for number, shard in enumerate(plan.shards, 1):
        if len(names[number]) > 1:
            yield _error("doubled", f"part {number}/{count} is there more than once: {', '.join(names[number])}")
        elif not names[number]:
            yield _error("missing", f"part {number}/{count} is missing: {_cells(shard.cells)}")


def _error(what: str, text: str) -> Message:
    return Message(id=f"{what}-part", level="error", text=one_line(text))


def _cells(cells: Sequence[Cell]) -> str:
    """What the cells are, by kind."""
    counts = Counter(cell.kind.value for cell in cells)
    named = [f"{cell.kind.value} of {cell.service or 'the repository'}" for cell in cells[:_NAMED]]
    more = [f"{len(cells) - _NAMED:,} more ({', '.join(sorted(counts))})"] if len(cells) > _NAMED else []
    return ", ".join([*named, *more])
