"""Finds what a registry knows this user by, where `docker login` keeps it.

docs.docker.com/reference/cli/docker/login, "Credential stores"; protocol of the helpers: docker-credential-helpers,
README.md.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from devsecops import files, process
from devsecops.containers.reference import DEFAULT_REGISTRY
from devsecops.errors import RegistryError, ReportError
from devsecops.text import mask, one_line, shorten

_DEFAULT_KEY = "https://index.docker.io/v1/"
_LIMIT = 4 << 20  # bytes of a configuration
_TOKEN = "<token>"  # noqa: S105  # the name of the user by which helpers say that the secret is an identity token
_UNKNOWN = "credentials not found"


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """A user and password, or an identity token."""

    user: str = ""
    password: str = ""
    token: str = ""

    def __repr__(self) -> str:
        """Nothing of it: it may come to stand in a log."""
        return "Credentials(***)"

    @property
    def basic(self) -> str:
        """The value of an Authorization header (RFC 7617)."""
        return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"


class _Entry(msgspec.Struct):
    auth: str = ""
    identitytoken: str = ""


class _Configuration(msgspec.Struct, rename="camel"):
    auths: dict[str, _Entry] = {}
    creds_store: str = ""
    cred_helpers: dict[str, str] = {}


class _Answer(msgspec.Struct, rename="pascal"):
    username: str
    secret: str


def of(registry: str, outside: Path, env: Mapping[str, str] = os.environ) -> Credentials | None:
    """What a registry knows this user by; None where it is told nothing.

    Args:
        registry: `HOST[:PORT]`.
        outside: the scanned folder: no program of it is started, and none that a configuration in it names.
        env: names the folder of Docker's configuration: `DOCKER_CONFIG`, else `~/.docker`.

    Raises:
        RegistryError: the configuration cannot be read, or a credential helper failed.
    """
    named = env.get("DOCKER_CONFIG", "")
    path = (Path(named) if named else Path.home() / ".docker") / "config.json"
    if not path.is_file():
        return None
    said = _read(path)
    helper = said.cred_helpers.get(registry) or said.creds_store
    if helper and path.resolve().is_relative_to(outside):
        raise RegistryError(
            "no credential helper is started that a configuration in the scanned folder names",
            "let DOCKER_CONFIG name another folder",
        )
    found = _helped(helper, _key(registry), outside, env) if helper else None
    return found or _kept(said.auths, registry)


def _read(path: Path) -> _Configuration:
    try:
        return msgspec.json.decode(files.read(path, _LIMIT) or b"{}", type=_Configuration)
    except ReportError as error:
        raise RegistryError(f"Docker's configuration cannot be read: {error.message}", "see DOCKER_CONFIG") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # what is wrong with it may quote a secret
        raise RegistryError("Docker's config.json cannot be understood", "see DOCKER_CONFIG") from None


def _key(registry: str) -> str:
    return _DEFAULT_KEY if registry == DEFAULT_REGISTRY else registry


def _host(key: str) -> str:
    return key.lower().partition("://")[2].partition("/")[0] or key.lower().partition("/")[0]


def _kept(auths: Mapping[str, _Entry], registry: str) -> Credentials | None:
    """What the configuration itself holds; its keys are hosts, or addresses of them."""
    wanted = _host(_key(registry))
    entry = auths.get(registry) or next((one for key, one in sorted(auths.items()) if _host(key) == wanted), None)
    if entry is None or not (entry.auth or entry.identitytoken):
        return None
    try:
        user, colon, password = base64.b64decode(entry.auth, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        colon = ""
    if not colon and not entry.identitytoken:
        raise RegistryError(f"Docker's config.json has no valid auth for {registry}", f"docker login {registry}")
    if entry.identitytoken:
        return Credentials(token=entry.identitytoken)
    return Credentials(user=user, password=password.rstrip("\0"))


def _helped(helper: str, key: str, outside: Path, env: Mapping[str, str]) -> Credentials | None:
    """What a credential helper knows."""
    name = f"docker-credential-{one_line(helper)}"
    program = process.which(name, outside=outside) if "/" not in name else None
    if program is None:
        raise RegistryError(f"{name}, which Docker's configuration names, is not there", "see PATH")
    code, out, err = process.output([str(program), "get"], cwd=Path("/"), env=env, given=key.encode())
    if code:
        said = (out.decode(errors="replace") or err).strip()
        if _UNKNOWN in said:
            return None
        raise RegistryError(f"{name} failed: {shorten(one_line(mask(said)), 200) or f'exit code {code}'}")
    try:
        answer = msgspec.json.decode(out, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RegistryError(f"{name} answers what cannot be understood") from None
    if answer.username == _TOKEN:
        return Credentials(token=answer.secret)
    return Credentials(user=answer.username, password=answer.secret)
