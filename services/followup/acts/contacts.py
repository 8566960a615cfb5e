"""F4 to F8: a customer who wants no calls, or whose number is wrong: what it does to the calls that are due."""

from typing import get_args

from services.followup.calls import CallDuty, duty_id
from services.followup.campaign import Invitation
from services.followup.contact import Contact, CustomerWantsNoCalls, NumberIsWrong, NumberUnknown
from services.followup.deadlines import settle_call, settle_telling, watch_call, watch_letter, watch_telling
from services.followup.file import FileDuty
from shared import merged_files
from shared.contracts.event import RecordChanged
from shared.contracts.followup import CallKind, ContactInvalid
from shared.reaction import NotYet
from shared.refusal import NotReadyYet
from shared.unit import Unit

PURPOSES_ENDED = ("first", "second", "campaign", "reminder")
"""What "don't call me" ends; an open complaint and the customer's own questions are answered all the same."""


async def dial(unit: Unit, customer: str, purpose: str) -> str:
    """The key of a record with the number, which is taken from the customer's record when it is dialled (EDGE_CASES 14).

    Of a person with several files it is the surviving one's, unless that is known to be wrong and another is not.
    """
    surviving = await merged_files.surviving(unit, customer)
    if await unit.fetch("records", f"customer:{surviving}") is None:
        raise NotReadyYet(missing=(f"customer:{surviving}",))
    if purpose in PURPOSES_ENDED and await wants_no_calls(unit, customer):
        raise CustomerWantsNoCalls(customer=customer)
    numbers = await _numbers(unit, customer)
    if not numbers:
        raise NumberUnknown(missing=("phone",), customer=customer)
    right = [number for number, is_right in numbers.items() if is_right]
    if not right:
        raise NumberIsWrong(missing=("phone",), customer=customer)
    return await unit.put_text(right[0])


async def number_is_wrong(unit: Unit, customer: str) -> bool:
    """Every number on record turned out to be wrong; a corrected one is right until shown otherwise."""
    numbers = await _numbers(unit, customer)
    return bool(numbers) and not any(numbers.values())


async def _numbers(unit: Unit, customer: str) -> dict[str, bool]:
    """Those of all files of the person, the surviving one's first, and whether each is right as far as is known."""
    ids = await merged_files.family(unit, customer)
    contacts = [await unit.find(Contact, id) for id in ids]
    wrong = {(await unit.record(each.wrong_number) or {}).get("text") for each in contacts if each.wrong_number}
    phones = [(await unit.record(f"customer:{id}") or {}).get("phone") for id in ids]
    return {phone: phone not in wrong for phone in phones if phone}


async def find_number_wrong(unit: Unit, customer: str, call: str, dialled: str, visit: str | None) -> None:
    """EDGE_CASES 13: to be checked when the customer is here again (R7)."""
    await unit.create(Contact, customer, lambda contact: contact.find_wrong(call, dialled, visit))
    advisor = (await unit.fetch("visits", visit) or {}).get("advisor") if visit else None
    people = (advisor,) if advisor else ()
    await unit.tell("contact_invalid", clause="F8", visit=visit, roles=("receptionist",), people=people, customer=customer)


async def say_do_not_call(unit: Unit, customer: str, *, do_not_call: bool) -> Contact:
    """Said under the surviving file; taken back under every file under which it was said, and what it had stopped is due again."""
    surviving, *others = await merged_files.family(unit, customer)
    for other in others if not do_not_call else ():
        if (await unit.find(Contact, other)).do_not_call:
            await unit.update(Contact, other, lambda contact: contact.say_do_not_call(unit.actor, do_not_call=False))
    contact = await unit.create(Contact, surviving, lambda contact: contact.say_do_not_call(unit.actor, do_not_call=do_not_call))
    if do_not_call:
        await stop_calls(unit, surviving, "do_not_call")
    else:
        await call_again(unit, surviving)
    return contact


async def stop_calls(unit: Unit, customer: str, reason: str) -> None:
    """Of all files of the person; a call that becomes due at this moment is seen here, or sees why none is wanted."""
    for id in await merged_files.family(unit, customer):
        unit.touch(f"customer:{id}")
        other = await refused_under(unit, id) if reason == "do_not_call" else None
        other = other if other != id else None
        for duty in await unit.ids(CallDuty, {"customer": id, "outcome": None}):
            await stop_call(unit, duty, reason, other)
        for invitation in await unit.ids(Invitation, {"customer": id, "over": False}):
            await unit.update(Invitation, invitation, lambda invitation: invitation.stop(reason, other))  # noqa: B023  called before the next turn
            await settle_telling(unit, invitation)


