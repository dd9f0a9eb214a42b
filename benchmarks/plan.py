"""Planning, and how near its packing is to the optimum: `python -m benchmarks.plan`.

Two bounds hold for every packing: an even share of all work, and the longest cell. Costs are drawn at random, the same
ones in each run; they differ by some hundred times.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from benchmarks.measure import by_turns, show, workplace
from devsecops import division
from devsecops.model import Kind
from devsecops.work import Cell

SERVICES = 300
FILES = 330
"""In each service: together about 100,000."""
SHARDS = (1, 4, 16, 64)
COSTS = {Kind.SAST: (2.0, 90.0), Kind.DEPENDENCIES: (1.0, 15.0), Kind.IMAGE: (8.0, 120.0), Kind.IAC: (0.2, 4.0)}
"""Seconds for a service, from the least to the most that is drawn, by kind."""
WHOLE = {Kind.SECRETS: 41.0, Kind.CI: 3.0}


def main() -> None:
    """Measure the command, then pack."""
    with workplace() as folder:
        root = repository(folder / "large")
        env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        costs = by_turns(
            {
                "git": ["git", "ls-files", "-co", "--exclude-standard"],
                "plan": [Path(sys.executable).parent / "devsecops", "plan", root, "--shards", "16"],
            },
            root,
            env=env | {"XDG_CACHE_HOME": str(folder / "cache")},
        )
    ratio = costs["plan"].cpu / costs["git"].cpu
    said = f"{costs['plan'].cpu:.2f} / {costs['git'].cpu:.2f}: {ratio:.1f} x (goal <= 5)"
    show("plan of 300 services / git ls-files, CPU s", said)
    for count in SHARDS:
        longest, bound = packed(count)
        show(
            f"{count} shards, longest / bound, s", f"{longest:.0f} / {bound:.0f}: {longest / bound:.2f} (goal <= 1.15)"
        )


def packed(count: int) -> tuple[float, float]:
    """Seconds of the longest shard, and of the shortest that any packing could have."""
    chance = random.Random(1)
    cells = [
        Cell(kind=kind, service=f"service-{number:03}", cost=round(chance.lognormvariate(0, 1) * (low + high) / 10, 2))
        for number in range(SERVICES)
        for kind, (low, high) in COSTS.items()
    ]
    cells += [Cell(kind=kind, cost=cost) for kind, cost in WHOLE.items()]
    starts = {Kind.SAST: 3.5, Kind.DEPENDENCIES: 1.2, Kind.IAC: 0.3, Kind.SECRETS: 0.4, Kind.CI: 0.1}
    plan = division.divided(cells, starts, count)
    even = (sum(cell.cost for cell in cells) + sum(starts.values())) / count
    bound = max([even, *(cell.cost for cell in cells)])
    return plan.shards[0].cost, bound


def repository(root: Path) -> Path:
    """A repository of many services, in git."""
    for number in range(SERVICES):
        service = root / "services" / f"service-{number:03}"
        for at in range(FILES):
            path = service / f"part{at % 10}" / f"file{at}.{'py' if at % 3 else 'txt'}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x = 1\n")
        (service / "Dockerfile").write_text("FROM scratch\n")
        (service / "requirements.txt").write_text("flask==3.0.0\n")
    for arguments in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return root


if __name__ == "__main__":
    main()
