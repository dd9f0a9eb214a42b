"""All files of a repository that there is a reason to look at, and what is left out."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path

import msgspec

from devsecops import git, globs
from devsecops.files import is_folder, is_inside
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


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not looked at, and why."""

    reason: str
    """`vendored`, `excluded`, `ignored`, `unreadable` or `link`."""
    path: str
    count: int = 1
    """Files."""


class Listing:
    """All files below a root that there is a reason to look at."""

    def __init__(
        self,
        root: Path,
        os_paths: Iterable[str],
        left_out: Iterable[LeftOut] = (),
        exists: Callable[[str], bool] = os.path.lexists,
    ) -> None:
        self.root = root
        self._exists = exists
        self.left_out = list(left_out)
        self._os_paths: dict[str, str] = {}
        for os_path in os_paths:
            path = os_path if os_path.isascii() else model_path(os_path)
            while self._os_paths.get(path, os_path) != os_path:
                folder, slash, name = path.rpartition("/")
                path = f"{folder}{slash}%00{name}"  # two names are spelled alike: neither may hide the other
            self._os_paths[path] = os_path
        self._folders: dict[str, bool] = {}
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

    def is_there(self, path: str) -> bool:
        """Whether a listed file is there: git lists files that somebody has deleted, too."""
        return self._exists(f"{self.root}/{self._os_paths[path]}")

    def has(self, path: str) -> bool:
        """Whether the path is listed."""
        return path in self._os_paths

    def _matching(self, pattern: str) -> Iterable[str]:
        """The paths that one pattern matches; the usual kinds of pattern need no regular expression."""
        if not self._may_match(pattern):
            return []
        tail = globs.tail(pattern)
        candidates: Iterable[str] = self._os_paths
        if "." in tail:
            candidates = self._by_tail.get(tail[tail.rfind(".") :], ())
        elif tail and pattern == f"**/{tail}":
            candidates = self._by_tail.get(tail, ())
        if pattern == f"**/*{tail}":
            return [path for path in candidates if path.endswith(tail)]
        if tail and pattern == f"**/{tail}":
            return [path for path in candidates if path == tail or path.endswith(f"/{tail}")]
        head = globs.head(pattern)
        candidates = [path for path in candidates if head in path] if head else candidates
        return [path for path in candidates if globs.is_file(path, pattern)]

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
        try:
            status = self._status(os_path, listed)
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except (OSError, RuntimeError):
            return "unreadable"
        if isinstance(status, str) or not stat.S_ISREG(status.st_mode):
            return status if isinstance(status, str) else ""
        readable = os.access(f"{self.root}/{os_path}", os.R_OK)
        return SourceFile(path=path, size=status.st_size, os_path=os_path) if readable else "unreadable"

    def _status(self, os_path: str, listed: set[str]) -> os.stat_result | str:
        """The status of a file, behind a link if it is one; or the reason why it is not looked at."""
        if not self._is_inside(os_path.rpartition("/")[0]):
            return "link"
        status = os.lstat(f"{self.root}/{os_path}")
        if not stat.S_ISLNK(status.st_mode):
            return status
        target = (self.root / os_path).resolve(strict=True)
        if not is_inside(target, self.root):
            return "link"
        return "" if model_path(str(target.relative_to(self.root))) in listed else target.stat()

    def _is_inside(self, folder: str) -> bool:
        """Whether a folder is where its path says, and not behind a link that leaves the root."""
        if folder not in self._folders:
            self._folders[folder] = is_inside(Path(os.path.realpath(f"{self.root}/{folder}")), self.root)
        return self._folders[folder]


def list_files(root: Path, exclude: Sequence[str] = (), *, vendored: bool = False) -> Listing:
    """All files below `root`: by git, tracked or untracked but not ignored, or by walking where there is no git.

    Args:
        root: an absolute, resolved folder.
        exclude: glob patterns of paths to leave out.
        vendored: whether to look into folders of third-party code too.
    """
    left_out: list[LeftOut] = []
    tracked = git.listing(root)
    paths = list(_walk(root, root, left_out) if tracked is None else _listed(root, tracked, left_out))
    if not vendored:
        paths = _without(paths, left_out, "vendored", _third_party(root)) if _may_be_vendored(paths) else paths
    if exclude:
        paths = _without(
            paths, left_out, "excluded", lambda path: next((one for one in exclude if globs.matches(path, [one])), "")
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


def _walk(root: Path, folder: Path, left_out: list[LeftOut]) -> Iterator[str]:
    """Paths of all files below a folder, relative to the root, links to folders not followed."""

    def unreadable(error: OSError) -> None:
        path = os.path.relpath(error.filename, root)
        left_out.append(LeftOut(reason="unreadable", path=model_path(path)))

    for current, folders, names in os.walk(folder, onerror=unreadable):
        relative = os.path.relpath(current, root)
        prefix = "" if relative == "." else f"{relative}/"
        for name in [name for name in folders if _is_link(f"{current}/{name}")]:
            yield from _linked(root, prefix + name, left_out)
        folders[:] = sorted(name for name in folders if name != ".git")
        yield from (prefix + name for name in names)


def _listed(root: Path, tracked: git.Tracked, left_out: list[LeftOut]) -> Iterator[str]:
    """Paths as git lists them; nested repositories and submodules, which it names as folders, are walked."""
    yield from map(os.fsdecode, tracked.files)
    others = list(map(os.fsdecode, tracked.others))
    links = [path for path in others if _is_link(f"{root}/{path}")]
    yield from (path for path in others if not path.endswith("/") and path not in links)
    for folder in (*(path for path in others if path.endswith("/")), *map(os.fsdecode, tracked.submodules)):
        if not _is_link(f"{root}/{folder.rstrip('/')}"):
            yield from _walk(root, root / folder, left_out)
    for link in (*links, *map(os.fsdecode, tracked.links)):
        yield from _linked(root, link, left_out)
    if tracked.ignored:
        left_out.append(LeftOut(reason="ignored", path=".gitignore", count=tracked.ignored))
    if tracked.warnings:
        left_out.append(LeftOut(reason="unreadable", path=tracked.warnings))


def _is_link(path: str) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(path).st_mode)
    except (OSError, ValueError):  # gone, or a name that no file system would take
        return False


def _linked(root: Path, link: str, left_out: list[LeftOut]) -> Iterator[str]:
    """A symbolic link, unless it leads to a folder: what is in that is listed under its own name, or lies outside."""
    if not is_folder(root / link):
        yield link
    elif not is_inside((root / link).resolve(), root):
        left_out.append(LeftOut(reason="link", path=model_path(link)))


def _may_be_vendored(paths: Sequence[str]) -> bool:
    """Whether any path has the name of a folder of third-party code in it: one look at all of them together."""
    everything = "\0".join(paths)
    return any(f"{name}/" in everything for name in _THIRD_PARTY)


def _third_party(root: Path) -> Callable[[str], str]:
    """A function from a path to the folder of third-party code it lies in, empty where it lies in none."""
    known: dict[str, bool] = {}

    def is_proven(folder: str, name: str) -> bool:
        if folder not in known:
            proofs = _THIRD_PARTY[name]
            known[folder] = not proofs or any((root / folder / proof).exists() for proof in proofs)
        return known[folder]

    def folder_of(path: str) -> str:
        parts = path.split("/")[:-1]
        for count, name in enumerate(parts, start=1):
            if name in _THIRD_PARTY and is_proven(folder := "/".join(parts[:count]), name):
                return folder
        return ""

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
