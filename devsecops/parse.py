"""Parses Python files without running them. Started by `syntax`, never imported.

Reads file names, each ended by NUL, from the file named by its argument; writes those that do not parse.
"""

import ast
import sys
import warnings


def main() -> None:
    """Parse every file that is named."""
    warnings.simplefilter("ignore")
    with open(sys.argv[1], "rb") as names:  # noqa: PTH123  # no import that is not needed
        for name in names.read().split(b"\0"):
            if name and not _parses(name):
                sys.stdout.buffer.write(name + b"\0")


def _parses(name: bytes) -> bool:
    try:
        with open(name, "rb") as file:  # noqa: PTH123
            ast.parse(file.read())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


if __name__ == "__main__":
    main()
