"""Whatever the bytes are, a file is read or refused: never another exception, never unfit text."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devsecops.errors import ReportError
from devsecops.lockfiles import read
from devsecops.lockfiles.outline import outline
from devsecops.model import Lock
from devsecops.text import clean

NAMES = ("requirements.txt", "uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock")
HEADS = {
    "uv.lock": "version = 1",
    "poetry.lock": 'metadata = {"lock-version" = "2.1"}',
    "pdm.lock": 'metadata = {"lock_version" = "4.5"}',
    "pylock.toml": 'lock-version = "1.0"',
}
CANONICAL = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

KEYS = st.sampled_from(
    [
        "name",
        "version",
        "package",
        "packages",
        "source",
        "metadata",
        "lock-version",
        "lock_version",
        "git",
        "url",
        "path",
        "editable",
        "virtual",
        "registry",
        "directory",
        "archive",
        "vcs",
        "type",
        "file",
        "_meta",
        "default",
    ]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(["flask", "1.0", "==1.0", "."])
NUMBERS = st.booleans() | st.integers() | st.floats()
TREES = st.recursive(
    NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | TEXTS, inner, max_size=4),
    max_leaves=12,
)
ENTRIES = st.lists(st.dictionaries(KEYS, TREES | TEXTS, max_size=4) | TREES, max_size=4)
WORDS = st.sampled_from(
    [
        "flask",
        "==1.0",
        "==1.*",
        ">=1,==2",
        "[x]",
        "; ",
        "python_version>'3'",
        "# c",
        "\\\n",
        "\n",
        " ",
        "\t",
        "\f",
        "-r ",
        "-c ",
        "-e ",
        "--hash=",
        "--pre",
        "other.txt",
        "./x",
        "../../x",
        "a/b",
        "@",
        "https://u:p@example.org/",
        "f-1.0.tar.gz",
        "f-1-py3-none-any.whl",
        "git+",
        "file:",
        "${X}",
        "'",
        '"',
        "\r",
        "\x00",
        "\u2028",
        "(",
        "é",
    ]
)


def checked(name: str, data: bytes) -> Lock | None:
    """The lock, with the promises that hold for each, or None where the file is refused."""
    files = {f"app/{name}": data, "app/other.txt": b"flask==1.0\n-r requirements.txt\n-c requirements.txt"}

    def opener(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return files[path]

    try:
        lock = read(f"app/{name}", opener)
    except ReportError as error:
        check_refusal(f"app/{name}", error)
        return None
    check(lock, files)
    return lock


def check_refusal(path: str, error: ReportError) -> None:
    assert error.message.startswith(f"{path}: ")
    assert error.message == clean(error.message)
    assert error.hint


def check(lock: Lock, files: Mapping[str, bytes]) -> None:
    assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(lock)), Lock) == lock
    for package in lock.packages:
        assert CANONICAL.fullmatch(package.name)
        assert re.fullmatch(r"[A-Za-z0-9.!+_-]+", package.version)
        assert package.purl.startswith("pkg:pypi/")
    for item in lock.unpinned:
        assert item.text == clean(item.text)
        assert item.reason == clean(item.reason)
        assert item.reason
    places = [(item.path, item.line) for item in lock.packages] + [(item.path, item.line) for item in lock.unpinned]
    for path, line in places:
        assert path in files
        assert line >= 0


def toml(value: object) -> str:
    """A value as TOML, tables and arrays inline."""
    match value:
        case dict():
            return "{" + ", ".join(f"{toml(str(key))} = {toml(item)}" for key, item in value.items()) + "}"
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case _:
            return str(value).lower()


@pytest.mark.parametrize("name", NAMES)
@given(data=st.binary())
@settings(deadline=None)
def test_any_bytes(name: str, data: bytes) -> None:
    checked(name, data)


@pytest.mark.parametrize("name", NAMES)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
@settings(deadline=None)
def test_any_text(name: str, text: str) -> None:
    checked(name, text.encode())


@given(words=st.lists(WORDS, max_size=30))
@settings(deadline=None, max_examples=300)
def test_any_requirements(words: list[str]) -> None:
    checked("requirements.txt", "".join(words).encode())


@given(
    coding=st.sampled_from(["utf-7", "utf-16", "utf-8", "unicode_escape", "zlib", "punycode", "cp037"]),
    data=st.binary(),
)
@example(coding="cp037", data=b"\x25")
@settings(deadline=None)
def test_any_encoding(coding: str, data: bytes) -> None:
    checked("requirements.txt", b"# coding: " + coding.encode() + b"\n" + data)


@given(tree=TREES | st.fixed_dictionaries({"_meta": st.just({}), "default": TREES | st.dictionaries(TEXTS, TREES)}))
@settings(deadline=None, max_examples=300)
def test_any_json(tree: object) -> None:
    checked("Pipfile.lock", json.dumps(tree).encode())


@pytest.mark.parametrize("name", HEADS)
@given(tree=st.dictionaries(KEYS | TEXTS, TREES, max_size=4))
@settings(deadline=None)
def test_any_toml(name: str, tree: dict[str, object]) -> None:
    checked(name, "\n".join(f"{toml(key)} = {toml(value)}" for key, value in tree.items()).encode())


@pytest.mark.parametrize("name", HEADS)
@given(entries=ENTRIES)
@settings(deadline=None)
def test_any_entries_written_inline(name: str, entries: list[object]) -> None:
    table = "packages" if name == "pylock.toml" else "package"
    checked(name, f"{HEADS[name]}\n{table} = {toml(entries)}".encode())


@pytest.mark.parametrize("name", HEADS)
@given(entries=st.lists(st.dictionaries(KEYS, TREES, max_size=5), max_size=4), spread=st.booleans())
@settings(deadline=None)
def test_the_outline_of_a_lock_has_the_same_entries(
    name: str, entries: list[dict[str, object]], *, spread: bool
) -> None:
    table = "packages" if name == "pylock.toml" else "package"
    lines = [HEADS[name]]
    for entry in entries:
        lines += [
            f"[[{table}]]",
            *(f"{key} = {spread_out(value) if spread else toml(value)}" for key, value in entry.items()),
        ]
    text = "\n".join(lines)
    whole, slim = tomllib.loads(text), tomllib.loads(outline(text, table))
    assert outline(text, table).count("\n") == text.count("\n")
    assert [without_tables(entry) for entry in slim.get(table, [])] == [
        without_tables(entry) for entry in whole.get(table, [])
    ]
    checked(name, text.encode())


def spread_out(value: object) -> str:
    """A value as TOML, an array with one element a line, as the tools write it."""
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"    {toml(item)},\n" for item in value) + "]"
    return toml(value)


def without_tables(entry: dict[str, object]) -> dict[str, str]:
    """What is left of an entry without its arrays of tables, in which nothing is read; nan is equal to itself."""
    return {key: repr(value) for key, value in entry.items() if not is_array_of_tables(value)}


def is_array_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
