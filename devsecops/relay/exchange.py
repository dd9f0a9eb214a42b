"""The two sides of one exchange: the connection to the target, and the answer on its way to the scanner."""

from __future__ import annotations

import asyncio
import re

from devsecops.relay.wire import CHUNK, HEAD_LIMIT, SILENCE, Origin, Request, Rules, name_of, value_of

_CONNECT = 10.0  # seconds
_LOOKED_AT = 256 << 10  # bytes of an answer in which the logged-out sign is looked for
_NO_BODY = frozenset({204, 304})


class Link:
    """The connection to the target, opened when it is needed."""

    def __init__(self, origin: Origin, rules: Rules) -> None:
        self._origin = origin
        self._tls = rules.outside if origin.scheme == "https" else None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._sent = b""
        self.reused = False
        """Whether the last request went over a connection that had served another one."""

    async def send(self, data: bytes) -> None:
        """Send a request; a connection that the target has closed meanwhile is opened anew."""
        self._sent = data
        self.reused = self._streams is not None and not self._streams[0].at_eof()
        if not self.reused:
            await self._open()
        assert self._streams is not None  # noqa: S101  # it is open
        self._streams[1].write(data)
        await self._streams[1].drain()

    async def head(self) -> bytes:
        """The head of the answer; where a connection that was kept open turns out to be closed, of a second try."""
        try:
            return await self._head()
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            begun = isinstance(error, asyncio.IncompleteReadError) and error.partial
            if not self.reused or begun:
                raise
            self.close()
            await self.send(self._sent)
            return await self._head()

    async def _head(self) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), SILENCE)

    @property
    def reader(self) -> asyncio.StreamReader:
        """What the target sends."""
        assert self._streams is not None  # noqa: S101  # send has opened it
        return self._streams[0]

    async def _open(self) -> None:
        self.close()
        opening = asyncio.open_connection(
            self._origin.address,
            self._origin.port,
            ssl=self._tls,
            server_hostname=self._origin.host if self._tls else None,
            limit=HEAD_LIMIT,
        )
        self._streams = await asyncio.wait_for(opening, _CONNECT)

    def close(self) -> None:
        """Close it."""
        if self._streams:
            self._streams[1].close()
        self._streams = None


class Answer:
    """An answer on its way to the scanner."""

    def __init__(self, request: Request, writer: asyncio.StreamWriter, logged_out: re.Pattern[bytes] | None) -> None:
        self._request = request
        self._writer = writer
        self._logged_out = logged_out
        self._seen = bytearray()
        self.status = 0
        self.begun = False
        self.keeps = True
        """Whether the target keeps the connection open."""
        self.ends = True
        """Whether the scanner can tell where the answer ends without the connection being closed."""

    @property
    def is_logged_out(self) -> bool:
        """Whether the answer shows what only who is not logged in gets to see."""
        return self._logged_out is not None and bool(self._logged_out.search(bytes(self._seen)))

    async def passed_on(self, link: Link) -> None:
        """Pass the whole answer on."""
        head = await link.head()
        while head.startswith((b"HTTP/1.1 1", b"HTTP/1.0 1")):
            head = await link.head()
        line, *headers = head[:-4].split(b"\r\n")
        found = re.match(rb"HTTP/1\.[01] (\d{3})\b", line)
        if not found:
            raise ValueError("not HTTP/1.1")
        self.status = int(found[1])
        length = value_of(headers, b"content-length")
        chunked = b"chunked" in value_of(headers, b"transfer-encoding").lower()
        self.keeps = line.startswith(b"HTTP/1.1") and b"close" not in value_of(headers, b"connection").lower()
        empty = self._request.method == "HEAD" or self.status in _NO_BODY
        self.ends = empty or chunked or bool(length)
        kept = [header for header in headers if name_of(header) not in {b"connection", b"keep-alive", b"upgrade"}]
        connection = b"Connection: keep-alive" if self.ends else b"Connection: close"
        self._give(b"\r\n".join([line, *kept, connection, b"", b""]))
        if not empty:
            await self._rest(link.reader, int(length) if length and not chunked else -1, chunked=chunked)
        await self._writer.drain()

    async def _rest(self, reader: asyncio.StreamReader, length: int, *, chunked: bool) -> None:
        if chunked:
            while size := int((await self._line(reader)).split(b";")[0].strip() or b"0", 16):
                await self._exactly(reader, size)
                await self._line(reader)
            while (await self._line(reader)).strip():
                pass
        elif length >= 0:
            await self._exactly(reader, length)
        else:
            self.keeps = False
            while data := await asyncio.wait_for(reader.read(CHUNK), SILENCE):
                self._give(data)
                await self._writer.drain()

    async def _line(self, reader: asyncio.StreamReader) -> bytes:
        line = await asyncio.wait_for(reader.readuntil(b"\n"), SILENCE)
        self._give(line)
        return line

    async def _exactly(self, reader: asyncio.StreamReader, size: int) -> None:
        while size > 0:
            data = await asyncio.wait_for(reader.read(min(size, CHUNK)), SILENCE)
            if not data:
                raise asyncio.IncompleteReadError(b"", size)
            size -= len(data)
            self._give(data)
            await self._writer.drain()

    def _give(self, data: bytes) -> None:
        self.begun = True
        if self._logged_out and len(self._seen) < _LOOKED_AT:
            self._seen += data
        self._writer.write(data)
