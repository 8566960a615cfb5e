"""The agent's desk: what one act writes in more than one place. A call closes its duty and is in the register, or neither."""

from collections.abc import Callable, Sequence
from datetime import datetime

from services.followup.acts import agents, contacts, erased
from services.followup.calls import CallDuty, visit_of
from services.followup.deadlines import settle_call, settle_file
from services.followup.file import CustomerFile, FileDuty
from services.followup.register import Letter, RegisteredCall
from services.followup.talk import Said, in_convenient_hour
from shared.contracts.event import Event
from shared.contracts.followup import CallRegistered, LetterRegistered
from shared.identity import new_id
from shared.refusal import NotFound
from shared.unit import Unit


async def open_file(unit: Unit, visit: str, need: str, topics: tuple[str, ...], at: datetime) -> FileDuty:
    """F2, F3: the visit's duty is closed and the customer's file has the visit."""
    await erased.must_not_be_erased(unit, (await unit.load(FileDuty, visit)).customer)
    duty = await unit.update(FileDuty, visit, lambda duty: duty.open_file(unit.actor, need, topics, at, unit.now))
    await unit.create(CustomerFile, duty.customer, lambda file: file.add_visit(visit, duty.vehicle))
    await settle_file(unit, visit)
    return duty


async def plan_contact(unit: Unit, visit: str, need: str, topics: tuple[str, ...], at: datetime) -> FileDuty:
    await erased.must_not_be_erased(unit, (await unit.load(FileDuty, visit)).customer)
    return await unit.update(FileDuty, visit, lambda duty: duty.plan_contact(unit.actor, need, topics, at, unit.now))


async def hold_call(unit: Unit, duty_id: str, said: Said, note: str | None) -> CallDuty:
    file = await _file_of(unit, duty_id)
    has_car = bool(file.vehicle)
    duty = await _decide(unit, duty_id, lambda duty: duty.hold(said, file.plan, unit.branch, unit.now, has_car=has_car))
    number = len(duty.tries) + 1
    await _enter_duty_call(unit, duty, new_id("call"), note, try_number=number, reached=True, result=said.result, topics=said.topics)
    await settle_call(unit, duty.id)
    return duty


async def try_call(unit: Unit, duty_id: str, result: str, note: str | None) -> CallDuty:
    plan = (await _file_of(unit, duty_id)).plan
    call = new_id("call")
    duty = await _decide(unit, duty_id, lambda duty: duty.fail_to_reach(call, result, plan, unit.branch.site, unit.now))
    entered = await _enter_duty_call(unit, duty, call, note, try_number=len(duty.tries), reached=False, result=result)
    await _check_number(unit, entered)
    return duty


async def close_not_reached(unit: Unit, duty_id: str, told_by: str, content: str | None = None) -> CallDuty:
    """EDGE_CASES 13: given up after enough tries, or because the number is wrong; the supervisor is told.

    A letter (`content` is the key of its text) is in its register (F9).
    """
    await _file_of(unit, duty_id)
    site, duty = unit.branch.site, await unit.find(CallDuty, duty_id)
    wrong = await contacts.number_is_wrong(unit, duty.customer)
    duty.may_be_given_up(told_by, site, unit.now, contact_invalid=wrong)
    letter = (await register_letter(unit, "notice", duty.customer, duty.visit, content)).id if content else None
    duty = await _decide(unit, duty_id, lambda duty: duty.give_up(told_by, site, unit.now, contact_invalid=wrong, letter=letter))
    await unit.tell("customer_not_reached", clause="F4", visit=duty.visit, roles=("business_supervisor",), duty=duty.id)
    await settle_call(unit, duty.id)
    return duty


async def change_hour(unit: Unit, duty_id: str, hour: str) -> CallDuty:
    await _file_of(unit, duty_id)
    return await _decide(unit, duty_id, lambda duty: duty.change_hour(hour, unit.actor))


async def register_call(
    unit: Unit,
    *,
    direction: str,
    customer: str,
    visit: str | None,
    purpose: str,
    reached: bool = True,
    result: str,
    topics: tuple[str, ...] = (),
    number: str | None = None,
    note: str | None,
) -> RegisteredCall:
    """F8: a call outside of the call duties."""
    await erased.must_be_there(unit, customer)
    given = await unit.put_text(number) if number and direction == "in" else None
    entered = await _enter_call(
        unit,
        CallRegistered(
            call=new_id("call"),
            number=await unit.next_number("call-register"),
            direction=direction,
            agent=unit.actor,
            customer=customer,
            visit=visit,
            purpose=purpose,
            try_number=1,
            reached=reached,
            result=result,
            topics=topics,
            note=note,
            dialled=given if direction == "in" else await contacts.dial(unit, customer, purpose),
            at=unit.now,
        ),
    )
    if direction == "out" and not reached:
        await _check_number(unit, entered)
    return entered


async def register_letter(unit: Unit, kind: str, customer: str, visit: str | None, content: str) -> Letter:
    """F9: with the address that the customer has on that day, where one is known."""
    record = await erased.must_be_there(unit, customer)
    letter = LetterRegistered(
        letter=new_id("letter"),
        number=await unit.next_number("letter-register"),
        kind=kind,
        customer=customer,
        visit=visit,
        content=content,
        sent_by=unit.actor,
        at=unit.now,
        address=await unit.put_text(record["address"]) if record.get("address") else None,
    )
    return await unit.create(Letter, letter.letter, lambda entry: entry.enter(letter))


async def _file_of(unit: Unit, duty_id: str) -> FileDuty:
    """Of the duty's visit, with its contact plan. A visit that nobody announced is not found; one that was is the domain's to refuse."""
    visit = visit_of(duty_id)
    if visit is None:
        raise NotFound(missing=(f"call_duty:{duty_id}",))
    return await unit.load(FileDuty, visit)


async def _decide(unit: Unit, duty_id: str, decide: Callable[[CallDuty], Sequence[Event]]) -> CallDuty:
    """A duty that is not open yet is refused with its clause, so it is given to the domain blank."""
    return await unit.create(CallDuty, duty_id, decide)


async def _enter_duty_call(
    unit: Unit, duty: CallDuty, call: str, note: str | None, *, try_number: int, reached: bool, result: str, topics: tuple[str, ...] = ()
) -> RegisteredCall:
    assert duty.kind
    return await _enter_call(
        unit,
        CallRegistered(
            call=call,
            number=await unit.next_number("call-register"),
            direction="out",
            agent=unit.actor,
            customer=duty.customer,
            visit=duty.visit,
            duty=duty.id,
            purpose=duty.kind,
            try_number=try_number,
            reached=reached,
            result=result,
            topics=topics,
            note=note,
            dialled=await contacts.dial(unit, duty.customer, duty.kind),
            at=unit.now,
            in_convenient_hour=in_convenient_hour(unit.now, duty.hour, unit.branch.site),
            stand_in_for=duty.agent if unit.actor != duty.agent and unit.actor == await agents.who_acts(unit, duty.agent) else None,
        ),
    )


async def _check_number(unit: Unit, call: RegisteredCall) -> None:
    if call.result == "wrong_number" and call.dialled:
        await contacts.find_number_wrong(unit, call.customer, call.id, call.dialled, call.visit)


async def _enter_call(unit: Unit, call: CallRegistered) -> RegisteredCall:
    return await unit.create(RegisteredCall, call.call, lambda entry: entry.enter(call))
