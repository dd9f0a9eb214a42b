"""Programs are found with version and digest; what cannot be looked up is left out, never invented."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from devsecops import manifest
from devsecops.scanner import Needs
from devsecops.tools import Tools

NEEDS = Needs(
    program="mine",
    files=("**/*",),
    version_argv=("--version",),
    supported=">=1.2,<3",
    known_bad=("1.5.0",),
    install="get it",
)


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    root = tmp_path / "root"
    root.mkdir()
    return Tools(root)


@pytest.mark.parametrize(
    ("version", "problem", "note"),
    [
        ("1.2.0", "", ""),
        ("mine 2.9.9 (built 2026)", "", ""),
        ("1.10.0", "", ""),  # numbers, not text
        ("1.1.9", "is too old", ""),
        ("3.0.0", "", "is newer than"),
        ("1.5.0", "is known to be bad", ""),
        ("who knows", "does not tell its version", ""),
    ],
)
def test_versions(tools: Tools, tool: Callable[..., Path], version: str, problem: str, note: str) -> None:
    found = tools.find("mine", NEEDS, str(tool("mine", "", version)))
    assert problem in found.problem
    assert bool(found.problem) is bool(problem)
    assert note in found.note
    assert found.tool.digest.startswith("sha256:")


def test_what_is_not_there_is_said_with_the_way_to_get_it(tools: Tools) -> None:
    found = tools.find("mine", NEEDS)
    assert (found.path, found.problem) == ("", "mine is not installed: get it")
    assert tools.find("mine", NEEDS, "/no/such").problem == "/no/such is no program: get it"


def test_versions_are_remembered_until_the_program_changes(
    tools: Tools, tool: Callable[..., Path], tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    program = tool("mine", f"pathlib.Path({str(asked)!r}).touch()", "1.2.0")
    text = program.read_text()
    program.write_text(text.replace("import json", f"open({str(asked)!r}, 'a').write('x')\nimport json"))
    assert tools.find("mine", NEEDS, str(program)).tool.version == "1.2.0"
    tools.remember()
    again = Tools(tmp_path / "root")
    assert again.find("mine", NEEDS, str(program)).tool.version == "1.2.0"
    assert asked.read_text() == "x"
    program.write_text(program.read_text().replace("'1.2.0'", "'1.3.0'") + "# longer")
    assert again.find("mine", NEEDS, str(program)).tool.version == "1.3.0"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"x": 1}', b"\xff"])
def test_a_damaged_memory_is_no_memory(tools: Tools, content: bytes, tmp_path: Path) -> None:
    tools._file.parent.mkdir(parents=True, exist_ok=True)
    tools._file.write_bytes(content)
    assert Tools(tmp_path / "root")._known == {}


@pytest.mark.needs("bandit", "semgrep", "pip-audit")
def test_versions_of_python_tools_are_read_from_their_metadata(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devsecops.process.output", lambda *_, **__: pytest.fail("the tool was asked"))
    for scanner in manifest.bundled():
        if scanner.needs.distribution:
            found = tools.find(scanner.name, scanner.needs)
            assert found.tool.version.count(".") == 2
            assert found.tool.digest.startswith("sha256:")
            assert Path(found.path).parent == Path(sys.executable).parent
