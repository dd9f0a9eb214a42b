"""What glob patterns match, held against a slow matcher that is easy to believe."""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devsecops import globs
from devsecops.listing import Listing

PIECES = ["a", "b", "c", ".", "/", "*", "?", "**", "**/", "/**/", "[ab]", "[!a]", "[a-b]", "{a,b}", "{.a,b/c}"]
PATTERNS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join)
NAMES = st.text("abc.", min_size=1, max_size=4)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


def as_file(pattern: str, path: str) -> bool:
    """Whether a pattern matches a path itself, written down as plainly as possible."""
    return any(
        same(one.strip("/") if "/" in one.rstrip("/") else f"**/{one.strip('/')}", path)
        for one in globs.expanded(pattern)
        if one.strip("/")
    )


def same(pattern: str, path: str) -> bool:
    """Segment by segment; a segment `**` stands for any number of them."""
    first, *more = [part for part in pattern.split("/") if part] or [""]
    return _same([first, *more], path.split("/"))


def _same(pattern: list[str], parts: list[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_same(pattern[1:], parts[start:]) for start in range(len(parts) + 1))
    return bool(parts) and alike(pattern[0], parts[0]) and _same(pattern[1:], parts[1:])


@lru_cache(maxsize=100_000)
def alike(pattern: str, path: str) -> bool:
    """One segment."""
    same = alike
    if not pattern:
        return not path
    if pattern.startswith("*"):
        return any(same(pattern[1:], path[at:]) for at in range(len(path) + 1) if "/" not in path[:at])
    if pattern.startswith("["):
        letters, _, rest = pattern[1:].partition("]")
        wanted = {"ab": "ab", "a-b": "ab", "!a": None}[letters]
        fits = path[:1] not in {"", "/", "a"} if wanted is None else path[:1] != "" and path[0] in wanted
        return fits and same(rest, path[1:])
    fits = path[:1] not in {"", "/"} if pattern[0] == "?" else path[:1] == pattern[0]
    return fits and same(pattern[1:], path[1:])


def with_folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.py", ["a.py", "x/y/a.py", ".py"], ["a.pyc", "a.PY", "py"]),
        ("*", ["a", "x/y", "x\ny"], []),
        ("?.py", ["a.py", "x/é.py"], ["ab.py", ".py"]),
        ("build", ["build", "build/a", "x/build/a/b"], ["build2/a", "rebuild", "Build/a"]),
        ("build/", ["build/a", "x/build/a"], ["rebuild/a"]),
        ("/build", ["build", "build/a"], ["x/build/a"]),
        ("/build/", ["build/a"], ["x/build/a"]),
        ("src/*.py", ["src/a.py"], ["x/src/a.py", "src/x/a.py"]),
        ("src/*", ["src/a", "src/x/a"], ["src", "srcs/a"]),
        ("src/**", ["src/a", "src/x/y"], ["x/src/a"]),
        ("src/**/*.py", ["src/a.py", "src/x/y/a.py"], ["src.py", "x/src/a.py"]),
        ("**/src/*.py", ["src/a.py", "x/y/src/a.py"], ["src/x/a.py", "xsrc/a.py"]),
        ("a**z", ["az", "a-z"], ["az-", "a/b/z"]),
        ("**", ["a", "x/y"], []),
        ("[ab].py", ["a.py", "x/b.py"], ["c.py", "ab.py"]),
        ("[a-c]", ["b"], ["d", "-"]),
        ("[!a].py", ["b.py"], ["a.py", "x/.py"]),
        ("x[!a]y", ["x-y"], ["x/y"]),
        ("[]]", ["]"], ["a"]),
        ("[!]]", ["a"], ["]"]),
        ("[!]a]", ["b"], ["a", "]"]),
        ("x[^a]y", [], ["x/y"]),
        ("[\\]", ["\\"], ["a"]),
        ("[.]", ["."], ["a"]),
        ("[a", ["[a"], ["a"]),
        ("*.{yml,yaml}", ["a.yml", "x/a.yaml"], ["a.ym", "a.{yml,yaml}"]),
        ("{a,b/c}.txt", ["a.txt", "b/c.txt"], ["c.txt", "a"]),
        ("{,x}a", ["a", "xa"], ["ya"]),
        ("{a,{b,c}}", ["a", "b", "c"], ["{a", "b}"]),
        ("{a", ["{a"], ["a"]),
        ("a}", ["a}"], ["a"]),
        ("a.b", ["a.b"], ["axb"]),
        ("a+(b)|c$^", ["a+(b)|c$^"], ["aab"]),
        ("", [], ["a", "a/b"]),
        ("/", [], ["a", "a/b"]),
    ],
)
def test_a_pattern_matches_a_file_or_a_folder_above_it(pattern: str, matching: list[str], others: list[str]) -> None:
    assert [path for path in matching if not globs.matches(path, [pattern])] == []
    assert [path for path in others if globs.matches(path, [pattern])] == []


@pytest.mark.parametrize(
    "pattern", ["[z-a]", "[a--b]", "[a||b]", "[[:alpha:]]", "[a&&b]", "[a~~b]", "[--a]", "[!", "[]", "[!]"]
)
def test_no_pattern_is_an_error_or_a_warning(pattern: str) -> None:
    globs.matches("a", [pattern])


