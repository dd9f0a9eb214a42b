"""Dockerfiles, with hadolint and without: each weakness once, each gap said, nothing silenced unseen."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from devsecops.dedupe import findings
from devsecops.model import FileLocation, Outcome, State, Status
from devsecops.sarif import from_sarif
from tests.conftest import Command

SECRET = "planted-hunter2"
WEAK = f"""\
FROM node:latest
# a comment
ENV PORT=1 \\
    DB_PASSWORD={SECRET}
RUN curl -s https://shop.test/install | sh
USER root
"""
CLEAN = f"FROM debian:12.5-slim@sha256:{'0' * 64}\nUSER 65534\n"
SILENCED = "# hadolint global ignore=DL3064\n# hadolint ignore=DL3007\n" + WEAK.replace(
    "# a comment", "# devsecops: ignore[dockerfile-*] not shipped"
)
OURS = [
    "dockerfile-base-tag:1",
    "dockerfile-remote-code:5",
    "dockerfile-root-user:6",
    "dockerfile-secret:3",
]

Scan = Callable[..., tuple[int, Outcome, str]]


@pytest.fixture
def scan(repository: Callable[..., Path], devsecops: Command, tmp_path: Path) -> Scan:
    """Scan a repository of some files for what is wrong with its Dockerfiles."""

    def run(files: Mapping[str, str | bytes], *arguments: str) -> tuple[int, Outcome, str]:
        report = tmp_path / "report.sarif"
        root = repository(files)
        ran = devsecops("scan", root, "--kind", "iac", "-v", "-o", f"sarif={report}", *arguments)
        assert SECRET not in ran.out + ran.err + report.read_text()
        return ran.code, from_sarif(report.read_bytes()), ran.out + ran.err

    return run


def said(outcome: Outcome, scanner: str, state: State = State.NEW) -> list[str]:
    """Rule and line of a scanner's results."""
    found = (one for one in outcome.results if one.scanner == scanner and one.state is state)
    return sorted(f"{one.rule.id}:{one.location.line}" for one in found if isinstance(one.location, FileLocation))


def status(outcome: Outcome, scanner: str) -> tuple[Status, int, int]:
    """Status, and how many files were expected and examined."""
    (one,) = [one for one in outcome.executions if one.scanner == scanner]
    assert one.coverage
    return one.status, one.coverage.expected, one.coverage.examined


def test_our_rules_need_no_other_scanner(scan: Scan) -> None:
    code, outcome, text = scan({"Dockerfile": WEAK, "a/Dockerfile": CLEAN}, "--skip", "hadolint")
    assert (code, said(outcome, "dockerfile")) == (1, OURS)
    assert status(outcome, "dockerfile") == (Status.COMPLETE, 2, 2)
    assert "ENV PORT=*** DB_PASSWORD=***" in text
    (execution,) = [one for one in outcome.executions if one.scanner == "dockerfile"]
    assert execution.coverage is not None
    assert execution.coverage.evidence == "listed"


def test_a_clean_file_passes(scan: Scan) -> None:
    code, outcome, _ = scan({"Dockerfile": CLEAN}, "--skip", "hadolint")
    assert (code, outcome.results) == (0, ())


@pytest.mark.needs("hadolint")
def test_what_hadolint_sees_too_is_one_finding(scan: Scan) -> None:
    _, outcome, _ = scan({"Dockerfile": WEAK})
    both = {
        tuple(sorted(result.rule.id for result in one.results))
        for one in findings(outcome.results)
        if one.scanners == ("dockerfile", "hadolint")
    }
    assert both == {
        ("DL3002", "dockerfile-root-user"),
        ("DL3007", "dockerfile-base-tag"),
        ("DL3064", "dockerfile-secret"),
    }
    assert status(outcome, "hadolint") == (Status.COMPLETE, 1, 1)


