"""F4 to F8 over HTTP: whether, where and when a customer may be called."""

from fastapi import APIRouter
from pydantic import Field

from services.followup import desk, store
from services.followup.acts import contacts
from services.followup.calls import CallDuty
from services.followup.contact import Contact
from shared.web import Body, Call, Roles, table

MAY: Roles = {
    "see_contact": ("followup_agent", "business_supervisor", "advisor", "receptionist"),
    "say_do_not_call": ("followup_agent", "business_supervisor", "advisor", "receptionist"),
    "change_hour": ("followup_agent", "business_supervisor", "advisor", "receptionist"),
}

router = APIRouter()
allowed = table(MAY)


@router.get("/contacts/{customer}")
async def see_contact(customer: str, call: Call = allowed("see_contact")) -> Contact:
    """404 where nothing is known against calling."""
    return await store.contact_of(call.store, customer)


class SayDoNotCall(Body):
    do_not_call: bool


@router.post("/contacts/{customer}/do-not-call")
async def say_do_not_call(customer: str, body: SayDoNotCall, call: Call = allowed("say_do_not_call")) -> Contact:
    """The customer wants no calls: those of F4, F6, F7 that are due end; an open complaint does not. Wanted again, they are due again.

    Not those whose days went by meanwhile.
    """
    return await call.do(lambda unit: contacts.say_do_not_call(unit, customer, do_not_call=body.do_not_call), Contact)


class ChangeHour(Body):
    hour: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Local time.", examples=["10:00"])


@router.post("/duties/{duty}/hour")
async def change_hour(duty: str, body: ChangeHour, call: Call = allowed("change_hour")) -> CallDuty:
    """F4, F6: the customer wants to be called at another hour, from now on; a visit's second call takes it over from the first.

    409 before the duty is open, and when it is closed.
    """
    return await call.do(lambda unit: desk.change_hour(unit, duty, body.hour), CallDuty)
