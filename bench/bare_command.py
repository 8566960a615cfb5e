"""The least that a command can be: FastAPI and motor, one transaction that replaces a state, its version compared, and keeps an event.

`python -m bench.bare_command MONGO_URL DATABASE PORT READY_FILE`
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

SNAPSHOT, MAJORITY = ReadConcern("snapshot"), WriteConcern("majority")


def app_on(url: str, name: str) -> FastAPI:
    app = FastAPI()
    client: Any = AsyncIOMotorClient(url)
    states, journal = client[name]["states"], client[name]["journal"]

    @app.post("/{visit}")
    async def command(visit: str, body: dict[str, Any]) -> dict[str, Any]:
        async def work(session: Any) -> dict[str, Any]:
            state: dict[str, Any] = await states.find_one({"_id": visit}, session=session)
            before = state["version"]
            state["version"] += 1
            await states.replace_one({"_id": visit, "version": before}, state, session=session)
            event = {"_id": f"{visit}-{before}", "subject": visit, "version": before, "unnumbered": True, "data": body}
            await journal.insert_one(event, session=session)
            return state

        async with await client.start_session() as session:
            answer: dict[str, Any] = await session.with_transaction(work, read_concern=SNAPSHOT, write_concern=MAJORITY)
        return answer

    return app


def main(url: str, name: str, port: str, ready: str) -> None:
    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            Path(ready).touch()

    Server(uvicorn.Config(app_on(url, name), port=int(port), log_level="warning", access_log=False)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
