"""What devsecops costs besides the tools: `python -m benchmarks.overhead`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import by_turns, show, workplace

COMMAND = Path(sys.executable).parent / "devsecops"
FILES = 10_000
RESULTS = 50_000


def main() -> None:
    """Measure start, overhead on many files, and memory on many results."""
    with workplace() as folder:
        version(folder)
        overhead(folder)
        memory(folder)


def version(folder: Path) -> None:
    """`devsecops --version` against `python -c pass`; the goal is 8 times."""
    found = by_turns({"ours": [COMMAND, "--version"], "floor": [sys.executable, "-c", "pass"]}, folder)
    show("devsecops --version / python -c pass, CPU", f"{found['ours'].cpu / found['floor'].cpu:.1f} (goal <= 8)")


def overhead(folder: Path) -> None:
    """A scan of 10,000 files with three instant fake tools against `git ls-files`; the goal is 10 times."""
    root = repository(folder, FILES)
    config = fakes(folder, root, results=0)
    names = [word for name in ("bandit", "semgrep", "zizmor") for word in ("--scanner", name)]
    scan: list[str | Path] = [COMMAND, "scan", root, "--config", config, *names, "-q"]
    listing = ["git", "ls-files", "-co", "--exclude-standard"]
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    found = by_turns({"ours": scan, "floor": listing}, root, runs=15, env=env | {"XDG_CACHE_HOME": str(folder)})
    ratio = found["ours"].cpu / found["floor"].cpu
    show(
        f"scan of {FILES:,} files, 3 instant tools / git ls-files, CPU",
        f"{ratio:.1f} (goal <= 10; {found['ours'].cpu * 1000:.0f} ms, the tools included)",
    )


def memory(folder: Path) -> None:
    """Peak memory on 50,000 results; the goal is 150 MiB."""
    root = repository(folder, 100)
    config = fakes(folder, root, results=RESULTS)
    scan: list[str | Path] = [
        COMMAND,
        "scan",
        root,
        "--config",
        config,
        "--scanner",
        "semgrep",
        "--jobs",
        "1",
        "-q",
        "-o",
        f"sarif={folder / 'out.sarif'}",
    ]
    env = dict(os.environ) | {"XDG_CACHE_HOME": str(folder)}
    found = by_turns({"ours": scan}, root, runs=3, env=env)["ours"]
    show(f"scan with {RESULTS:,} results, memory", f"{found.memory:.0f} MiB (goal <= 150), {found.cpu:.1f} s CPU")


def repository(folder: Path, count: int) -> Path:
    """A git repository of small files, one in ten of them Python, one a workflow."""
    root = folder / f"repository-{count}"
    for number in range(count):
        part = root / f"part{number // 100}"
        part.mkdir(parents=True, exist_ok=True)
        ending = "py" if number % 10 == 0 else "txt"
        (part / f"file{number}.{ending}").write_text("".join(f"x{line} = {number}\n" for line in range(20)))
    (root / ".github" / "workflows").mkdir(parents=True)
    (root / ".github" / "workflows" / "ci.yml").write_text("on: push\njobs: {}\n")
    for arguments in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return root


def fakes(folder: Path, root: Path, results: int) -> Path:
    """A configuration in which each tool is a shell script that copies a report, in which every file is examined."""
    files = [str(path.relative_to(root)) for path in root.rglob("*.py")]
    folder = folder / f"fakes-{results}"
    folder.mkdir()
    bandit, semgrep, zizmor = (folder / f"{name}.json" for name in ("bandit", "semgrep", "zizmor"))
    bandit.write_text(json.dumps({"results": [], "errors": [], "metrics": {file: {} for file in files}}))
    zizmor.write_text("[]")
    with semgrep.open("w") as file:
        file.write(f'{{"errors": [], "paths": {{"scanned": {json.dumps(files)}}}, "results": [')
        for number in range(results):
            file.write(
                f'{"," if number else ""}{{"check_id": "rule{number % 40}", "path": "part0/file{number % 10 * 10}.py",'
                f'"start": {{"line": {number % 20 + 1}, "col": 1, "offset": 0}}, "end": {{"line": {number % 20 + 1},'
                f'"col": 9, "offset": 8}}, "extra": {{"message": "{"some words of a message " * 6}", "severity":'
                f'"LOW", "metadata": {{"cwe": "CWE-79", "help": "{"help " * 40}"}}, "fingerprint": "requires login",'
                '"lines": "requires login", "validation_state": "NO_VALIDATOR", "engine_kind": "OSS"}}'
            )
        file.write("]}")
    config = folder / "config.toml"
    lines = []
    for name, version_text, option, report in (
        ("bandit", "1.9.4", "-o", bandit),
        ("semgrep", "1.185.0", "--output", semgrep),
        ("zizmor", "1.32.0", "", zizmor),
    ):
        script = folder / name
        copy = f'while [ "$1" != {option} ]; do shift; done\nexec cp {report} "$2"\n'
        show_it = f"echo ' INFO audit: zizmor: completed ./.github/workflows/ci.yml' >&2\nexec cat {report}\n"
        script.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && echo {version_text} && exit\n{copy if option else show_it}'
        )
        script.chmod(0o755)
        lines.append(f"[scanner.{name}]\npath = '{script}'\n")
    config.write_text("".join(lines))
    return config


if __name__ == "__main__":
    main()
