"""The organisation's rules: what a scan must find, and must have looked at, to pass."""

from devsecops.policy.gate import fails, judge

__all__ = ["fails", "judge"]
