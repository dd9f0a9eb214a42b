"""From the canonical log to what a projection takes: the log itself, and the findings in it."""

from __future__ import annotations

from typing import Any

import msgspec

from devsecops import dedupe, weakness
from devsecops.sarif import located
from devsecops.sarif.projections import Group


def log_and_groups(data: bytes) -> tuple[dict[str, Any], list[Group]]:
    """The log, and its findings, worst first, each with the places of its results in the log, most telling first.

    Raises:
        ReportError: the bytes are no SARIF 2.1.0 log.
    """
    log = msgspec.json.decode(data)
    places = {id(one[2]): one for one in located(log, groups=weakness.groups)}
    found = dedupe.findings(result for _, _, result in places.values())
    return log, [[places[id(result)] for result in finding.results] for finding in found]
