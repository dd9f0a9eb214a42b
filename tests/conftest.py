"""What all tests share: a clean environment, small repositories, fake tools, real reports."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import settings

from tests.docker import certificates, daemon, dockerd, login, registry, registry_tls  # noqa: F401  # fixtures

CHECKOUT = Path(__file__).resolve().parent.parent
SHARED = CHECKOUT.parent / "shared"
_REQUIRED = {name for name in os.environ.get("DEVSECOPS_TEST_REQUIRE", "").split(",") if name}
_FOREIGN = ("CI", "GITHUB_", "GITLAB_", "RUNNER_", "GH_", "DEVSECOPS_", "XDG_", "SEMGREP_", "DOCKER_")

# Examples have no deadline, as other work may keep the machine busy; CI looks at the same ones each time.
settings.register_profile("tests", deadline=None, derandomize=bool(_REQUIRED))
settings.load_profile("tests")


def _is_there(tool: str) -> bool:
    if tool == "shared":
        return (SHARED / "recorded").is_dir()
    if tool in {"dockerd", "podman"} and os.geteuid() != 0:
        return False  # only root can start it
    folders = (Path(sys.executable).parent, os.environ["PATH"], "/usr/sbin")
    return shutil.which(tool, path=os.pathsep.join(map(str, folders))) is not None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose tool is absent, or fail it where the tool is required."""
    for marker in item.iter_markers("needs"):
        for tool in marker.args:
            if not _is_there(tool):
                if tool in _REQUIRED:
                    pytest.fail(f"{tool} is required here and is not installed")
                pytest.skip(f"{tool} is not installed")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees the CI system it runs on, or this user's caches."""
    for name in list(os.environ):
        if name.startswith(_FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def recorded() -> Path:
    """The folder of recorded reports of real tools."""
    return SHARED / "recorded"


@pytest.fixture
def repository(tmp_path: Path) -> Callable[..., Path]:
    """A function that makes a git repository of some files: path to content."""

    def make(files: Mapping[str, str | bytes], *, git: bool = True, name: str = "repository") -> Path:
        root = tmp_path / name
        for path, content in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
        root.mkdir(exist_ok=True)
        if git:
            run_git(root, "init", "-q")
            run_git(root, "add", "-A", "-f")
        return root

    return make


def run_git(root: Path, *arguments: str) -> None:
    """Run git in a repository, as somebody made up."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def tool(tmp_path: Path) -> Callable[..., Path]:
    """A function that makes a program of some Python code; `--version` and `version` print its version."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def make(name: str, code: str, version: str = "1.9.4") -> Path:
        path = folder / name
        path.write_text(
            f"#!{sys.executable}\n"
            "import json, os, pathlib, signal, subprocess, sys, time\n"
            f"if sys.argv[1:2] in (['--version'], ['version']):\n    print({version!r}); sys.exit()\n"
            "def option(name):\n    return sys.argv[sys.argv.index(name) + 1]\n"
            f"{code}\n",
            "utf-8",
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


class Ran:
    """A command that has ended."""

    def __init__(self, process: subprocess.CompletedProcess[bytes]) -> None:
        self.code = process.returncode
        self.out = process.stdout.decode(errors="replace")
        self.err = process.stderr.decode(errors="replace")

    def __repr__(self) -> str:
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


Command = Callable[..., Ran]


@pytest.fixture
def devsecops(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """A function that runs the installed command, as a user would, and returns how it ended."""
    home = tmp_path_factory.mktemp("home")

    def run(
        *arguments: str | Path, cwd: Path = home, env: Mapping[str, str] | None = None, timeout: float = 300
    ) -> Ran:
        return Ran(
            subprocess.run(
                [command(), *map(str, arguments)],
                cwd=cwd,
                env=clean_env(home) | dict(env or {}),
                capture_output=True,
                timeout=timeout,
                check=False,
            )
        )

    return run


def command() -> str:
    """The path of the installed command."""
    return str(Path(sys.executable).parent / "devsecops")


def clean_env(home: Path) -> dict[str, str]:
    """An environment in which nothing of this machine shows but its programs."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "XDG_CACHE_HOME": str(home / "cache")}
