"""F4 to F8: a customer who wants no calls, or whose number is wrong, or whose record is erased: what it does to the calls that are due."""

from typing import get_args

from services.followup.calls import CallDuty, duty_id
from services.followup.campaign import Invitation
from services.followup.contact import Contact, CustomerWantsNoCalls, NumberIsWrong, NumberUnknown
from services.followup.deadlines import settle_call
from services.followup.file import FileDuty
from shared.contracts.event import RecordChanged
from shared.contracts.followup import CallKind
from shared.reaction import NotYet
from shared.refusal import NotReadyYet
from shared.unit import Unit

PURPOSES_ENDED = ("first", "second", "campaign", "reminder")
"""What "don't call me" ends; an open complaint and the customer's own questions are answered all the same."""


async def dial(unit: Unit, customer: str, purpose: str) -> str:
    """The key of a record with the number, which is taken from the customer's record when it is dialled (EDGE_CASES 14)."""
    kept = await unit.fetch("records", f"customer:{customer}")
    if kept is None:
        raise NotReadyYet(missing=(f"customer:{customer}",))
    record = kept["body"] or {}
    contact = await unit.find(Contact, customer)
    if purpose in PURPOSES_ENDED and (contact.do_not_call or record.get("do_not_call")):
        raise CustomerWantsNoCalls(customer=customer)
    if not record.get("phone"):
        raise NumberUnknown(missing=("phone",), customer=customer)
    if await number_is_wrong(unit, contact):
        raise NumberIsWrong(missing=("phone",), customer=customer)
    return await unit.put_text(record["phone"])


async def number_is_wrong(unit: Unit, contact: Contact) -> bool:
    """The number on the record is the one that turned out to be wrong; a corrected one is right until shown otherwise."""
    if contact.wrong_number is None:
        return False
    wrong, record = await unit.record(contact.wrong_number), await unit.record(f"customer:{contact.id}")
    return bool(wrong and record) and (wrong or {}).get("text") == (record or {}).get("phone")


async def find_number_wrong(unit: Unit, customer: str, call: str, dialled: str, visit: str | None) -> None:
    """EDGE_CASES 13: to be checked when the customer is here again (R7)."""
    await unit.create(Contact, customer, lambda contact: contact.find_wrong(call, dialled, visit))
    advisor = (await unit.fetch("visits", visit) or {}).get("advisor") if visit else None
    people = (advisor,) if advisor else ()
    await unit.tell("contact_invalid", clause="F8", visit=visit, roles=("receptionist",), people=people, customer=customer)


async def say_do_not_call(unit: Unit, customer: str, *, do_not_call: bool) -> Contact:
    contact = await unit.create(Contact, customer, lambda contact: contact.say_do_not_call(unit.actor, do_not_call=do_not_call))
    if do_not_call:
        await stop_calls(unit, customer, "do_not_call")
    return contact


async def stop_calls(unit: Unit, customer: str, reason: str) -> None:
    for duty in await unit.ids(CallDuty, {"customer": customer, "outcome": None}):
        await stop_call(unit, duty, reason)

    for invitation in await unit.ids(Invitation, {"customer": customer, "over": False}):
        await unit.update(Invitation, invitation, lambda invitation: invitation.stop(reason))
        await unit.cancel(f"{invitation}:told")


async def stop_call(unit: Unit, duty: str, reason: str) -> None:
    await unit.update(CallDuty, duty, lambda duty: duty.stop(reason))
    await settle_call(unit, duty)


async def join_calls(unit: Unit, visit: str, come_back: str) -> None:
    """EDGE_CASES 10: one call about both visits, which follows the come-back; what is still due of the earlier one is replaced.

    Not where the come-back's call is over, or another customer brought the car: then the earlier visit keeps its own.
    """
    earlier, later = await unit.load(FileDuty, visit), await unit.load(FileDuty, come_back)
    call = await unit.find(CallDuty, duty_id(come_back, "first"))
    if earlier.customer != later.customer or call.outcome:
        return
    await _note(unit, visit, joined_to=come_back)
    await _note(unit, come_back, joins=[*(await visits_joined(unit, come_back)), visit])
    if call.exists:
        await widen_call(unit, call.id, visit)
    for kind in get_args(CallKind):
        if (await unit.find(CallDuty, duty_id(visit, kind))).exists:
            await stop_call(unit, duty_id(visit, kind), "replaced")


async def widen_call(unit: Unit, duty: str, visit: str) -> None:
    await unit.update(CallDuty, duty, lambda duty: duty.widen(visit))


async def visits_joined(unit: Unit, come_back: str) -> list[str]:
    """The earlier visits that the call of this one is about too."""
    return list((await unit.fetch("visits", come_back) or {}).get("joins", ()))


async def is_replaced(unit: Unit, visit: str) -> bool:
    return "joined_to" in (await unit.fetch("visits", visit) or {})


async def _note(unit: Unit, visit: str, **facts: object) -> None:
    await unit.put("visits", visit, {**(await unit.fetch("visits", visit) or {}), **facts}, subject=visit)


async def wants_no_calls(unit: Unit, customer: str) -> bool:
    record = await unit.record(f"customer:{customer}") or {}
    return (await unit.find(Contact, customer)).do_not_call or bool(record.get("do_not_call"))


async def follow_customer_record(event: RecordChanged, unit: Unit) -> None:
    """What reception wrote on the customer's record, or erased. The record comes on a topic of its own, perhaps later."""
    if not event.key.startswith("customer:"):
        return
    kept = await unit.fetch("records", event.key)
    if kept is None or kept["revision"] < event.revision:
        raise NotYet(event.key)
    customer = event.key.removeprefix("customer:")
    if kept["body"] is None:
        await stop_calls(unit, customer, "erased")
    elif kept["body"].get("do_not_call"):
        await stop_calls(unit, customer, "do_not_call")
