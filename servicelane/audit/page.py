"""One order's story on one page: when, where, who, what, which clause, and what was wrong beside it."""

from collections import defaultdict

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from servicelane.audit import words
from servicelane.audit.findings import Violation
from servicelane.audit.story import Recorded, Story, told_in_order
from shared.branch import Branch

COLOURS = {"reception": "cyan", "workshop": "yellow", "delivery": "green", "followup": "magenta"}


def page(story: Story, violations: list[Violation], branch: Branch) -> RenderableType:
    beside = defaultdict(list)
    for violation in violations:
        beside[violation.events[0] if violation.events else ""].append(violation)
    table = Table(title=f"{story.visit} at {branch.site.site.name}", box=None, padding=(0, 1))
    for heading in ("time", "department", "who", "what", "clause", "violations"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("time", "department", "clause"))
    day = None
    for recorded in told_in_order(story):
        local = recorded.at.astimezone(branch.site.zone)
        shown = f"{local:%Y-%m-%d %H:%M}" if local.date() != day else f"{local:           %H:%M}"
        day = local.date()
        table.add_row(shown, *_row(recorded, beside.pop(recorded.id, [])))
    rest = [_said(violation) for each in beside.values() for violation in each]
    return Group(table, *rest, f"{len(story)} facts, {len(violations)} violations")


def _row(recorded: Recorded, violations: list[Violation]) -> tuple[str, str, str, str, str]:
    colour = COLOURS[recorded.department]
    what = f"[bold]{words.name(recorded.fact)}[/] {escape(words.details(recorded.fact))}"
    wrong = "\n".join(_said(violation) for violation in violations)
    return f"[{colour}]{recorded.department}[/]", recorded.by, what, recorded.clause, wrong


def _said(violation: Violation) -> str:
    return f"[red]{violation.clause}{' ⌂' if violation.house_rule else ''} {escape(violation.says)}[/]"
