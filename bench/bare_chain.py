"""The least that lets one department react to another: a transaction, a send, an aiokafka consumer, a transaction.

    python -m bench.bare_chain sender   MONGO_URL DATABASE KAFKA_URL PORT READY_FILE
    python -m bench.bare_chain receiver MONGO_URL DATABASE KAFKA_URL -    READY_FILE

Both react to what is sent, as workshop (wash) and delivery (case) both react to a QC pass. What dies in between is lost, what comes
twice has its effect twice.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

TOPIC = "bench.chain"


class Chain:
    def __init__(self, url: str, name: str, kafka: str) -> None:
        self.client: Any = AsyncIOMotorClient(url)
        self.database = self.client[name]
        self.producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=False)
        self.consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=kafka, auto_offset_reset="latest", fetch_max_wait_ms=30)
        self.sending: set[asyncio.Task[Any]] = set()

    async def write(self, state: dict[str, Any], event: dict[str, Any], into: str) -> None:
        async def work(session: Any) -> None:
            await self.database[into].replace_one({"_id": state["_id"]}, state, upsert=True, session=session)
            await self.database[f"{into}_journal"].insert_one(event, session=session)

        async with await self.client.start_session() as session:
            await session.with_transaction(work, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority"))

    async def command(self, visit: str, body: dict[str, Any]) -> dict[str, Any]:
        await self.write({"_id": visit, "body": body}, {"_id": visit, "data": body}, "passes")
        send = self.producer.send_and_wait(TOPIC, json.dumps({"visit": visit, "body": body}).encode(), key=visit.encode())
        self.sending.add(task := asyncio.create_task(send))
        task.add_done_callback(self.sending.discard)
        return {"visit": visit, "body": body}

    async def react(self) -> None:
        async for message in self.consumer:
            heard = json.loads(message.value)
            await self.write({"_id": heard["visit"], "body": heard["body"]}, {"_id": heard["visit"], "data": heard["body"]}, "effects")

    async def receive(self, ready: str) -> None:
        await self.consumer.start()
        while not self.consumer.assignment():
            await asyncio.sleep(0.05)
        await self.consumer.seek_to_end()
        await asyncio.gather(*(self.consumer.position(partition) for partition in self.consumer.assignment()))
        Path(ready).touch()
        await self.react()


async def main(role: str, url: str, name: str, kafka: str, port: str, ready: str) -> None:
    chain = Chain(url, name, kafka)
    if role == "receiver":
        await chain.receive(ready)
    await chain.producer.start()
    app = FastAPI()
    app.post("/{visit}")(chain.command)
    server = uvicorn.Server(uvicorn.Config(app, port=int(port), log_level="warning", access_log=False))
    await asyncio.gather(server.serve(), chain.receive(ready))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