@given(st.text("[]!^-az&|~\\{},*?/", max_size=12))
def test_no_text_is_an_error_or_a_warning(pattern: str) -> None:
    globs.matches("a/b", [pattern])
    globs.tail(pattern)


def test_several_patterns_match_what_any_of_them_does() -> None:
    assert globs.matches("a.js", ["*.py", "*.js"])
    assert not globs.matches("a.js", [])


@given(PATHS, st.text("abc", min_size=1, max_size=2))
def test_an_ending_is_found_at_any_depth(path: str, ending: str) -> None:
    expected = any(one.endswith(f".{ending}") for one in with_folders(path))
    assert globs.matches(path, [f"**/*.{ending}"]) == expected
    assert globs.matches(path, [f"*.{ending}"]) == expected


@given(PATHS, PATHS)
def test_a_pattern_without_wildcards_is_a_path(path: str, pattern: str) -> None:
    assert globs.matches(path, [f"/{pattern}"]) == f"{path}/".startswith(f"{pattern}/")


@given(PATTERNS, PATHS)
@example("a/**/**/b", "a/b")
@example("**a**", "bab")
def test_all_patterns_match_as_the_plain_matcher_says(pattern: str, path: str) -> None:
    assert globs.matches(path, [pattern]) == any(as_file(pattern, one) for one in with_folders(path))


@pytest.mark.parametrize(
    ("pattern", "expanded"),
    [
        ("*.py", ["*.py"]),
        ("*.{yml,yaml}", ["*.yml", "*.yaml"]),
        ("{a,b}/{c,d}", ["a/c", "a/d", "b/c", "b/d"]),
        ("{a,{b,c}}", ["a", "b", "c"]),
        ("a{,b}", ["a", "ab"]),
        ("{a", ["{a"]),
    ],
)
def test_braces_are_expanded(pattern: str, expanded: list[str]) -> None:
    assert globs.expanded(pattern) == expanded


@given(PATTERNS, PATHS)
def test_a_pattern_matches_what_its_expansion_matches(pattern: str, path: str) -> None:
    assert globs.matches(path, [pattern]) == globs.matches(path, globs.expanded(pattern))


@pytest.mark.parametrize(
    ("pattern", "tail"),
    [
        ("**/*.py", ".py"),
        ("*.tar.gz", ".tar.gz"),
        ("**/go.mod", "go.mod"),
        ("requirements*.txt", ".txt"),
        ("**/Dockerfile.*", ""),
        ("src/**", ""),
        ("*.[ch]", ""),
    ],
)
def test_the_tail_of_a_pattern_is_what_every_match_ends_with(pattern: str, tail: str) -> None:
    assert globs.tail(pattern) == tail


@given(PATTERNS, PATHS)
def test_every_name_that_matches_ends_with_the_tail(pattern: str, path: str) -> None:
    for one in globs.expanded(pattern):
        if as_file(one, path):
            assert path.endswith(globs.tail(one))


@given(st.lists(PATTERNS, min_size=1, max_size=2), st.sets(PATHS, max_size=6))
@example(["*file"], {"Dockerfile", "x/Makefile"})
@example(["?ocker"], {"docker"})
@example(["a*b.c"], {"ab.c"})
@example(["/a"], {"a", "b/a"})
@example(["**/a/b"], {"a/b"})
def test_a_listing_finds_every_file_that_matches(patterns: list[str], paths: set[str]) -> None:
    found = Listing(Path("/nowhere"), paths).matching(patterns)
    assert {path for path in paths if any(as_file(pattern, path) for pattern in patterns)} <= set(found)
    assert set(found) <= {path for path in paths if globs.matches(path, patterns)}
    assert found == sorted(found)


@pytest.mark.parametrize("pattern", ["Dockerfile.*", "Dockerfile*", "**/Dockerfile.d", "[D]ockerfile.d"])
def test_a_listing_takes_no_folder_for_a_file(pattern: str) -> None:
    listing = Listing(Path("/nowhere"), ["Dockerfile.d/readme.md", "Dockerfile.dev"])
    assert set(listing.matching([pattern])) <= {"Dockerfile.dev"}


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 12 + "b", "a" * 300),
        ("**a" * 12 + "b", "a" * 300),
        ("**/a/" * 12 + "b", "a/" * 149 + "c"),
        ("**/*a" * 6 + "b", "a/" * 149 + "c"),
        ("[a]*" * 6 + "b", "a" * 300),
        ("{a,a*}" * 6 + "b", "a" * 300),
        ("{a,aa}" * 12 + "b", "a" * 300),
        ("*/" * 12 + "b", "a/" * 149 + "c"),
        ("*" * 300 + "b", "a" * 300),
    ],
    ids=["stars", "double-stars", "folders", "files", "classes", "choices", "fixed-choices", "segments", "star-run"],
)
def test_no_pattern_that_the_configuration_allows_takes_long(pattern: str, path: str) -> None:
    code = (
        "import resource, sys; from devsecops import globs\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1)); print(globs.matches(sys.argv[2], [sys.argv[1]]))"
    )
    done = subprocess.run([sys.executable, "-c", code, pattern, path], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"False\n"), f"after 1 s of CPU time: signal {-done.returncode}"
