"""The semgrep rule pack: every rule says what a result needs, and has an example that is bad and one that is good."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from devsecops import manifest
from devsecops.manifest.tool import ManifestScanner
from devsecops.model import Tool
from devsecops.scanner import Scope, SourceFile
from tests.conftest import CHECKOUT

SEMGREP = CHECKOUT / "scanners" / "semgrep"
FILES = sorted((SEMGREP / "rules").rglob("*.yaml"))
RULES = [(rule, path) for path in FILES for rule in yaml.safe_load(path.read_text())["rules"]]
ENDINGS = {"python": "py", "javascript": "js", "go": "go", "java": "java"}
WEAKNESSES = {
    "python": {22, 78, 79, 89, 90, 95, 117, 295, 306, 327, 328, 338, 347, 489, 502, 601, 611, 614, 798, 918, 942, 1336},
    "javascript": {22, 78, 79, 89, 90, 95, 117, 295, 306, 327, 328, 338, 347, 502, 601, 611, 614, 798, 918, 942, 1336},
    "go": {22, 78, 79, 89, 90, 117, 295, 306, 327, 328, 338, 347, 489, 601, 614, 798, 918, 942, 1336},
    "java": {22, 78, 79, 89, 90, 94, 117, 295, 306, 327, 328, 338, 347, 489, 502, 601, 611, 614, 798, 918, 942, 1336},
}
"""The weaknesses that each language must have a rule for."""


def examples(path: Path) -> str:
    folder = SEMGREP / "testdata" / "rules" / path.parent.name
    return "".join(one.read_text() for one in sorted(folder.glob(f"{path.stem}.*")))


@pytest.mark.parametrize(("rule", "path"), RULES, ids=[rule["id"] for rule, _ in RULES])
def test_a_rule_says_everything_and_has_examples(rule: dict[str, Any], path: Path) -> None:
    metadata = rule["metadata"]
    assert rule["id"].startswith(f"{path.parent.name}-")
    assert rule["severity"] in {"CRITICAL", "HIGH", "MEDIUM", "LOW"}
    assert metadata["confidence"] in {"HIGH", "MEDIUM", "LOW"}
    assert all(re.match(r"CWE-\d+: \S", text) for text in metadata["cwe"])
    assert metadata["cwe"]
    assert all(re.match(r"A\d\d:2021 - ", text) for text in metadata["owasp"])
    assert metadata["owasp"]
    assert 0 < len(metadata["name"]) <= 60
    assert metadata["help"].strip()
    assert 0 < len(rule["message"]) <= 400
    assert all(link.startswith("https://") for link in metadata["references"])
    text = examples(path)
    assert re.search(rf"ruleid: .*\b{re.escape(rule['id'])}\b(?!-)", text), "no bad example"
    assert re.search(rf"\bok: .*\b{re.escape(rule['id'])}\b(?!-)", text), "no good example"


def test_ids_are_unique() -> None:
    ids = [rule["id"] for rule, _ in RULES]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("language", WEAKNESSES)
def test_every_weakness_has_a_rule_in_each_language_it_exists_in(language: str) -> None:
    texts = [text for rule, path in RULES if path.parent.name == language for text in rule["metadata"]["cwe"]]
    covered = {int(text.partition(":")[0].removeprefix("CWE-")) for text in texts}
    assert WEAKNESSES[language] - covered == set()


@pytest.fixture(scope="module")
def scanner() -> ManifestScanner:
    return next(one for one in manifest.bundled() if one.name == "semgrep")


def test_rules_are_merged_into_one_document_without_loss(scanner: ManifestScanner) -> None:
    merged = yaml.safe_load(scanner.merged_rules(tuple(scanner.manifest.job[0].merged_rules)))
    assert [rule["id"] for rule in merged["rules"]] == [rule["id"] for rule, _ in RULES]


def test_every_file_offered_has_rules_for_its_language(scanner: ManifestScanner) -> None:
    (pattern,) = scanner.manifest.detect.files
    offered = {f".{ending}" for ending in pattern.partition("{")[2].rstrip("}").split(",")}
    given = scanner.manifest.job[0].merged_rules
    assert {ending for endings in given.values() for ending in endings} == offered
    languages: dict[str, set[str]] = {f"rules/{path.parent.name}": set() for path in FILES}
    for rule, path in RULES:
        languages[f"rules/{path.parent.name}"].update(rule["languages"])
    assert languages == {
        "rules/go": {"go"},
        "rules/java": {"java"},
        "rules/javascript": {"javascript", "typescript"},
        "rules/python": {"python"},
    }
    assert set(given) == set(languages)


def test_a_job_is_given_the_rules_of_its_languages_only(scanner: ManifestScanner) -> None:
    file = SourceFile(path="a.go", size=1, os_path="a.go")
    scope = Scope(tool=Tool(name="semgrep", version="1.185.0"), program="semgrep", files=(file,))
    (job,) = scanner.jobs(scope)
    rules = yaml.safe_load(job.inputs["rules.json"])["rules"]
    assert rules
    assert {language for rule in rules for language in rule["languages"]} == {"go"}


@pytest.mark.needs("semgrep")
def test_examples_match_where_they_should_and_nowhere_else() -> None:
    script = str(Path(sys.executable).parent / "semgrep")
    arguments = ["scan", "--test", "--metrics=off", "--disable-version-check", "--config", "rules", "testdata/rules"]
    ran = subprocess.run([script, *arguments], cwd=SEMGREP, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:]
