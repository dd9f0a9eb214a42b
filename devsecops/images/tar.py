"""Walks tar archives without trusting them: headers only, nothing in memory that is not small, no path touched."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from devsecops.errors import ReportError

_BLOCK: Final = 512
_LONGEST: Final = 1 << 20  # bytes of a long name or of extended headers
_FILES: Final = b"0\07"
_LINKS: Final = {b"1": "hard link", b"2": "link"}


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One member of an archive."""

    name: str
    """Without leading `./` and `/`."""
    kind: str
    """`file`, `link`, `hard link` or `other`."""
    size: int = 0
    offset: int = 0
    """Where its content begins, in bytes from the start of the archive."""
    link: str = ""


class Window(io.RawIOBase):
    """A part of a file as a file of its own."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file = file
        self._start = start
        self.size = size
        self._at = 0

    def readable(self) -> bool:
        """That it can be read."""
        return True

    def seekable(self) -> bool:
        """That it can be read from anywhere."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, counted from the start of the part."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        """Read into a buffer; how many bytes that were."""
        wanted = min(len(buffer), max(self.size - self._at, 0))
        self._file.seek(self._start + self._at)
        data = self._file.read(wanted)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def window(file: BinaryIO, start: int, size: int) -> io.BufferedReader:
    """A part of a file, buffered."""
    return io.BufferedReader(Window(file, start, size))


def walk(file: BinaryIO, size: int, limit: int) -> Iterator[Entry]:
    """The members of an archive (POSIX.1-2017 pax, section "pax Interchange Format"; GNU long names).

    Args:
        file: a seekable file that holds nothing but the archive.
        size: its bytes.
        limit: how many members it may have.

    Raises:
        ReportError: it is no tar archive, is cut off, or has more members.
    """
    at, count, long = 0, 0, {"path": "", "linkpath": "", "size": ""}
    while at + _BLOCK <= size:
        file.seek(at)
        header = file.read(_BLOCK)
        if not header.strip(b"\0"):
            return
        length = _checked(header)
        at += _BLOCK
        if header[156:157] in b"xLK":
            long |= _extended(header[156:157], file.read(length) if length <= _LONGEST else None)
            at += -(-length // _BLOCK) * _BLOCK
            continue
        length = int(long["size"] or length)
        if length < 0 or at + length > size:
            raise ReportError("the archive is cut off")
        count += 1
        if count > limit:
            raise ReportError(f"the archive has more than {limit:,} members")
        yield _entry(header, long, length, at)
        has_content = header[156:157] not in b"123456"
        at += -(-length // _BLOCK) * _BLOCK if has_content else 0
        long = dict.fromkeys(long, "")
    if at != size or not size:
        raise ReportError("the archive is cut off" if size else "the archive is empty")


def _checked(header: bytes) -> int:
    """The size that a header tells, once its checksum is right."""
    try:
        said = int(header[148:156].strip(b"\0 ") or b"0", 8)
    except ValueError:
        said = -1
    if said != sum(header[:148]) + 256 + sum(header[156:]):
        raise ReportError("it is no tar archive, or damaged")
    return _number(header[124:136])


def _number(field: bytes) -> int:
    """Octal digits, or base 256 where the first bit is set (GNU tar)."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    try:
        return int(field.strip(b"\0 ") or b"0", 8)
    except ValueError:
        raise ReportError("the archive has a damaged header") from None


def _extended(kind: bytes, data: bytes | None) -> dict[str, str]:
    """What a header says for the member behind it: `path`, `linkpath`, `size`."""
    if data is None:
        raise ReportError(f"the archive has a header of more than {_LONGEST:,} bytes")
    if kind in b"LK":
        return {"path" if kind == b"L" else "linkpath": _string(data)}
    found: dict[str, str] = {}
    while data:
        length, _, rest = data.partition(b" ")
        if not length.isdigit() or not 0 < int(length) <= len(data):
            raise ReportError("the archive has a damaged header")
        key, _, value = rest[: int(length) - len(length) - 1].rstrip(b"\n").partition(b"=")
        if key in {b"path", b"linkpath"} or (key == b"size" and value.isdigit()):
            found[key.decode()] = _text(value)
        data = data[int(length) :]
    return found


def _entry(header: bytes, long: dict[str, str], size: int, offset: int) -> Entry:
    kind = header[156:157]
    name = long["path"] or _string(header[:100])
    if not long["path"] and header[257:263] == b"ustar\0" and header[345]:
        name = _string(header[345:500]) + "/" + name
    is_file = kind in _FILES and not name.endswith("/")
    return Entry(
        name=name.removeprefix("./").lstrip("/"),
        kind="file" if is_file else _LINKS.get(kind, "other"),
        size=size if is_file else 0,
        offset=offset,
        link=long["linkpath"] or _string(header[157:257]),
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _string(field: bytes) -> str:
    return _text(field.partition(b"\0")[0])
