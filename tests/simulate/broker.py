"""A Kafka broker in memory: topics, partitions, groups with what they committed. It can be away, emptied, and lose what it acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import dataclass, field, replace

from aiokafka.errors import KafkaConnectionError, UnknownTopicOrPartitionError

from tests.simulate.loop import PROCESS, Process
from tests.simulate.weather import Weather

SESSION_SECONDS = 2.0
"""So long nobody misses a member that died."""


Headers = Sequence[tuple[str, bytes]]


@dataclass
class Message:
    key: bytes
    value: bytes
    headers: Headers
    offset: int


Place = tuple[str, int]
"""Topic and partition."""


@dataclass(eq=False)
class Member:
    """Who reads for a group. `next` is where it reads on, of each place that it believes to be its own."""

    process: Process | None
    next: dict[Place, int] = field(default_factory=dict)
    gone: bool = False
    joined: bool = False


@dataclass
class Group:
    members: list[Member] = field(default_factory=list)
    committed: dict[Place, int] = field(default_factory=dict)
    owners: dict[Place, Member] = field(default_factory=dict)


class Broker:
    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self.logs: dict[str, list[list[Message]]] = {}
        self.groups: dict[str, Group] = {}
        self.news = asyncio.Event()
        self._context = copy_context()  # its own work goes on, whichever process asked for it dies

    def must_be_there(self) -> None:
        if self.weather.broker_away:
            raise KafkaConnectionError("nobody answers")

    async def travel(self) -> None:
        await self.weather.travel()
        self.must_be_there()

    def make(self, topic: str, partitions: int) -> None:
        self.logs[topic] = [[] for _ in range(partitions)]
        for group in self.groups.values():
            self._rebalance_soon(group, 0.2)

    def widen(self, topic: str, partitions: int) -> None:
        self.logs[topic] += [[] for _ in range(partitions - len(self.logs[topic]))]

    def empty(self) -> None:
        """As a broker that restarts with another disk."""
        self.logs.clear()
        for group in self.groups.values():
            group.committed.clear()

    def lose_tail(self, share: float) -> None:
        """Acknowledged, and gone with the leader that had it."""
        for log in (log for partitions in self.logs.values() for log in partitions):
            del log[len(log) - int(len(log) * share) :]

    def append(self, topic: str, partition: int, messages: list[tuple[bytes, bytes, Headers]]) -> None:
        if topic not in self.logs or partition >= len(self.logs[topic]):
            raise UnknownTopicOrPartitionError
        noise, log = self.weather.noise, self.logs[topic][partition]
        for key, value, headers in messages:
            if self.weather.draw(noise.lost):
                continue
            for _ in range(1 + self.weather.draw(noise.twice)):
                log.append(Message(key, value, headers, len(log)))
        if len(log) > 1 and self.weather.draw(noise.swapped):
            last, before = log[-1], log[-2]
            log[-2:] = [replace(last, offset=before.offset), replace(before, offset=last.offset)]
        self.wake()

    def wake(self) -> None:
        self.news.set()
        self.news = asyncio.Event()

    # -- groups

    def join(self, name: str) -> Member:
        member = Member(PROCESS.get())
        group = self.groups.setdefault(name, Group())
        group.members.append(member)
        self._rebalance_soon(group, self.weather.chance.uniform(0.05, 0.5))
        return member

    def leave(self, name: str, member: Member) -> None:
        member.gone = True
        self._rebalance_soon(self.groups[name], 0.1)

    def miss(self, process: Process) -> None:
        """Its connections are gone; its groups notice after a while."""
        for group in self.groups.values():
            if any(member.process is process for member in group.members):
                self._rebalance_soon(group, SESSION_SECONDS)

    def _rebalance_soon(self, group: Group, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._rebalance, group, context=self._context)

    def _rebalance(self, group: Group) -> None:
        """Each place is one member's; who had it reads on for a while, as one that has not heard of it yet."""
        group.members = [member for member in group.members if not member.gone and (member.process is None or member.process.alive)]
        if not group.members:
            return
        loop = asyncio.get_running_loop()
        places = [(topic, partition) for topic in sorted(self.logs) for partition in range(len(self.logs[topic]))]
        for number, place in enumerate(places):
            owner = group.owners[place] = group.members[number % len(group.members)]
            owner.next.setdefault(place, group.committed.get(place, 0))
            for member in group.members:
                member.joined = True
                if member is not owner and place in member.next:
                    loop.call_later(self.weather.chance.uniform(0, 0.8), _let_go, group, place, member)
        self.wake()


def _let_go(group: Group, place: Place, member: Member) -> None:
    if group.owners[place] is not member:
        member.next.pop(place, None)
