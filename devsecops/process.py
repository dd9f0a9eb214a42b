"""Starts processes: the only module that does.

Every process gets a group of its own, so that it can be stopped with all its children, and a clean environment.
A guard process, one a scan, learns the groups through a pipe; when this process ends, however it ends, the pipe
closes and the guard kills what is left.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

_GUARD = Path(__file__).with_name("guard.sh")
_GRACE = 3.0  # seconds between TERM and KILL
_STEP = 0.2  # seconds between two looks at deadline, size and cancellation
_KEPT = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "TZ")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How a process ended."""

    exit_code: int | None = None
    """Negative for a signal; None where it never ran."""
    stopped: str = ""
    """Why we stopped it: `deadline`, `cancelled`, `flood`; empty where it ended by itself."""
    seconds: float = 0.0
    error: str = ""
    """Why it could not be started."""


class Guard:
    """Kills the process groups it knows, and removes a folder, when this process ends without saying so."""

    def __init__(self, folder: Path) -> None:
        argv = ["/bin/sh", str(_GUARD), str(folder)]
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": os.defpath},
        )

    def tell(self, word: str, group: int) -> None:
        """Tell the guard that a group has started (`+`) or is gone (`-`)."""
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101  # Popen was given PIPE
        try:
            os.write(pipe.fileno(), f"{word}{group}\n".encode())
        except OSError:
            return  # the guard was killed: nothing more can be promised, the scan itself goes on

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        pipe = self._process.stdin
        if pipe is not None:
            pipe.close()
        self._process.wait()


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def which(name: str, outside: Path, first: Sequence[Path] = ()) -> Path | None:
    """The absolute path of a program, never one that lies in the folder `outside` (the scanned root).

    Looks beside the running interpreter, then in PATH; relative entries of PATH do not count.

    Args:
        name: the name of the program, or an absolute path.
        outside: a folder whose programs are not to be trusted.
        first: folders to look into before all others.
    """
    candidates = [Path(name)] if Path(name).is_absolute() else [folder / name for folder in (*first, *_path_folders())]
    for candidate in candidates:
        try:
            found = candidate.is_file() and os.access(candidate, os.X_OK) and not _inside(candidate, outside)
        except OSError:  # a folder that we may not enter
            continue
        if found:
            return candidate
    return None


def environment(home: Path, *, inherit: Sequence[str] = (), network: bool = False, outside: Path) -> dict[str, str]:
    """The environment of a scanner: what is listed here, and nothing else of ours."""
    names = (*_KEPT, *inherit, *(_PROXIES if network else ()))
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | {
        "PATH": os.pathsep.join(str(folder) for folder in _path_folders() if not _inside(folder, outside)),
        "HOME": str(home),
        "TMPDIR": str(home),
        "XDG_CACHE_HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run(  # noqa: PLR0913  # each is a fact about the one process
    argv: Sequence[str | bytes],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdout: Path,
    stderr: Path,
    timeout: float,
    watched: Sequence[tuple[Path, int]] = (),
    cancelled: Callable[[], bool] = lambda: False,
    guard: Guard | None = None,
) -> Ended:
    """Run one process to its end, and all its children to theirs.

    Args:
        argv: absolute path of the program and its arguments.
        cwd: working folder.
        env: the whole environment.
        stdout: file for its standard output.
        stderr: file for its standard error.
        timeout: seconds; then TERM, three seconds of grace, and KILL, each to the whole group.
        watched: files with the number of bytes they may have; a larger one ends the process.
        cancelled: asked five times a second; true ends the process.
        guard: told of the process group.
    """
    began = time.monotonic()
    try:
        with stdout.open("wb") as out, stderr.open("wb") as err:
            process = subprocess.Popen(
                argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
            )
    except (OSError, ValueError) as error:
        return Ended(error=str(error))
    if guard:
        guard.tell("+", process.pid)
    try:
        stopped = _wait(process, began + timeout, watched, cancelled)
    finally:
        _end_group(process)
        if guard:
            guard.tell("-", process.pid)
    return Ended(exit_code=process.returncode, stopped=stopped, seconds=time.monotonic() - began)


def output(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float = 30.0, given: bytes | None = None
) -> tuple[int, bytes, str]:
    """Run a small helper process, which may be given something to read: exit code, standard output, standard error.

    An exit code of 127 with a reason stands for a process that could not be started or did not end in time.
    """
    try:
        with subprocess.Popen(
            argv,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(given, timeout=timeout)
            except subprocess.TimeoutExpired:
                _end_group(process)
                return 127, b"", f"did not end within {timeout:.0f} s"
    except (OSError, ValueError) as error:
        return 127, b"", str(error)
    return process.returncode, out, err.decode(errors="replace")


def _wait(
    process: subprocess.Popen[bytes],
    deadline: float,
    watched: Sequence[tuple[Path, int]],
    cancelled: Callable[[], bool],
) -> str:
    while True:
        left = deadline - time.monotonic()
        try:
            process.wait(timeout=max(min(_STEP, left), 0.0))
        except subprocess.TimeoutExpired:
            reason = "cancelled" if cancelled() else "deadline" if left <= 0 else _flood(watched)
            if reason:
                return reason
        else:
            return _flood(watched)


def _flood(watched: Sequence[tuple[Path, int]]) -> str:
    for path, limit in watched:
        try:
            size = path.stat().st_size
        except OSError:
            continue
        if size > limit:
            return "flood"
    return ""


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the process if it still runs, and whatever is left in its group in any case."""
    if process.poll() is None:
        _signal(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_GRACE)
    _signal(process.pid, signal.SIGKILL)
    process.wait()


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return  # nobody is left in the group


def _path_folders() -> list[Path]:
    """The folder of the running interpreter's scripts, then the absolute folders of PATH."""
    scripts = Path(sys.executable).parent
    listed = (Path(entry) for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if entry)
    return [scripts, *(folder for folder in listed if folder.is_absolute() and folder != scripts)]


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder) or path.is_relative_to(folder)
