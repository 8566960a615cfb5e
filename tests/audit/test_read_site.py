"""Reading a site that is at work: the journals up to a moment at which nothing was under way, and what is said where there is none."""

from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from servicelane.audit.journals import Journals
from servicelane.audit.judge import judge
from servicelane.audit.read_site import read
from shared.branch import Branch
from shared.contracts.event import DEPARTMENTS
from tests.audit.flows import clean
from tests.audit.hand import journals

DAY = journals(clean())


def numbers(told: Journals) -> dict[str, int]:
    return {department: len(entries) for department, entries in told.entries.items()}


def flow(newest: dict[str, int], **behind: int) -> dict[str, Any]:
    """All departments at rest with so many entries each; a department of `behind` has applied so many fewer of reception's."""
    rest = {"epoch": 1, "unnumbered": 0, "waiting": 0, "dead_letters": 0, "timers_due": 0, "applied_epoch": {}}

    def applied(reader: str) -> dict[str, dict[str, int]]:
        return {writer: {"0": seq - (behind.get(reader, 0) if writer == "reception" else 0)} for writer, seq in newest.items()}

    return {
        name: rest | {"newest": {"0": newest[name]}, "published": {"0": newest[name]}, "applied": applied(name)} for name in DEPARTMENTS
    }


class Site:
    """Its journals have all of `DAY`; what is under way are the given looks, one after the other, the last for ever."""

    def __init__(self, *looks: dict[str, Any]) -> None:
        self.app = FastAPI()
        self.app.get("/flow")(self.flow)
        self.app.get("/{department}/journal")(self.journal)
        self.asked = 0
        self._looks = self._in_order(looks)

    @staticmethod
    def _in_order(looks: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        yield from looks
        while True:
            yield looks[-1]

    async def flow(self) -> Any:
        self.asked += 1
        return next(self._looks)

    async def journal(self, department: str, limit: int, after: int = 0) -> Any:
        items = [entry.envelope.model_dump(mode="json") for entry in DAY.entries[department][after : after + limit]]
        return {"items": items, "next": after + limit if len(items) == limit else None}

    async def read(self, **patience: float) -> Journals:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://site") as http:
            return await read(http, **patience)


ALL = numbers(DAY)
EARLIER = {department: count // 2 for department, count in ALL.items()}


async def test_a_site_at_rest_is_read_to_its_end(branch: Branch) -> None:
    told = await Site(flow(ALL)).read()
    assert numbers(told) == ALL
    assert judge(told, branch).violations == ()


async def test_what_is_recorded_while_the_journals_are_read_is_left_for_the_next_time() -> None:
    assert numbers(await Site(flow(EARLIER)).read()) == EARLIER


async def test_what_is_under_way_is_waited_for(branch: Branch) -> None:
    told = await Site(flow(ALL, workshop=2), flow(ALL, workshop=1), flow(ALL)).read()
    assert (told.under_way, judge(told, branch).violations) == ((), ())


async def test_one_look_is_not_believed_since_its_departments_were_not_asked_at_one_moment() -> None:
    """Workshop could have acted upon what reception recorded just after it was asked."""
    torn = flow(ALL | {"workshop": ALL["workshop"] - 1})
    assert numbers(await Site(torn, flow(ALL)).read()) == ALL


async def test_a_department_that_has_applied_more_than_the_writer_says_was_asked_later() -> None:
    site = Site(flow(ALL, delivery=-1), flow(ALL, delivery=-1), flow(ALL))
    await site.read()
    assert site.asked == 4


async def test_what_stands_still_is_a_violation(branch: Branch) -> None:
    told = await Site(flow(ALL, workshop=1)).read(still=0.1)
    of = ALL["reception"]
    assert told.under_way == (f"workshop: applied reception 0 to {of - 1} of {of}",)
    assert [violation.rule for violation in judge(told, branch).violations] == ["positions"]


@pytest.mark.parametrize("what", ["waiting", "dead_letters"])
async def test_what_lacks_something_or_is_dead_is_a_violation(what: str, branch: Branch) -> None:
    look = flow(ALL)
    look["delivery"] |= {what: 1}
    told = await Site(look).read(still=0.1)
    assert [violation.rule for violation in judge(told, branch).violations] == ["positions"]


async def test_a_site_that_never_rests_is_read_as_it_is_after_a_while(branch: Branch) -> None:
    looks = [flow(ALL, workshop=behind) for behind in (2, 1)]
    told = await Site(*(looks * 10_000)).read(still=30, busy=0.3)
    assert told.under_way
    assert [violation.rule for violation in judge(told, branch).violations] == ["positions"]
