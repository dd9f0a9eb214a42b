"""Stages of a Dockerfile: what each is built on, with variables replaced as far as the file itself tells."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from devsecops.dockerfiles.syntax import Instruction
from devsecops.dockerfiles.words import UNKNOWN, expanded, words
from devsecops.errors import ReportError

SCRATCH: Final = "scratch"
_WITHOUT_WORDS: Final = frozenset({"RUN", "CMD", "ENTRYPOINT", "ENV", "ARG", "HEALTHCHECK", "SHELL"})


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """An image as it is named: `registry/name:tag@digest`."""

    text: str

    @property
    def digest(self) -> str:
        """What stands behind `@`; empty without."""
        return self.text.partition("@")[2]

    @property
    def tag(self) -> str:
        """The tag; empty without. A port of the registry is none."""
        return self.text.partition("@")[0].rpartition("/")[2].partition(":")[2]

    @property
    def is_told(self) -> bool:
        """Whether the file itself tells tag and digest."""
        return UNKNOWN not in self.text.rpartition("/")[2]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An instruction of a stage."""

    instruction: Instruction
    words: tuple[str, ...]
    """Its words, without quotes, variables replaced; none for what a shell reads (`RUN`, `CMD`, …), `ENV` and `ARG`."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a Dockerfile."""

    number: int
    name: str
    """In lower case; empty where it has none."""
    start: Instruction
    """Its `FROM`."""
    image: Reference | None
    """The image it is built on; None where that is an earlier stage, or `scratch`."""
    parent: int | None
    """The number of the stage it is built on."""
    steps: tuple[Step, ...]


def stages(instructions: Sequence[Instruction]) -> tuple[Stage, ...]:
    """The stages that some instructions make, in their order.

    Raises:
        ReportError: a `FROM` is no `FROM image` or `FROM image AS name`.
    """
    found: list[Stage] = []
    numbers: dict[str, int] = {}
    left: list[dict[str, str]] = []  # the environment that each stage leaves
    known: dict[str, str] = {}
    starts = [at for at, one in enumerate(instructions) if one.name == "FROM"]
    for one in instructions[: starts[0]]:
        known |= _assigned(one, known, {})
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(instructions)], strict=True)):
        first = instructions[start]
        base, name = _from(first, known)
        parent = numbers.get(base.lower())
        environment = dict(left[parent]) if parent is not None else {}
        steps = _steps(instructions[start + 1 : end], environment, known)
        is_image = parent is None and base.lower() != SCRATCH
        image = Reference(text=base) if is_image else None
        found.append(Stage(number=number, name=name, start=first, image=image, parent=parent, steps=steps))
        left.append(environment)
        if name:
            numbers[name] = number
    return tuple(found)


def assignments(instruction: Instruction) -> list[tuple[str, str | None]]:
    """The names that `ENV` or `ARG` sets, each with its value as it stands there; None for an `ARG` without one."""
    found = words(instruction.text, instruction.escape)
    if instruction.name == "ENV" and found and "=" not in found[0]:
        return [(found[0], instruction.text.removeprefix(found[0]).strip())]
    pairs = (word.partition("=") for word in found)
    return [(name.strip("\"'"), value if equals else None) for name, equals, value in pairs]


def _assigned(one: Instruction, variables: Mapping[str, str], inherited: Mapping[str, str]) -> dict[str, str]:
    """What an `ENV` or `ARG` sets, as far as that is known; an `ARG` without a value inherits that above all stages."""
    found: dict[str, str] = {}
    for name, value in assignments(one):
        if value is not None:
            found[name] = expanded(value, variables, one.escape)
        elif name in inherited:
            found[name] = inherited[name]
    return found


def _from(first: Instruction, known: Mapping[str, str]) -> tuple[str, str]:
    """The image or stage that a `FROM` names, and the name it gives."""
    found = [expanded(word, known, first.escape) for word in words(first.text, first.escape)]
    if len(found) == 1:
        return found[0], ""
    if len(found) == 3 and found[1].lower() == "as":
        return found[0], found[2].lower()
    raise ReportError(f"line {first.line}: FROM takes an image, or an image, AS and a name")


def _steps(
    instructions: Sequence[Instruction], environment: dict[str, str], known: Mapping[str, str]
) -> tuple[Step, ...]:
    """The steps of a stage; what its `ENV` sets is added to the environment, which wins over any `ARG`."""
    arguments: dict[str, str] = {}
    variables = ChainMap(environment, arguments)
    steps: list[Step] = []
    for one in instructions:
        if one.name in {"ENV", "ARG"} and not one.onbuild:
            (environment if one.name == "ENV" else arguments).update(_assigned(one, variables, known))
        steps.append(Step(instruction=one, words=_words(one, variables)))
    return tuple(steps)


def _words(one: Instruction, variables: Mapping[str, str]) -> tuple[str, ...]:
    if one.name in _WITHOUT_WORDS:
        return ()
    found = one.items if one.items is not None else words(one.text, one.escape)
    return tuple(expanded(word, variables, one.escape) for word in found)
