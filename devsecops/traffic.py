"""What passed between a scanner and its target, as the relay between them saw it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

LIMIT = 50_000
"""Different endpoints that are told apart; attacks make paths up."""


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of one scanner to one target."""

    answers: Mapping[tuple[str, str], Mapping[int, int]] = {}
    """Method and path, without query, to the statuses of the answers and how many had each."""
    more: int = 0
    """Answers to endpoints beyond `LIMIT`."""
    failed: int = 0
    """Requests that the target gave no whole answer to."""
    refused: Mapping[str, int] = {}
    """Requests to somewhere else, none of which was passed on, by `host:port`."""
    excluded: int = 0
    """Requests to excluded paths, none of which was passed on."""
    authenticated: int = 0
    """Answers to requests that were passed on with credentials."""
    rejected: int = 0
    """Those of them that say that nobody is logged in."""

    @property
    def answered(self) -> int:
        """All answers."""
        return self.more + sum(sum(statuses.values()) for statuses in self.answers.values())


class Tally:
    """Counts traffic."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], Counter[int]] = {}
        self._refused: Counter[str] = Counter()
        self._more = 0
        self.failed = 0
        self.excluded = 0
        self.authenticated = 0
        self.rejected = 0

    def answer(self, method: str, path: str, status: int) -> None:
        """Count an answer."""
        statuses = self._answers.get((method, path))
        if statuses is None:
            if len(self._answers) >= LIMIT:
                self._more += 1
                return
            statuses = self._answers[method, path] = Counter()
        statuses[status] += 1

    def refuse(self, authority: str) -> None:
        """Count a request to somewhere else."""
        known = authority in self._refused or len(self._refused) < 100
        self._refused[authority if known else "others"] += 1

    @property
    def traffic(self) -> Traffic:
        """What was counted so far."""
        return Traffic(
            answers={key: dict(sorted(statuses.items())) for key, statuses in sorted(self._answers.items())},
            more=self._more,
            failed=self.failed,
            refused=dict(sorted(self._refused.items())),
            excluded=self.excluded,
            authenticated=self.authenticated,
            rejected=self.rejected,
        )
