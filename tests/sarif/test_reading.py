"""Bytes that are no log, or hardly one: an error that names the log and the place, and nothing else is lost."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsecops.sarif import Source, merge
from tests.conftest import CHECKOUT
from tests.fuzz.sarif import OTHER, attempt
from tests.sarif import every_index, pointers
from tests.sarif.every_index import Json
from tests.sarif.test_merging import dumped, one, outcome, seen

GOOD = dumped(one(seen()))
EVERY = every_index.log(pointers.renumbered(every_index.run(), (0, 1, 2)))


def refused(data: bytes) -> str:
    """What is said of bytes that cannot be read; the other log of the merge must be there."""
    found = merge([Source("bad.sarif", lambda: data), OTHER])
    log = json.loads(b"".join(found))
    assert [run["tool"]["driver"]["name"] for run in log["runs"]] == ["other"]
    (note,) = found.notes
    assert (note.level, note.id) == ("error", "unreadable")
    assert log["properties"]["devsecops"]["notes"] == [{"id": note.id, "text": note.text, "level": note.level}]
    start = "bad.sarif could not be read: "
    assert note.text.startswith(start)
    return note.text.removeprefix(start)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the log is empty"),
        (b" \n", "the log is empty"),
        (GOOD[:-9], f"the log is cut off after {len(GOOD) - 9} bytes"),
        (b"<html><body>502</body></html>", "the log is not JSON: line 1, column 1"),
        (b'{"version":"2.1.0",\n"runs":[}', "the log is not JSON: line 2, column 9"),
        (b"[]", "this is not a SARIF log: a JSON list"),
        (b"null", "this is not a SARIF log: a JSON null"),
        (b'"2.1.0"', "this is not a SARIF log: a JSON string"),
        (b"{}", "this is not a SARIF log: it has no version and no runs"),
        (b'{"version":"1.0.0","runs":[]}', "this is a SARIF 1.0.0 log"),
        (b'{"version":"2.0.0","runs":[{"results":[]}]}', "this is a SARIF 2.0.0 log"),
        (b'{"version":"2.1.0"}', "runs is null"),
        (b'{"version":"2.1.0","runs":null}', "runs is null"),
        (b'{"version":"2.1.0","runs":{}}', "runs is value"),
        (b'{"version":"2.1.0","runs":[1]}', "runs has something that is no object"),
        (b"[" * 100_000, "the log is nested too deeply"),
        (b'{"version":"2.1.0","runs":[{"a":' + b"[" * 100_000, "the log is nested too deeply"),
        (b"\xff\xfe{", "the log is not UTF-16, as its byte order mark says"),
        (b"\0\0\xfe\xff{", "the log is not UTF-32, as its byte order mark says"),
    ],
)
def test_what_is_no_log_is_said_and_others_are_kept(data: bytes, said: str) -> None:
    assert refused(data).startswith(said)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xef\xbb\xbf" + GOOD, "byte order mark (UTF-8)"),
        (GOOD.decode().encode("utf-16"), "byte order mark (UTF-16)"),
        (GOOD.decode().encode("utf-32"), "byte order mark (UTF-32)"),
        (GOOD.decode().encode("utf-16-le"), "encoding UTF-16-LE"),
        (GOOD.decode().encode("utf-16-be"), "encoding UTF-16-BE"),
        (GOOD.replace(b"said", b"s\xe4id"), "bytes that are not UTF-8"),
        (GOOD.replace(b"said", b"\\ud800"), "lone surrogates"),
        (GOOD.replace(b'"startLine": 1', b'"startLine": 1, "charOffset": NaN'), "the number NaN"),
        (GOOD.replace(b'"startLine": 1', b'"startLine": 1, "charLength": ' + b"9" * 5_000), "a huge integer"),
        (GOOD.replace(b"/sarif-2.1.0.json", b"/sarif-2.0.0.json"), "$schema of another version"),
        (GOOD.replace(b'"version": "2.1.0",', b""), "no version"),
        (GOOD.replace(b'"results"', b'"results": [{"message": {"text": "first"}}], "results"'), "results twice"),
    ],
)
def test_what_can_be_understood_is_read_with_a_note(data: bytes, said: str) -> None:
    assert data != GOOD
    found = merge([Source("odd.sarif", lambda: data)])
    log = json.loads(b"".join(found))
    assert len(log["runs"][0]["results"]) == 1 + (said == "results twice")
    assert not found.notes
    assert any(name == "odd.sarif" and text.startswith(said) for name, text in found.repairs)
    assert any(said in note["text"] for note in log["properties"]["devsecops"]["notes"])


def test_of_runs_that_stand_twice_none_is_lost() -> None:
    runs = json.dumps(one(seen("first"))["runs"]).encode()
    found = merge([b'{"version":"2.1.0","runs":' + runs + b"," + GOOD[1:]])
    log = json.loads(b"".join(found))
    assert sorted(result["message"]["text"] for run in log["runs"] for result in run["results"]) == ["first", "said"]
    assert any(text.startswith("runs twice") for _, text in found.repairs)


def test_small_logs_are_read_once() -> None:
    answers = iter([GOOD])
    found = merge([Source("once.sarif", lambda: next(answers)), OTHER])
    assert len(json.loads(b"".join(found))["runs"]) == 2


def test_a_log_that_disappears_while_it_is_merged_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devsecops.sarif.merging._KEPT", 0)
    answers = iter([GOOD, b"changed"])
    found = merge([Source("gone.sarif", lambda: next(answers)), OTHER])
    assert [run["tool"]["driver"]["name"] for run in json.loads(b"".join(found))["runs"]] == ["other"]
    assert found.notes[0].text == "gone.sarif: could not be read again: the log changed while it was read"


def changed(path: tuple[str | int, ...], value: Any) -> Json:
    log = json.loads(json.dumps(EVERY))
    holder: Any = log
    for word in path[:-1]:
        holder = holder[word]
    holder[path[-1]] = value
    return dict(log)


@pytest.mark.parametrize("index", [-2, True, 10**9, "0", None, 1.5, [], {}])
@pytest.mark.parametrize("table", ["artifacts", "logicalLocations", "webRequests", "rules"])
def test_an_index_that_is_none_points_nowhere_and_is_said(index: Any, table: str) -> None:
    result: tuple[str | int, ...] = ("runs", 0, "results", 0)
    path = {
        "artifacts": (*result, "analysisTarget"),
        "logicalLocations": (*result, "locations", 0, "logicalLocations", 0),
        "webRequests": (*result, "webRequest"),
        "rules": (*result, "rule"),
    }[table]
    found, log = outcome(changed((*path, "index"), index))
    assert len(log["runs"][0]["results"]) == every_index.TABLES
    assert not found.problems
    assert not found.notes
    assert found.repairs or table == "rules"  # which is found by its id


@pytest.mark.parametrize("table", [*pointers.OF_RUN, "taxonomies", "originalUriBaseIds", "automationDetails"])
@pytest.mark.parametrize("value", [{"a": 1}, ["a"], 1, "a", [[]]])
def test_a_table_that_is_none_is_no_table(table: str, value: Any) -> None:
    found, log = outcome(changed(("runs", 0, table), value))
    assert len(log["runs"][0]["results"]) == every_index.TABLES
    assert not found.problems


def test_a_row_with_a_hundred_thousand_parents_ends() -> None:
    rows = [{"fullyQualifiedName": f"{at}"} | ({"parentIndex": at - 1} if at else {}) for at in range(100_000)]
    place = seen()
    place["locations"][0]["logicalLocations"] = [{"index": 99_999}]
    found, log = outcome(one(place, logicalLocations=rows))
    assert len(log["runs"][0]["results"]) == 1
    assert not found.problems
    ring = [{"fullyQualifiedName": f"{at}", "parentIndex": (at + 1) % 3} for at in range(3)]
    found, log = outcome(one(place, logicalLocations=ring))
    assert len(log["runs"][0]["logicalLocations"]) == 3
    assert not found.problems


def test_names_of_a_megabyte_are_names() -> None:
    name = "n" * (1 << 20)
    found, log = outcome(one(seen(ruleId=name, uri=name), artifacts=[{"location": {"uri": name}}]))
    assert log["runs"][0]["results"][0]["ruleId"] == name
    assert not found.problems


@pytest.mark.parametrize("where", ["result", "header"])
def test_what_is_too_deep_is_set_aside_and_said_and_the_rest_is_kept(where: str) -> None:
    deep: Json = {"id": "n"}
    for at in range(400):
        deep = {"id": f"{at}", "children": [deep]}
    graph = {"nodes": [deep]}
    bad = one(seen(graphs=[graph]), seen("good")) if where == "result" else one(graphs=[graph])
    found = merge([Source("deep.sarif", lambda: dumped(bad)), OTHER, dumped(one(seen("good")))])
    log = json.loads(b"".join(found))
    texts = [result["message"]["text"] for run in log["runs"] for result in run["results"]]
    assert "good" in texts
    assert all(note.text.startswith("deep.sarif: ") for note in found.notes)


def test_results_that_are_none_are_set_aside_with_their_place() -> None:
    found = merge([Source("odd.sarif", lambda: dumped(one(seen(), 1, None, {}, seen("b"))))])  # type: ignore[arg-type]
    assert len(json.loads(b"".join(found))["runs"][0]["results"]) == 2
    assert [note.text for note in found.notes] == ["odd.sarif: of runs[0].results no result, set aside: 1, 2, 3"]
    assert found.tallies["tool"].set_aside == 3


JUNK: list[Any] = [
    None,
    True,
    -1,
    10**9,
    "0",
    "",
    [],
    {},
    [1],
    [{}],
    [None],
    {"text": 1},
    1.5,
    "a:b",
    "..\\x",
    10**30,
    {"uri": 5},
]


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, one in below for found in _paths(one, (*path, name)))]


PATHS = _paths(EVERY)[1:]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PATHS), st.sampled_from(JUNK))
def test_no_value_at_any_place_breaks_the_merge(path: tuple[str | int, ...], value: Any) -> None:
    attempt(dumped(changed(path, value)))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6))
def test_no_flipped_bytes_break_the_merge(seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(dumped(every_index.log(every_index.run([every_index.plain(0)]))))
    for _ in range(rng.randint(1, 5)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    attempt(bytes(data))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40))
def test_no_bytes_break_the_merge(data: bytes) -> None:
    attempt(data)


def test_the_fuzz_target_runs_on_files_without_atheris(tmp_path: Path) -> None:
    for number, data in enumerate([GOOD, b"{", b"\xff"]):
        (tmp_path / f"{number}.sarif").write_bytes(data)
    target = CHECKOUT / "tests" / "fuzz" / "sarif.py"
    env = {"PYTHONPATH": str(CHECKOUT)}
    subprocess.run([sys.executable, target, tmp_path], check=True, capture_output=True, env=env, timeout=60)
