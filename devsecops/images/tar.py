"""Walks tar archives without trusting them: headers only, nothing in memory that is not small, no path touched."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, Final
from zlib import adler32

import msgspec

from devsecops.errors import ReportError

_BLOCK: Final = 512
_BUFFER: Final = 1 << 16  # bytes
_LONGEST: Final = 1 << 20  # bytes of a long name or of extended headers
_FILES: Final = b"0\07"
_DIGITS: Final = 20  # of a number in an extended header
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
    return io.BufferedReader(Window(file, start, size), _BUFFER)


def walk(file: BinaryIO, size: int, limit: int) -> Iterator[Entry]:
    """The members of an archive (POSIX.1-2017 pax, section "pax Interchange Format"; GNU long names).

    Args:
        file: a seekable file that holds nothing but the archive.
        size: its bytes.
        limit: how many members it may have.

    Raises:
        ReportError: it is no tar archive, is cut off, or has more members.
    """
    at, count, long = 0, 0, dict[str, str]()
    while at + _BLOCK <= size:
        file.seek(at)
        header = file.read(_BLOCK)
        if not header.strip(b"\0"):
            return
        length, kind = _checked(header), header[156:157]
        at += _BLOCK
        if kind in b"xLK":
            long |= _extended(kind, file.read(length) if length <= _LONGEST else None)
            at += -(-length // _BLOCK) * _BLOCK
            continue
        length = int(long.get("size", length))
        if length < 0 or at + length > size:
            raise ReportError("the archive is cut off")
        count += 1
        if count > limit:
            raise ReportError(f"the archive has more than {limit:,} members")
        yield _entry(header, long, length, at)
        if kind not in b"123456":
            at += -(-length // _BLOCK) * _BLOCK
        if long:
            long = {}
    if at != size or not size:
        raise ReportError("the archive is cut off" if size else "the archive is empty")


def _checked(header: bytes) -> int:
    """The size that a header tells, once its checksum is right: the sum of its bytes, those of the sum as spaces.

    The lower half of Adler-32 is that sum too, modulo 65,521 and starting at 1 (RFC 1950, section 8.2), and is there
    in a fiftieth of the time. Who makes use of the modulo has an archive that no tool reads.
    """
    field = header[148:156]
    try:
        said = int(field.strip(b"\0 ") or b"0", 8)
    except ValueError:
        said = -1
    if (adler32(header) & 0xFFFF) != (said - 256 + sum(field) + 1) % 65521:
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
    at = 0
    while at < len(data):
        digits = data[at : at + _DIGITS].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        if not len(digits) < length <= len(data) - at:
            raise ReportError("the archive has a damaged header")
        key, _, value = data[at + len(digits) + 1 : at + length].rstrip(b"\n").partition(b"=")
        if key in {b"path", b"linkpath"} or (key == b"size" and value.isdigit() and len(value) < _DIGITS):
            found[key.decode()] = _text(value)
        at += length
    return found


def _entry(header: bytes, long: dict[str, str], size: int, offset: int) -> Entry:
    kind = header[156:157]
    name = long.get("path", "")
    if not name:
        name = _string(header[:100])
        if header[345] and header[257:263] == b"ustar\0":
            name = f"{_string(header[345:500])}/{name}"
    if kind in _LINKS:
        link = long.get("linkpath") or _string(header[157:257])
        return Entry(name=_plain(name), kind=_LINKS[kind], offset=offset, link=link)
    is_file = kind in _FILES and not name.endswith("/")
    return Entry(name=_plain(name), kind="file" if is_file else "other", size=size if is_file else 0, offset=offset)


def _plain(name: str) -> str:
    return name.removeprefix("./").lstrip("/")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _string(field: bytes) -> str:
    return _text(field.partition(b"\0")[0])
