"""What uv.lock, poetry.lock, pdm.lock and pylock.toml say, entry by entry."""

from __future__ import annotations

import pytest

from devsecops.errors import ReportError
from devsecops.lockfiles import read
from devsecops.model import Lock, Package

HEADS = {
    "uv.lock": "version = 1\nrevision = 3\n",
    "poetry.lock": '[metadata]\nlock-version = "2.1"\n',
    "pdm.lock": '[metadata]\nlock_version = "4.5.0"\n',
    "pylock.toml": 'lock-version = "1.0"\n',
    "pylock.dev.toml": 'lock-version = "1.0"\n',
}
ARCHIVE = "it is an archive file, not a release of a package index"
URL = "it comes from a URL, not from a package index"
REPOSITORY = "it comes from a source repository, not from a package index"
OUTSIDE = "the path lies outside the scanned root"
UNKNOWN = "it comes from a kind of source that is not known"


def lock(name: str, text: str, folder: str = "app/") -> Lock:
    data = text.encode()
    return read(folder + name, lambda _: data)


def entry(name: str, text: str) -> Lock:
    """A lock file with this one entry."""
    return lock(name, f"{HEADS[name]}[[{'packages' if name.startswith('pylock') else 'package'}]]\n{text}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", 'source = { registry = "https://pypi.org/simple" }'),
        ("uv.lock", 'source = { registry = "../wheels" }'),
        ("uv.lock", ""),
        ("poetry.lock", ""),
        ("poetry.lock", 'category = "dev"\noptional = true'),
        ("poetry.lock", '[package.source]\ntype = "legacy"\nurl = "https://pypi.org/simple"\nreference = "index"'),
        ("pdm.lock", 'groups = ["default"]'),
        ("pylock.toml", 'index = "https://pypi.org/simple"'),
        ("pylock.dev.toml", 'marker = "sys_platform == \'win32\'"\n[[packages.wheels]]\nname = "x.whl"'),
    ],
)
def test_an_entry_of_an_index_is_a_package(name: str, text: str) -> None:
    found = entry(name, f'name = "Zope.Interface"\nversion = " 5.0 "\n{text}')
    line = HEADS[name].count("\n") + 2
    assert found.packages == (Package(name="zope-interface", version="5.0", path=f"app/{name}", line=line),)
    assert found.unpinned == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", 'source = { virtual = "." }'),
        ("uv.lock", 'source = { editable = "." }'),
        ("uv.lock", 'source = { editable = "packages/mylib" }'),
        ("uv.lock", 'source = { directory = "../mylib" }'),
        ("poetry.lock", '[package.source]\ntype = "directory"\nurl = "../mylib"'),
        ("pdm.lock", 'path = "."\neditable = true'),
        ("pdm.lock", 'path = "./mylib"'),
        ("pylock.toml", 'directory = { path = ".", editable = true }'),
        ("pylock.toml", '[packages.directory]\npath = "../mylib"'),
    ],
)
def test_code_of_the_repository_itself_is_left_out(name: str, text: str) -> None:
    assert entry(name, f'name = "mylib"\nversion = "1.0"\n{text}') == Lock(path=f"app/{name}")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("uv.lock", 'source = { git = "https://github.com/x/lib?rev=1#00" }', REPOSITORY),
        ("uv.lock", 'source = { url = "https://example.org/lib-1.0.tar.gz" }', URL),
        ("uv.lock", 'source = { path = "wheels/lib-1.0-py3-none-any.whl" }', ARCHIVE),
        ("uv.lock", 'source = { editable = "../../lib" }', OUTSIDE),
        ("uv.lock", 'source = { directory = "/opt/lib" }', OUTSIDE),
        ("uv.lock", 'source = { bucket = "lib" }', UNKNOWN),
        (
            "poetry.lock",
            '[package.source]\ntype = "git"\nurl = "https://github.com/x/lib"\nreference = "main"',
            REPOSITORY,
        ),
        ("poetry.lock", '[package.source]\ntype = "url"\nurl = "https://example.org/lib-1.0.tar.gz"', URL),
        ("poetry.lock", '[package.source]\ntype = "file"\nurl = "wheels/lib-1.0-py3-none-any.whl"', ARCHIVE),
        ("poetry.lock", '[package.source]\ntype = "directory"\nurl = "../../lib"', OUTSIDE),
        ("poetry.lock", '[package.source]\ntype = "bucket"', UNKNOWN),
        ("pdm.lock", 'git = "https://github.com/x/lib"\nref = "main"\nrevision = "00"', REPOSITORY),
        ("pdm.lock", 'hg = "https://example.org/lib"', REPOSITORY),
        ("pdm.lock", 'url = "https://example.org/lib-1.0.tar.gz"', URL),
        ("pdm.lock", 'path = "./wheels/lib-1.0-py3-none-any.whl"', ARCHIVE),
        ("pdm.lock", 'path = "../../lib"\neditable = true', OUTSIDE),
        ("pylock.toml", 'vcs = { type = "git", url = "https://github.com/x/lib", commit-id = "00" }', REPOSITORY),
        ("pylock.toml", 'vcs = { type = "git", path = "lib", commit-id = "00" }', REPOSITORY),
        ("pylock.toml", 'archive = { url = "https://example.org/lib-1.0.tar.gz" }', URL),
        ("pylock.toml", 'archive = { path = "wheels/lib-1.0.tar.gz" }', ARCHIVE),
        ("pylock.toml", 'directory = { path = "../../lib" }', OUTSIDE),
    ],
)
def test_what_comes_from_elsewhere_is_named_with_the_reason(name: str, text: str, reason: str) -> None:
    found = entry(name, f'name = "lib"\nversion = "1.0"\n{text}')
    assert found.packages == ()
    assert [(item.line, item.reason) for item in found.unpinned] == [(HEADS[name].count("\n") + 2, reason)]
    assert found.unpinned[0].text.startswith("lib 1.0")


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('name = "lib"', "no version is given"),
        ('name = "lib"\nversion = "  "', "no version is given"),
        ('name = "lib"\nversion = "1.0 or so"', "its version is not a valid version"),
        ('name = "lib"\nversion = "*"', "its version is not a valid version"),
        ('name = "-lib-"\nversion = "1.0"', "its name is not a valid package name"),
        ('name = "l\\u00efb"\nversion = "1.0"', "its name is not a valid package name"),
        ('name = ""\nversion = "1.0"', "its name is not a valid package name"),
    ],
)
def test_an_entry_that_no_index_could_know_is_named(name: str, text: str, reason: str) -> None:
    assert [item.reason for item in entry(name, text).unpinned] == [reason]


