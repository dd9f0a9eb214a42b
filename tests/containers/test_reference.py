"""Names of images are taken apart as registries and daemons do, and nothing else is let through."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops.containers.reference import check_platform, is_platform, parse
from devsecops.errors import UsageError

DIGEST = f"sha256:{'0123456789abcdef' * 4}"


@pytest.mark.parametrize(
    ("name", "repository", "version", "local"),
    [
        ("web", "docker.io/library/web", "latest", "web:latest"),
        ("shop/web:1.0", "docker.io/shop/web", "1.0", "shop/web:1.0"),
        ("docker.io/library/web:1", "docker.io/library/web", "1", "library/web:1"),
        ("index.docker.io/web", "docker.io/library/web", "latest", "web:latest"),
        ("localhost/web", "localhost/web", "latest", "localhost/web:latest"),
        ("Registry.example:5000/a/b:v1", "registry.example:5000/a/b", "v1", "registry.example:5000/a/b:v1"),
        ("127.0.0.1:5000/web", "127.0.0.1:5000/web", "latest", "127.0.0.1:5000/web:latest"),
        ("[::1]:5000/web", "[::1]:5000/web", "latest", "[::1]:5000/web:latest"),
        (f"web@{DIGEST}", "docker.io/library/web", DIGEST, f"web@{DIGEST}"),
        (f"a.example/web:1@{DIGEST}", "a.example/web", DIGEST, f"a.example/web@{DIGEST}"),
        ("deadbeef", "docker.io/library/deadbeef", "latest", "deadbeef:latest"),  # could begin an id
    ],
)
def test_names(name: str, repository: str, version: str, local: str) -> None:
    found = parse(name)
    assert (found.repository, found.version, found.local) == (repository, version, local)


def test_an_id_names_an_image_of_the_daemon_alone() -> None:
    assert parse(DIGEST).local == DIGEST
    assert parse(DIGEST).path == ""


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "--output=x", "-v", "web;id", "web$(id)", "web`id`", "web|x", "web\nx", "web\0", "web x", "../web",
        "/web", "web/", "a//b", "https://registry.example/web", "Web", "web:", "web:-x", "web@", "web@sha256:12",
        f"web@{DIGEST}0", f"web@{DIGEST}\n", "web:1:2",
        "user:password@registry.example/web", "a" * 300, "web:" + "t" * 129, "wéb",
    ],
)  # fmt: skip
def test_what_is_no_name_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="is no name of an image"):
        parse(name)


@given(st.text(alphabet="ab1.:/@-_[]% \n;$", max_size=24) | st.text(max_size=12))
def test_whatever_is_let_through_is_no_option_and_is_read_the_same_again(text: str) -> None:
    with suppress(UsageError):
        found = parse(text)
        assert found.local[0] in "[" + "abcdefghijklmnopqrstuvwxyz0123456789"
        assert not set(found.repository + found.version) & set(" \n;$%@")
        assert parse(found.local) in {found, parse(f"{found.repository}@{found.digest}" if found.digest else text)}


def test_platforms() -> None:
    assert check_platform("linux/x86_64") == "linux/amd64"
    assert check_platform("linux/arm64/v8") == "linux/arm64/v8"
    assert is_platform("linux/arm64/v8", "linux/arm64")
    assert is_platform("linux/arm64", "linux/arm64/v8")
    assert not is_platform("linux/arm/v6", "linux/arm/v7")
    assert not is_platform("linux/amd64", "linux/arm64")
    for text in ("arm64", "linux/", "linux/arm64;x", "--x/y", "linux/arm64/v8/x", "linux/arm64\n"):
        with pytest.raises(UsageError, match="is no platform"):
            check_platform(text)
