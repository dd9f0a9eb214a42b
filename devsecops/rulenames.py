"""What rules were called by earlier versions of their tools."""

from functools import cache

import msgspec

from devsecops import assets


@cache
def _tables() -> dict[str, dict[str, tuple[str, ...]]]:
    path = assets.folder("data") / "rule-names.toml"
    return msgspec.toml.decode(path.read_bytes(), type=dict[str, dict[str, tuple[str, ...]]])


def former(scanner: str, rule: str) -> tuple[str, ...]:
    """The former names of a rule; none where it has had its name ever since."""
    return _tables().get(scanner, {}).get(rule, ())
