"""A scan that is divided: nothing of it is lost or done twice; what is not the whole is never taken for it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsecops import division
from devsecops.division import Plan
from devsecops.errors import UsageError
from devsecops.model import Kind, Part, apart
from devsecops.preparation import survey
from devsecops.work import Cell

COSTS = st.lists(st.floats(0.05, 500.0), min_size=1, max_size=60)
STARTS = {Kind.SAST: 3.0, Kind.IAC: 0.5}
DIGEST = "sha256:" + "0" * 64


def some(costs: list[float]) -> list[Cell]:
    kinds = list(Kind)
    return [Cell(kind=kinds[at % 5], service=f"s{at:03}", cost=cost) for at, cost in enumerate(costs)]


def plan(count: int) -> Plan:
    return division.divided(some([10.0] * count), {}, count)


def held(*parts: tuple[int, int], digest: str = DIGEST) -> list[tuple[str, list[Part]]]:
    return [(f"part{number}.sarif", [Part(plan=digest, number=number, of=of)]) for number, of in parts]


@given(COSTS, st.integers(1, 200))
def test_every_cell_is_in_exactly_one_shard_and_no_shard_is_empty(costs: list[float], count: int) -> None:
    found = division.divided(some(costs), STARTS, count)
    given_out = Counter(cell for shard in found.shards for cell in shard.cells)
    assert given_out == Counter(some(costs))
    assert all(shard.cells for shard in found.shards)
    assert len(found.shards) <= count


@given(COSTS, st.integers(1, 16), st.randoms())
def test_a_plan_does_not_depend_on_the_order_of_the_cells(costs: list[float], count: int, chance: object) -> None:
    cells = some(costs)
    shuffled = list(cells)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert division.encoded(division.divided(shuffled, STARTS, count)) == division.encoded(
        division.divided(cells, STARTS, count)
    )


@given(COSTS, st.integers(1, 16))
def test_no_shard_is_longer_than_an_even_share_and_the_longest_cell(costs: list[float], count: int) -> None:
    found = division.divided(some(costs), {}, count)
    assert found.shards[0].cost <= sum(costs) / count + max(costs) + 0.01
    assert [shard.cost for shard in found.shards] == sorted((shard.cost for shard in found.shards), reverse=True)


def test_as_many_shards_are_made_as_are_worth_starting() -> None:
    assert len(division.divided(some([1.0] * 50), STARTS, None).shards) == 1
    assert len(division.divided(some([100.0] * 50), STARTS, None).shards) == 21
    assert len(division.divided(some([500.0] * 900), STARTS, None).shards) == division.LIMIT


def test_nothing_to_examine_is_no_plan() -> None:
    with pytest.raises(UsageError, match="nothing here"):
        division.divided([], STARTS, 4)


@pytest.mark.parametrize(("number", "of"), [(0, 3), (4, 3), (1, 2), (3, 4)])
def test_a_shard_that_the_plan_does_not_have_is_an_error(number: int, of: int) -> None:
    with pytest.raises(UsageError, match="no shard"):
        division.share(plan(3), DIGEST, number, of)


def test_what_no_shard_was_given_falls_to_the_first() -> None:
    first, second = (division.share(plan(2), DIGEST, number, 2) for number in (1, 2))
    assert first.takes(Kind.DAST, "forgotten")
    assert not second.takes(Kind.DAST, "forgotten")
    for cell in some([10.0] * 2):
        assert [first.takes(cell.kind, cell.service), second.takes(cell.kind, cell.service)].count(True) == 1


@pytest.mark.parametrize(
    ("logs", "said"),
    [
        (held((1, 3), (2, 3)), "part 3/3 is missing"),
        (held((1, 3), (2, 3), (3, 3), (2, 3)), "part 2/3 is there more than once"),
        ([*held((1, 3), (2, 3), (3, 3)), ("zap.sarif", [])], "zap.sarif is no part"),
        ([*held((1, 3), (2, 3)), *held((3, 3), digest="sha256:other")], "part 3/3 of another plan"),
        (held((1, 3), (2, 3), (3, 4)), "part 3/4 of another plan"),
        ([], "part 1/3 is missing"),
    ],
)
def test_parts_that_are_not_the_plan_are_errors(logs: list[tuple[str, list[Part]]], said: str) -> None:
    found = list(division.faults(plan(3), DIGEST, logs))
    assert any(said in message.text for message in found)
    assert all(message.level == "error" for message in found)


def test_all_parts_of_a_plan_are_no_fault() -> None:
    assert list(division.faults(plan(3), DIGEST, held((3, 3), (1, 3), (2, 3)))) == []


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 4), st.integers(1, 4)), max_size=6))
def test_parts_are_a_whole_when_each_is_there_once(parts: list[tuple[str, int, int]]) -> None:
    there = [Part(plan=name, number=number, of=of) for name, number, of in parts]
    whole = len({(name, of) for name, _, of in parts}) == 1 and sorted(n for _, n, _ in parts) == [
        *range(1, parts[0][2] + 1)
    ]
    assert (apart(there) == "") == (whole or not parts)


def test_a_plan_of_another_commit_version_or_of_other_files_is_refused() -> None:
    cells = some([1.0] * 3)
    found = division.divided(cells, {}, 2, "abc")
    division.check(found, reversed(cells), "abc")
    with pytest.raises(UsageError, match="stale: of commit abc"):
        division.check(found, cells, "def")
    with pytest.raises(UsageError, match=r"differs from what is here in .* of s002"):
        division.check(found, cells[:2], "abc")
    other = Plan(devsecops="0.0.0", commit="abc", shards=found.shards)
    with pytest.raises(UsageError, match=r"of devsecops 0\.0\.0"):
        division.check(other, cells, "abc")


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2}', "\xff", "[" * 100_000, '{"version":1,"devsecops":"1"}'])
def test_a_file_that_is_no_plan_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text, "latin-1")
    with pytest.raises(UsageError, match=r"plan\.json"):
        division.read(file)


def test_a_plan_with_an_empty_shard_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(division.encoded(Plan(devsecops="1", commit="", shards=(division.Shard(cost=0, cells=()),))))
    with pytest.raises(UsageError, match="nothing to do"):
        division.read(file)


def test_cells_are_kinds_of_services_and_say_why(tmp_path: Path) -> None:
    for path in ("a/Dockerfile", "a/app.py", "b/Dockerfile", "b/requirements.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("x\n")
    cells = {(cell.kind.value, cell.service): cell for cell in survey(tmp_path, trust="local").cells()}
    assert cells.keys() == {("iac", "a"), ("iac", "b"), ("sast", "a"), ("dependencies", "b"), ("secrets", "")}
    assert cells["sast", "a"].reason == "bandit: 1 file, semgrep: 1 file"
    assert cells["secrets", ""].files == 4
