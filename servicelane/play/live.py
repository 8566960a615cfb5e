"""What a person sees while a day is played: the cars at their stations, or a line now and then where there is no terminal."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable

from rich.console import Console
from rich.live import Live
from rich.table import Table

from servicelane.play.course import Course
from servicelane.play.world import World

STATIONS = (
    ("接车 reception", ("expected", "queue", "check-in", "consultation", "estimate", "work order", "handover")),
    ("车间 workshop", ("acceptance", "repair", "waits for parts", "leader inspection")),
    ("质检 quality check", ("quality check",)),
    ("洗车 wash", ("wash", "finished area")),
    ("交车 delivery", ("internal check", "accompanied check", "settlement", "till", "gate")),
    ("跟踪 follow-up", ("delivered", "first call due", "first call held", "second call due", "second call held")),
)


def _group(station: str) -> str:
    name = "repair" if station.startswith("repair ") else station
    return next(title for title, names in STATIONS if name in names)


def _picture(world: World, courses: Iterable[Course]) -> Table:
    local = world.now.astimezone(world.branch.site.zone)
    table = Table(title=f"{world.branch.site.site.name}  {local:%Y-%m-%d %a %H:%M}", expand=True)
    table.add_column("visit")
    table.add_column("plate")
    for title, _ in STATIONS:
        table.add_column(title)
    for course in courses:
        here = _group(course.station)
        failed = course.sheet.visit in world.failures
        cells = [f"[red]✗ {course.station}[/]" if failed else course.station if title == here else "" for title, _ in STATIONS]
        table.add_row(course.sheet.visit, course.sheet.vehicle.plate or "—", *cells)
    return table


async def watch(console: Console, world: World, courses: list[Course], done: Callable[[], bool]) -> None:
    """Show the cars until `done`."""
    if console.is_terminal:
        with Live(console=console, refresh_per_second=4) as live:
            while not done():
                live.update(_picture(world, courses))
                await asyncio.sleep(0.25)
            live.update(_picture(world, courses))
        return
    said = ""
    while not done():
        counts = Counter(_group(course.station) for course in courses)
        line = "  ".join(f"{title} {counts[title]}" for title, _ in STATIONS)
        if line != said:
            local = world.now.astimezone(world.branch.site.zone)
            console.print(f"{local:%m-%d %H:%M}  {line}", highlight=False, soft_wrap=True)
            said = line
        await asyncio.sleep(1)
