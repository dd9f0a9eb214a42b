"""Names of images: the grammar of the distribution project (github.com/distribution/reference, reference.go)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from devsecops.errors import DockerError, UsageError
from devsecops.text import one_line, shorten

DEFAULT_REGISTRY = "docker.io"
_LONGEST = 255  # characters of registry and path together
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_REGISTRY = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?")
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9_]+(?:/[a-z0-9]+)?")
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """The name of an image, taken apart."""

    registry: str = DEFAULT_REGISTRY
    path: str = ""
    """Empty where an image is named by its id alone."""
    tag: str = ""
    digest: str = ""
    """`sha256:<hex>`; it outranks the tag."""

    @property
    def remote(self) -> str:
        """The path by which the registry itself knows the repository."""
        library = "library/" if self.registry == DEFAULT_REGISTRY and "/" not in self.path else ""
        return f"{library}{self.path}"

    @property
    def repository(self) -> str:
        """The full name without tag and digest, as a pull needs it: no search list of a daemon applies to it."""
        return f"{self.registry}/{self.remote}"

    @property
    def version(self) -> str:
        """What chooses one image of the repository: the digest, else the tag."""
        return self.digest or self.tag

    @property
    def local(self) -> str:
        """The name that a daemon knows the image by; never one that it could take for the beginning of an id."""
        if not self.path:
            return self.digest
        registry = "" if self.registry == DEFAULT_REGISTRY else f"{self.registry}/"
        return f"{registry}{self.path}{f'@{self.digest}' if self.digest else f':{self.tag}'}"


def parse(text: str) -> Reference:
    """A name such as `web`, `registry.example:5000/shop/web:1.0`, `web@sha256:…`, or the id `sha256:…` of an image.

    Raises:
        UsageError: it is none: an option, a shell's word, an address with a scheme, upper case.
    """
    if _DIGEST.fullmatch(text):
        return Reference(digest=text)
    name, at, digest = text.partition("@")
    head, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    name = f"{head}{slash}{last}"
    registry, path = _apart(name)
    valid = (
        len(name) <= _LONGEST
        and _REGISTRY.fullmatch(registry)
        and _PATH.fullmatch(path)
        and (not colon or _TAG.fullmatch(tag))
        and (not at or _DIGEST.fullmatch(digest))
    )
    if not valid:
        shown = shorten(one_line(text), 100)
        raise UsageError(f"{shown!r} is no name of an image", "a name is [REGISTRY/]PATH[:TAG][@sha256:DIGEST]")
    return Reference(registry=registry.lower(), path=path, tag=tag or ("" if digest else "latest"), digest=digest)


def check_allowed(reference: Reference, registries: Sequence[str], *, offline: bool, lack: str, hint: str) -> None:
    """See that a registry may be asked for an image.

    Args:
        reference: the image.
        registries: registries besides the default one that may be asked.
        offline: whether none may be.
        lack: why it has to be, for people.
        hint: what the user may do where it may not.

    Raises:
        DockerError: it may not.
    """
    if not reference.path:
        raise DockerError(lack, "an id names an image that is there; pull it by its name")
    if offline:
        raise DockerError(f"{lack}, and --offline forbids to pull it", hint)
    if reference.registry not in {DEFAULT_REGISTRY, *(one.lower() for one in registries)}:
        raise DockerError(f"{lack}, and {reference.registry} is not among the registries that may be asked", hint)


def check_platform(text: str) -> str:
    """A platform such as `linux/arm64`, in the words of images: `x86_64` is `amd64` there.

    Raises:
        UsageError: it is none.
    """
    if not _PLATFORM.fullmatch(text):
        raise UsageError(f"{shorten(one_line(text), 100)!r} is no platform", "a platform is OS/ARCHITECTURE[/VARIANT]")
    system, machine, *variant = text.split("/")
    return "/".join([system, _MACHINES.get(machine, machine), *variant])


def is_platform(found: str, asked: str) -> bool:
    """Whether an image of one platform is of another one that was asked for; a variant counts where both have one."""
    return all(one == other for one, other in zip(found.split("/"), asked.split("/"), strict=False))


def _apart(name: str) -> tuple[str, str]:
    """Registry and path: the first part is a registry if it has a dot or a port, or is `localhost`."""
    first, slash, rest = name.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first):
        return (DEFAULT_REGISTRY if first == f"index.{DEFAULT_REGISTRY}" else first), rest
    return DEFAULT_REGISTRY, name