def test_credentials_and_control_characters_are_not_shown() -> None:
    url = "https://me:secret@example.org/lib\\u001b[31m?token=secret#x"
    (item,) = entry("uv.lock", f'name = "lib"\nversion = "1.0"\nsource = {{ url = "{url}" }}').unpinned
    assert item.text == "lib 1.0 from https://***@example.org/lib[31m?***#x"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("uv.lock", "version = 2", "version: version 2 is not known, the newest is 1"),
        ("poetry.lock", '[metadata]\nlock-version = "3.0"', "lock-version: version 3.0 is not known, the newest is 2"),
        ("pdm.lock", '[metadata]\nlock_version = "5.0"', "lock_version: version 5.0 is not known, the newest is 4"),
        (
            "pylock.toml",
            'lock-version = "2.0"\npackages = []',
            "lock-version: version 2.0 is not known, the newest is 1",
        ),
        ("pylock.toml", 'lock-version = "one"\npackages = []', "lock-version: 'one' is not a version"),
        ("uv.lock", f"version = {'9' * 200}", f"version: '{'9' * 40}' is not a version"),
        ("uv.lock", "version = -1", "version: '-1' is not a version"),
        ("uv.lock", "", "Object missing required field `version`"),
        ("poetry.lock", "", "Object missing required field `metadata`"),
        ("pdm.lock", "", "Object missing required field `metadata`"),
        ("pylock.toml", "", "Object missing required field `lock-version`"),
        ("pylock.toml", 'lock-version = "1.0"', "Object missing required field `packages`"),
        ("uv.lock", "version = 1\n[[package]]", "Object missing required field `name` - at `$.package[0]`"),
        ("uv.lock", 'version = 1\npackage = "x"', "Expected `array`, got `str` - at `$.package`"),
        (
            "uv.lock",
            'version = 1\n[[package]]\nname = "x"\nversion = 1.0',
            "Expected `str`, got `float` - at `$.package[0].version`",
        ),
        ("uv.lock", "version = \n", "not valid TOML: Invalid value (at line 1, column 11)"),
        ("uv.lock", "version = 1\nx = [", "not valid TOML: Invalid value (at end of document)"),
        ("uv.lock", f"x = {'[' * 5_000}", "not valid TOML: values are nested too deeply"),
        ("uv.lock", f"version = 1\n{'x.' * 200}y = 1", "line 2: a key has more than 100 parts"),
        ("uv.lock", f"x = {'9' * 5_000}", "not valid TOML: Exceeds the limit"),
        ("uv.lock", "version = 1\n# \ud7ff\n\x00", "not valid TOML: "),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(name: str, text: str, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        lock(name, text)
    assert caught.value.message.startswith(f"app/{name}: {message}")
    assert caught.value.hint


def test_bytes_that_are_no_text_are_refused_with_the_place() -> None:
    with pytest.raises(ReportError, match=r"^uv.lock: line 2, column 3: not utf-8 text: "):
        read("uv.lock", lambda _: b"version = 1\n# \xff")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", "version = 0"),
        ("poetry.lock", "[metadata]"),
        ("poetry.lock", '[metadata]\nlock-version = "1.1"\n[metadata.files]'),
        ("pdm.lock", '[metadata]\nlock_version = "3.1"'),
        ("pylock.toml", 'lock-version = "1.9.1rc1"\npackages = []'),
    ],
)
def test_older_and_minor_versions_are_read(name: str, text: str) -> None:
    assert lock(name, text) == Lock(path=f"app/{name}")


