"""Manifests: what is wrong is said with the file and the place, and scanners come from three places."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from devsecops import manifest
from devsecops.errors import UsageError
from tests.conftest import Command

GOOD = """
name = "mine"
kind = "sast"
homepage = "https://example.com"
license = "MIT"
install = "pip install mine"

[version]
argv = ["mine", "--version"]
supported = ">=1"

[detect]
files = ["**/*.txt"]

[[job]]
scope = "files"
argv = ["mine", "--out", "{report}", "{files}"]
exit = { clean = [0], findings = [7] }

[results]
rows = "@"
rule = "id"
path = "file"
message = "text"

[severity]
default = "high"
"""


def written(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / name / "scanner.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "sast"', 'kind = "sats"', "Invalid enum value 'sats'"),
        ('name = "mine"', 'nmae = "mine"', "unknown field `nmae`"),
        ('name = "mine"', "name = 5", "Expected `str`, got `int`"),
        ("[version]", "[version", "Expected ']'"),
        ("[[job]]", "[[jobs]]", "unknown field `jobs`"),
        ("{report}", "{raport}", "unknown placeholder {raport}"),
        ('rows = "@"', 'rows = "["', "invalid JMESPath"),
        ("[severity]", "[stderr]\nfailed = ['(']\n[severity]", "invalid regular expression"),
        ('scope = "files"', 'scope = "files"\nreport = "nobody"', "there is no reader 'nobody'"),
        ("exit = { clean = [0], findings = [7] }", "exit = {}", "no exit codes"),
        ('argv = ["mine", "--out", "{report}", "{files}"]', "argv = []", "an empty argv"),
        ('scope = "files"', 'scope = "files"\ntimeout = "soon"', "is not a duration"),
    ],
)
def test_a_wrong_manifest_is_refused_with_the_reason(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(UsageError) as raised:
        manifest.load(path)
    assert raised.value.message.startswith(str(path))
    assert says in raised.value.message


def test_a_manifest_without_results_needs_a_reader(tmp_path: Path) -> None:
    text = GOOD[: GOOD.index("[results]")] + GOOD[GOOD.index("[severity]") :]
    with pytest.raises(UsageError, match=r"no \[results\]"):
        manifest.load(written(tmp_path, text))


def test_the_bundled_manifests_have_no_problem() -> None:
    for scanner in manifest.bundled():
        assert manifest.load(scanner.folder / "scanner.toml").name == scanner.name


def test_a_name_that_is_taken_is_an_error(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace('"mine"', '"bandit"', 1))
    with pytest.raises(UsageError, match="two scanners have the name 'bandit'"):
        manifest.all_scanners([tmp_path])


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder of scanners"):
        manifest.all_scanners([tmp_path / "absent"])


def test_a_scanner_that_prints_regular_json_needs_no_python(
    repository: Callable[..., Path], tool: Callable[..., Path], devsecops: Command, tmp_path: Path
) -> None:
    program = tool(
        "mine",
        "found = [{'id': 'R1', 'file': name, 'text': 'bad words'} for name in sys.argv[3:]]\n"
        "pathlib.Path(option('--out')).write_text(json.dumps(found))\nsys.exit(7)",
        version="1.2.3",
    )
    folder = tmp_path / "scanners"
    written(folder, GOOD)
    config = tmp_path / "config.toml"
    config.write_text(f"[scanners]\nfolders = ['{folder}']\n[scanner.mine]\npath = '{program}'\n")
    ran = devsecops("scan", repository({"a.txt": "bad"}), "--config", config, "--scanner", "mine")
    assert ran.code == 1, ran
    assert "(mine R1)" in ran.out
    assert "bad words" in ran.out


PLUGIN = """
from pathlib import Path
from devsecops import manifest

def scanner():
    return manifest.load(Path(__file__).parent / "scanner.toml")
"""


def installed(folder: Path, module: str, name: str = "mine") -> dict[str, str]:
    """An environment in which a package with a scanner is installed."""
    folder.mkdir()
    (folder / "plugin.py").write_text(module)
    (folder / "scanner.toml").write_text(GOOD)
    info = folder / "plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[devsecops.scanners]\n{name} = plugin:scanner\n")
    return {"PYTHONPATH": str(folder)}


def test_a_package_can_bring_a_scanner(devsecops: Command, tmp_path: Path) -> None:
    ran = devsecops("scanners", env=installed(tmp_path / "site", PLUGIN))
    assert ran.code == 0
    assert "mine        sast" in ran.out
    assert "mine is not installed: pip install mine" in ran.out


def test_a_package_whose_scanner_fails_to_load_is_said(devsecops: Command, tmp_path: Path) -> None:
    ran = devsecops("scanners", env=installed(tmp_path / "site", "raise ImportError('no such thing')"))
    assert ran.code == 2
    assert "the scanner 'mine' of an installed package fails to load: ImportError: no such thing" in ran.err


def test_without_such_packages_nothing_is_imported_to_find_them() -> None:
    code = (
        "import sys; from devsecops import manifest as m; m.all_scanners(); print('importlib.metadata' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_our_own_interpreter_may_stand_for_a_program_and_nowhere_else(tmp_path: Path) -> None:
    ours = GOOD.replace('argv = ["mine", "--out"', 'argv = ["{python}", "-I", "--out"')
    assert manifest.load(written(tmp_path, ours)).needs.program == sys.executable
    with pytest.raises(UsageError, match=r"unknown placeholder \{python\}"):
        manifest.load(written(tmp_path, ours.replace('"-I"', '"{python}"')))
