"""Integrity of a SARIF 2.1.0 log: what no JSON Schema can see. Shares no code with what writes logs."""

from devsecops.sarif.integrity.log import check, keys, run_key
from devsecops.sarif.integrity.run import RunCheck
from devsecops.sarif.integrity.tables import Problem

__all__ = ["Problem", "RunCheck", "check", "keys", "run_key"]
