"""A cheat is tried where only its own rule stands in the way; where another does too, it is said not to be tried."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

import httpx
import pytest

from servicelane.play.at_delivery import UNANSWERED, _answer_recommendations
from servicelane.play.client import Answer, Person
from servicelane.play.course import Course, House
from servicelane.play.sheet import read_sheet
from servicelane.play.world import World
from shared.branch import Branch
from tests.conftest import BRANCH
from tests.play.test_world import RestingDesk

SAFETY = {"recommendation": "team-m-1-1", "operation": "R-FBD", "safety": True}


class UnansweredDesk(RestingDesk):
    """A case with an unanswered safety item (D6): that is what it refuses to settle for, and all else is done."""

    async def ask(
        self, person: str, method: str, path: str, body: Mapping[str, Any] | None = None, *, site: str | None = None, key: str | None = None
    ) -> Answer:
        refuses = method == "POST" and path.endswith("/settlement")
        response = httpx.Response(409, json={"clause": "D6"}) if refuses else httpx.Response(200, json={"content_hash": "x", "items": []})
        return Answer(response, "c")


@pytest.mark.parametrize(
    ("unruled", "outcome"),
    [(set(), "refused"), ({"item-1"}, "not tried")],
    ids=["nothing awaits a ruling", "an item awaits its ruling"],
)
async def test_settling_with_an_unanswered_safety_item_is_tried_where_no_ruling_is_awaited(
    branch: Branch, unruled: set[str], outcome: str
) -> None:
    desk = UnansweredDesk()
    (sheet,) = [visit for visit in read_sheet(BRANCH / "load-300.jsonl", branch) if visit.visit == "BJ01-L-0284"]
    world = World(desk, branch)
    world.now = sheet.arrival(branch).astimezone(UTC)
    course = Course(sheet, House(world, desk, branch), items={"item-1": "R-FBD"}, unruled=unruled)
    world.start(sheet.visit, _answer_recommendations(course, Person(desk, "advisor-1"), [SAFETY]))
    await world.play()
    assert not world.failures
    assert [(each.cheat, each.outcome) for each in course.tried] == [(UNANSWERED, outcome)]
