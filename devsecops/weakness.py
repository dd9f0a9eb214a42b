"""What is known of weaknesses by their CWE number: OWASP categories, and which are one and the same thing."""

from collections.abc import Iterable
from functools import cache

import msgspec

from devsecops import assets


class _Tables(msgspec.Struct, frozen=True, rename="kebab"):
    owasp_2021: dict[str, list[int]]
    groups: dict[str, list[int]]


@cache
def _tables() -> tuple[dict[int, str], dict[int, str]]:
    """CWE to OWASP 2021 category, and CWE to group."""
    tables = msgspec.toml.decode((assets.folder("data") / "weaknesses.toml").read_bytes(), type=_Tables)
    return _inverted(tables.owasp_2021), _inverted(tables.groups)


def owasp(cwes: Iterable[int]) -> tuple[str, ...]:
    """The OWASP Top 10 2021 categories of some CWE numbers, such as `A03:2021`, sorted."""
    categories = _tables()[0]
    return tuple(sorted({categories[cwe] for cwe in cwes if cwe in categories}))


def groups(cwes: Iterable[int]) -> tuple[str, ...]:
    """The weakness groups of some CWE numbers, sorted."""
    known = _tables()[1]
    return tuple(sorted({known.get(cwe, f"cwe-{cwe}") for cwe in cwes}))


def _inverted(table: dict[str, list[int]]) -> dict[int, str]:
    return {cwe: name for name, cwes in table.items() for cwe in cwes}
