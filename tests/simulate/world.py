"""One scenario, played: the product's own journal, relay, intake and timers, on servers, time and chance that are ours."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest import mock

from shared.branch import Branch
from shared.contracts.event import DepartmentName
from shared.intake import Intake
from shared.refusal import DatabaseAway
from shared.relay import Relay
from shared.store import Once, Store
from shared.timers import TimerLoop
from tests.simulate.broker import Broker
from tests.simulate.checks import unrest, wrongs
from tests.simulate.database import Client, Server
from tests.simulate.departments import DEPARTMENTS, Paper, note_visit, open_visit
from tests.simulate.kafka import Admin, Consumer, Producer
from tests.simulate.listening import Listening
from tests.simulate.loop import PROCESS, NothingCanHappen, Process, SeededLoop, Spinning
from tests.simulate.scenario import TROUBLE_SECONDS, Command, Fault, Scenario
from tests.simulate.weather import Weather

START = datetime(2026, 3, 9, 0, 30, tzinfo=UTC)
REST_SECONDS = 40.0
"""So long the world has, when all is well again, to come to rest; as long as the clocks are off on top of it."""
LOOK_SECONDS = 0.25


class Gone(Exception):
    """The process died before it answered."""


class BusinessClock:
    """The same for all, and never off."""

    def __init__(self, loop: SeededLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return START + timedelta(seconds=self._loop.time())


class Place:
    """Where one process of a department runs, life after life."""

    def __init__(self, name: DepartmentName, number: int) -> None:
        self.department = name
        self.name = f"{name}.{number}"
        self.process: Process | None = None
        self.store: Store | None = None
        self.parts: Sequence[Any] = ()


class World:
    def __init__(self, scenario: Scenario, loop: SeededLoop) -> None:
        self.scenario = scenario
        self.loop = loop
        self.chance = random.Random(f"world {scenario.seed}")
        self.weather = Weather(self.chance)
        self.broker = Broker(self.weather)
        self.servers: dict[str, Server] = {name: Server(name, self.weather) for name, _ in scenario.processes}
        self.places = {place.name: place for name, number in scenario.processes for place in (Place(name, n) for n in range(number))}
        self.clock = BusinessClock(loop)

    async def play(self) -> list[str]:
        """Through the trouble, then to rest; what is wrong in the end."""
        keepers = [asyncio.ensure_future(self._keep(place)) for place in self.places.values()]
        clients = [asyncio.ensure_future(self._command(command)) for command in self.scenario.commands]
        faults = [asyncio.ensure_future(self._bring_about(fault)) for fault in self.scenario.faults]
        await asyncio.sleep(TROUBLE_SECONDS)
        self.weather.clear()
        for server in self.servers.values():
            server.commits_left = 0
        for each in faults:
            each.cancel()
        reasons = await self._come_to_rest(clients)
        for each in (*keepers, *clients):
            each.cancel()
        return [f"not at rest: {reason}" for reason in reasons] or wrongs(self)

    async def _come_to_rest(self, clients: Sequence[asyncio.Task[None]]) -> list[str]:
        deadline = self.loop.time() + REST_SECONDS + sum(abs(fault.size) for fault in self.scenario.faults if fault.kind == "clock jump")
        reasons = [""]
        while reasons and self.loop.time() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
            reasons = unrest(self) if all(client.done() for client in clients) else ["a command is not answered"]
        return reasons + [f"a command failed: {error!r}" for client in clients if client.done() and (error := client.exception())]

    # -- processes

    async def _keep(self, place: Place) -> None:
        """Starts the process, and starts it again when it died."""
        while True:
            process = place.process = Process(place.name, self.loop)
            self.loop.create_task(self._live(place), context=process.context)
            await process.died
            place.store = None
            self.broker.miss(process)
            await asyncio.sleep(self.chance.uniform(0.1, 1.5))

    async def _live(self, place: Place) -> None:
        own = await self._open_store(place)
        place.parts = (Relay(own, "broker"), TimerLoop(own), Intake(own, "broker"))
        for part in place.parts:
            await part.start()
        place.store = own

    async def _open_store(self, place: Place) -> Store:
        while True:
            with suppress(DatabaseAway):
                department = DEPARTMENTS[place.department]
                return await Store.open(
                    place.department, department, sample_branch(), self.clock, partitions=self.scenario.partitions, patience=5.0
                )

    async def _stop(self, place: Place) -> None:
        """In order, as on SIGTERM."""
        process, parts = place.process, place.parts
        if process is None or not process.alive or place.store is None:
            return

        async def leave() -> None:
            await asyncio.wait([asyncio.ensure_future(part.stop()) for part in parts], timeout=5.0)
            self.loop.kill(process)

        self.loop.create_task(leave(), context=process.context)
        await asyncio.wait({process.died})

    # -- clients

    async def _command(self, command: Command) -> None:
        await asyncio.sleep(command.at)
        await self._until_answered(f"open-{command.visit}", partial(open_visit, visit=command.visit))
        await self._until_answered(f"note-{command.n}", partial(note_visit, visit=command.visit, n=command.n))

    async def _until_answered(self, key: str, work: Any) -> None:
        """Whoever answers; sent again with the same key after every failure, as a tablet on bad Wi-Fi does."""
        once = Once(key=key, person="advisor", body_hash=key, answer=Paper)

        async def command(own: Store) -> Paper:
            return await own.transact(work, actor="advisor", correlation=key, once=once, patience=2.0)

        while True:
            with suppress(Gone, DatabaseAway):
                await self._ask("reception", command)
                return
            await asyncio.sleep(self.chance.uniform(0.05, 0.5))

    async def _ask(self, department: str, command: Any) -> Any:
        there = [place for place in self.places.values() if place.department == department and place.store is not None]
        if not there:
            raise Gone
        place = self.chance.choice(there)
        assert place.process and place.store
        answer = self.loop.create_task(command(place.store), context=place.process.context)
        await asyncio.wait({answer, place.process.died}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise Gone
        return answer.result()

    # -- faults

    async def _bring_about(self, fault: Fault) -> None:
        await asyncio.sleep(fault.at)
        if (place := self.places.get(fault.target)) is not None and place.process is not None:
            await self._happen_to(place, place.process, fault)
        elif fault.kind in _WEATHER:
            where, what = _WEATHER[fault.kind]
            await self._for_a_while(fault, self.weather.noise if where == "noise" else self.weather, what)
        elif fault.target in self.servers:
            await self._database_away(fault)
        else:
            await self._happen_to_broker(fault)

    async def _happen_to(self, place: Place, process: Process, fault: Fault) -> None:
        match fault.kind:
            case "crash after steps":
                process.dies_at_step = process.steps + int(fault.size)
            case "crash at edge":
                process.dies_at_edge = int(fault.size)
            case "restart":
                await self._stop(place)
            case "pause":
                self.loop.pause(process, fault.seconds)
            case "clock jump":
                process.skew += fault.size

    async def _database_away(self, fault: Fault) -> None:
        """Gone, it forgets the transactions under way. Where another fault has it away before its commits are counted down, it goes
        away at a later one until all is well, and forgets nothing: cut off, not gone.
        """
        server = self.servers[fault.target]
        if fault.kind == "database dies at commit":
            server.commits_left = int(fault.size)
            while fault.target not in self.weather.databases_away:
                await asyncio.sleep(0.01)
        server.restart()
        self.weather.databases_away.add(fault.target)
        await asyncio.sleep(fault.seconds)
        self.weather.databases_away.discard(fault.target)

    async def _happen_to_broker(self, fault: Fault) -> None:
        if fault.kind == "tail lost":
            self.broker.lose_tail(fault.size)
            return
        self.weather.broker_away = True
        if fault.kind == "broker empty":
            self.broker.empty()
        await asyncio.sleep(fault.seconds)
        self.weather.broker_away = False
        self.broker.wake()

    async def _for_a_while(self, fault: Fault, where: object, what: str) -> None:
        setattr(where, what, fault.size)
        await asyncio.sleep(fault.seconds)
        setattr(where, what, 0.0)


_WEATHER = {
    "loss": ("noise", "lost"),
    "twice": ("noise", "twice"),
    "reorder": ("noise", "swapped"),
    "delay": ("weather", "slow"),
    "late commits": ("weather", "late_commits"),
}


@dataclass(frozen=True)
class Outcome:
    """What is wrong; nothing, where all is right. `steps` and `seconds` (simulated) are the same whenever the same is played."""

    wrongs: list[str]
    steps: int
    seconds: float


def play(scenario: Scenario, *, aloud: bool = False) -> Outcome:
    """The same scenario gives the same run, in processes of one hash seed."""
    gc.freeze()  # what was there before is not looked through after every run
    with _in_silence(aloud=aloud):
        loop = SeededLoop(random.Random(f"loop {scenario.seed}"))
        try:
            return Outcome(_play(scenario, loop), loop.steps, loop.time())
        finally:
            logging.disable(logging.CRITICAL)
            loop.empty()
            loop.close()
            asyncio.set_event_loop(None)
            del loop
            gc.collect()
            gc.unfreeze()


def _play(scenario: Scenario, loop: SeededLoop) -> list[str]:
    loop.set_exception_handler(lambda _loop, _context: None)
    asyncio.set_event_loop(loop)
    with _edges(loop, scenario.seed) as worlds:
        world = World(scenario, loop)
        worlds.append(world)
        try:
            return loop.run_until_complete(world.play())
        except NothingCanHappen:
            return ["everybody waits for somebody else"]
        except Spinning as spinning:
            return [f"busy with nothing: {spinning}"]


@contextmanager
def _in_silence(*, aloud: bool) -> Iterator[None]:
    """What is killed is never resumed; being collected, its `finally` blocks complain that they may not wait."""
    before, complain = logging.root.manager.disable, sys.unraisablehook
    logging.disable(logging.NOTSET if aloud else logging.CRITICAL)
    sys.unraisablehook = lambda _: None
    try:
        yield
    finally:
        sys.unraisablehook = complain
        logging.disable(before)


@cache
def sample_branch() -> Branch:
    return Branch.load(Path(__file__).parents[2] / "data" / "branch")


@contextmanager
def _edges(loop: SeededLoop, seed: int) -> Iterator[list[World]]:
    """The product with its edges replaced: drivers, Faust, time and chance. The world is put into the list when it is there."""
    worlds: list[World] = []
    ids = random.Random(f"ids {seed}")

    def now() -> datetime:
        process = PROCESS.get()
        return START + timedelta(seconds=loop.time() + (process.skew if process else 0.0))

    def broker() -> Broker:
        return worlds[0].broker

    def some_id() -> uuid.UUID:
        return uuid.UUID(int=ids.getrandbits(128), version=4)

    replaced: Mapping[str, Any] = {
        "shared.store.AsyncIOMotorClient": lambda url, **_: Client(worlds[0].servers[url]),
        "shared.tries.random": random.Random(f"pauses {seed}"),
        "shared.publisher.AIOKafkaProducer": lambda **_: Producer(broker()),
        "shared.publisher.AIOKafkaAdminClient": lambda **_: Admin(broker()),
        "shared.healing.AIOKafkaConsumer": lambda **_: Consumer(broker()),
        "shared.backfill.AIOKafkaConsumer": lambda **_: Consumer(broker()),
        "shared.intake.Listening": lambda group, _url, _wait, receive: Listening(broker(), group, receive),
        "shared.system_time.now": now,
        "shared.system_time.monotonic": loop.time,
        "uuid.uuid4": some_id,
    }
    with ExitStack() as stack:
        for name, value in replaced.items():
            stack.enter_context(mock.patch(name, value))
        yield worlds
