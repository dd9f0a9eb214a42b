"""Reads, lists and writes files: the only module that does."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import chain
from pathlib import Path

import msgspec

from devsecops import git, globs
from devsecops.errors import OutputError, ReportError, UsageError
from devsecops.scanner import SourceFile

_THIRD_PARTY = {
    "node_modules": (),
    "bower_components": (),
    "site-packages": (),
    ".venv": ("pyvenv.cfg",),
    "venv": ("pyvenv.cfg",),
    "vendor": ("modules.txt", "autoload.php", "bundle"),
}
"""Folders of code written elsewhere, each with what must stand in it to prove it: a service may be called vendor."""
_THIRD_PARTY_PATH = re.compile(rf"(?:.*?/)??({'|'.join(map(re.escape, _THIRD_PARTY))})/", re.DOTALL)
_NEVER = frozenset({".git", ".hg", ".svn", "__pycache__"})
_BOM = b"\xef\xbb\xbf"


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not looked at, and why."""

    reason: str
    """`vendored`, `excluded`, `ignored`, `unreadable` or `link`."""
    path: str
    count: int = 1
    """Files."""


class Listing:
    """All files below a root that there is a reason to look at."""

    def __init__(self, root: Path, os_paths: Iterable[str], left_out: Iterable[LeftOut] = ()) -> None:
        self.root = root
        self.left_out = list(left_out)
        self._os_paths = {path if path.isascii() else model_path(path): path for path in os_paths}
        self._sources: dict[str, SourceFile] = {}

    def __len__(self) -> int:
        return len(self._os_paths)

    @property
    def paths(self) -> Iterable[str]:
        """All paths, unsorted."""
        return self._os_paths

    def matching(self, patterns: Sequence[str]) -> list[str]:
        """The sorted paths that match one of the patterns as a file."""
        found: set[str] = set()
        for pattern in chain.from_iterable(map(globs.expanded, patterns)):
            found.update(self._matching(pattern))
        return sorted(found)

    def sources(self, patterns: Sequence[str]) -> tuple[list[SourceFile], list[LeftOut]]:
        """The regular files that match, sorted, and what was left out of them.

        A symbolic link is followed only to a file inside the root that is not listed under its own name.
        """
        paths = self.matching(patterns)
        listed = set(paths)
        files: list[SourceFile] = []
        left_out: list[LeftOut] = []
        for path in paths:
            found = self._sources.get(path) or self._source(path, listed)
            if isinstance(found, SourceFile):
                self._sources[path] = found
                files.append(found)
            elif found:
                left_out.append(LeftOut(reason=found, path=path))
        return files, left_out

    def os_path(self, path: str) -> Path:
        """The absolute path of a listed file, or of any relative path."""
        return self.root / self._os_paths.get(path, path)

    def has(self, path: str) -> bool:
        """Whether the path is listed."""
        return path in self._os_paths

    def _matching(self, pattern: str) -> Iterable[str]:
        """The paths that one pattern matches; the usual kinds of pattern need no regular expression."""
        if not self._may_match(pattern):
            return []
        tail = globs.tail(pattern)
        candidates: Iterable[str] = self._os_paths
        if tail:
            candidates = self._by_tail.get(tail[tail.rfind(".") :] if "." in tail else tail, ())
        if pattern == f"**/*{tail}":
            return [path for path in candidates if path.endswith(tail)]
        if pattern == f"**/{tail}":
            return [path for path in candidates if path == tail or path.endswith(f"/{tail}")]
        expression = globs.compiled(pattern)
        return [path for path in candidates if expression.fullmatch(path)]

    def _may_match(self, pattern: str) -> bool:
        """False where the name that a pattern asks for begins like no name: one look at all of them together."""
        head = globs.head(pattern)
        return not head or f"/{head}" in self._everything

    @cached_property
    def _everything(self) -> str:
        return "/" + "\0/".join(self._os_paths)

    @cached_property
    def _by_tail(self) -> dict[str, list[str]]:
        """Paths by what follows the last dot of their name, or by the name where it has none."""
        index: dict[str, list[str]] = defaultdict(list)
        for path in self._os_paths:
            name = path.rpartition("/")[2]
            _, dot, ending = name.rpartition(".")
            index[dot + ending].append(path)
        return index

    def _source(self, path: str, listed: set[str]) -> SourceFile | str:
        """The file to look at, or the reason why it is none; empty where it is simply gone or listed elsewhere."""
        os_path = self._os_paths[path]
        name = f"{self.root}/{os_path}"
        try:
            status = os.lstat(name)
            if stat.S_ISLNK(status.st_mode):
                target = Path(name).resolve(strict=True)
                if not target.is_relative_to(self.root):
                    return "link"
                status = target.stat()
                if model_path(str(target.relative_to(self.root))) in listed or not stat.S_ISREG(status.st_mode):
                    return ""
        except FileNotFoundError:
            return ""
        except (OSError, RuntimeError):
            return "unreadable"
        if not stat.S_ISREG(status.st_mode) or not os.access(name, os.R_OK):
            return "unreadable" if stat.S_ISREG(status.st_mode) else ""
        return SourceFile(path=path, size=status.st_size, os_path=os_path)


