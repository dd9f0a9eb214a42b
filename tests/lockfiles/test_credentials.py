"""Credentials in what is shown of a lock file."""

from __future__ import annotations

import pytest

from devsecops.text import mask_urls


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("git+https://user:pass@example.org/x@1.0", "git+https://***@example.org/x@1.0"),
        ("https://token@example.org/x", "https://***@example.org/x"),
        ("https://user:p@ss@example.org/x", "https://***@example.org/x"),
        ("https://user:pa/ss@example.org/x", "https://***@example.org/x"),
        ("a @ https://u:p@one.org/ b @ https://u:p@two.org/", "a @ https://***@one.org/ b @ https://***@two.org/"),
        ("https://example.org/x?token=abc#egg=x", "https://example.org/x?***#egg=x"),
        ("https://example.org:8080/x@1.0", "https://example.org:8080/x@1.0"),
        ("https://example.org/x.git@1.0", "https://example.org/x.git@1.0"),
        ("me@example.org", "me@example.org"),
        ("flask==1.0", "flask==1.0"),
    ],
)
def test_credentials_are_masked(text: str, expected: str) -> None:
    assert mask_urls(text) == expected
