"""A TCP proxy in between: connections that it can cut, all at once, and refuse for a while."""

import asyncio
import socket
from contextlib import suppress

HOST = "127.0.0.1"
CHUNK = 1 << 16


class Detour:
    """Leads whoever connects to its own port on to `target`."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.cuts = 0
        self._target = target
        self._refusing = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._lead, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def close(self) -> None:
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """As a cable that is pulled: both ends get a reset, with whatever was on its way."""
        self.cuts += len(self._writers) // 2
        for writer in list(self._writers):
            end: socket.socket = writer.get_extra_info("socket")
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            writer.transport.abort()

    async def refuse(self, seconds: float) -> None:
        self._refusing = True
        self.cut()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._refusing = False

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        try:
            onward_reader, onward = await asyncio.open_connection(HOST, self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, onward}
        try:
            await asyncio.gather(_pass_on(reader, onward), _pass_on(onward_reader, writer))
        finally:
            self._writers -= {writer, onward}
            writer.transport.abort()
            onward.transport.abort()


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await source.read(CHUNK):
            sink.write(chunk)
            await sink.drain()
    with suppress(OSError, RuntimeError):
        sink.write_eof()
