"""A divided scan of the shop: its parts make up the whole, byte for byte, and never less than that without a word."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from devsecops.model import VerdictState
from devsecops.sarif import from_sarif
from tests.conftest import CHECKOUT, Command, run_git

SHOP = CHECKOUT / "examples" / "shop"
OPTIONS = ("--trust", "local", "--skip", "semgrep")
SHARDS = 4


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("divided") / "shop"
    shutil.copytree(SHOP, root)
    run_git(root, "init", "-q")
    run_git(root, "add", "-A", "-f")
    run_git(root, "commit", "-q", "-m", "shop")
    return root


class Divided:
    """The plan and the parts of a scan."""

    def __init__(self, devsecops: Command, root: Path, folder: Path) -> None:
        self.plan = folder / "plan.json"
        ran = devsecops("plan", root, *OPTIONS, "--shards", str(SHARDS), "-o", self.plan, "--format", "github")
        assert ran.out.splitlines()[1] == f"shards={SHARDS}"
        assert len(json.loads(ran.out.splitlines()[0].removeprefix("matrix="))["include"]) == SHARDS
        self.parts = [folder / f"part-{number}.sarif" for number in range(1, SHARDS + 1)]
        for number, part in enumerate(self.parts, 1):
            shard = ("--plan", self.plan, "--shard", f"{number}/{SHARDS}")
            ran = devsecops("scan", root, *OPTIONS, *shard, "-o", f"sarif={part}", "-q")
            assert ran.code == 0, ran


@pytest.fixture
def divided(devsecops: Command, shop: Path, tmp_path: Path) -> Divided:
    return Divided(devsecops, shop, tmp_path)


@pytest.mark.needs("bandit", "pip-audit")
def test_the_parts_make_up_the_whole_and_nothing_else_does(
    devsecops: Command, shop: Path, divided: Divided, tmp_path: Path
) -> None:
    whole, merged = tmp_path / "whole", tmp_path / "merged"
    planned = ("--plan", divided.plan, "-o", f"sarif={merged}")
    assert devsecops("scan", shop, *OPTIONS, "-o", f"sarif={whole}").code == 1

    assert devsecops("merge", *reversed(divided.parts), *planned).code == 0
    assert merged.read_bytes() == whole.read_bytes()
    assert devsecops("merge", *divided.parts, "-o", f"sarif={merged}").code == 0
    assert merged.read_bytes() == whole.read_bytes()

    twice = tmp_path / "again.sarif"
    shutil.copy(divided.parts[1], twice)
    foreign = tmp_path / "foreign.sarif"
    foreign.write_bytes(whole.read_bytes())
    stale = tmp_path / "stale.sarif"
    digest = from_sarif(divided.parts[1].read_bytes()).parts[0].plan
    stale.write_bytes(divided.parts[1].read_bytes().replace(digest.encode(), b"sha256:" + b"0" * 64))
    broken = tmp_path / "broken.sarif"
    broken.write_bytes(divided.parts[1].read_bytes()[:-200])
    without = [divided.parts[0], *divided.parts[2:]]
    for logs, said in [
        (without, f"part 2/{SHARDS} is missing"),
        ([*divided.parts, twice], f"part 2/{SHARDS} is there more than once"),
        ([*divided.parts, foreign], "foreign.sarif is no part of this plan"),
        ([*without, stale], f"stale.sarif is part 2/{SHARDS} of another plan"),
        ([*without, broken], "broken.sarif could not be read"),
    ]:
        ran = devsecops("merge", *logs, *planned)
        assert ran.code == 3, said
        assert said in ran.out
        assert devsecops("gate", merged).code == 3, said
        assert from_sarif(merged.read_bytes()).verdict.state is VerdictState.INCOMPLETE, said


@pytest.mark.needs("bandit", "pip-audit")
def test_a_part_alone_is_never_taken_for_the_whole(devsecops: Command, divided: Divided, tmp_path: Path) -> None:
    ran = devsecops("gate", divided.parts[0], "--fail-on", "none")
    assert ran.code == 3, ran
    assert f"of {SHARDS} parts are missing: 2, 3, 4" in ran.out
    merged = tmp_path / "merged"
    assert devsecops("merge", *divided.parts[:3], "-o", f"sarif={merged}").code == 0  # without a plan it knows of none
    assert devsecops("gate", merged, "--fail-on", "none").code == 3


def test_a_shard_that_is_not_there_or_a_stale_plan_is_wrong_usage(
    devsecops: Command, shop: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    assert devsecops("plan", shop, *OPTIONS, "--shards", "2", "-o", plan).code == 0
    for shard, said in [
        ("3/2", "no shard 3/2"),
        ("0/2", "no shard 0/2"),
        ("1/3", "no shard 1/3"),
        ("x", "go together"),
    ]:
        ran = devsecops("scan", shop, *OPTIONS, "--plan", plan, "--shard", shard)
        assert ran.code == 2, ran
        assert said in ran.err
    ran = devsecops("scan", shop, *OPTIONS, "--kind", "sast", "--plan", plan, "--shard", "1/2")
    assert ran.code == 2
    assert "stale" in ran.err
    ran = devsecops("scan", "--image", "alpine", "--plan", plan, "--shard", "1/2")
    assert ran.code == 2
    new = tmp_path / "shop"
    shutil.copytree(shop, new)
    (new / "services/catalog/more.py").write_text("import os\n")
    ran = devsecops("scan", new, *OPTIONS, "--plan", plan, "--shard", "1/2")
    assert (ran.code, "differs from what is here in sast of catalog" in ran.err) == (2, True), ran


def test_planning_nothing_is_wrong_usage(devsecops: Command, tmp_path: Path) -> None:
    ran = devsecops("plan", tmp_path)
    assert ran.code == 2
    assert "nothing here" in ran.err
    for shards in ("0", "201", "x", "-1", "٣"):
        assert devsecops("plan", SHOP, "--shards", shards).code == 2


def test_the_same_repository_gives_the_same_plan(devsecops: Command, shop: Path) -> None:
    plans = {devsecops("plan", shop, *OPTIONS, "--format", "json").out for _ in range(2)}
    assert len(plans) == 1
    assert devsecops("plan", shop, *OPTIONS, "--shards", "3", "--format", "gitlab").out == "DEVSECOPS_SHARDS=3\n"
