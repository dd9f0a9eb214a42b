"""Passwords are taken from where docker login keeps them, and from no program of the scanned folder."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from devsecops.errors import RegistryError
from devsecops.registry.credentials import Credentials, of

AUTH = base64.b64encode(b"me:made:up").decode()
MINE = Credentials(user="me", password="made:up")


@pytest.fixture
def configured(tmp_path: Path) -> Callable[[object], dict[str, str]]:
    def write(said: object) -> dict[str, str]:
        folder = tmp_path / "docker"
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(said if isinstance(said, str) else json.dumps(said))
        return {"DOCKER_CONFIG": str(folder)}

    return write


@pytest.mark.parametrize(
    ("key", "registry", "found"),
    [
        ("registry.example", "registry.example", MINE),
        ("https://registry.example/v2/", "registry.example", MINE),
        ("registry.example:5000", "registry.example:5000", MINE),
        ("registry.example:5000", "registry.example", None),
        ("registry.example", "evil.registry.example", None),
        ("https://index.docker.io/v1/", "docker.io", MINE),
        ("registry.example", "docker.io", None),
    ],
)
def test_they_are_of_that_registry_only(
    configured: Callable[[object], dict[str, str]],
    key: str,
    registry: str,
    found: Credentials | None,
    tmp_path: Path,
) -> None:
    assert of(registry, tmp_path / "root", configured({"auths": {key: {"auth": AUTH}}})) == found


def test_where_nothing_is_kept(configured: Callable[[object], dict[str, str]], tmp_path: Path) -> None:
    assert of("x.example", tmp_path, {"DOCKER_CONFIG": str(tmp_path / "none")}) is None
    empty: list[object] = ["", "{}", {"auths": {"x.example": {}}}, {"auths": {}, "psFormat": "x", "proxies": {"a": 1}}]
    for said in empty:
        assert of("x.example", tmp_path / "root", configured(said)) is None


@pytest.mark.parametrize("said", ["[", "[]", '{"auths": {"x.example": {"auth": "%%%"}}}', '{"auths": 5}', "\ud800"])
def test_a_damaged_configuration_is_said_without_what_it_holds(
    configured: Callable[[object], dict[str, str]], said: str, tmp_path: Path
) -> None:
    env = configured("{}")
    Path(env["DOCKER_CONFIG"], "config.json").write_bytes(said.encode(errors="surrogatepass"))
    with pytest.raises(RegistryError) as caught:
        of("x.example", tmp_path / "root", env)
    assert "%%%" not in caught.value.message
    assert "config.json" in caught.value.message


def test_nothing_of_them_is_printed() -> None:
    assert "made" not in f"{MINE!r} {MINE}"


@pytest.mark.parametrize(
    ("does", "found"),
    [
        ('echo \'{"Username": "me", "Secret": "made:up"}\'', MINE),
        ('echo \'{"Username": "<token>", "Secret": "made-up"}\'', Credentials(token="made-up")),
        ("echo credentials not found in native keychain; exit 1", None),
        ("echo no keyring token=abcdef123456; exit 1", "docker-credential-made failed: no keyring"),
        ("echo nonsense", "answers what cannot be understood"),
        ("exit 3", "failed: exit code 3"),
    ],
)
def test_credential_helpers(
    configured: Callable[[object], dict[str, str]],
    does: str,
    found: Credentials | str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = tmp_path / "bin" / "docker-credential-made"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$1 $(cat)" = "get x.example" ] || exit 9\n{does}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    env = configured({"credHelpers": {"x.example": "made"}})
    if not isinstance(found, str):
        assert of("x.example", tmp_path / "root", env) == found
        return
    with pytest.raises(RegistryError) as caught:
        of("x.example", tmp_path / "root", env)
    assert found in caught.value.message
    assert "abcdef" not in caught.value.message


def test_no_helper_of_the_scanned_folder_is_started(
    configured: Callable[[object], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, canary = tmp_path / "root" / "docker-credential-made", tmp_path / "started"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {canary}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:.:/usr/bin:/bin")
    monkeypatch.chdir(program.parent)
    for helper in ("made", "../root/made", f"x/../..{program}"):
        with pytest.raises(RegistryError, match="is not there"):
            of("x.example", tmp_path / "root", configured({"credsStore": helper}))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    program.rename(tmp_path / program.name)
    with pytest.raises(RegistryError, match="a configuration in the scanned folder names"):
        of("x.example", tmp_path, configured({"credsStore": "made"}))
    assert not canary.exists()
