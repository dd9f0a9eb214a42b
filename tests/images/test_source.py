"""What `--image` names: a file, a folder, or a name that Docker is asked for; never a file by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from devsecops.errors import UsageError
from devsecops.images.source import Named, Source, asked, of_service

DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in which every name is a file too."""
    monkeypatch.chdir(tmp_path)
    for name in ("web", "app.tar", "Some File", "registry.example/web"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "layout").mkdir()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("app.tar", "app.tar"),
        ("./web", "web"),
        ("oci:layout", "layout"),
        ("Some File", "Some File"),  # no image can be called so
    ],
)
def test_files_and_folders(tmp_path: Path, text: str, path: str) -> None:
    found = asked(text)
    assert isinstance(found, Source)
    assert found.path == tmp_path / path
    assert isinstance(asked(f"{tmp_path}/web"), Source)


@pytest.mark.parametrize(
    ("text", "name", "registry"),
    [
        ("web", "web", "docker.io"),
        ("docker.io/shop/web:1", "shop/web", "docker.io"),
        ("registry.example/web", "registry.example/web", "registry.example"),
        ("registry.example:5000/web:1", "registry.example:5000/web", "registry.example:5000"),
        (f"web:1@{DIGEST}", "web", "docker.io"),
        (DIGEST, DIGEST, "docker.io"),
    ],
)
def test_a_name_is_one_whatever_files_there_are(text: str, name: str, registry: str) -> None:
    assert asked(text) == Named(reference=text, name=name, registries=(registry,))


@pytest.mark.parametrize("text", ["--output=x", "web;id", "none.tar", "./none", "oci:none", "", "No Such File", "a\0b"])
def test_what_is_neither(text: str) -> None:
    with pytest.raises(UsageError):
        asked(text)


def test_the_registry_of_a_service_is_not_named_by_the_user() -> None:
    assert of_service("web", "registry.example/shop/web:1") == Named(
        reference="registry.example/shop/web:1", name="registry.example/shop/web"
    )
    assert of_service("web", "${REGISTRY}/web") == Named(reference="${REGISTRY}/web", name="web")
    assert of_service("web", "") == Named(reference="", name="web")
