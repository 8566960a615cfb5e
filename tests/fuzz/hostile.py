"""Hostile messages straight into every topic of a running site: nothing of them is applied, and everything goes on."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from deploy.local.stack import Stack
from servicelane.flow import Flow, unsettled
from shared.contracts.event import DEPARTMENTS, DepartmentName
from shared.contracts.topics import ALL_TOPICS, backfill_topic, events_topic
from tests.spine.hostile_messages import NONE_OF_OURS, SAID

PATIENCE = 60.0
LARGEST = 8 << 20

Message = tuple[str, int, bytes | None]
"""Topic, partition and value."""


async def checks(stack: Stack, token: str) -> Mapping[str, bool]:
    """What has to be so after all of them: by word."""
    async with httpx.AsyncClient(base_url=stack.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=30) as http:
        before = await _at_rest(http)
        sent = await _send(stack.kafka_url, [each async for each in _messages(http, before)])
        after = await _at_rest(http)
        ready = [(await http.get(f"/{name}/health/ready")).is_success for name in DEPARTMENTS]
    return {
        f"{sent} hostile messages: everything came to rest ({'; '.join(_under_way(after))})": not _under_way(after),
        f"{sent} hostile messages: no entry more, nothing more dead or waiting": _written(after) == _written(before),
        f"{sent} hostile messages: every department is ready": all(ready),
    }


async def _messages(http: httpx.AsyncClient, flow: Flow) -> AsyncIterator[Message]:
    for topic in ALL_TOPICS:
        for value in NONE_OF_OURS.values():
            yield topic, 0, value
    for department in DEPARTMENTS:
        for partition, value in await _forged(http, department, flow[department]["newest"]):
            for topic in (events_topic(department), backfill_topic(department)):
                yield topic, partition, value


async def _forged(http: httpx.AsyncClient, department: DepartmentName, newest: Mapping[str, int]) -> list[tuple[int, bytes]]:
    """Each would be the department's next event, but for what is said in it."""
    entry = (await http.get(f"/{department}/journal", params={"limit": 1})).raise_for_status().json()["items"][0]
    following = newest[str(entry["partition"])] + 1
    forged = entry | {"id": "forged", "subject": "forged", "seq": following}
    anothers = [said for said in SAID.values() if not str(said.get("type")).startswith(f"{department}.")]
    return [(entry["partition"], json.dumps(forged | said).encode()) for said in anothers]


async def _send(kafka: str, messages: Sequence[Message]) -> int:
    async with AIOKafkaProducer(bootstrap_servers=kafka, max_request_size=LARGEST) as producer:
        for topic, partition, value in messages:
            await producer.send_and_wait(topic, value, key=b"any", partition=partition)
    return len(messages)


async def _at_rest(http: httpx.AsyncClient) -> Flow:
    """The flow when nothing is under way, or as it is after `PATIENCE`: what was sent before is heard by then."""
    deadline = time.monotonic() + PATIENCE
    flow: Flow = {}
    while _under_way(flow := (await http.get("/flow")).raise_for_status().json()) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    return flow


def _under_way(flow: Flow) -> list[str]:
    """But for the dead letters that the walk left, and what stands behind them."""
    return [each for each in unsettled(flow) if not each.endswith((" dead_letters", " waiting"))]


def _written(flow: Flow) -> dict[str, Any]:
    return {name: {what: state[what] for what in ("newest", "applied", "dead_letters", "waiting")} for name, state in flow.items()}
