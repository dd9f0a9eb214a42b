"""Stands between a scanner and its target: passes requests on to that one target, and counts them.

A forward proxy on loopback that speaks HTTP/1.1. Whatever a scanner is told by a page, a document or its own rules, its
requests reach one origin at one address, none of an excluded path leaves, and credentials are put into requests here:
no scanner ever holds them. What it counts is what was tested, whichever scanner it was.

Heads are passed on as bytes: attacks are malformed on purpose.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from devsecops.relay.exchange import Answer, Link
from devsecops.relay.wire import HEAD_LIMIT, Origin, Request, Rules, body_of, encoded, parts, plain, value_of
from devsecops.traffic import Tally, Traffic

_BROKEN = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ValueError)


class Relay:
    """One relay, for one scanner and one target; runs in a thread of its own."""

    def __init__(self, origin: Origin, rules: Rules) -> None:
        self._origin = origin
        self._rules = rules
        self._tally = Tally()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        """The address that a scanner is given as its proxy."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def traffic(self) -> Traffic:
        """What has passed so far."""
        if self._loop.is_closed():
            return self._tally.traffic
        return asyncio.run_coroutine_threadsafe(self._counted(), self._loop).result()

    async def _counted(self) -> Traffic:
        return self._tally.traffic

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0, limit=HEAD_LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _hang_up(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # in which the transports close their sockets

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of the scanner."""
        link = Link(self._origin, self._rules)
        try:
            with suppress(asyncio.CancelledError, *_BROKEN):  # we alone cancel, in `_hang_up`
                while await self._one(reader, writer, link):
                    pass
        finally:
            link.close()
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link) -> bool:
        """Serve one request; whether the connection can serve another."""
        head = await reader.readuntil(b"\r\n\r\n")
        line, *headers = head[:-4].split(b"\r\n")
        method, _, rest = line.partition(b" ")
        target = rest.rpartition(b" ")[0] or rest
        if method == b"CONNECT":
            return await self._tunnel(target.decode("latin-1").lower(), writer)
        authority, path = parts(target, self._origin)
        if value_of(headers, b"expect"):
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await body_of(reader, headers)
        if authority.lower() != f"{self._origin.scheme}://{self._origin.authority}":
            self._tally.refuse(authority.partition("://")[2])
            return await _say(writer, 403, "not the target of this scan")
        request = Request(method.decode("latin-1"), path, plain(path), headers, body)
        if self._rules.excluded(request.path):
            self._tally.excluded += 1
            return await _say(writer, 403, "excluded from this scan")
        return await self._pass_on(request, writer, link)

    async def _tunnel(self, authority: str, writer: asyncio.StreamWriter) -> bool:
        """Answer CONNECT ourselves: what is in the tunnel must be seen and counted too."""
        if authority != self._origin.authority or self._rules.inside is None:
            self._tally.refuse(authority)
            return await _say(writer, 403, "not the target of this scan")
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(self._rules.inside)
        return True

    async def _pass_on(self, request: Request, writer: asyncio.StreamWriter, link: Link) -> bool:
        rules = self._rules
        given = not rules.stand_in or any(rules.stand_in.encode() in header for header in request.headers)
        credentials = rules.credentials if given else {}
        answer = Answer(request, writer, rules.logged_out if credentials else None)
        try:
            await link.send(encoded(request, {**rules.headers, **credentials}, rules.stand_in))
            await answer.passed_on(link)
        except _BROKEN:
            self._tally.failed += 1
            link.close()
            return not answer.begun and await _say(writer, 502, "the target did not answer")
        self._tally.answer(request.method, request.path, answer.status)
        if credentials:
            self._tally.authenticated += 1
            self._tally.rejected += answer.status in {401, 403} or answer.is_logged_out
        if not answer.keeps:
            link.close()
        return answer.ends


async def _say(writer: asyncio.StreamWriter, status: int, text: str) -> bool:
    """Answer ourselves."""
    body = f"devsecops: {text}\n".encode()
    head = f"HTTP/1.1 {status} Refused\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    return True
