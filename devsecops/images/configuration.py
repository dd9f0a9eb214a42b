"""What an image's configuration says: layers, the steps that made them, user and environment.

OCI image specification 1.1, config.md; Docker writes the same document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from devsecops.errors import ReportError
from devsecops.images import systems
from devsecops.model import OURS, FileLocation, Result, Rule, Severity
from devsecops.scanner import Image
from devsecops.text import MASK, mask, one_line, shorten

_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_LAYERS: Final = 512
_ROOT: Final = frozenset({"", "root", "0"})
_ASSIGNED: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)[= ](.*)", re.DOTALL)
_USER: Final = Rule(
    id="image-root-user",
    name="Image runs as root",
    help="A process that breaks out of the container is root outside too, unless user namespaces are in use. Add a "
    "USER instruction that names another user.",
    cwe=(250,),
)
_SECRET: Final = Rule(
    id="image-env-secret",
    name="Secret in the environment of an image",
    help="Everybody who can pull the image can read its environment and the history of its build. Revoke the secret, "
    "and give it at run time, or to the one RUN instruction that needs it by --mount=type=secret.",
    cwe=(526, 798),
)


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of the document."""

    digests: tuple[str, ...]
    """`sha256:<hex>` of the uncompressed layers, lowest first."""
    steps: tuple[str, ...]
    """The step behind each layer; empty texts where the history does not fit the layers."""
    user: str = ""
    environment: tuple[str, ...] = ()
    """`NAME=value`, as the configuration and the ENV and ARG steps of the history set it."""


class _Run(msgspec.Struct):
    User: str | None = None
    Env: list[str] | None = None


class _Files(msgspec.Struct):
    diff_ids: list[str]


class _Step(msgspec.Struct):
    created_by: str = ""
    empty_layer: bool = False


class _Document(msgspec.Struct):
    rootfs: _Files
    config: _Run | None = None
    history: list[_Step] | None = None


def read(data: bytes) -> Configuration:
    """The configuration of an image. Raises ReportError where it is none."""
    try:
        said = msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(f"the image's configuration cannot be understood: {error}") from None
    digests = said.rootfs.diff_ids
    if len(digests) > _LAYERS or not all(map(_DIGEST.fullmatch, digests)):
        raise ReportError("the image's configuration names no valid digests of layers")
    history = said.history or []
    steps = [step.created_by for step in history if not step.empty_layer]
    run = said.config or _Run()
    return Configuration(
        digests=tuple(digests),
        steps=tuple(steps if len(steps) == len(digests) else [""] * len(digests)),
        user=run.User or "",
        environment=(*(run.Env or ()), *(found for step in history for found in _set_by(step.created_by))),
    )


def results(image: Image, config: Configuration) -> tuple[Result, ...]:
    """What is wrong with the configuration, and an operating system that gets no updates any more."""
    found = [_result(image, _USER, Severity.MEDIUM, "it names no user, so it runs as root", "USER")]
    if config.user.partition(":")[0].strip() not in _ROOT:
        found = []
    for name in sorted(set(_secrets(config.environment))):
        text = f"the environment variable {name} holds a secret, in the configuration or history of the image"
        found.append(_result(image, _SECRET, Severity.HIGH, text, f"{name}={MASK}"))
    if image.ended:
        found.append(systems.result(OURS, image.name, image.system, image.ended))
    return tuple(found)


def _set_by(step: str) -> Iterator[str]:
    """What an ENV or ARG step of the history sets, as Docker and BuildKit write it."""
    word, _, rest = step.removeprefix("/bin/sh -c #(nop) ").strip().partition(" ")
    if word not in {"ENV", "ARG"}:
        return
    for part in re.split(r"\s+(?=[A-Za-z_][A-Za-z0-9_.-]*=)", rest.strip()):
        found = _ASSIGNED.match(part)
        if found:
            yield f"{found[1]}={found[2]}"


def _secrets(environment: tuple[str, ...]) -> Iterator[str]:
    """Names of variables whose value, or name and value together, have the form of a secret."""
    for variable in environment:
        name = one_line(variable.partition("=")[0])
        if mask(variable) != variable:
            yield shorten(name, 100)


def _result(image: Image, rule: Rule, severity: Severity, text: str, evidence: str) -> Result:
    return Result(
        scanner=OURS,
        rule=rule,
        severity=severity,
        message=f"{image.name}: {text}",
        location=FileLocation(path=image.name),
        evidence=evidence,
    )
