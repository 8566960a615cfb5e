"""One visit on its way through the branch: what the people of the branch do for it, and what somebody tries that is forbidden."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, TypeVar

from servicelane.play.client import Answer, Desk, Person
from servicelane.play.sheet import AddOn, Cheat, CustomerCancels, Finding, Visit
from servicelane.play.world import Pool, World
from shared.branch import BadBranch, Branch, StaffMember
from shared.contracts.event import DEPARTMENTS

H = TypeVar("H")
Outcome = Literal["refused", "passed", "not tried"]

POOLED = ("receptionist", "advisor", "technician", "washer", "cashier")
NEEDED = (
    *POOLED,
    "workshop_supervisor",
    "team_leader",
    "parts_clerk",
    "gatekeeper",
    "followup_agent",
    "business_supervisor",
    "group_analyst",
)
INSPECTORS = ("qc_inspector", "technical_director")
OWN_QC: Cheat = "qc_by_own_technician:W11"


def must_have_everybody(branch: Branch, visits: Iterable[Visit]) -> None:
    """Somebody for all that is done in a day, and for the cheats; `BadBranch` names whom the branch lacks."""
    lacking = [role for role in NEEDED if not branch.people(role)]
    if not any(branch.people(role) for role in INSPECTORS):
        lacking.append(" or ".join(INSPECTORS))
    if lacking:
        raise BadBranch(f"{branch.site.id} cannot play a day: nobody in staff.csv is {', '.join(lacking)}")
    if not double(branch) and (cheat := next((visit.visit for visit in visits if OWN_QC in visit.cheats), None)):
        raise BadBranch(f"{branch.site.id} cannot play {cheat}: nobody in staff.csv is technician and qc_inspector, as {OWN_QC} needs")


def double(branch: Branch) -> StaffMember | None:
    """The person who is both technician and QC inspector, where the branch has one."""
    return next((person for person in branch.people("qc_inspector") if "technician" in person.roles), None)


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
    arriving: dict[str, datetime] = field(default_factory=dict)
    began: date | None = None
    summed_up: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for role in POOLED:
            self.pools[role] = Pool(self.world, (person.id for person in self.branch.people(role)))

    def person(self, id: str) -> Person:
        return Person(self.desk, id)

    def the(self, role: str) -> Person:
        """The first of a role: whose work here takes no time that others could want."""
        return self.person(self.branch.people(role)[0].id)

    async def order(self, part_no: str, quantity: int, visit: str | None = None) -> datetime:
        """R8: ordered, unless it is on its way already; the time when it has arrived and been booked in."""
        if self.arriving.get(part_no, self.world.now) <= self.world.now:
            await self.the("parts_clerk").post(f"/workshop/stock/{part_no}/orders", {"quantity": quantity, "visit": visit})
            day = self.world.now.astimezone(self.branch.site.zone).date() + timedelta(days=self.branch.parts[part_no].lead_days)
            self.arriving[part_no] = datetime.combine(day, self.branch.site.play.parts_arrive_at, self.branch.site.zone)
            self.world.start(f"delivery of {part_no}", self._receive(part_no, quantity))
        return self.arriving[part_no] + timedelta(minutes=5)

    async def _receive(self, part_no: str, quantity: int) -> None:
        await self.world.at(self.arriving[part_no])
        note = {"quantity": quantity, "reference": f"DN-{part_no}-{self.world.now:%Y%m%d}"}
        await self.the("parts_clerk").post(f"/workshop/stock/{part_no}/receipts", note)

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
    ended: str = ""
    items: dict[str, str] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    taken_by: set[str] = field(default_factory=set)
    named: dict[str, str] = field(default_factory=dict)
    drawn: set[str] = field(default_factory=set)
    worked: dict[str, str] = field(default_factory=dict)
    priority: int = 3
    asked_later: list[tuple[str, AddOn]] = field(default_factory=list)
    ruled: bool = False
    unruled: set[str] = field(default_factory=set)
    reserved: set[str] = field(default_factory=set)
    tried: list[Tried] = field(default_factory=list)
    moves: Counter[str] = field(default_factory=Counter)

    @property
    def world(self) -> World:
        return self.house.world

    @property
    def branch(self) -> Branch:
        return self.house.branch

    @property
    def papers(self) -> list[str]:
        """What goes from hand to hand with the car when it is done (D1)."""
        return ["key", "order", "sheet", *(["old_parts"] if self.drawn else [])]

    def happening(self, kind: type[H]) -> list[H]:
        """All of this kind that the sheet says, in its order."""
        return [each for each in self.sheet.happens if isinstance(each, kind)]

    def once(self, kind: type[H]) -> list[H]:
        """The same, for the first who asks."""
        self.moves[kind.__name__] += 1
        return self.happening(kind) if self.moves[kind.__name__] == 1 else []

    def cancels(self, when: str) -> bool:
        return any(cancelled.when == when for cancelled in self.happening(CustomerCancels))

    def finding_of(self, item: str) -> Finding | None:
        """What the sheet's inspection of this item finds, once."""
        place = list(self.items).index(item)
        finds = self.sheet.items[place].finds if place < len(self.sheet.items) else None
        self.moves[f"finding of {item}"] += 1
        return finds if self.moves[f"finding of {item}"] == 1 else None

    async def takes(self, minutes: float) -> None:
        """Work of so many minutes, in opening hours."""
        await self.world.hours_of_work(minutes / 60)

    async def cheat(
        self, cheat: Cheat, who: Person, method: str, path: str, body: dict[str, Any] | None = None, *, site: str | None = None
    ) -> None:
        """Try what the procedure forbids, if the sheet says so: only that rule stands in the way now. Nothing of it may be recorded.

        What is under way has arrived first: where a broker was away, another rule may still stand in the way.
        """
        if cheat not in self.sheet.cheats:
            return
        await self.world.everything_told()
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
