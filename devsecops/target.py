"""`[[target]]`: a running service that scanners send requests to. docs/dast.md describes every key."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

import msgspec

from devsecops.table import Table

PORT = "{port}"
"""In `url`, `start` and `health`: a free port that is found for this scan."""
_PLAIN_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_VARIABLE = r"^([A-Za-z_][A-Za-z0-9_]*)?$"
Percent = Annotated[int, msgspec.Meta(ge=1, le=100)]
Variable = Annotated[str, msgspec.Meta(pattern=_VARIABLE)]
"""The name of an environment variable that holds a secret; secrets themselves never stand in configuration."""


class Start(Table, frozen=True, kw_only=True):
    """`[target.start]`: how the target is started; without it, it must be there already."""

    command: tuple[str, ...] = ()
    """A program and its arguments, no shell line."""
    folder: str = "."
    """Where the command runs, relative to the scanned root."""
    env: dict[str, str] = {}
    """Environment of the command, the container or the Compose project."""
    inherit: tuple[Variable, ...] = ()
    """Environment variables of ours that are let through."""
    image: str = ""
    """An image that Docker has; its port `container-port` is published on loopback."""
    container_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    compose: str = ""
    """A Compose file, relative to the scanned root."""
    services: tuple[str, ...] = ()
    """The services of the Compose file to start; empty for all."""
    memory: Annotated[str, msgspec.Meta(pattern=r"^\d+[mg]$")] = "1g"
    """The most memory that it may use: of a command, address space is not counted, but what is resident."""


class Health(Table, frozen=True, kw_only=True):
    """`[target.health]`: how we know that the target is up."""

    path: str = ""
    """Path that is asked for; empty for the path of `url`."""
    status: tuple[Annotated[int, msgspec.Meta(ge=100, le=599)], ...] = ()
    """The statuses that will do; empty for any below 500."""
    timeout: str = "60s"


class Authentication(Table, frozen=True, kw_only=True):
    """`[target.authentication]`: how requests are authenticated, and how we know that they are."""

    kind: Literal["header", "bearer", "basic", "form", "json"]
    variable: Variable = ""
    """For `header` and `bearer`: holds the value or the token."""
    header: str = "Authorization"
    """For `header`: its name, such as `X-Api-Key`."""
    user: Variable = ""
    """For `basic`, `form` and `json`: holds the name of the user."""
    password: Variable = ""
    """For `basic`, `form` and `json`: holds the password."""
    path: str = ""
    """For `form` and `json`: where the login is sent."""
    user_field: str = "username"
    password_field: str = "password"  # noqa: S105  # the name of a field of a form
    token: str = ""
    """For `json`: JMESPath of the token in the answer; empty where the answer sets a cookie."""
    check: str = ""
    """Path of a page that only who is logged in gets."""
    logged_out: str = ""
    """A regular expression that matches, in an answer, what only who is not logged in gets to see."""


class Target(Table, frozen=True, kw_only=True):
    """`[[target]]`."""

    name: Annotated[str, msgspec.Meta(pattern=_PLAIN_NAME)]
    """The name it goes by in fingerprints: hosts and ports do not count in those."""
    url: str = ""
    service: str = ""
    """The service it runs; empty for the one of the same name, if there is one."""
    start: Start = Start()
    health: Health = Health()
    openapi: str = ""
    """OpenAPI document: a file relative to the scanned root, or a URL of the target; empty for the service's."""
    graphql: str = ""
    """Path of the GraphQL endpoint."""
    include: tuple[str, ...] = ()
    """Glob patterns of paths that are scanned; empty for all below the path of `url`."""
    exclude: tuple[str, ...] = ()
    """Glob patterns of paths that nothing is sent to, such as `/logout`."""
    authentication: Authentication | None = None
    headers: dict[str, str] = {}
    """Headers of every request; secrets belong into `authentication`."""
    mode: Literal["passive", "active"] = "passive"
    """`active` attacks: never without permission, never where data matter."""
    budget: str = "10m"
    """Time for one scanner."""
    reached: Percent = 100
    """Per cent of the documented operations that must have been reached."""
    answered: Percent = 50
    """Per cent of requests to be answered by less than 400, outside of attacks."""
    hosts: tuple[str, ...] = ()
    """Hosts in private networks that may be scanned, beyond loopback."""
    verify_tls: bool = True
    """Whether the target's certificate must be valid."""


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine itself: `localhost`, or an address of loopback."""
    try:
        host = urlsplit(url.replace(PORT, "1")).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def problem(target: Target) -> str:
    """What is wrong with a target that its types do not say; empty where nothing is."""
    split = _split(target.url)
    if split is None or split.scheme not in {"http", "https"} or not split.hostname:
        return f"url: {target.url!r} is not an http or https address"
    if split.username is not None or split.query or split.fragment:
        return "url: must hold no user, query or fragment"
    ways = [name for name in ("command", "image", "compose") if getattr(target.start, name)]
    if len(ways) > 1:
        return f"start: {' and '.join(ways)} exclude each other"
    if PORT in target.url and not ways:
        return f"url: {PORT} is for a target that is started"
    if target.start.image and not target.start.container_port:
        return "start: image needs container-port"
    return _problem_of_login(target.authentication) if target.authentication else ""


def _problem_of_login(said: Authentication) -> str:
    needed = {
        "header": ("variable", "header"),
        "bearer": ("variable",),
        "basic": ("user", "password"),
        "form": ("user", "password", "path"),
        "json": ("user", "password", "path"),
    }
    for name in needed[said.kind]:
        if not getattr(said, name):
            return f"authentication: {said.kind} needs {name}"
    try:
        re.compile(said.logged_out)
    except re.error as error:
        return f"authentication: logged-out is no regular expression: {error}"
    return ""


def problems(targets: tuple[Target, ...]) -> Mapping[str, str]:
    """What is wrong, by the name of the target."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for target in targets:
        wrong = "there are two of that name" if target.name in seen else problem(target)
        seen.add(target.name)
        if wrong:
            found[target.name] = wrong
    return found


def _split(url: str) -> SplitResult | None:
    try:
        split = urlsplit(url.replace(PORT, "1"))
        return split if (split.port or 1) > 0 else None
    except ValueError:
        return None