@pytest.mark.needs("hadolint")
def test_the_repository_silences_nothing_where_it_is_not_trusted(scan: Scan) -> None:
    config = {".hadolint.yaml": "ignored: [DL3002, DL3003, DL3007, DL3064]\n", "hadolint.yaml": "no-fail: true\n"}
    _, outcome, _ = scan({"Dockerfile": SILENCED, **config}, "--trust", "untrusted")
    assert {"DL3002:8", "DL3007:3", "DL3064:5"} <= set(said(outcome, "hadolint"))
    assert len(said(outcome, "dockerfile")) == len(OURS)
    assert not [one for one in outcome.results if one.suppressions]


@pytest.mark.needs("hadolint")
def test_comments_silence_where_they_are_trusted_and_are_counted(scan: Scan) -> None:
    _, outcome, _ = scan({"Dockerfile": SILENCED}, "--trust", "local")
    assert said(outcome, "hadolint", State.SUPPRESSED) == ["DL3007:3", "DL3064:5"]
    assert said(outcome, "dockerfile", State.SUPPRESSED) == ["dockerfile-secret:5"]


@pytest.mark.needs("hadolint")
@pytest.mark.parametrize("broken", ["FROM\nRUNN x\n", "FROM a:1\nFETCH x\n"])
def test_a_file_that_does_not_parse_is_a_gap(scan: Scan, broken: str) -> None:
    code, outcome, text = scan({"Dockerfile": CLEAN, "broken/Dockerfile": broken})
    assert code == 3
    assert status(outcome, "dockerfile") == (Status.PARTIAL, 2, 1)
    assert status(outcome, "hadolint") == (Status.PARTIAL, 2, 1)
    assert "broken/Dockerfile" in text


@pytest.mark.parametrize("content", ["", "# nothing\n", "ARG A=1\n", b"\x7fELF\0\0", "FROM a:1\n#" + "x" * (4 << 20)])
def test_a_file_that_is_no_dockerfile_is_a_gap(scan: Scan, content: str | bytes) -> None:
    code, outcome, _ = scan({"Dockerfile": content}, "--skip", "hadolint")
    assert (code, status(outcome, "dockerfile")) == (3, (Status.PARTIAL, 1, 0))


@pytest.mark.needs("hadolint")
def test_every_dockerfile_is_examined_whatever_it_is_called(scan: Scan) -> None:
    names = [
        "Dockerfile",
        "a b/Dockerfile",
        "-c/Dockerfile",
        "dev.Dockerfile",
        "Dockerfile.prod",
        "Dockerfile-go",
        "Dockerfile_windows",
        "$(x)/dockerfile",
        "%41/Containerfile",
    ]
    odd = os.fsdecode(b"caf\xe9/Dockerfile")
    not_examined = {f"Dockerfile.{ending}": "{{ x }}" for ending in ("j2", "dockerignore", "template", "md")}
    code, outcome, _ = scan({**dict.fromkeys(names, CLEAN), odd: WEAK, **not_examined})
    assert code == 1
    for scanner in ("dockerfile", "hadolint"):
        assert status(outcome, scanner) == (Status.COMPLETE, 10, 10)
    paths = {one.location.path for one in outcome.results if isinstance(one.location, FileLocation)}
    assert paths == {"caf%E9/Dockerfile"}


def test_nothing_of_the_repository_is_run(scan: Scan, tmp_path: Path) -> None:
    evil = f"open({str(tmp_path / 'canary')!r}, 'w')\n"
    names = ("json.py", "msgspec.py", "devsecops/__init__.py", "devsecops/dockerfiles/__main__.py", "sitecustomize.py")
    code, _, _ = scan({"Dockerfile": CLEAN, **dict.fromkeys(names, evil)}, "--skip", "hadolint")
    assert code == 0
    assert not (tmp_path / "canary").exists()


def test_a_file_made_to_take_long_ends_incomplete(scan: Scan) -> None:
    slow = "FROM a AS b\n" + "".join(f"ENV A{number}=1\n" for number in range(10_000)) + "FROM b AS b\n" * 20_000
    code, outcome, _ = scan({"Dockerfile": slow}, "--skip", "hadolint", "--timeout", "2s")
    assert (code, status(outcome, "dockerfile")[0]) == (3, Status.TIMED_OUT)
