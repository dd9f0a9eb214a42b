"""A scan of Django's source against the same tools one after the other: `python -m benchmarks.schedule [TREE]`.

Without TREE, the source distribution is fetched with pip. Both sides run the same commands on the same files.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tarfile
from pathlib import Path

from benchmarks.measure import Cost, once, show, workplace
from devsecops import assets
from devsecops.advisories import store
from devsecops.advisories.server import Server

BIN = Path(sys.executable).parent
ADVISORIES = Path(__file__).parent.parent / "examples" / "shop" / "advisories"
DJANGO = "django==5.2.*"
RUNS = 3
WORKED = {"bandit": {0, 1}, "semgrep": {0}, "pip-audit": {0, 1}, "gitleaks": {0, 7}, "zizmor": {0}}
"""Exit codes of a run that did its work: a tool that fails at once would make a good floor."""


def main() -> None:
    """Measure, by turns."""
    with workplace() as folder, store.from_folder(ADVISORIES, "PyPI") as source, Server(source) as server:
        root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else django(folder)
        tools = commands(folder, server.url)
        scan: list[str | Path] = [BIN / "devsecops", "scan", root, "-q", "--advisories", ADVISORIES]
        scan += [word for name in tools for word in ("--scanner", name)]
        env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        env["XDG_CACHE_HOME"] = str(folder / "cache")
        once(scan, root, env)  # learns how fast the tools are here
        alone: dict[str, list[Cost]] = {name: [] for name in tools}
        together: list[Cost] = []
        for _ in range(RUNS):
            for name, argv in tools.items():
                alone[name].append(checked(name, once(argv, root, env), WORKED[name]))
            together.append(checked("devsecops", once(scan, root, env), {0, 1, 3}))
        report(alone, together)


def checked(name: str, cost: Cost, worked: set[int]) -> Cost:
    """The cost, of a run that did its work."""
    if cost.code not in worked:
        raise SystemExit(f"{name} ended with exit code {cost.code}: its time says nothing")
    return cost


def report(alone: dict[str, list[Cost]], together: list[Cost]) -> None:
    """Print the ratio, and the bounds that no schedule can beat."""
    walls = {name: statistics.median(cost.wall for cost in costs) for name, costs in alone.items()}
    cpus = {name: statistics.median(cost.cpu for cost in costs) for name, costs in alone.items()}
    ours = statistics.median(cost.wall for cost in together)
    sequence = sum(walls.values())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    bound = sum(cpus.values()) / cores
    show("tools alone, s", ", ".join(f"{name} {wall:.1f}" for name, wall in walls.items()))
    show("one after the other / devsecops scan, s", f"{sequence:.1f} / {ours:.1f}: {ours / sequence:.2f} (goal <= 0.6)")
    show(f"their CPU on {cores} cores, s", f"{bound:.1f}: devsecops takes {ours - bound:+.1f}")


def commands(folder: Path, osv: str) -> dict[str, list[str | Path]]:
    """The tools as a careful person would start them, each for itself."""
    pins = folder / "pins.txt"
    pins.write_text("jinja2==3.1.2\nrequests==2.31.0\n")
    rules = assets.folder("scanners") / "semgrep" / "rules"
    return {
        "bandit": [BIN / "bandit", "-r", ".", "-q", "-f", "json", "-o", folder / "bandit.json"],
        "semgrep": [
            BIN / "semgrep", "scan", "--config", rules, "--metrics=off", "--disable-version-check", "--quiet",
            "--no-git-ignore", "--max-target-bytes", "0", "--json", "--output", folder / "semgrep.json", ".",
        ],
        "pip-audit": [
            BIN / "pip-audit", "-r", pins, "--no-deps", "--disable-pip", "--progress-spinner", "off",
            "-s", "osv", "--osv-url", f"{osv}/v1/query", "-f", "json", "-o", folder / "audit.json",
        ],
        "gitleaks": [
            BIN / "gitleaks", "dir", ".", "--no-banner", "--redact", "--exit-code", "7",
            "--report-format", "json", "--report-path", folder / "gitleaks.json",
        ],
        "zizmor": [BIN / "zizmor", "--offline", "--no-progress", "--format", "json", "--no-exit-codes", "."],
    }  # fmt: skip


def django(folder: Path) -> Path:
    """Django's source as a git repository, with a lock file and a workflow beside it."""
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", DJANGO]
    subprocess.run([*fetch, "--dest", str(folder)], check=True)
    (archive,) = folder.glob("*jango*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    (source,) = folder.glob("*jango*/")
    root = source / "django"
    (root / "requirements.txt").write_text("jinja2==3.1.2\nrequests==2.31.0\n")
    workflows = root / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "ci.yml").write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{run: echo}]\n")
    for arguments in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return root


if __name__ == "__main__":
    main()
