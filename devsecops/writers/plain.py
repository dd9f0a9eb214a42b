"""SARIF without our property bags."""

from __future__ import annotations

import msgspec

from devsecops.model import Outcome
from devsecops.sarif.projections import Projected, TextOf, plain


def project(log: bytes, _: Outcome, __: TextOf) -> Projected:
    """The log, without our property bags."""
    return plain.project(msgspec.json.decode(log))
