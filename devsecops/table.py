"""The base of every table of the configuration file."""

import msgspec


class Table(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, rename="kebab"):
    """A table of the file; keys are written with hyphens, and unknown ones are errors."""
