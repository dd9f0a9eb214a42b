"""What a Pipfile.lock says, entry by entry."""

from __future__ import annotations

import json

import pytest

from devsecops.errors import ReportError
from devsecops.lockfiles import read
from devsecops.model import Lock

META = {"pipfile-spec": 6, "sources": []}
REPOSITORY = "it comes from a source repository, not from a package index"


def lock(text: str) -> Lock:
    data = text.encode("utf-8", "surrogatepass")
    return read("app/Pipfile.lock", lambda _: data)


def entry(value: object, name: str = "lib") -> Lock:
    """A lock file with this one entry in its default category."""
    return lock(json.dumps({"_meta": META, "default": {name: value}}, indent=4))


def test_every_category_is_read() -> None:
    text = """\
{
    "_meta": {"pipfile-spec": 6, "hash": {"default": "00"}},
    "default": {
        "flask": {"hashes": ["sha256:00"], "version": "==1.0", "markers": "python_version > '3'"},
        "zope.interface": {"extras": ["version"],
            "version": " ==5.0 "}
    },
    "develop": {"flask": {"version": "===1.1"}, "py\\u0074est": "==8.0"},
    "docs": {
    }
}
"""
    assert [f"{package.line}: {package.name} {package.version}" for package in lock(text).packages] == [
        "4: flask 1.0",
        "5: zope-interface 5.0",
        "8: flask 1.1",
        "8: pytest 8.0",
    ]
    assert lock(text).unpinned == ()


def test_of_keys_that_repeat_the_last_counts_as_in_pipenv() -> None:
    text = '{"_meta": {}, "default": {"flask": {"version": "==1.0"},\n"flask": {"version": "==1.1"}}}'
    assert [(package.line, package.version) for package in lock(text).packages] == [(2, "1.1")]


@pytest.mark.parametrize("value", [{"path": "."}, {"path": "./lib", "editable": True}, {"path": "../lib"}])
def test_code_of_the_repository_itself_is_left_out(value: object) -> None:
    assert entry(value) == Lock(path="app/Pipfile.lock")


@pytest.mark.parametrize(
    ("value", "text", "reason"),
    [
        ({}, "lib", "no version is pinned"),
        ("*", "lib*", "no version is pinned"),
        ({"version": "*"}, "lib*", "no version is pinned"),
        ({"version": ">=1"}, "lib>=1", "only a range of versions is given"),
        ({"version": "==1.*"}, "lib==1.*", "only a range of versions is given"),
        ({"version": "==1,==2"}, "lib==1,==2", "it pins several versions at once"),
        ({"version": "1.0"}, "lib 1.0", "no version is pinned"),
        ({"version": "===a/b"}, "lib a/b", "its version is not a valid version"),
        ({"git": "https://me:x@example.org/lib", "ref": "00"}, "lib from https://***@example.org/lib", REPOSITORY),
        ({"svn": "svn+ssh://example.org/lib"}, "lib from svn+ssh://example.org/lib", REPOSITORY),
        (
            {"file": "https://example.org/lib-1.0.tar.gz"},
            "lib from https://example.org/lib-1.0.tar.gz",
            "it comes from a URL, not from a package index",
        ),
        (
            {"path": "./lib-1.0-py3-none-any.whl"},
            "lib from ./lib-1.0-py3-none-any.whl",
            "it is an archive file, not a release of a package index",
        ),
        ({"path": "../../lib"}, "lib from ../../lib", "the path lies outside the scanned root"),
    ],
)
def test_what_is_not_pinned_is_named_with_the_reason(value: object, text: str, reason: str) -> None:
    found = entry(value)
    assert found.packages == ()
    assert [(item.line, item.text, item.reason) for item in found.unpinned] == [(7, text, reason)]


@pytest.mark.parametrize("name", ["", "-", "l\u00efb", "lib\ud800", "lib\u202e", "a b"])
def test_a_name_that_is_none_is_named(name: str) -> None:
    (item,) = entry({"version": "==1.0"}, name).unpinned
    assert item.reason == "its name is not a valid package name"
    assert item.text.encode()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        ('{\n"_meta": }', "not valid JSON: Expecting value: line 2 column 10 (char 11)"),
        ("[" * 100_000, "not valid JSON: values are nested too deeply"),
        (f"[{'9' * 5_000}]", "not valid JSON: Exceeds the limit"),
        ("[]", "Expected `object`, got `array`"),
        ("{}", "_meta: Expected `object`, got `null`"),
        ('{"_meta": {"pipfile-spec": "6"}}', "_meta: Expected `int`, got `str` - at `$.pipfile-spec`"),
        ('{"_meta": {"\\ud800": 1}}', "_meta: 'utf-8' codec can't encode"),
        ('{"_meta": {"pipfile-spec": 7}}', "_meta.pipfile-spec: version 7 is not known, the newest is 6"),
        ('{"_meta": {}, "default": []}', "default: Expected `object`, got `array`"),
        ('{"_meta": {}, "default": {"lib": 1}}', "default.lib: Expected `object`, got `int`"),
        (
            '{"_meta": {}, "default": {"lib": {"version": 1}}}',
            "default.lib: Expected `str`, got `int` - at `$.version`",
        ),
        ('{"_meta": {}, "a\\u001bb": 1}', "ab: Expected `object`, got `int`"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        lock(text)
    assert caught.value.message.startswith(f"app/Pipfile.lock: {message}")
    assert caught.value.hint
