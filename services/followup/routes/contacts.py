"""F4 to F8 over HTTP: whether and where a customer may be called."""

from fastapi import APIRouter

from services.followup import store
from services.followup.acts import contacts
from services.followup.contact import Contact
from shared.web import Body, Call, Roles, table

MAY: Roles = {
    "see_contact": ("followup_agent", "business_supervisor", "advisor", "receptionist"),
    "say_do_not_call": ("followup_agent", "business_supervisor", "advisor", "receptionist"),
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
