"""One visit on its way through the branch: what the people of the branch do for it, and what somebody tries that is forbidden."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from servicelane.play.client import Answer, Desk, Person
from servicelane.play.sheet import Cheat, Visit
from servicelane.play.world import Pool, World
from shared.branch import Branch
from shared.contracts.event import DEPARTMENTS

Outcome = Literal["refused", "passed", "not tried"]


@dataclass(frozen=True)
class Tried:
    """What became of one cheat; `says` is the answer, or why there was no occasion."""

    visit: str
    cheat: Cheat
    outcome: Outcome
    says: str = ""


@dataclass
class House:
    """The branch's people as the player has them at hand; who is needed by several at once is taken from a pool."""

    world: World
    desk: Desk
    branch: Branch
    pools: dict[str, Pool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for role in ("receptionist", "advisor", "technician", "washer", "cashier"):
            self.pools[role] = Pool(self.world, (person.id for person in self.branch.people(role)))

    def person(self, id: str) -> Person:
        return Person(self.desk, id)

    def the(self, role: str) -> Person:
        """The first of a role: whose work here takes no time that others could want."""
        return self.person(self.branch.people(role)[0].id)

    def leader_of(self, team: str) -> Person:
        return self.person(next(person.id for person in self.branch.people("team_leader") if person.team == team))

    @asynccontextmanager
    async def one(self, role: str, *, among: list[str] | None = None) -> AsyncIterator[Person]:
        async with self.pools[role].one(among=among) as member:
            yield self.person(member)


@dataclass
class Course:
    """`id` is the visit's id in the system, known from booking or arrival on; `station` is where the car is, for who watches."""

    sheet: Visit
    house: House
    id: str = ""
    advisor: str = ""
    customer: str = ""
    station: str = "expected"
    items: dict[str, str] = field(default_factory=dict)
    tried: list[Tried] = field(default_factory=list)
    moves: Counter[str] = field(default_factory=Counter)

    @property
    def world(self) -> World:
        return self.house.world

    @property
    def branch(self) -> Branch:
        return self.house.branch

    async def takes(self, minutes: float) -> None:
        """Work of so many minutes, in opening hours."""
        await self.world.hours_of_work(minutes / 60)

    async def cheat(
        self, cheat: Cheat, who: Person, method: str, path: str, body: dict[str, Any] | None = None, *, site: str | None = None
    ) -> None:
        """Try what the procedure forbids, if the sheet says so: only that rule stands in the way now. Nothing of it may be recorded."""
        if cheat not in self.sheet.cheats:
            return
        answer = await who.attempt(method, path, body, site=site)
        expected = cheat.rpartition(":")[2]
        refused = answer.status == 403 if expected == "403" else answer.status == 409 and answer.clause == expected
        left = await self._recorded(answer)
        outcome: Outcome = "refused" if refused and not left else "passed"
        says = f"{answer.status} {answer.clause}" + (f", but {left} journal entries" if left else "")
        self.tried.append(Tried(self.sheet.visit, cheat, outcome, says))

    async def _recorded(self, answer: Answer) -> int:
        auditor = self.house.the("group_analyst")
        pages = [await auditor.get(f"/{department}/journal?correlation={answer.correlation}") for department in DEPARTMENTS]
        return sum(len(page["items"]) for page in pages)

    def no_occasion(self, cheat: Cheat, why: str) -> None:
        """The visit's own course never comes to it."""
        if cheat in self.sheet.cheats:
            self.tried.append(Tried(self.sheet.visit, cheat, "not tried", why))