WHEEL = '{ url = "https://files.pythonhosted.org/x.whl", hash = "sha256:00", size = 1 }'

LAYOUTS = {
    "as the tools write it": f"""\
version = 1

[[package]]
name = "flask"
version = "1.0"
source = {{ registry = "https://pypi.org/simple" }}
dependencies = [
    {{ name = "click", marker = "sys_platform == 'win32'" }},
    {{ name = "jinja2", extra = ["i18n"] }},
]
sdist = {WHEEL}
wheels = [
    {WHEEL},
    {WHEEL},
]

[package.metadata]
requires-dist = [{{ name = "click" }}]

[[package]]
name = "django"
version = "3.2"
""",
    "with the name below other keys": """\
version = 1
[[package]]
dependencies = [
    { name = "click" },
]
version = "1.0"
name = "flask"
[[ package ]]
version = "3.2"
"name" = "django"
""",
    "inline": """\
version = 1
package = [
    { name = "flask", version = "1.0" },
    { name = "django", version = "3.2" },
]
""",
    "inline, with a header in a string": """\
version = 1
note = '''
[[package]]
'''
package = [
    { name = "flask", version = "1.0" },
    { name = "django", version = "3.2" },
]
""",
    "inline, with a header in a comment": """\
version = 1
# [[package]]
package = [{ name = "flask", version = "1.0" }, { name = "django", version = "3.2" }]
""",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_no_layout_hides_a_package(text: str, ends: str) -> None:
    found = lock("uv.lock", text.replace("\n", ends))
    assert [(package.name, package.version) for package in found.packages] == [("flask", "1.0"), ("django", "3.2")]


def test_the_line_is_that_of_the_name_or_unknown() -> None:
    lines = {name: [package.line for package in lock("uv.lock", text).packages] for name, text in LAYOUTS.items()}
    assert lines == {
        "as the tools write it": [4, 21],
        "with the name below other keys": [7, 10],
        "inline": [0, 0],
        "inline, with a header in a string": [0, 0],
        "inline, with a header in a comment": [0, 0],
    }


def test_an_error_behind_lists_names_its_own_line() -> None:
    with pytest.raises(ReportError, match="line 24, column 5"):
        lock("uv.lock", LAYOUTS["as the tools write it"] + "\nx = \n")
