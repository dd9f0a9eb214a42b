"""The daemon is found where the user means it, and every reason why it is not to be had is said in plain words."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from threading import Thread

import pytest

from devsecops.containers import daemon
from devsecops.errors import DockerError
from tests.docker import docker_daemon, free_port


@pytest.fixture(autouse=True)
def _no_daemon_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(daemon, "_SYSTEM", f"unix://{tmp_path}/system.sock")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))


def problem(env: dict[str, str]) -> str:
    with pytest.raises(DockerError) as caught:
        daemon.connect(env)
    return f"{caught.value.message} | {caught.value.hint}"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("unix:///no/such/socket", "there is no socket | start Docker"),
        ("tcp://127.0.0.1:1", "nothing listens there | start Docker"),
        ("rubbish", "it is no address of a daemon | see DOCKER_HOST"),
        ("tcp://", "it is no address of a daemon"),
        ("tcp://127.0.0.1:port", "it is no address of a daemon"),
        ("fd://", "it is no address of a daemon"),
        ("--host=x", "it is no address of a daemon"),
        ("ssh://elsewhere", "ssh needs the Python package paramiko"),
    ],
)
def test_addresses_that_lead_nowhere(address: str, said: str) -> None:
    found = problem({"DOCKER_HOST": address})
    assert f"{address} (DOCKER_HOST): {said}" in found


def test_a_password_in_an_address_is_not_shown() -> None:
    assert "hunter2" not in problem({"DOCKER_HOST": "tcp://me:hunter2@elsewhere:1"})


def test_every_place_is_tried_in_order_and_named() -> None:
    _, attempts = daemon.find({"XDG_RUNTIME_DIR": "/nonexistent"})
    assert [(one.origin, one.address.partition("//")[2]) for one in attempts[1:]] == [
        ("rootless Docker", "/nonexistent/docker.sock"),
        ("Podman", "/nonexistent/podman/podman.sock"),
    ]
    assert attempts[0].origin == "default"
    assert {one.problem for one in attempts} == {"there is no socket"}
    assert [one.origin for one in daemon.find({"XDG_RUNTIME_DIR": "relative"})[1]] == ["default"]


def test_a_socket_that_this_user_may_not_use(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(closed / "s"))
        listening.listen()
        closed.chmod(0)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)  # root may use every socket
        try:
            found = problem({"DOCKER_HOST": f"unix://{closed}/s"})
        finally:
            os.seteuid(user)
            closed.chmod(0o700)
    assert "this user may not use the socket | add the user to the group docker" in found


@contextmanager
def pretender(folder: Path, answer: bytes | None) -> Iterator[str]:
    """Something that answers every request with the same, or with nothing."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if answer is None:
                self.rfile.read(1)  # until the other side gives up
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def address_string(self) -> str:
            return ""

        def log_message(self, *_: object) -> None: ...

    with ThreadingUnixStreamServer(str(folder / "p"), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"unix://{folder}/p"
        server.shutdown()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (json.dumps({"ApiVersion": "1.12", "Version": "1.0"}).encode(), "its API is too old | update Docker"),
        (b"<html>", "what answers there is no Docker daemon"),
        (b"{}", "what answers there is no Docker daemon"),
        (None, "it does not answer"),
    ],
)
def test_what_answers_like_no_daemon_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes | None, said: str
) -> None:
    monkeypatch.setattr(daemon, "_GREETING", 0.3)
    with pretender(tmp_path, answer) as address:
        assert said in problem({"DOCKER_HOST": address})


def write_context(folder: Path, name: str, address: str, current: str) -> None:
    place = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    place.mkdir(parents=True)
    about = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": address, "SkipTLSVerify": False}}}
    (place / "meta.json").write_text(json.dumps(about))
    (folder / "config.json").write_text(json.dumps({"currentContext": current} if current else {}))


def test_a_context_is_the_only_place_and_docker_host_outranks_it(tmp_path: Path) -> None:
    write_context(tmp_path / "docker", "remote", "unix:///remote.sock", current="remote")
    env = {"XDG_RUNTIME_DIR": "/nonexistent"}
    assert [(one.origin, one.address) for one in daemon.find(env)[1]] == [
        ("Docker context remote", "unix:///remote.sock")
    ]
    assert [one.origin for one in daemon.find(env | {"DOCKER_HOST": "unix:///x"})[1]] == ["DOCKER_HOST"]


def test_contexts_that_cannot_be_used(tmp_path: Path) -> None:
    write_context(tmp_path / "docker", "remote", "unix:///remote.sock", current="gone")
    assert "there is no such context" in problem({})
    assert "unix:///remote.sock (Docker context remote)" in problem({"DOCKER_CONTEXT": "remote"})
    assert "there is no such context" in problem({"DOCKER_CONTEXT": "other"})
    for meta in tmp_path.glob("docker/contexts/meta/*/meta.json"):
        meta.write_text("{")
    assert "corrupted" in problem({"DOCKER_CONTEXT": "remote"})


def test_no_context_is_read_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_context(tmp_path / "hostile", "remote", "tcp://attacker.example:1", current="")
    monkeypatch.chdir(tmp_path / "hostile")
    monkeypatch.setenv("HOME", str(tmp_path / "no-home"))
    assert "attacker" not in problem({"DOCKER_CONTEXT": "remote"})


@pytest.mark.needs("dockerd")
def test_the_first_daemon_that_answers_is_taken_and_the_tries_before_it_are_told(dockerd: str, tmp_path: Path) -> None:
    runtime = tmp_path / "run"
    runtime.mkdir()
    (runtime / "docker.sock").symlink_to(dockerd.removeprefix("unix://"))
    found, attempts = daemon.find({"XDG_RUNTIME_DIR": str(runtime)})
    assert found is not None
    found.client.close()
    assert (found.origin, found.platform.partition("/")[0]) == ("rootless Docker", "linux")
    assert found.version
    assert found.api
    assert [one.origin for one in attempts] == ["default"]


@pytest.mark.needs("dockerd", "openssl")
def test_a_daemon_behind_tls(certificates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"{certificates}/wrong.pem")  # for other servers
    port = free_port()
    options = [
        f"--host=tcp://127.0.0.1:{port}", "--tlsverify", f"--tlscacert={certificates}/right.pem",
        f"--tlscert={certificates}/cert.pem", f"--tlskey={certificates}/key.pem",
    ]  # fmt: skip
    named = {"DOCKER_HOST": f"tcp://127.0.0.1:{port}"}
    guarded = named | {"DOCKER_TLS_VERIFY": "1"}
    with docker_daemon(*options):
        with daemon.connect(guarded | {"DOCKER_CERT_PATH": f"{certificates}/client"}) as found:
            assert found.api
        assert "its certificate cannot be trusted" in problem(guarded | {"DOCKER_CERT_PATH": f"{certificates}/other"})
        assert "a certificate for it is missing" in problem(guarded | {"DOCKER_CERT_PATH": "/nonexistent"})
        assert "it wants TLS" in problem(named)
