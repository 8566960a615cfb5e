"""W2: who is away is named for no work. Judged from what was on record when the leader named them."""

from collections.abc import Iterator
from datetime import datetime

from servicelane.audit.findings import Broken, Rules
from servicelane.audit.story import Recorded, Story
from shared.branch import Branch
from shared.contracts import workshop as w

rules = Rules()


@rules("W2", w.TechniciansNamed, house_rule=True, of_site=True)
def nobody_who_is_away_is_named(named: Recorded, site: Story, branch: Branch) -> Iterator[Broken]:
    """Who has begun the item stays named for it."""
    begun = {each.fact.by for each in site.before(named, w.WorkStarted) if _item(each) == _item(named)}
    for person in named.fact.technicians:
        if person not in begun and (why := _away(person, named, site, branch)):
            yield f"{person} was named for item {named.fact.item} while away", why


def _item(step: Recorded) -> tuple[str, str]:
    return step.fact.visit, step.fact.item


def _away(person: str, moment: Recorded, site: Story, branch: Branch) -> Recorded | None:
    """What says so: an absence that covers the moment, or a shift that leaves its day of the week out.

    Absences are numbered for each person.
    """
    ended = [each for each in site.all(w.AbsenceEnded) if each.fact.person == person and each.clearly_before(moment)]
    ends = {each.fact.absence: each.fact.ends_at for each in ended}
    for absence in site.all(w.AbsenceRecorded):
        of_them = absence.fact.person == person and absence.clearly_before(moment)
        if of_them and _covers(absence.fact.starts_at, ends.get(absence.fact.absence, absence.fact.ends_at), moment.at):
            return absence
    shifts = [each for each in site.all(w.ShiftSet) if each.fact.person == person and each.clearly_before(moment)]
    off = shifts and moment.at.astimezone(branch.site.zone).weekday() not in shifts[-1].fact.days
    return shifts[-1] if off else None


def _covers(starts_at: datetime, ends_at: datetime | None, moment: datetime) -> bool:
    return starts_at <= moment and (ends_at is None or moment < ends_at)
