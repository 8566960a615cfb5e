"""How a played day ended, counted from the journals and not from what the player believes."""

from collections.abc import Iterable
from dataclasses import dataclass

from servicelane.audit.journals import Journals
from servicelane.audit.judge import Verdict
from servicelane.audit.story import Story, stories
from servicelane.play.course import Tried
from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r


@dataclass(frozen=True)
class Summary:
    """`failed` names what could not be gone on with: visits, and what is done beside them."""

    sheet: str
    visits: int
    delivered: int
    cancelled: int
    tried: tuple[Tried, ...]
    failed: tuple[str, ...]
    held: int
    not_reached: int
    open: int
    verdict: Verdict

    @property
    def stuck(self) -> int:
        return self.visits - self.delivered - self.cancelled

    def _cheats(self, outcome: str) -> int:
        return sum(1 for tried in self.tried if tried.outcome == outcome)

    @property
    def good(self) -> bool:
        return not (self.stuck or self._cheats("passed") or self.verdict.violations or self.open or self.failed)

    def __str__(self) -> str:
        refused, passed, not_tried = (self._cheats(outcome) for outcome in ("refused", "passed", "not tried"))
        return (
            f"played {self.sheet}: {self.visits} visits, {self.delivered} delivered, {self.cancelled} cancelled, {self.stuck} stuck; "
            f"{len(self.tried)} cheats: {refused} refused, {passed} passed, {not_tried} not tried; "
            f"audit: {self.verdict.summary}; "
            f"follow-up: {self.held} calls held, {self.not_reached} not reached, {self.open} open"
            + (f"; failed: {', '.join(self.failed)}" if self.failed else "")
        )


def summed_up(
    sheet: str,
    visits: Iterable[str],
    planned: int,
    tried: tuple[Tried, ...],
    failed: Iterable[str],
    journals: Journals,
    verdict: Verdict,
) -> Summary:
    """`visits` are the ids of those that came to the branch, `planned` how many stand on the sheet."""
    told = stories(journals)
    mine = [told[visit] for visit in visits if visit in told]
    outcomes = [closed.fact.outcome for story in mine for closed in story.all(f.CallDutyClosed)]
    return Summary(
        sheet=sheet,
        visits=planned,
        delivered=sum(1 for story in mine if story.all(d.ExitPassUsed) and not _cancelled(story)),
        cancelled=sum(1 for story in mine if story.all(d.ExitPassUsed) and _cancelled(story)),
        tried=tried,
        failed=tuple(failed),
        held=outcomes.count("called"),
        not_reached=outcomes.count("not_reached"),
        open=sum(_open_duties(story) for story in mine),
        verdict=verdict,
    )


def _cancelled(story: Story) -> bool:
    """The customer ended the visit, before the signature or after the inspection."""
    return bool(story.all(r.InquiryEnded) or story.all(r.OrderCancelled))


def _open_duties(story: Story) -> int:
    opened = (f.CallDutyOpened, f.FileDutyOpened, f.ComplaintOpened)
    closed = (f.CallDutyClosed, f.CustomerFileOpened, f.ComplaintClosed)
    return sum(len(story.all(kind)) for kind in opened) - sum(len(story.all(kind)) for kind in closed)
