"""Integrity of a SARIF 2.1.0 log: what no JSON Schema can see, and the schema. Shares no code with what writes logs."""

from devsecops.sarif.integrity.limits import PLATFORMS, limits
from devsecops.sarif.integrity.log import check, keys, run_key
from devsecops.sarif.integrity.run import RunCheck
from devsecops.sarif.integrity.tables import Problem
from devsecops.sarif.integrity.validation import validate

__all__ = ["PLATFORMS", "Problem", "RunCheck", "check", "keys", "limits", "run_key", "validate"]
