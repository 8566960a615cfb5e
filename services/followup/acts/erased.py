"""A customer's record is erased: what is still due of them ends, and no new text about them is kept."""

from collections.abc import Mapping
from typing import Any

from services.followup.acts import unsolved
from services.followup.acts.contacts import stop_calls
from services.followup.campaign import Invitation
from services.followup.deadlines import settle_file
from services.followup.entry import Entry
from services.followup.file import FileDuty
from shared.contracts.event import RecordChanged
from shared.erasing import erase_texts_and_pictures
from shared.refusal import NotFound
from shared.unit import Unit

ERASED = "erased"


async def is_erased(unit: Unit, customer: str) -> bool:
    """Not so where the record has not come here yet. The answer holds until this unit commits."""
    unit.touch(f"customer:{customer}")
    kept = await unit.fetch("records", f"customer:{customer}")
    return kept is not None and kept["body"] is None


async def must_not_be_erased(unit: Unit, customer: str) -> None:
    """Nor become so before this unit commits."""
    if await is_erased(unit, customer):
        raise NotFound(missing=(f"customer:{customer}",))


async def must_be_there(unit: Unit, customer: str) -> Mapping[str, Any]:
    """Their record, which is there still when this unit commits."""
    unit.touch(f"customer:{customer}")
    if (record := await unit.record(f"customer:{customer}")) is None:
        raise NotFound(missing=(f"customer:{customer}",))
    return record


async def end_what_is_due(event: RecordChanged, unit: Unit) -> None:
    """Whether the erasure has come here is looked at before this. Reminders end beside it; a complaint is in the way of an erasure.

    `CustomerErased` comes apart from it, and may be long through: what was written since, while the record was here, goes now.
    """
    if (customer := await _who_ends(event, unit)) is None:
        return
    await end_duties(event, unit)
    await erase_texts_and_pictures(unit, customer, await unit.ids(FileDuty, {"customer": customer}))


async def _who_ends(event: RecordChanged, unit: Unit) -> str | None:
    customer = event.key.removeprefix("customer:")
    return customer if event.key.startswith("customer:") and await is_erased(unit, customer) else None


async def end_duties(event: RecordChanged, unit: Unit) -> None:
    if (customer := await _who_ends(event, unit)) is None:
        return
    await stop_calls(unit, customer, ERASED)
    for visit in await unit.ids(FileDuty, {"customer": customer, "filed_by": None}):
        await drop_file(unit, visit)
    for entry in await unit.ids(Entry, {"customer": customer, "closed_by": None}):
        await unit.update(Entry, entry, lambda known: known.drop(ERASED))
        await unsolved.unwatch(unit, entry, "answer", "report", "decision")
    for invitation in await unit.ids(Invitation, {"customer": customer, "over": True, "sent": None}):
        await unit.update(Invitation, invitation, lambda known: known.drop_letter(ERASED))
        await unit.cancel(f"{invitation}:letter")


async def drop_file(unit: Unit, visit: str) -> None:
    await unit.update(FileDuty, visit, lambda duty: duty.drop(ERASED))
    await unit.cancel(f"{visit}:unsigned")
    await settle_file(unit, visit)
