"""What the documentation shows is true: examples run, tables are complete, links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from devsecops import config, trust
from devsecops.readers import READERS
from devsecops.scanner import Needs
from devsecops.writers import BILLS, WRITERS
from tests.conftest import CHECKOUT, clean_env

DOCS = sorted([*CHECKOUT.glob("docs/**/*.md"), *CHECKOUT.glob("*.md")])
EXAMPLES = re.findall(r"```python\n(.*?)```", (CHECKOUT / "docs" / "library.md").read_text(), re.DOTALL)


@pytest.mark.needs("bandit", "semgrep", "pip-audit")
@pytest.mark.parametrize("example", EXAMPLES, ids=["scan", "configuration", "sarif"])
def test_examples_of_the_library_run(example: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", example],
        cwd=CHECKOUT,
        env=clean_env(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text()):
        if not target.startswith(("https://", "http://", "mailto:")):
            assert (path.parent / target).exists(), target


def test_the_example_of_the_configuration_is_valid_and_complete() -> None:
    text = (CHECKOUT / "docs" / "configuration.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    raw = msgspec.toml.decode(example)
    config.decode(raw, "the example")
    shown = {key.replace("scanner.semgrep", "scanner.*") for key, _ in trust._leaves(raw, "")}
    inside_lists = {"coverage.accept"}
    assert {key for key in trust.CLASSES if key not in shown | inside_lists} <= {"service.url"}


def test_every_class_of_a_key_is_said_beside_it() -> None:
    text = (CHECKOUT / "docs" / "configuration.md").read_text()
    for key, key_class in trust.CLASSES.items():
        if key != "service.url" and not key.startswith(("service.", "coverage.")):
            name = key.rpartition(".")[2]
            assert re.search(rf"^{re.escape(name)} = .*# {key_class.value}\b", text, re.MULTILINE), key


def test_readers_and_formats_are_named() -> None:
    scanners = (CHECKOUT / "docs" / "scanners.md").read_text()
    assert all(f"`{name}`" in scanners for name in READERS)
    readme = (CHECKOUT / "README.md").read_text()
    assert all(name in readme for name in (*WRITERS, *BILLS))
    assert Needs.__doc__


def test_the_help_in_the_readme_is_the_real_one() -> None:
    readme = (CHECKOUT / "README.md").read_text()
    (shown,) = re.findall(r"```text\n(Usage: devsecops scan.*?)```", readme, re.DOTALL)
    env = clean_env(CHECKOUT) | {"COLUMNS": "80"}
    script = str(Path(sys.executable).parent / "devsecops")
    real = subprocess.run([script, "scan", "--help"], env=env, capture_output=True, text=True, check=True).stdout
    assert shown.split() == real.split()
