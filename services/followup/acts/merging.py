"""R7: reception says that two files are one, or two again: what it does to calls, invitations and reminders that are due."""

from services.followup.acts import contacts
from services.followup.deadlines import watch_reminder
from services.followup.reminder import Reminder
from shared import merged_files
from shared.contracts.reception import FilesMerged, FilesParted
from shared.unit import Unit


async def hold_what_was_said(event: FilesMerged, unit: Unit) -> None:
    """F4 to F7: who asked not to be called under one file is not called under the other."""
    if event.kind == "customer" and await contacts.wants_no_calls(unit, event.into):
        await contacts.stop_calls(unit, event.into, "do_not_call")


async def give_back(event: FilesParted, unit: Unit) -> None:
    """What the other's files had stopped is due again: late, where its day has passed, as everybody can see."""
    for id in [*await merged_files.family(unit, event.file), *await merged_files.family(unit, event.former)]:
        if event.kind == "vehicle":
            await _watch_again(unit, id)
        elif not await contacts.wants_no_calls(unit, id):
            await contacts.resume_calls(unit, id, parted=True)


async def _watch_again(unit: Unit, vehicle: str) -> None:
    """D8: a reminder that did not come while the other file's took its place."""
    reminder = await unit.find(Reminder, vehicle)
    if reminder.stands_for(reminder.visit) and reminder.visit:
        await watch_reminder(unit, reminder)
