"""SARIF logs merged, against parsing and dumping them: `python -m benchmarks.sarif_merge [--long]`.

Beside it SARIF Multitool and sarif-tools on the same files, where `Sarif.Multitool` and `sarif` are on PATH or where
SARIF_MULTITOOL and SARIF_TOOLS say. --long merges five times as much, too (1,000,000 results, 2 GB of disk).
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.measure import Cost, by_turns, once, show, workplace

Json = dict[str, Any]
Argv = list[str | Path]

RUNS = 5
TOOLS, SHARDS, RESULTS = 8, 5, 5_000
SINGLE = 218_000
"""Results of the log that is one file."""
FLOOR = """
import gc, sys, msgspec
gc.disable()
decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        data = file.read()
    value = decode(data)
    del data
    encode(value)
    del value
"""
OURS = """
import sys
from functools import partial
from pathlib import Path
from devsecops.sarif import Source, merge
merged = merge([Source(name, Path(name).read_bytes) for name in sys.argv[1:]])
for chunk in merged:
    pass
if merged.problems or merged.notes or merged.repairs:
    raise SystemExit(f"{merged.problems} {merged.notes} {merged.repairs}")
"""
WORDS = (
    *("input", "flows", "into", "this", "query", "without", "being", "checked", "and", "may", "be", "used", "by", "an"),
    *(
        "attacker",
        "to",
        "read",
        "what",
        "belongs",
        "to",
        "another",
        "tenant;",
        "escape",
        "it",
        "or",
        "bind",
        "it",
        "as",
    ),
    *("a", "parameter", "of", "the", "statement", "instead", "of", "building", "its", "text", "in", "place"),
)


def main() -> None:
    """Measure; the goals are those of the last column."""
    with workplace() as folder:
        many, one = generated(shards, folder / "d40", SHARDS), generated(single, folder / "d1.sarif")
        cost = against_the_floor(f"{len(many)} files, {TOOLS * SHARDS * RESULTS:,} results", many, 200)
        against_the_floor(f"1 file, {SINGLE:,} results", one, 4 * one[0].stat().st_size / 2**20)
        if "--long" in sys.argv[1:]:
            linear(cost, folder)
        peers("40 files", many, folder)
        peers("1 file", one, folder)


def against_the_floor(title: str, logs: Sequence[Path], most: float) -> Cost:
    """Merge with deduplication, remapping and integrity check, against parsing and dumping; both without cyclic GC."""
    commands: dict[str, Argv] = {"floor": [sys.executable, "-c", FLOOR], "ours": [sys.executable, "-c", OURS]}
    found = by_turns({name: [*argv, *logs] for name, argv in commands.items()}, Path.cwd(), RUNS)
    ours, floor = found["ours"], found["floor"]
    size = sum(log.stat().st_size for log in logs) / 1e6
    show(f"{title}, {size:.0f} MB", "")
    show(
        "  merge / parse + dump, CPU", f"{ours.cpu / floor.cpu:.2f} (goal <= 1.5; {ours.cpu:.2f} s, {floor.cpu:.2f} s)"
    )
    show("  merge, memory", f"{ours.memory:.0f} MiB (goal <= {most:.0f}; parse + dump {floor.memory:.0f})")
    return ours


def linear(before: Cost, folder: Path) -> None:
    """Five times as many logs."""
    logs = generated(shards, folder / "d200", 5 * SHARDS)
    after = once([sys.executable, "-c", OURS, *logs], Path.cwd())
    show(
        f"{len(logs)} files / {len(logs) // 5} files, CPU",
        f"{after.cpu / before.cpu:.1f} (goal: about 5; {after.cpu:.1f} s, {after.memory:.0f} MiB)",
    )


def peers(title: str, logs: Sequence[Path], folder: Path) -> None:
    """`devsecops merge` against other commands, once each."""
    output = folder / "merged"
    ours: Argv = [Path(sys.executable).parent / "devsecops", "merge", "-q", *logs, "-o", f"sarif={output / 'o.sarif'}"]
    other: dict[str, Argv] = {}
    if multitool := os.environ.get("SARIF_MULTITOOL") or shutil.which("Sarif.Multitool"):
        options: Argv = ["--output-directory", output, "--output-file", "m.sarif", "--log", "ForceOverwrite;Minify"]
        other["SARIF Multitool"] = [multitool, "merge", *logs, *options]
    if tools := os.environ.get("SARIF_TOOLS") or shutil.which("sarif"):
        other["sarif-tools"] = [tools, "copy", "--output", output / "s.sarif", *logs]
    output.mkdir(exist_ok=True)
    mine = by_turns({"ours": ours}, folder, 3)["ours"]
    for name, argv in other.items():
        cost = once(argv, folder)
        written = f"{cost.cpu:.1f} s, {mine.cpu:.1f} s" if cost.code == 0 else f"exit code {cost.code}"
        show(f"{title}: {name} / devsecops merge, CPU", f"{cost.cpu / mine.cpu:.1f} (goal >= 8; {written})")
        show(f"{title}: {name} / devsecops merge, memory", f"{cost.memory:.0f} MiB / {mine.memory:.0f} MiB")


def generated(make: Callable[..., list[Path]], *arguments: object) -> list[Path]:
    """Logs, made in another process: what is measured starts as a copy of this one, and has its peak memory."""
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(make, *arguments).result()


def shards(folder: Path, count: int) -> list[Path]:
    """Logs of eight tools, each in some shards; a fifth of each but the first stands in the first already."""
    folder.mkdir()
    found = []
    for tool in range(TOOLS):
        first: list[Json] = []
        for shard in range(count):
            draw = random.Random(tool * 1_000 + shard)
            again = RESULTS // 5 if shard else 0
            results = [*draw.sample(first, again), *(result(draw, 250) for _ in range(RESULTS - again))]
            first = first or results
            found.append(folder / f"{tool}-{shard}.sarif")
            found[-1].write_bytes(log(draw, f"tool-{tool}", results, 250))
    return found


def single(file: Path) -> list[Path]:
    """One log of many results."""
    draw = random.Random(1)
    file.write_bytes(log(draw, "tool", [result(draw, 1_000) for _ in range(SINGLE)], 1_000))
    return [file]


def log(draw: random.Random, tool: str, results: Sequence[Json], count: int) -> bytes:
    """A log with tables in an order of its own; the results get the indices that fit."""
    rules, artifacts = [rule(number) for number in range(count)], [artifact(number) for number in range(500)]
    draw.shuffle(rules)
    draw.shuffle(artifacts)
    at_rule = {one["id"]: at for at, one in enumerate(rules)}
    at_file = {one["location"]["uri"]: at for at, one in enumerate(artifacts)}
    for one in results:
        one["ruleIndex"] = at_rule[one["ruleId"]]
        for place in places(one):
            place["artifactLocation"]["index"] = at_file[place["artifactLocation"]["uri"]]
    run = {
        "tool": {"driver": {"name": tool, "version": "1.0", "rules": rules}},
        "automationDetails": {"id": "nightly/"},
        "invocations": [{"executionSuccessful": True}],
        "originalUriBaseIds": {"%SRCROOT%": {"uri": "file:///checkout/"}},
        "artifacts": artifacts,
        "results": results,
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return msgspec.json.encode({"$schema": schema, "version": "2.1.0", "runs": [run]})


def places(result: Json) -> Iterator[Json]:
    """Its physical locations."""
    yield result["locations"][0]["physicalLocation"]
    for flow in result.get("codeFlows", ()):
        yield from (step["location"]["physicalLocation"] for step in flow["threadFlows"][0]["locations"])


def rule(number: int) -> Json:
    """A rule with its help as Markdown."""
    words = " ".join(WORDS)
    return {
        "id": f"rule-{number}",
        "name": f"Rule{number}",
        "shortDescription": {"text": f"Rule {number}"},
        "fullDescription": {"text": words},
        "help": {"text": words, "markdown": f"# Rule {number}\n\n{words}\n\n```\nexecute(query, [name])\n```\n"},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["security", f"external/cwe/cwe-{number + 20}"], "security-severity": "7.5"},
    }


def artifact(number: int) -> Json:
    """One of the files."""
    return {"location": {"uri": uri(number), "uriBaseId": "%SRCROOT%"}, "length": number * 100}


def uri(number: int) -> str:
    """Where a file is."""
    return f"services/service-{number % 40}/source/module_{number}.py"


def result(draw: random.Random, rules: int) -> Json:
    """A result with a snippet and a property bag; one in ten has a code flow of five steps."""
    found: Json = {
        "ruleId": f"rule-{draw.randrange(rules)}",
        "level": draw.choice(("error", "warning", "note")),
        "message": {"text": text(draw, 30)},
        "locations": [{"physicalLocation": place(draw) | {"region": region(draw)}}],
        "partialFingerprints": {"primaryLocationLineHash": f"{draw.getrandbits(64):x}:1"},
        "properties": {"confidence": "HIGH", "note": text(draw, 40)},
    }
    if draw.random() < 0.1:
        steps = [{"location": step(draw)} for _ in range(5)]
        found["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return found


def place(draw: random.Random) -> Json:
    """A file, without its index."""
    return {"artifactLocation": {"uri": uri(draw.randrange(500)), "uriBaseId": "%SRCROOT%"}}


def region(draw: random.Random) -> Json:
    """Some columns of a line, with their text."""
    line, column = draw.randrange(1, 2_000), draw.randrange(1, 80)
    ends = {"endLine": line, "endColumn": column + 20}
    return {"startLine": line, "startColumn": column, **ends, "snippet": {"text": text(draw, 14)}}


def step(draw: random.Random) -> Json:
    """A step of a code flow."""
    physical = place(draw) | {"region": {"startLine": draw.randrange(1, 2_000)}}
    return {"physicalLocation": physical, "message": {"text": text(draw, 6)}}


def text(draw: random.Random, words: int) -> str:
    """Some words."""
    return " ".join(draw.choices(WORDS, k=words))


if __name__ == "__main__":
    main()
