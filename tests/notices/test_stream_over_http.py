"""The live stream as it comes over the wire, through the entry: at once, and ended with whoever listens."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import httpx
import uvicorn
from fastapi import FastAPI

from deploy.local.gateway import create_gateway
from shared.serving import server_config
from tests.waiting_for import until
from tests.web.conftest import SUPERVISOR, TECHNICIAN, Toy


@asynccontextmanager
async def served(app: FastAPI, lifespan: Literal["on", "off"] = "off") -> AsyncIterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(server_config(app, end_within=1, lifespan=lifespan))
    serving = asyncio.create_task(server._serve(sockets=[listener]))
    try:
        await until(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def test_a_notice_comes_through_the_entry_while_the_stream_is_open(toy: Toy, lamp: str) -> None:
    department: FastAPI = toy.app
    token = {"Authorization": f"Bearer {toy.issuer.token(TECHNICIAN)}"}
    async with (
        served(department) as upstream,
        served(create_gateway({"workshop": upstream}), "on") as entry,
        httpx.AsyncClient(base_url=entry, timeout=10, trust_env=False) as http,
        http.stream("GET", "/workshop/notices/stream", headers=token) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        assert await anext(lines) == "id: 1.0.0.0.0"
        await toy.post(SUPERVISOR, f"/lamps/{lamp}/told")
        async with asyncio.timeout(10):
            data = [line async for line in _until_data(lines)][-1]
        assert json.loads(data.removeprefix("data: "))["visit"] == lamp


async def _until_data(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if line.startswith("data: "):
            return
