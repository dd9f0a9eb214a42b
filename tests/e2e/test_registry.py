"""Images of a registry, scanned where there is no Docker daemon."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from devsecops import scan
from devsecops.config import Config, decode
from devsecops.containers import daemon
from devsecops.model import Execution, Outcome, Status, VerdictState
from devsecops.sarif import to_sarif
from tests.docker import PASSWORD
from tests.images import builder
from tests.registry.server import Content, upload

pytestmark = pytest.mark.needs("docker-registry")
DUMPING = """
pathlib.Path(option('--output')).write_text('{}')
pathlib.Path(sys.argv[0] + ".seen").write_text(repr(sys.argv) + repr(dict(os.environ)))
"""


@pytest.fixture(autouse=True)
def _no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "_SYSTEM", "unix:///nonexistent/docker.sock")


@pytest.fixture
def content() -> Content:
    files = {"etc/os-release": builder.DEBIAN, "var/lib/dpkg/status": builder.STATUS.format("tar", "1.34")}
    return Content([builder.tar(files)])


def ours(outcome: Outcome) -> Execution:
    (found,) = [one for one in outcome.executions if one.scanner == "devsecops"]
    return found


def config(**image: object) -> Config:
    return decode({"image": image}, "test")


def test_an_image_is_examined_and_no_scanner_learns_the_password(
    registry: str,
    login: Callable[..., None],
    tool: Callable[..., Path],
    content: Content,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "trivy.db").write_bytes(bytes(2 << 20))
    (tmp_path / "db" / "metadata.json").write_text('{"UpdatedAt": "2026-08-01T00:00:00Z"}')
    monkeypatch.setenv("TRIVY_CACHE_DIR", str(tmp_path))
    upload(f"http://{registry}", "shop/web", content)
    login(registry)
    path = tool("trivy", DUMPING, version="Version: 0.76.0")
    settings = decode({"scanner": {"trivy": {"path": str(path)}, "grype": {"path": "/nowhere"}}}, "test")
    outcome = scan(None, settings, images=[f"{registry}/shop/web:1"])
    execution = ours(outcome)
    assert execution.status is Status.COMPLETE
    (data,) = execution.tool.data
    assert data.digest == content.id
    assert data.name.startswith(f"image {registry}/shop/web:1, linux/amd64, {registry}/shop/web@sha256:")
    text = b"".join(to_sarif(outcome)).decode()
    assert PASSWORD not in text
    assert "devsecops-" not in text  # the private folder
    seen = Path(f"{path}.seen").read_text()
    assert not [word for word in (PASSWORD, "DOCKER_CONFIG", registry) if word in seen]


def test_what_is_not_had_is_incomplete_and_says_why(
    registry: str, login: Callable[..., None], repository: Callable[..., Path]
) -> None:
    login(registry, "wrong")
    outcome = scan(None, config(), images=[f"{registry}/shop/web:1"])
    assert outcome.verdict.state is VerdictState.INCOMPLETE
    (message,) = ours(outcome).messages
    assert f"{registry} refuses {registry}/shop/web:1 to this user: 401" in message.text
    compose = f"services:\n  web: {{build: web, image: '{registry}/web:1'}}\n"
    root = repository({"compose.yaml": compose, "web/Dockerfile": "FROM scratch\n"})
    outcome = scan(root, config(services=True))
    (message,) = ours(outcome).messages
    assert "there is no Docker daemon to ask, and" in message.text
    assert f"{registry} is not among the registries that may be asked" in message.text


def test_a_daemon_that_was_named_is_the_only_place(registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/named.sock")
    (message,) = ours(scan(None, config(), images=[f"{registry}/shop/web:1"])).messages
    assert message.text.startswith("there is no Docker daemon: unix:///nonexistent/named.sock (DOCKER_HOST)")
