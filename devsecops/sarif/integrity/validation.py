"""The check against OASIS's JSON Schema of SARIF 2.1.0, by the optional package jsonschema-rs.

The schema is OASIS's work and is not part of this project; whoever checks gives it.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import msgspec

from devsecops.errors import UsageError
from devsecops.sarif.integrity.tables import Place, Problem, pointer

if TYPE_CHECKING:
    import jsonschema_rs

MOST: Final = 100
"""Problems that are told of one log."""
_LONGEST: Final = 200  # characters; the schema's own words may hold a whole result


def validate(log: bytes, schema: bytes) -> list[Problem]:
    """What of a log does not fit the schema; at most `MOST` problems, in the order of the schema's rules.

    Args:
        log: the log, JSON.
        schema: OASIS's `sarif-schema-2.1.0.json`, of any draft of JSON Schema.

    Raises:
        UsageError: jsonschema-rs is not installed, or the schema is none.
    """
    try:
        import jsonschema_rs  # noqa: PLC0415  # optional
    except ImportError:
        raise UsageError(
            "checking against the JSON Schema needs jsonschema-rs", "pip install 'devsecops[verify]'"
        ) from None
    try:
        validator = jsonschema_rs.validator_for(msgspec.json.decode(schema), validate_formats=True)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise UsageError(f"the JSON Schema cannot be used: {error}", "give OASIS's sarif-schema-2.1.0.json") from None
    try:
        value = msgspec.json.decode(log)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [Problem("", f"is not JSON: {error}")]
    return [_problem(error) for error in islice(validator.iter_errors(value), MOST)]


def _problem(error: jsonschema_rs.ValidationError) -> Problem:
    place: Place | None = None
    for word in error.instance_path:
        place = (place, word)
    return Problem(pointer(place), error.message[:_LONGEST])
