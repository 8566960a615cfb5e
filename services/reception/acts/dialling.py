"""EDGE_CASES 14: which number was dialled when the customer was asked, and whether it may consent to money."""

from services.reception import files
from services.reception.customer import NumberNotVerified, normalised_phone, numbers_in
from services.reception.visit import Visit
from shared.contracts.values import Channel
from shared.unit import Unit


async def dialled_number(
    unit: Unit,
    visit: Visit,
    channel: Channel,
    dialled: str | None,
    *,
    consents: bool,
    refused: type[NumberNotVerified] = NumberNotVerified,
) -> str | None:
    """W8, R9: the number as it was dialled, kept; that of the file, as it is now, where no other was.

    Of a person with several files it is the surviving one's. Raises `refused` where it is to consent and nobody verified it: only
    a verified number of theirs does, the one before a change, and the one by which they said they are reached during this visit (R13).
    """
    if channel not in (Channel.PHONE, Channel.MESSAGE) or visit.customer is None:
        return await unit.put_text(dialled) if dialled else None
    known = await files.customer_family(unit, visit.customer)
    country = unit.branch.site.site.country
    number = normalised_phone(dialled, country) if dialled else known[0].phone
    if consents:
        reach = await unit.record(visit.reach) if visit.reach else None
        theirs = {each.phone if each.phone_verified else each.former_phone for each in known}
        if number not in theirs | numbers_in(str((reach or {}).get("text", "")), country):
            raise refused(missing=("phone_verified_by",), customer=visit.customer)
    return await unit.put_text(number)
