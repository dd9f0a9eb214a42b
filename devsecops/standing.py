"""Where the results of a scan stand before the policy judges them: what a baseline says of them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence

from devsecops import baseline as baselines
from devsecops import evidence, git
from devsecops.baseline import Compared
from devsecops.listing import model_path
from devsecops.model import Execution, HttpLocation, Message, Result
from devsecops.preparation import Prepared


def settled(prepared: Prepared, results: Sequence[Result], executions: Sequence[Execution]) -> Compared:
    """The results with what the baseline says of them."""
    asked = prepared.baseline
    if asked is None:
        return Compared(results=tuple(results))
    if asked.outcome is None:
        text = f"there is no baseline {asked.name} yet: everything counts as new"
        return Compared(results=tuple(results), notes=(Message(id="baseline", text=text),))
    return baselines.compared(
        results,
        asked.outcome,
        executions,
        looked_at=lambda old: _is_looked_at(prepared, old),
        former=_former(prepared, results, asked.outcome.revision),
    )


def _is_looked_at(prepared: Prepared, old: Result) -> bool:
    """Whether the scan was to look at the place of an earlier result, whose file may be there no more."""
    if isinstance(old.location, HttpLocation):
        return True
    path = old.location.path
    kinds = [one.scanner.kind for one in prepared.choices if one.scanner.name == old.scanner]
    takes = prepared.chosen(path) if not kinds else any(prepared.takes(kind, path) for kind in kinds)
    return takes and (prepared.listing.has(path) or not os.path.lexists(prepared.root / path))


def _former(prepared: Prepared, results: Sequence[Result], revision: str) -> dict[int, tuple[str, ...]]:
    """Fingerprints that results in renamed files would have under the former names, by position."""
    changes = git.changes(prepared.root, revision) if revision else None
    if changes is None or not changes.renamed:
        return {}
    names = {model_path(new): model_path(old) for new, old in changes.renamed.items()}
    by_path: dict[str, list[int]] = defaultdict(list)
    for at, result in enumerate(results):
        if not isinstance(result.location, HttpLocation) and result.location.path in names:
            by_path[result.location.path].append(at)
    found: dict[int, tuple[str, ...]] = {}
    for path, places in by_path.items():
        prints = evidence.formerly(
            [results[at] for at in places], prepared.listing, names[path], prepared.secret_scanners
        )
        found |= dict(zip(places, prints, strict=True))
    return found
