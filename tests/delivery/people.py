"""The people of delivery over HTTP and a real database, each with their own token."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from services.delivery import check
from services.delivery.app import DELIVERY
from shared.auth import Person, Unauthenticated
from shared.contracts.event import VisitEvent
from shared.contracts.values import OrderItem, PaymentChoice, Recommendation
from shared.store import Store
from tests.delivery.desk import BRANCH, HANDED_IN, PARKED, VISIT, check_in, documents_taken, item, pays, qc_passed, signed_order
from tests.served import served

CASE = f"/cases/{VISIT}"
ITEMS = ("item-1",)
Answer = httpx.Response
Tell = Callable[[VisitEvent], Awaitable[None]]


class StaffTokens:
    """A token here is the staff id itself; what a real one looks like is proven where tokens are verified."""

    def __init__(self, site: str) -> None:
        self.site = site

    async def person(self, token: str | None) -> Person:
        if token is None or token not in BRANCH.staff:
            raise Unauthenticated
        member = BRANCH.staff[token]
        return Person(id=member.id, name=member.name, sites=(self.site,), roles=member.roles)


class Desk:
    """The people of delivery, each with their own token."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, by: str = "advisor-1") -> Answer:
        return await self.client.get(path, headers=_token(by))

    async def post(self, path: str, body: dict[str, Any] | None = None, by: str = "advisor-1", **headers: str) -> Answer:
        return await self.client.post(path, json=body or {}, headers=_token(by) | headers)

    async def did(self, path: str, body: dict[str, Any] | None = None, by: str = "advisor-1") -> dict[str, Any]:
        answer = await self.post(path, body, by)
        assert answer.is_success, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def to_the_desk(self, items: Sequence[str] = ITEMS, visit: str = VISIT, *, booklet: bool = True) -> None:
        """D1 to D4, D7 to D9."""
        case = f"/cases/{visit}"
        await self.did(f"{case}/papers", {"from_person": "supervisor-1", "things": ["key", "order", "sheet", "old_parts"]})
        await self.did(f"{case}/internal-check", {"items": items, "checklist": list(check.InternalPoint), "road_test": True})
        await self.did(f"{case}/customer-call", {"delivery_at": "2026-03-09T16:00:00+08:00"})
        await self.did(f"{case}/accompanied-check", {"items_shown": items, "checklist": list(check.AccompaniedPoint)})
        if booklet:
            await self.did(f"{case}/booklet", {"entries": True, "first_maintenance": True})
        proposed = (await self.get(f"{case}/next-maintenance")).json()
        await self.did(f"{case}/next-maintenance", proposed | {"reminder_told": True})
        await self.did(f"{case}/call-hour", {"hour": "18:30"})

    async def settle(self, visit: str = VISIT) -> dict[str, Any]:
        shown = (await self.get(f"/cases/{visit}/settlement")).json()
        return await self.did(f"/cases/{visit}/settlement", {"content_hash": shown["content_hash"]})

    async def journal(self, correlation: str | None = None) -> list[dict[str, Any]]:
        where = {"correlation": correlation} if correlation else {}
        return [entry async for entry in self.store.collection("journal").find(where).sort([("subject", 1), ("k", 1)])]

    async def types(self) -> list[str]:
        """What delivery announced of the visit, in order, without notices."""
        kinds = [entry["type"].split(".")[1] for entry in await self.journal() if entry["subject"] == VISIT]
        return [kind for kind in kinds if kind not in ("notice_raised", "record_changed")]

    async def told(self, about: str) -> list[dict[str, Any]]:
        return [dict(notice["facts"], to=(*notice["roles"], *notice["people"])) async for notice in self._notices(about)]

    def _notices(self, about: str) -> Any:
        return self.store.collection("notices").find({"about": about}).sort([("at", 1)])

    store: Store


def _token(by: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {by}"}


@asynccontextmanager
async def desk_of(store: Store) -> AsyncIterator[Desk]:
    app = served(DELIVERY, store, StaffTokens(store.site.id))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://delivery") as client:
        desk = Desk(client)
        desk.store = store
        yield desk


async def arrive(
    tell: Tell,
    *recommendations: Recommendation,
    items: Sequence[OrderItem] = (item(),),
    paid_by: Sequence[PaymentChoice] = pays(card="1"),
) -> None:
    """Signed, passed by QC, parked."""
    judged = qc_passed(recommendations, [each.item for each in items])
    for event in (check_in(), documents_taken(), signed_order(items, paid_by), judged, PARKED, HANDED_IN):
        await tell(event)


def clause(answer: Answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["clause"]
