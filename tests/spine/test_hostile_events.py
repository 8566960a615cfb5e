"""Whoever can write to the topics and is no department: what they send has no effect, and what follows it is still applied."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.embedded import start_broker
from shared.branch import Branch
from shared.contracts.envelope import Envelope, Heartbeat, ReplayRequest
from shared.contracts.event import EpochStarted
from shared.contracts.records import CustomerRecord, Record
from shared.contracts.topics import CUSTOMERS, REPLAY, backfill_topic, events_topic
from shared.intake import Intake
from shared.publisher import Topics
from shared.relay import Relay
from shared.store import Store
from tests.spine.conftest import OpenStore
from tests.spine.hostile_messages import NONE_OF_OURS, SAID
from tests.spine.listening import listening
from tests.spine.parcels import Parcel, ParcelPosted, SteppedClock, posted
from tests.spine.shelves import SHELVES, ParcelWeighed, Sender, notes
from tests.waiting_for import until

pytestmark = pytest.mark.slow

RECEPTION = events_topic("reception")


class Wire:
    """A department that listens, its honest neighbour, and somebody who writes whatever they like."""

    def __init__(self, store: Store, intake: Intake, producer: AIOKafkaProducer) -> None:
        self.store = store
        self.intake = intake
        self.sender = Sender(store)
        self._producer = producer
        self._parcels = 0

    async def say(self, value: bytes | None, *, topic: str = RECEPTION, partition: int = 0) -> None:
        await self._producer.send_and_wait(topic, value, key=b"any", partition=partition)

    async def goes_on(self, *between: bytes | None, topic: str = RECEPTION, partition: int = 0) -> None:
        """A parcel is posted, then come the messages, then it is moved: which has its effect."""
        self._parcels += 1
        parcel = f"honest-{self._parcels}"
        await self.send(*self.sender.post(parcel))
        for value in between:
            await self.say(value, topic=topic, partition=partition)
        await self.send(*self.sender.move(parcel, "hall"))
        await until(lambda: self._is_in_the_hall(parcel), deadline=15, what=f"{parcel} to be moved")

    async def send(self, *events: Envelope) -> None:
        for event in events:
            await self.say(event.model_dump_json().encode())

    async def _is_in_the_hall(self, parcel: str) -> bool:
        shelf = await self.store.fetch("shelves", parcel)
        return bool(shelf) and await notes(self.store, parcel) == ["hall"]

    def forged(self, **said: Any) -> bytes:
        """The next event of the honest neighbour, but for what is said; its number stays free."""
        template = Sender(self.store).post("forged")[0].model_dump(mode="json")
        return json.dumps(template | {"id": "forged", "subject": "forged", "seq": self.next_seq} | said).encode()

    @property
    def next_seq(self) -> int:
        """Inside `goes_on`: the number that the move will have."""
        return self._parcels * 2 + 2


@asynccontextmanager
async def wired(store: Store, kafka_url: str) -> AsyncIterator[Wire]:
    topics = Topics(kafka_url, "test", 4, 1)
    await topics.ensure()
    await topics.stop()
    producer = AIOKafkaProducer(bootstrap_servers=kafka_url, max_request_size=8 << 20)
    await producer.start()
    intake = Intake(store, kafka_url, fetch_wait_ms=30)
    await intake.start()
    try:
        await until(lambda: intake.joined, deadline=30, what="the intake to join")
        yield Wire(store, intake, producer)
    finally:
        await intake.stop()
        await producer.stop()


@pytest.fixture(scope="module")
def kafka_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of its own: what is too large stays in its topics, and holds up every later reader that begins at their start."""
    broker = start_broker(tmp_path_factory.mktemp("hostile") / "broker.log")
    yield broker.address
    broker.stop()


@pytest.fixture
async def wire(mongo_url: str, branch: Branch, kafka_url: str) -> AsyncIterator[Wire]:
    store = await Store.open(mongo_url, SHELVES, branch, SteppedClock())
    async with wired(store, kafka_url) as wire:
        yield wire
    store.close()


async def test_what_is_no_event_of_the_department_has_no_effect_and_what_follows_is_applied(wire: Wire) -> None:
    for message in NONE_OF_OURS.values():
        await wire.goes_on(message)
    for said in SAID.values():
        await wire.goes_on(wire.forged(**said))
    await wire.goes_on(wire.forged(seq=1), topic=backfill_topic("reception"))
    assert await traces(wire.store) == []
    assert await wire.store.documents("dead_letters", {}) == []


async def test_an_event_that_its_reaction_cannot_read_is_a_dead_letter_and_what_follows_is_applied(wire: Wire) -> None:
    broken = [{}, {"parcel": None}, {"parcel": ["forged"]}, {"parcel": {"$where": "1"}}]
    for number, data in enumerate(broken):
        event = wire.sender.send(ParcelPosted(parcel="forged"), id=f"broken-{number}", subject=f"broken-{number}")
        await wire.say(event.model_copy(update={"data": data}).model_dump_json().encode())
        await wire.goes_on()
    letters = await wire.store.documents("dead_letters", {})
    assert sorted(letter["id"] for letter in letters) == [f"broken-{number}" for number in range(len(broken))]
    assert {letter["error"].partition(":")[0] for letter in letters} == {"ValidationError"}
    assert await traces(wire.store) == []


async def test_an_event_of_an_older_or_newer_version_only_takes_its_number(wire: Wire) -> None:
    for version in ("v0", "v2", "v1.v1", "v99999999999999999999"):
        event = wire.sender.send(ParcelPosted(parcel="forged"))
        await wire.send(event.model_copy(update={"type": f"reception.parcel_posted.{version}"}))
        await wire.goes_on()
    assert await traces(wire.store) == []
    assert await wire.store.documents("dead_letters", {}) == []


