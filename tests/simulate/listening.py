"""Faust's place in a simulation: a member of the department's group that gives what it reads to the intake.

It acknowledges what it has handed over, applied or not, and not at once: after a restart some comes again, and some that only lay
in a queue does not.
"""

from __future__ import annotations

import asyncio

from aiokafka.errors import KafkaConnectionError

from shared.healing import Receive
from shared.intake import TOPICS
from shared.tracing import heard
from tests.simulate.broker import Broker, Group, Member, Place

COMMIT_SECONDS = 0.7


class Listening:
    def __init__(self, broker: Broker, group: str, receive: Receive) -> None:
        self._broker = broker
        self._group = group
        self._receive = receive
        self._member: Member | None = None

    @property
    def joined(self) -> bool:
        return self._member is not None and self._member.joined

    async def listen(self) -> None:
        """Until it crashes; called again then."""
        await self._broker.travel()
        if lacking := set(TOPICS) - set(self._broker.logs):
            raise LookupError(f"topics are not there yet: {len(lacking)}")
        self._member = member = self._broker.join(self._group)
        try:
            await self._read(member, self._broker.groups[self._group])
        finally:
            self._member = None
            self._broker.leave(self._group, member)

    async def _read(self, member: Member, group: Group) -> None:
        loop, commit_at = asyncio.get_running_loop(), 0.0
        while True:
            news = self._broker.news
            if self._broker.weather.broker_away and self._broker.weather.draw(0.3):
                raise KafkaConnectionError("Faust gives up")
            while place := self._with_something(member):
                await self._hand_over(place, member)
            if loop.time() >= commit_at:
                group.committed |= member.next
                commit_at = loop.time() + COMMIT_SECONDS
            try:
                async with asyncio.timeout(COMMIT_SECONDS):
                    await news.wait()
            except TimeoutError:
                continue

    def _with_something(self, member: Member) -> Place | None:
        if self._broker.weather.broker_away:
            return None
        places = []
        for place in member.next:
            if place[0] in TOPICS and (logs := self._broker.logs.get(place[0])) is not None:
                if member.next[place] > len(logs[place[1]]):
                    member.next[place] = 0  # out of range: from the earliest
                if member.next[place] < len(logs[place[1]]):
                    places.append(place)
        return self._broker.weather.chance.choice(places) if places else None

    async def _hand_over(self, place: Place, member: Member) -> None:
        noise, log = self._broker.weather.noise, self._broker.logs[place[0]][place[1]]
        message = log[member.next[place]]
        member.next[place] += 1
        if self._broker.weather.draw(noise.lost):
            return
        for _ in range(1 + self._broker.weather.draw(noise.twice)):
            await self._broker.weather.travel()
            await self._receive(place[0], message.value, heard(message.headers), place[1])
