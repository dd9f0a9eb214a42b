"""Asks one registry for one repository's content (OCI distribution specification 1.1, section "Pull").

Credentials go to the registry itself, and to the token server that it names if that belongs to it: not to the stores
that blobs are often redirected to, and never unencrypted but on this machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec

from devsecops import http
from devsecops.containers.patience import PassingError
from devsecops.containers.reference import DEFAULT_REGISTRY, Reference
from devsecops.errors import RegistryError
from devsecops.registry.credentials import Credentials
from devsecops.text import mask, mask_urls, one_line, shorten

_DEFAULT_HOST = "registry-1.docker.io"
_HOPS = 5  # requests for one thing: to be told to log in, and redirects
_MOVED = frozenset({301, 302, 303, 307, 308})
_LIMIT = 1 << 20  # bytes of a token's answer, or of an error
_CLIENT = "devsecops"


class _Problem(msgspec.Struct):
    message: str = ""
    code: str = ""


class _Problems(msgspec.Struct):
    errors: list[_Problem] = []


class _Token(msgspec.Struct):
    token: str = ""
    access_token: str = ""


class Session:
    """Requests for the content of one repository."""

    def __init__(self, reference: Reference, credentials: Credentials | None, trusted: Sequence[str] = ()) -> None:
        """Prepare to ask.

        Args:
            reference: an image of the repository.
            credentials: what the registry knows the user by.
            trusted: hosts besides the registry that may be asked for a token.
        """
        host = _DEFAULT_HOST if reference.registry == DEFAULT_REGISTRY else reference.registry
        self._reference = reference
        self._base = f"https://{host}"
        self._credentials = credentials
        self._trusted = frozenset(one.lower() for one in trusted)
        self._authorization: dict[str, str] = {}
        self._reached = False
        self._http = http.Session()

    @contextmanager
    def get(self, path: str, accept: str = "*/*", *, elsewhere: bool = False) -> Iterator[http.Answer]:
        """What the repository has at a path, such as `blobs/sha256:…`.

        Args:
            path: the path below the repository's address.
            accept: media types that are understood.
            elsewhere: whether a redirect to another host is followed. What comes from there is to be verified.

        Raises:
            RegistryError: it does not have that, or does not give it.
            PassingError: it may at the next try.
        """
        own = f"/v2/{self._reference.remote}/{path}"
        url = f"{self._base}{own}"
        asked_to_log_in = False
        for _ in range(_HOPS):
            mine = _origin(url) == self._base
            headers = {"Accept": accept, **(self._authorization if mine else {})}
            with self._asked(url, headers, own) as answer:
                if answer is None:
                    url = f"{self._base}{own}"
                elif answer.code == 401 and mine and not asked_to_log_in:
                    asked_to_log_in = True
                    self._log_in(answer.headers.get("www-authenticate", ""))
                elif answer.code in _MOVED:
                    url = self._moved(url, answer.headers.get("location", ""), elsewhere=elsewhere)
                elif answer.code == 200:
                    yield answer
                    return
                else:
                    raise self._refused(answer)
        raise RegistryError(f"{self._reference.registry} redirects again and again")

    @contextmanager
    def _asked(self, url: str, headers: Mapping[str, str], own: str) -> Iterator[http.Answer | None]:
        """The answer; None where a registry on this machine does not speak TLS, which it is asked without then."""
        try:
            with self._http.ask(url, headers) as answer:
                self._reached = True
                yield answer
        except http.UnansweredError as error:
            if not error.plain or self._reached or not _is_local(self._base) or not url.endswith(own):
                raise self._unanswered(url, error) from None
            self._base = self._base.replace("https://", "http://", 1)
            yield None

    def _unanswered(self, url: str, error: http.UnansweredError) -> Exception:
        said = f"{urlsplit(url).netloc}: {error}"
        if error.passing:
            return PassingError(said)
        hint = "let REQUESTS_CA_BUNDLE name the file with its authority's certificate" if "certif" in said else ""
        return RegistryError(f"{self._reference.local} could not be pulled: {said}", hint)

    def _moved(self, url: str, location: str, *, elsewhere: bool) -> str:
        found = urljoin(url, location)
        here, there = _origin(url), _origin(found)
        if here == there or (elsewhere and there.startswith("https://")):
            return found
        where = shorten(one_line(mask_urls(there)), 100)
        raise RegistryError(f"{self._reference.registry} redirects to {where or 'nowhere'}, which is not followed")

    def _log_in(self, challenge: str) -> None:
        """Do what a registry asks for (RFC 7235; distribution, docs/spec/auth/token.md)."""
        kind, _, rest = challenge.partition(" ")
        if kind.lower() == "basic" and self._credentials and self._credentials.user:
            self._authorization = {"Authorization": self._credentials.basic}
        elif kind.lower() == "bearer":
            said = dict(re.findall(r'(\w+)="([^"]*)"', rest))
            self._authorization = {"Authorization": f"Bearer {self._token(said.get('realm', ''), said)}"}
        else:
            raise self._denied(
                "it wants a password" if kind.lower() == "basic" else "it wants an unknown kind of login"
            )

    def _token(self, realm: str, said: Mapping[str, str]) -> str:
        self._check_realm(realm)
        query = {"service": said.get("service", ""), "scope": f"repository:{self._reference.remote}:pull"}
        known, form, headers = self._credentials, None, {"Accept": "application/json"}
        url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(query)}"
        if known and known.token:
            url, form = realm, {**query, "grant_type": "refresh_token", "client_id": _CLIENT}
            form["refresh_token"] = known.token
        elif known:
            headers["Authorization"] = known.basic
        try:
            with self._http.ask(url, headers, form) as answer:
                if answer.code != 200:
                    raise self._refused(answer)
                found = msgspec.json.decode(answer.body(_LIMIT), type=_Token)
        except http.UnansweredError as error:
            raise self._unanswered(url, error) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            found = _Token()
        token = found.token or found.access_token
        if not re.fullmatch(r"[\x21-\x7e]+", token):
            raise self._denied("its token server gives no token")
        return token

    def _check_realm(self, realm: str) -> None:
        origin, host = _origin(realm), urlsplit(realm).hostname or ""
        own = urlsplit(self._base).hostname or ""
        near = {own, own.partition(".")[2]} if "." in own.partition(".")[2] else {own}
        belongs = any(host == one or host.endswith(f".{one}") for one in near) and not _is_address(own)
        named = urlsplit(realm).netloc.lower() in self._trusted
        if origin == self._base or (origin.startswith("https://") and (belongs or named)):
            return
        where = shorten(one_line(mask_urls(origin)), 100)
        raise RegistryError(
            f"{self._reference.registry} wants a token of {where or 'nobody'}, which is not asked",
            "name its host under [image] registries if it belongs to the registry",
        )

    def _refused(self, answer: http.Answer) -> Exception:
        """What an answer means that is no success."""
        said = self._words(answer)
        name, registry = self._reference.local, self._reference.registry
        if answer.passing:
            return PassingError(f"{registry} answered {answer.code}{said}")
        if answer.code in {401, 403}:
            return self._denied(f"{answer.code}{said}")
        if answer.code == 404:
            return RegistryError(f"{registry} has no image {name}, or hides it{said}", f"docker login {registry}")
        return RegistryError(f"{name} could not be pulled: {registry} answered {answer.code}{said}")

    def _denied(self, why: str) -> RegistryError:
        name, registry = self._reference.local, self._reference.registry
        return RegistryError(f"{registry} refuses {name} to this user: {why}", f"docker login {registry}")

    def _words(self, answer: http.Answer) -> str:
        """What the server itself says, harmless, with a colon in front."""
        try:
            found = msgspec.json.decode(answer.body(_LIMIT), type=_Problems).errors
        except (http.UnansweredError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return ""
        text = shorten(one_line(mask(mask_urls(", ".join(one.message or one.code for one in found[:3])))), 200)
        return f": {text}" if text else ""


def _origin(url: str) -> str:
    """Scheme, host and port."""
    try:
        found = urlsplit(url)
        host = found.hostname
    except ValueError:
        host = None
    return f"{found.scheme}://{found.netloc}" if host and "@" not in found.netloc else ""


def _is_local(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False