async def test_numbers_far_ahead_have_no_effect_and_are_forgotten_when_the_department_says_its_newest(wire: Wire) -> None:
    await wire.goes_on(wire.forged(seq=1000), beat(wire, seq=5000), beat(wire, seq=1 << 80), beat(wire, seq=-1))
    await until(lambda: wire.intake.healing.missing, what="the lie to be believed")
    await wire.goes_on(beat(wire, seq=wire.next_seq - 1))
    await until(lambda: wire.intake.ready, deadline=15, what="nothing to be missing")
    assert await traces(wire.store) == []


async def test_a_heartbeat_in_anothers_name_is_not_heard(wire: Wire) -> None:
    await wire.goes_on(beat(wire, seq=50, department="workshop"), beat(wire, seq=50, partition=3), beat(wire, seq=50, site="SH99"))
    assert wire.intake.ready


def beat(wire: Wire, **said: Any) -> bytes:
    known = {"site": wire.store.site.id, "department": "reception", "epoch": 1, "partition": 0, "seq": 1}
    return json.dumps({"type": Heartbeat.model_fields["type"].default, **known, **said}).encode()


async def test_an_event_of_one_department_on_the_topic_of_another_takes_nobodys_number(wire: Wire) -> None:
    weights = Sender(wire.store, "workshop")
    await wire.goes_on(weights.send(ParcelWeighed(parcel="forged")).model_dump_json().encode())
    await wire.goes_on(epoch_of(wire, "workshop"), topic=RECEPTION)
    honest = Sender(wire.store, "workshop").send(ParcelWeighed(parcel="honest-1"))
    await wire.say(honest.model_dump_json().encode(), topic=events_topic("workshop"))
    await until(lambda: wire.store.fetch("weights", "honest-1"), what="the workshop's first event")
    assert await traces(wire.store) == []


def epoch_of(wire: Wire, department: Any) -> bytes:
    started = Sender(wire.store, department, epoch=2).send(EpochStarted(previous=1, last={}), subject="epoch")
    return started.model_dump_json().encode()


async def test_a_record_is_believed_from_its_writer_and_in_its_form(wire: Wire) -> None:
    li = CustomerRecord(name="Li", phone="+8613800000000").model_dump(mode="json")
    honest = Record(key="customer:c", revision=1, site=wire.store.site.id, department="reception", body=li).model_dump(mode="json")
    lies: list[dict[str, Any]] = [
        {"department": "workshop"},
        {"key": "text:reception:t", "department": "workshop", "body": {"kind": "text", "text": "x"}},
        {"key": "secret:c"},
        {"site": "SH99"},
        {"body": {}},
        {"body": {"kind": "text", "text": "x"}},
        {"body": {**li, "name": 7}},
        {"revision": 1 << 80},
        {"revision": -1},
    ]
    for lie in lies:
        await wire.say(json.dumps(honest | {"revision": 9} | lie).encode(), topic=CUSTOMERS)
    await wire.say(json.dumps(honest).encode(), topic=CUSTOMERS)
    await until(lambda: wire.store.record("customer:c"), what="the honest record")
    kept = [row async for row in wire.store.collection("records").find({})]
    assert [(row["_id"], row["revision"]) for row in kept] == [("customer:c", 1)]


async def test_a_relay_serves_on_after_requests_that_make_no_sense(open_store: OpenStore, kafka_url: str) -> None:
    parcels = await open_store()
    relay = Relay(parcels, kafka_url)
    await relay.start()
    producer = AIOKafkaProducer(bootstrap_servers=kafka_url)
    await producer.start()
    try:
        await until(lambda: len(relay.held) == 4, deadline=20, what="the relay to hold its partitions")
        await parcels.transact(lambda unit: unit.create(Parcel, "p", posted), actor="a", correlation="c")
        partition = next(iter({row["partition"] async for row in parcels.collection("journal").find({"subject": "p"})} - {None}), 0)
        asked: dict[str, Any] = {
            "site": parcels.site.id,
            "department": "reception",
            "epoch": 1,
            "partition": partition,
            "first": 1,
            "last": 1,
            "consumer": "x",
            "asked_at": "2026-03-09T00:00:00Z",
        }
        senseless = ({"last": 1 << 80}, {"first": -(1 << 80)}, {"epoch": 1 << 80}, {"partition": 1 << 80}, {"first": 9, "last": 1})
        async with listening(kafka_url, parcels.site.id, [backfill_topic("reception")]) as ear:
            for number, lie in enumerate(senseless):
                await producer.send_and_wait(REPLAY, json.dumps(asked | lie | {"consumer": f"x{number}"}).encode(), partition=0)
            await producer.send_and_wait(REPLAY, b"\xff", partition=0)
            honest = ReplayRequest.model_validate(asked | {"consumer": "honest"})
            deadline = asyncio.get_running_loop().time() + 20
            while not ear.events(backfill_topic("reception")) and asyncio.get_running_loop().time() < deadline:
                await producer.send_and_wait(REPLAY, honest.model_dump_json().encode(), partition=0)
                await asyncio.sleep(0.5)
            assert {event["subject"] for event in ear.events(backfill_topic("reception"))} == {"p"}
    finally:
        await producer.stop()
        await relay.stop()


async def traces(store: Store) -> list[str]:
    """Where in the database a forged event left something."""
    found = []
    for name in ("shelves", "weights", "journal", "waiting", "gates", "records"):
        where = {"$or": [{"_id": "forged"}, {"subject": "forged"}, {"data.parcel": "forged"}, {"causationid": "forged"}]}
        found += [f"{name}: {row}" async for row in store.collection(name).find(where)]
    return found
