"""What happens more than once in a visit is played as often as the sheet says."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from deploy.local.stack import embedded_stack
from servicelane.audit.read_site import read_site
from servicelane.audit.story import Story, stories
from servicelane.play.client import Desk
from servicelane.play.command import play_at
from servicelane.play.sheet import read_sheet
from shared.branch import Branch
from shared.contracts import delivery as d
from shared.contracts import workshop as w
from shared.contracts.event import Event
from tests.conftest import BRANCH

pytestmark = pytest.mark.slow

TWICE: list[dict[str, Any]] = [
    {"what": "handover_sent_back", "why": "里程不符"},
    {"what": "handover_sent_back", "why": "钥匙不对"},
    {"what": "difference_on_taking", "why": "左前门划痕"},
    {"what": "difference_on_taking", "why": "右后门划痕"},
    {"what": "belongings", "items": "儿童座椅", "customer": "agrees"},
    {"what": "belongings", "items": "后备箱纸箱", "customer": "refuses"},
    {"what": "late", "minutes": 20, "customer": "accepts"},
    {"what": "late", "minutes": 40, "customer": "accepts"},
    {"what": "add_on", "op": "R-BATT", "customer": "accepts"},
    {"what": "add_on", "op": "R-WIPE", "customer": "accepts_later"},
    {"what": "add_on", "op": "R-BULB", "customer": "accepts_later"},
    {"what": "qc_fail", "times": 1, "why": "螺栓力矩"},
    {"what": "qc_fail", "times": 2, "why": "内饰异响"},
    {"what": "recommend", "op": "M-TYRE4", "safety": True, "customer": "declines"},
    {"what": "recommend", "op": "M-ROT", "safety": False, "customer": "next_time"},
]
COUNTS: dict[type[Event], int] = {w.HandoverSentBack: 2, w.BelongingsRequested: 2, w.QcFailed: 3, w.WorkFound: 3, w.RevisionTaken: 3}


async def _played(folder: Path, branch: Branch) -> tuple[str, Story]:
    visit = json.loads((BRANCH / "day-0.jsonl").read_text(encoding="utf-8").splitlines()[0])
    sheet = folder / "twice.jsonl"
    sheet.write_text(json.dumps(visit | {"happens": TWICE, "cheats": []}, ensure_ascii=False), encoding="utf-8")
    visits = read_sheet(sheet, branch)
    start = visits[0].arrival(branch) - timedelta(hours=1)
    async with embedded_stack(folder / "stack", BRANCH, clock="stepped", start=start) as stack:
        summary = await play_at(stack.url, sheet.name, visits, branch, Console())
        desk = Desk(stack.url)
        told = stories(await read_site(stack.url, await desk.token("group-1")))
        await desk.close()
    [story] = told.values()
    return str(summary), story


async def test_each_thing_happens_as_often_as_the_sheet_says(tmp_path: Path) -> None:
    line, story = await _played(tmp_path, Branch.load(BRANCH))
    assert "1 delivered, 0 cancelled, 0 stuck; 0 cheats: 0 refused, 0 passed, 0 not tried; audit: 1 orders, 0 violations" in line
    assert {kind: len(story.all(kind)) for kind in COUNTS} == COUNTS
    assert [each.fact.minutes for each in story.all(w.ProgressReported) if each.fact.kind == "later"] == [20, 40]
    assert [bool(each.fact.difference) for each in story.all(w.CarTaken)] == [True, False], "each team takes the car once"
    assert len(story.all(d.RecommendationAnswered)) == 2
