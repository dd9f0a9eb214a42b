"""How a manifest describes a regular JSON report; `plain` reads it."""

import msgspec


class Expressions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """`[results]` of a manifest: JMESPath expressions, all but `rows` relative to one row."""

    rows: str
    """The list of results in the whole report."""
    rule: str
    path: str
    message: str
    name: str = ""
    help: str = ""
    uri: str = ""
    severity: str = ""
    confidence: str = ""
    line: str = ""
    end_line: str = ""
    column: str = ""
    end_column: str = ""
    cwe: str = ""
    """A number, a text such as `CWE-79`, or a list of them."""
    first_line: int = 1
    """What the tool calls the first line; 0 for tools that count from 0. Columns alike."""
    errors: str = ""
    """A list of texts, in the whole report, of things that went wrong: each makes the execution partial."""
