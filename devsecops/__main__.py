"""`python -m devsecops`. Better is the script `devsecops`, or `python -I -m devsecops`.

With `python -m`, Python puts the working folder, which may be the scanned repository, first on its path: it goes
before anything else is imported, so that no `json.py` of a pull request runs. A folder `devsecops` in the working
folder cannot be kept from running this way, only by the forms above.
"""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]


def main() -> int:
    """Run the command; returns its exit code."""
    if sys.argv[1:] == ["--version"]:
        from devsecops._version import __version__  # noqa: PLC0415  # the whole answer costs one import

        print(f"devsecops {__version__}")  # noqa: T201
        return 0
    if sys.platform == "win32":
        print("devsecops runs on Linux and macOS; on Windows, run it in WSL or a container.", file=sys.stderr)  # noqa: T201
        return 2
    from devsecops.cli import run  # noqa: PLC0415  # not before the path is clean

    return run()


if __name__ == "__main__":
    sys.exit(main())
