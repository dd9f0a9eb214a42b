"""Which Python files do not parse: for scanners that do not say so, where no other one has said it.

The parser runs in a process of its own: a file made for it can exhaust its memory or its stack.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from devsecops import files, process
from devsecops.model import Message
from devsecops.scanner import SourceFile

_SCRIPT = Path(__file__).with_name("parse.py")
_TIMEOUT = 600.0  # seconds


def gaps(root: Path, sources: Sequence[SourceFile]) -> list[Message]:
    """A gap for each file that does not parse, and for every file where that cannot be told."""
    if not sources:
        return []
    by_os_path = {os.fsencode(source.os_path): source.path for source in sources}
    with files.private_folder() as folder:
        names = folder / "names"
        files.write(names, [b"\0".join(by_os_path)])
        env = process.environment(folder, outside=root)
        argv = [sys.executable, "-I", str(_SCRIPT), str(names)]
        code, out, _ = process.output(argv, cwd=root, env=env, timeout=_TIMEOUT)
    if code != 0:
        text = "whether this file parses could not be found out"
        return [Message(id="not-examined", text=text, path=source.path) for source in sources]
    failed = [name for name in out.split(b"\0") if name]
    return [Message(id="not-parsed", text="is not valid Python", path=by_os_path[name]) for name in failed]