async def stop_call(unit: Unit, duty: str, reason: str, said_under: str | None = None) -> None:
    await unit.update(CallDuty, duty, lambda duty: duty.stop(reason, said_under))
    await settle_call(unit, duty)


async def call_again(unit: Unit, customer: str) -> None:
    """F4 to F7: under all files of the person, where none says any more that no calls are wanted."""
    if not await wants_no_calls(unit, customer):
        for id in await merged_files.family(unit, customer):
            await resume_calls(unit, id)


async def resume_calls(unit: Unit, customer: str, *, parted: bool = False) -> None:
    """What was stopped for the wish not to be called. `parted` (R7): another person's, whose file was taken for the customer's.

    Not where the record is erased, or is so at this moment, nor where a come-back's call has taken the place of one.
    """
    unit.touch(f"customer:{customer}")
    if await unit.record(f"customer:{customer}") is None:
        return
    for id in await unit.ids(CallDuty, {"customer": customer, "outcome": "stopped"}):
        if not await is_replaced(unit, (await unit.load(CallDuty, id)).visit):
            await _resume_call(unit, id, parted=parted)
    for id in await unit.ids(Invitation, {"customer": customer, "stopped": "do_not_call"}):
        invitation = await unit.update(Invitation, id, lambda invitation: invitation.resume(unit.now, parted=parted))
        if not invitation.over:
            await watch_telling(unit, invitation)
    await give_up_where_no_number_is_left(unit, customer)


async def _resume_call(unit: Unit, id: str, *, parted: bool) -> None:
    duty = await unit.update(CallDuty, id, lambda duty: duty.resume(unit.now, parted=parted))
    if duty.outcome:
        return
    await watch_call(unit, duty)
    for earlier in await visits_joined(unit, duty.visit) if duty.is_first else ():
        await widen_call(unit, id, earlier)


async def give_up_calls(event: ContactInvalid, unit: Unit) -> None:
    await give_up_where_no_number_is_left(unit, event.customer)


async def give_up_where_no_number_is_left(unit: Unit, customer: str) -> None:
    """EDGE_CASES 13: where no number of the person is left to dial, those who are still to be told of a campaign are written to."""
    if not await number_is_wrong(unit, customer):
        return
    for file in await merged_files.family(unit, customer):
        for id in await unit.ids(Invitation, {"customer": file, "over": False}):
            await give_up_telling(unit, id)


async def give_up_telling(unit: Unit, id: str) -> None:
    invitation = await unit.update(Invitation, id, lambda invitation: invitation.give_up(unit.branch.site, unit.now))
    await settle_telling(unit, id)
    await watch_letter(unit, invitation)


async def join_calls(unit: Unit, visit: str, come_back: str) -> None:
    """EDGE_CASES 10: one call about both visits, which follows the come-back; what is still due of the earlier one is replaced.

    Not where the come-back's call is over, or another customer brought the car: then the earlier visit keeps its own. One that
    waits for the customer to want calls again is not over.
    """
    earlier, later = await unit.load(FileDuty, visit), await unit.load(FileDuty, come_back)
    call = await unit.find(CallDuty, duty_id(come_back, "first"))
    is_over = call.outcome and call.stopped != "do_not_call"
    if is_over or not await merged_files.same(unit, earlier.customer, later.customer):
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
    return await refused_under(unit, customer) is not None


async def refused_under(unit: Unit, customer: str) -> str | None:
    """The file of the person that says that no calls are wanted, their own before others; None where none does."""
    own_first = dict.fromkeys((customer, *await merged_files.family(unit, customer)))
    for id in own_first:
        record = await unit.record(f"customer:{id}") or {}
        if record.get("do_not_call") or (await unit.find(Contact, id)).do_not_call:
            return id
    return None


async def follow_customer_record(event: RecordChanged, unit: Unit) -> None:
    """What reception wrote on the customer's record, or erased. The record comes on a topic of its own, perhaps later."""
    if not event.key.startswith("customer:"):
        return
    kept = await unit.fetch("records", event.key)
    if kept is None or kept["revision"] < event.revision:
        raise NotYet(event.key)
    customer = event.key.removeprefix("customer:")
    if kept["body"] and kept["body"].get("do_not_call"):
        await stop_calls(unit, customer, "do_not_call")
    elif kept["body"]:
        await call_again(unit, customer)
