"""HTTP clients that cost next to nothing, so that what is measured is the server: one connection each, kept open."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    port: int
    path: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        body = json.dumps(self.body if self.body is not None else {}).encode()
        told = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(body)), **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return f"POST {self.path} HTTP/1.1\r\n{lines}\r\n".encode() + body


class Client:
    def __init__(self) -> None:
        self._open: dict[int, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def send(self, request: Request) -> float:
        """Seconds until the answer was read; raises where it is not 2xx. A server ends connections on which nothing came for seconds."""
        kept = self._open.get(request.port)
        if kept is None or kept[0].at_eof():
            kept = self._open[request.port] = await asyncio.open_connection("127.0.0.1", request.port)
        reader, writer = kept
        begun = time.perf_counter()
        writer.write(request.encoded())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
        body = await reader.readexactly(length)
        if not head.startswith("http/1.1 2"):
            raise RuntimeError(f"{request.path}: {head.splitlines()[0]} {body.decode(errors='replace')[:500]}")
        return time.perf_counter() - begun

    def close(self) -> None:
        for _, writer in self._open.values():
            writer.close()


async def all_at_once(requests: Sequence[Request], clients: int) -> float:
    """Answers a second, `clients` of them sending one request after the other until none is left."""
    left = list(reversed(requests))

    async def work() -> None:
        client = Client()
        try:
            while left:
                await client.send(left.pop())
        finally:
            client.close()

    begun = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(clients)))
    return len(requests) / (time.perf_counter() - begun)