def listing(root: Path, exclude: Sequence[str] = (), *, vendored: bool = False) -> Listing:
    """All files below `root`: by git, tracked or untracked but not ignored, or by walking where there is no git.

    Args:
        root: an absolute, resolved folder.
        exclude: glob patterns of paths to leave out.
        vendored: whether to look into folders of third-party code too.
    """
    left_out: list[LeftOut] = []
    tracked = git.listing(root)
    if tracked is None:
        paths = list(_walk(root, root, left_out))
    else:
        paths = list(_expanded(root, os.fsdecode(tracked.paths).split("\0")[:-1], left_out))
        if tracked.ignored:
            left_out.append(LeftOut(reason="ignored", path=".gitignore", count=tracked.ignored))
        if tracked.warnings:
            left_out.append(LeftOut(reason="unreadable", path=tracked.warnings))
    if not vendored:
        paths = _without(paths, left_out, "vendored", _third_party(root)) if _may_be_vendored(paths) else paths
    if exclude:
        patterns = [(pattern, globs.compiled(pattern)) for pattern in exclude]
        paths = _without(
            paths, left_out, "excluded", lambda path: next((name for name, one in patterns if one.fullmatch(path)), "")
        )
    return Listing(root, paths, left_out)


def model_path(os_path: str) -> str:
    """The path as the model spells it: `/` between names, bytes that are not UTF-8 percent-encoded."""
    if os_path.isascii():
        return os_path
    try:
        os_path.encode()
    except UnicodeEncodeError:
        from urllib.parse import quote  # noqa: PLC0415  # hardly ever

        return quote(os.fsencode(os_path), safe="/ !\"#$&'()*+,-.:;<=>?@[\\]^_`{|}~")
    return os_path


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
    except OSError as error:
        raise ReportError(f"{path.name} cannot be read: {error.strerror}") from None
    if len(data) > limit:
        raise ReportError(f"{path.name} is larger than {limit:,} bytes")
    return data


def read_inside(root: Path, path: Path, limit: int) -> bytes:
    """The content of a file of the scanned tree, never of one outside it, whatever links say.

    Raises:
        ReportError: as `read`, or the path leaves the root.
    """
    try:
        inside = path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError) as error:
        raise ReportError(f"{path.name} cannot be read: {error}") from None
    if not inside:
        raise ReportError(f"{path.name} lies outside the scanned folder")
    return read(path, limit)


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
    path = path.resolve()
    try:
        if path.exists() and not path.is_file():  # a device or a pipe
            with path.open("wb") as file:
                file.writelines(chunks)
            return
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with open(descriptor, "wb") as file:  # noqa: PTH123  # there is no Path for a descriptor
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror or error}", "is the disk full or read-only?") from None


def check_writable(path: Path) -> None:
    """See before the work that a file can be written after it.

    Raises:
        UsageError: its folder is absent or not writable, or it is a folder itself.
    """
    if path.is_dir():
        raise UsageError(f"cannot write {path}: it is a folder", "name a file")
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {path}: the folder {path.parent} does not exist", f"mkdir -p {path.parent}")
    if not os.access(path.parent, os.W_OK):
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


def cache_folder() -> Path:
    """Where this user's timings, digests and imported advisories are kept."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "devsecops"


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _walk(root: Path, folder: Path, left_out: list[LeftOut]) -> Iterator[str]:
    """Paths of all files below a folder, relative to the root, links to folders not followed."""

    def unreadable(error: OSError) -> None:
        path = os.path.relpath(error.filename, root)
        left_out.append(LeftOut(reason="unreadable", path=model_path(path)))

    for current, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if name not in _NEVER)
        relative = os.path.relpath(current, root)
        prefix = "" if relative == "." else f"{relative}/"
        yield from (prefix + name for name in names)


def _expanded(root: Path, paths: list[str], left_out: list[LeftOut]) -> Iterator[str]:
    """Paths as git lists them, with nested repositories and submodules, which it names as folders, walked."""
    nested = ".gitmodules" in paths
    for path in paths:
        if path.endswith("/") or (nested and (root / path).is_dir() and not (root / path).is_symlink()):
            yield from _walk(root, root / path, left_out)
        else:
            yield path


def _may_be_vendored(paths: Sequence[str]) -> bool:
    """Whether any path has the name of a folder of third-party code in it: one look at all of them together."""
    everything = "\0".join(paths)
    return any(f"{name}/" in everything for name in _THIRD_PARTY)


def _third_party(root: Path) -> Callable[[str], str]:
    """A function from a path to the folder of third-party code it lies in, empty where it lies in none."""
    proven: dict[str, bool] = {}

    def folder_of(path: str) -> str:
        found = _THIRD_PARTY_PATH.match(path)
        if not found:
            return ""
        folder = found[0].rstrip("/")
        if folder not in proven:
            proofs = _THIRD_PARTY[found[1]]
            proven[folder] = not proofs or any((root / folder / proof).exists() for proof in proofs)
        return folder if proven[folder] else ""

    return folder_of


def _without(paths: Iterable[str], left_out: list[LeftOut], reason: str, cause_of: Callable[[str], str]) -> list[str]:
    """The paths for which `cause_of` is empty; the others are counted by their cause."""
    kept: list[str] = []
    dropped: dict[str, int] = defaultdict(int)
    for path in paths:
        folder = cause_of(path)
        if folder:
            dropped[folder] += 1
        else:
            kept.append(path)
    left_out += [LeftOut(reason=reason, path=path, count=count) for path, count in sorted(dropped.items())]
    return kept
