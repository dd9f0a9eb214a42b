"""Reads and writes files: the only module that does, but for `listing`, which lists them."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from devsecops.errors import OutputError, ReportError, UsageError

_BOM = b"\xef\xbb\xbf"


def is_folder(path: Path) -> bool:
    """Whether there is a folder; False for names that no file system would take."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def read(path: Path, limit: int) -> bytes:
    """The content of a regular file.

    Raises:
        ReportError: it is absent, unreadable, no regular file or larger than `limit` bytes.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # so that a pipe nobody writes to does not block
        with open(descriptor, "rb") as file:  # noqa: PTH123  # there is no Path for a descriptor
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ReportError(f"{path.name} is not a regular file")
            data = file.read(limit + 1)
    except FileNotFoundError:
        raise ReportError(f"{path.name} was not written") from None
    except (OSError, ValueError) as error:
        raise ReportError(f"{path.name} cannot be read: {_reason(error)}") from None
    if len(data) > limit:
        raise ReportError(f"{path.name} is larger than {limit:,} bytes")
    return data


def read_inside(root: Path, path: Path, limit: int) -> bytes:
    """The content of a file of the scanned tree, never of one outside it, whatever links say.

    Raises:
        ReportError: as `read`, or the path leaves the root.
    """
    try:
        inside = is_inside(path.resolve(strict=True), root)
    except (OSError, RuntimeError, ValueError) as error:
        raise ReportError(f"{path.name} cannot be read: {_reason(error)}") from None
    if not inside:
        raise ReportError(f"{path.name} lies outside the scanned folder")
    return read(path, limit)


def open_inside(folder: Path, path: Path) -> BinaryIO:
    """A regular file of a folder, opened for reading; never one outside it, whatever links say.

    Raises:
        ReportError: it is absent, unreadable, no regular file, or outside.
    """
    try:
        inside = path.resolve(strict=True).is_relative_to(folder)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK) if inside else -1
    except (OSError, RuntimeError, ValueError) as error:
        raise ReportError(f"{path.name} cannot be read: {_reason(error)}") from None
    if not inside:
        raise ReportError(f"{path.name} lies outside its folder")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ReportError(f"{path.name} is not a regular file")
    return open(descriptor, "rb")  # noqa: PTH123  # no Path for a descriptor; the caller closes it


def is_inside(path: Path, root: Path) -> bool:
    """Whether a resolved path lies below the root, and not in git's own folder, which may hold credentials."""
    return path.is_relative_to(root) and ".git" not in path.relative_to(root).parts


def _reason(error: Exception) -> str:
    """What went wrong, without the path: that is one of this machine."""
    return getattr(error, "strerror", None) or type(error).__name__


def tail(path: Path, limit: int) -> str:
    """The last part of a text file, at most `limit` bytes of it; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - limit, 0))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


def has_bom(path: str) -> bool:
    """Whether a file starts with a UTF-8 byte order mark."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return os.read(descriptor, len(_BOM)) == _BOM
    except OSError:
        return False
    finally:
        os.close(descriptor)


def copy(source: Path, target: Path) -> None:
    """Copy the content of a file."""
    target.write_bytes(source.read_bytes())


def copy_clean(source: Path, target: Path) -> None:
    """Copy a file without its byte order mark."""
    data = source.read_bytes()
    target.write_bytes(data.removeprefix(_BOM))


def digest(path: Path) -> str:
    """`sha256:<hex>` of a file; empty where it cannot be read."""
    from hashlib import sha256  # noqa: PLC0415  # digests are remembered

    found = sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                found.update(chunk)
    except OSError:
        return ""
    return f"sha256:{found.hexdigest()}"


def digest_of(data: bytes) -> str:
    """`sha256:<hex>` of bytes."""
    from hashlib import sha256  # noqa: PLC0415  # digests are remembered

    return f"sha256:{sha256(data).hexdigest()}"


def write_cache(path: Path, data: bytes) -> None:
    """Write a file that saves time and nothing else: where that is not possible, nothing happens."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, [data])
    except (OSError, OutputError):
        return


def write(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file so that at any moment the old or the new content stands there, never half of it.

    Raises:
        OutputError: it cannot be written; the old content is kept.
    """
    name = ""
    try:
        if path.exists() and not path.is_file():  # a device or a pipe
            with path.open("wb") as file:
                file.writelines(chunks)
            return
        path = _resolved(path)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:200]}.")
        with open(descriptor, "wb") as file:  # noqa: PTH123  # there is no Path for a descriptor
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
        name = ""
    except OSError as error:
        hint = "is the disk full or read-only?"
        raise OutputError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}", hint) from None
    finally:
        if name:
            Path(name).unlink(missing_ok=True)


def append(path: Path, text: str) -> None:
    """Append text to a file that another program reads.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        with path.open("ab") as file:
            file.write(text.encode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        raise OutputError(f"cannot write {path.name}: {_reason(error)}", "") from None


def receive(path: Path, chunks: Iterable[bytes], check: Callable[[Path], None]) -> None:
    """Write a large file that nobody needs after a crash: it bears the suffix `.part` until it has been checked.

    Raises:
        OutputError: it cannot be written. What `chunks` and `check` raise is passed on; nothing is left then.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            file.writelines(chunks)
        check(part)
        part.replace(path)
    except OSError as error:
        hint = "is the disk full or read-only?"
        raise OutputError(f"cannot write {path.name}: {getattr(error, 'strerror', None) or error}", hint) from None
    finally:
        part.unlink(missing_ok=True)


def free(folder: Path) -> int:
    """Bytes that can still be written in a folder."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _resolved(path: Path) -> Path:
    """The path behind links. Raises OSError, and nothing else, for links that go in a circle and impossible names."""
    try:
        return path.resolve()
    except (RuntimeError, ValueError) as error:
        raise OSError(str(error)) from None


def check_writable(path: Path) -> None:
    """See before the work that a file can be written after it.

    Raises:
        UsageError: its folder is absent or not writable, or it is a folder itself.
    """
    try:
        path = _resolved(path)
        if path.is_dir():
            raise UsageError(f"cannot write {path}: it is a folder", "name a file")
        if path.exists() and not path.is_file():
            writable = os.access(path, os.W_OK)
        elif path.parent.is_dir():
            writable = os.access(path.parent, os.W_OK | os.X_OK)
        else:
            hint = f"mkdir -p {path.parent}"
            raise UsageError(f"cannot write {path}: the folder {path.parent} does not exist", hint)
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from None
    if not writable:
        raise UsageError(f"cannot write {path}: the folder {path.parent} is not writable")


@contextmanager
def private_folder() -> Iterator[Path]:
    """A temporary folder that only this user can enter, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="devsecops-")).resolve()
    try:
        yield folder
    finally:
        if folder.exists():  # the guard of a scan removes its folder itself
            import shutil  # noqa: PLC0415  # slow to import

            shutil.rmtree(folder, ignore_errors=True)


def remove(path: Path) -> None:
    """Remove a file, or a folder with what is in it; nothing happens where that is not possible."""
    import shutil  # noqa: PLC0415  # slow to import

    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def cache_folder() -> Path:
    """Where this user's timings, digests and imported advisories are kept."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "devsecops"


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
