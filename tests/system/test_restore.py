"""A department that lost its whole database while cars are in the house: restored, it catches up, and the visit goes on to its end."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.stack import Stack, embedded_stack
from servicelane.audit.judge import Verdict, judge
from servicelane.audit.read_site import read_site
from servicelane.backup.archive import Archive
from servicelane.play import after_delivery, at_delivery, at_reception, in_workshop
from servicelane.play.client import Desk
from servicelane.play.course import Course, House
from servicelane.play.daily import CHECKLIST
from servicelane.play.sheet import read_sheet
from servicelane.play.world import World
from shared.branch import Branch
from shared.contracts.event import DEPARTMENTS, DepartmentName
from shared.contracts.topics import partition_of
from tests.conftest import BRANCH
from tests.system.command_line import Ended, Servicelane
from tests.system.two_visits import write_sheet

pytestmark = pytest.mark.slow


@dataclass
class Struck:
    """One car's way on a stack of the test's own, of which one department is struck."""

    stack: Stack
    world: World
    course: Course
    folder: Path
    client: Any
    branch: Branch

    def database(self, department: str) -> Any:
        return self.client[f"{self.branch.site.id.lower()}_{department}"]

    async def run(self, *arguments: object) -> Ended:
        command = Servicelane(self.folder, *arguments, "--mongo", self.stack.mongo_url)
        try:
            return await asyncio.to_thread(command.ended, 120)
        finally:
            command.clean_up()

    async def back_up(self) -> Path:
        archive = self.folder / "backup"
        ended = await self.run("backup", archive)
        assert ended.status == 0, ended
        return archive

    async def lose(self, department: DepartmentName) -> None:
        self.stack.hold(department)
        dead = self.stack.kill(department)
        while not any(death.pid == dead for death in self.stack.deaths):
            await asyncio.sleep(0.02)
        await self.client.drop_database(f"{self.branch.site.id.lower()}_{department}")

    async def restore(self, department: DepartmentName | None, archive: Path) -> str:
        """One, or all of them."""
        ended = await self.run("restore", archive, *(("--department", department) if department else ()))
        assert ended.status == 0, ended
        for name in (department,) if department else DEPARTMENTS:
            self.stack.release(name)
        await self.stack.until_ready()
        await self.world.everything_told()
        return ended.said

    async def open_the_shop(self) -> None:
        """A4."""
        for advisor in self.branch.people("advisor"):
            await self.course.house.person(advisor.id).post("/reception/opening-checklists", {"points": CHECKLIST})

    async def applied_by_others(self, department: str) -> dict[str, int]:
        """The numbers beyond the backup, of the one partition of the visit."""
        manifest = Archive(self.folder / "backup").manifest.departments["workshop"]
        heads = await self.database(department)["heads"].find().to_list(None)
        [head] = [head for head in heads if head["_id"] == partition_of(self.course.id, len(heads))]
        return {"partition": head["_id"], "from": manifest.numbered[str(head["_id"])] + 1, "to": head["seq"]}

    async def play(self, story: Callable[[], Awaitable[None]]) -> None:
        async def whole() -> None:
            await story()

        self.world.start("the visit", whole())
        await self.world.play()
        if failure := self.world.failures.get("the visit"):
            raise failure
        assert not self.world.failures

    async def verdict(self) -> Verdict:
        return judge(await read_site(self.stack.url, await self.world.desk.token("group-1")), self.branch)

    async def entries(self, department: str, kind: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self.database(department)["journal"].find({"type": f"{department}.{kind}.v1"}).to_list(None)
        return rows


@asynccontextmanager
async def house(tmp_path: Path) -> AsyncIterator[Struck]:
    branch = Branch.load(BRANCH)
    visit = read_sheet(write_sheet(tmp_path), branch)[0]
    start = visit.arrival(branch) - timedelta(hours=1)
    async with embedded_stack(tmp_path / "stack", BRANCH, clock="stepped", start=start) as stack:
        desk = Desk(stack.url)
        world = World(desk, branch)
        world.now = start
        client: Any = AsyncIOMotorClient(stack.mongo_url)
        try:
            yield Struck(stack, world, Course(visit, House(world, desk, branch)), tmp_path, client, branch)
        finally:
            client.close()
            await desk.close()


async def received(course: Course) -> None:
    """Signed and handed over, with its customer file."""
    await course.world.at(course.sheet.arrival(course.branch))
    assert await at_reception.receive(course)
    await after_delivery.open_file(course)
    await course.world.everything_told()


async def test_a_workshop_that_lost_all_since_the_backup_does_it_again_and_the_car_is_delivered(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        course, again = here.course, Course(here.course.sheet, here.course.house)

        async def story() -> None:
            await here.open_the_shop()
            await received(course)
            again.id, again.customer, again.advisor, again.items = course.id, course.customer, course.advisor, course.items
            archive = await here.back_up()
            await in_workshop.repair(course)
            before = await here.applied_by_others("workshop")
            await here.lose("workshop")
            said = await here.restore("workshop", archive)
            assert f"lost: numbers {before['from']} to {before['to']} of partition {before['partition']}, which others had applied" in said
            assert re.search(rf"lost: what led to delivery.car_ready.v1, delivery.case_opened.v1, .* of {course.id}, which stand", said)
            again.moves = Counter({move: times for move, times in course.moves.items() if not move.startswith("confirmed")})
            await in_workshop.repair(again)
            await at_delivery.deliver(again)
            await after_delivery.follow_up(again)
            await again.world.everything_told()

        await here.play(story)
        verdict = await here.verdict()
        # the customer's answer to a report of the workshop stands at reception, and the report is among what was lost
        assert {violation.rule for violation in verdict.violations} <= {"told_what_was_reported"}, verdict.violations
        [lost] = verdict.lost
        assert lost.visit == course.id
        assert {"delivery.case_opened.v1", "delivery.car_ready.v1"} <= set(lost.effects)
        assert "D1" in lost.unproven
        assert [entry["data"]["visit"] for entry in await here.entries("delivery", "exit_pass_used")] == [course.id]
        for once in ("call_duty_opened", "file_duty_opened"):
            told = [entry["data"].get("duty", entry["data"]["visit"]) for entry in await here.entries("followup", once)]
            assert len(told) == len(set(told)), once
        assert await here.entries("workshop", "epoch_started")


async def test_all_departments_restored_from_one_backup_go_on_and_nobody_applies_what_nobody_has(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        course, again = here.course, Course(here.course.sheet, here.course.house)

        async def story() -> None:
            await here.open_the_shop()
            await received(course)
            again.id, again.customer, again.advisor, again.items = course.id, course.customer, course.advisor, course.items
            archive = await here.back_up()
            await in_workshop.repair(course)
            for department in DEPARTMENTS:
                await here.lose(department)
            await here.restore(None, archive)
            assert await here.entries("delivery", "case_opened") == [], "Kafka has what led to it still, and nobody else"
            await in_workshop.repair(again)
            await at_delivery.deliver(again)
            await after_delivery.follow_up(again)
            await again.world.everything_told()

        await here.play(story)
        verdict = await here.verdict()
        assert (verdict.violations, verdict.lost, verdict.orders) == ((), (), 1)
