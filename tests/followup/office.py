"""The department in memory: units over plain dictionaries, for what reactions, timers and the desk do without a database."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from services.followup.acts import erased
from services.followup.reactions import REACTIONS, TIMERS
from shared.aggregate import Aggregate
from shared.branch import Branch
from shared.contracts.envelope import Envelope
from shared.contracts.event import Event
from shared.contracts.records import CustomerRecord
from shared.effects import BufferedUnit, Effects
from shared.journal import Entry
from shared.reaction import Timer
from shared.unit import Unit
from tests.followup.people import CUSTOMER, PHONE, VISIT, checked_in, delivered, local, order_signed
from tests.publishing import publisher_of

WITHOUT_A_DATABASE: Mapping[Any, Callable[[Any, Unit], Awaitable[None]]] = {erased.end_what_is_due: erased.end_duties}
"""What is known of a customer is looked for in the database: here their duties end alone."""

T = TypeVar("T")
A = TypeVar("A", bound=Aggregate)


class OfficeUnit(BufferedUnit):
    rows: dict[tuple[str, str], dict[str, Any]]

    async def row(self, collection: str, id: str) -> dict[str, Any] | None:
        return self.rows.get((collection, id))

    async def stored_ids(self, kind: type[Aggregate], where: Mapping[str, Any]) -> list[str]:
        stored = sorted((id, row) for (name, id), row in self.rows.items() if name == kind.COLLECTION)
        return [id for id, row in stored if all(_is_or_has(row.get(name), value) for name, value in where.items())]


def _is_or_has(stored: Any, value: Any) -> bool:
    return bool(stored == value or (isinstance(stored, list) and value in stored))


class Office:
    """Answers as the store does; `journal` and `notices` are what was written, in order."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        self.timers: dict[str, Timer] = {}
        self.journal: list[Entry] = []
        self.notices: list[dict[str, Any]] = []
        self.knows_customer()

    def knows_customer(self, phone: str = PHONE, customer: str = CUSTOMER, address: str | None = None) -> None:
        body = CustomerRecord(name="李丽", phone=phone, address=address).model_dump(mode="json")
        key = f"customer:{customer}"
        self.rows["records", key] = {"_id": key, "revision": 1, "body": body, "department": "reception"}

    async def act(
        self, work: Callable[[BufferedUnit], Awaitable[T]], at: datetime, actor: str = "agent-1", cause: Envelope | None = None
    ) -> T:
        unit = OfficeUnit("followup", self.branch, at, actor=actor, correlation="test", cause=cause)
        unit.rows = self.rows
        answer = await work(unit)
        self._write(unit.effects)
        return answer

    async def hear(self, event: Event, at: datetime) -> None:
        """The reactions to an event that happened at `at`; the department's own events come back to it the same way."""

        async def react(unit: BufferedUnit) -> None:
            for reaction in REACTIONS[type(event)]:
                await WITHOUT_A_DATABASE.get(reaction, reaction)(event, unit)

        await self.act(react, at, "system", _envelope(event, at))

    async def until(self, moment: datetime) -> None:
        """Fire what is due, in the order of the times."""
        while due := sorted((timer.due_at, key) for key, timer in self.timers.items() if timer.due_at <= moment):
            timer = self.timers.pop(due[0][1])
            await self.act(partial(TIMERS[timer.kind], timer), timer.due_at, "system")

    async def delivered_visit(self, delivered_at: str = "2026-03-09 16:00") -> None:
        await self.hear(checked_in(), local("2026-03-09 08:10"))
        await self.hear(order_signed(), local("2026-03-09 09:00"))
        await self.hear(delivered(), local(delivered_at))

    def found(self, kind: type[A], id: str) -> A:
        row = self.rows[kind.COLLECTION, id]
        return kind.model_validate({"id": row["_id"], **{name: value for name, value in row.items() if name != "_id"}})

    def journalled(self, kind: type[Event], visit: str | None = VISIT) -> list[Event]:
        entries = [entry for entry in self.journal if entry.type == kind.wire_type("followup") and entry.data.get("visit", visit) == visit]
        return [kind.model_validate(entry.data) for entry in entries]

    def told(self, about: str) -> list[dict[str, Any]]:
        return [notice for notice in self.notices if notice["about"] == about]

    def text(self, key: str | None) -> str:
        assert key
        return str(self.rows["records", key]["body"]["text"])

    def _write(self, effects: Effects) -> None:
        for (kind, _), state in effects.aggregates.items():
            row = state.model_dump(mode="json")
            self.rows[kind.COLLECTION, state.id] = {"_id": row.pop("id"), **row}
        self.rows |= effects.documents
        for key, record in effects.records.items():
            self.rows["records", key] = record
        for series, value in effects.counters.items():
            self.rows["counters", series] = {"_id": series, "value": value}
        for key, timer in effects.timers.items():
            self.timers.pop(key, None)
            if timer is not None:
                self.timers[key] = timer[0]
        self.journal += effects.entries
        self.notices += effects.notices.values()


def _envelope(event: Event, at: datetime) -> Envelope:
    department = publisher_of(event)
    return Envelope(
        id=str(uuid.uuid4()),
        source=f"/BJ01/{department}",
        type=event.wire_type(department),
        time=at,
        subject=VISIT,
        site="BJ01",
        department=department,
        epoch=1,
        partition=0,
        seq=1,
        aggregate="test:1",
        version=1,
        ordinal=0,
        actor="agent-1",
        correlationid="test",
        data=event.model_dump(mode="json"),
    )
