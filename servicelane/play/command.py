"""`servicelane play`: plays a day sheet as the people of the branch would, up to the end of the follow-up, and says how it ended."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer
from rich.console import Console

from deploy.local.stack import embedded_stack
from servicelane.address import checked
from servicelane.audit.journals import Journals
from servicelane.audit.judge import judge
from servicelane.audit.read_site import read_site
from servicelane.play import after_delivery, at_delivery, at_reception, daily, in_workshop
from servicelane.play.client import Desk, Unexpected, must_be_site
from servicelane.play.course import Course, House, Tried, must_have_everybody
from servicelane.play.live import watch
from servicelane.play.sheet import BadSheet, Visit, read_sheet
from servicelane.play.summary import Summary, summed_up
from servicelane.play.world import World
from shared.branch import Branch


def play(sheet: Path, branch_folder: Path, at: str | None) -> int:
    """Play `sheet`, on an embedded stack of its own or on the running one at the entry address `at`; the exit status.

    `BadBranch` and `BadSheet` are raised before anything starts.
    """
    branch = Branch.load(branch_folder)
    visits = read_sheet(sheet, branch)
    if at:
        checked(at)
    must_have_everybody(branch, visits)
    console = Console()
    summary = asyncio.run(_play(sheet.name, visits, branch, branch_folder, at, console))
    typer.echo(summary)
    return 0 if summary.good else 1


async def _play(name: str, visits: tuple[Visit, ...], branch: Branch, branch_folder: Path, at: str | None, console: Console) -> Summary:
    if at:
        return await play_at(at, name, visits, branch, console)
    start = min(visit.booking(branch) or visit.arrival(branch) for visit in visits) - timedelta(hours=1)
    with tempfile.TemporaryDirectory(prefix="servicelane-play-") as folder:
        async with embedded_stack(Path(folder), branch_folder, clock="stepped", start=start) as running:
            return await play_at(running.url, name, visits, branch, console)


async def play_at(
    url: str,
    name: str,
    visits: tuple[Visit, ...],
    branch: Branch,
    console: Console,
    desk: Desk | None = None,
    *,
    patience: float = 120,
    before_audit: Callable[[], Awaitable[None]] | None = None,
) -> Summary:
    """Play `visits` on the stack at the entry address `url`, whose clock is stepped (`BadSheet` where it is not, or is past them).

    `desk` is one whose calls somebody watches; it is closed at the end, like a new one. `patience`: seconds for which a service that is
    away, or a system that stands still, is waited for.
    """
    desk = desk or Desk(url, patience=patience)
    try:
        world = World(desk, branch, patience=patience)
        world.now = await _clock_before(desk, branch, visits)
        await must_be_site(desk, branch.people("group_analyst")[0].id, branch.site.id)
        house = House(world, desk, branch)
        courses = [Course(visit, house) for visit in visits]
        for course in courses:
            world.start(course.sheet.visit, _whole(course))
        house.began = world.now.astimezone(branch.site.zone).date()
        world.start("the branch's days", daily.keep_house(house), background=True)
        playing = asyncio.create_task(world.play())
        await watch(console, world, courses, playing.done)
        try:
            await playing
        except Unexpected as stopped:
            world.failures["the day"] = stopped
        for what, error in world.failures.items():
            console.print(f"[red]{what}[/] stuck: {error}", highlight=False)
        if before_audit:
            await before_audit()
            await world.settled()
        return await _judged(name, courses, world, url, console)
    finally:
        await desk.close()


async def _clock_before(desk: Desk, branch: Branch, visits: tuple[Visit, ...]) -> datetime:
    answer = await desk.operate("GET", "/clock")
    if answer.status != 200 or answer.body["mode"] != "stepped":
        raise BadSheet(f"a day is played on a stack whose clock is stepped: start it with `servicelane up --clock stepped` ({answer.body})")
    now = datetime.fromisoformat(answer.body["now"]).astimezone(UTC)
    for visit in visits:
        if (begins := visit.booking(branch) or visit.arrival(branch)) < now:
            raise BadSheet(f"{visit.visit} begins at {begins.isoformat()}, but the stack's clock is at {now.isoformat()} already")
    return now


async def _whole(course: Course) -> None:
    """A visit from the booking to the last follow-up call."""
    if booking := course.sheet.booking(course.branch):
        await course.world.at(booking)
        await at_reception.book(course)
    await course.world.at(course.sheet.arrival(course.branch))
    signed = await at_reception.receive(course)
    course.world.start(f"{course.sheet.visit} file", _file(course))
    if signed:
        await in_workshop.repair(course)
        await at_delivery.deliver(course)
    else:
        await at_delivery.leave_unsettled(course)
    await after_delivery.follow_up(course)


async def _file(course: Course) -> None:
    await course.takes(60)
    await after_delivery.open_file(course)


async def _judged(name: str, courses: list[Course], world: World, url: str, console: Console) -> Summary:
    desk, branch = world.desk, world.branch
    auditor = branch.people("group_analyst")[0].id
    journals: Journals = await read_site(url, await desk.token(auditor))
    verdict = judge(journals, branch)
    for violation in verdict.violations:
        console.print(f"[red]{violation.clause}[/] {violation.visit or ''} {violation.rule}: {violation.says}", highlight=False)
    tried = tuple(tried for course in courses for tried in _all_cheats(course))
    for cheat in tried:
        if cheat.outcome != "refused":
            console.print(f"{cheat.visit}: {cheat.cheat}: {cheat.outcome}: {cheat.says}", highlight=False)
    return summed_up(name, [course.id for course in courses if course.id], len(courses), tried, world.failures, journals, verdict)


def _all_cheats(course: Course) -> list[Tried]:
    """Those that were tried or had no occasion, and those that the visit never came to."""
    named = {tried.cheat for tried in course.tried}
    why = course.ended or "the visit stopped before"
    return [*course.tried, *(Tried(course.sheet.visit, cheat, "not tried", why) for cheat in course.sheet.cheats if cheat not in named)]
