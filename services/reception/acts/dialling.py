"""EDGE_CASES 14: which number was dialled when the customer was asked, and whether it may consent to money."""

from services.reception import files
from services.reception.customer import NumberNotVerified, normalised_phone
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

    Of a person with several files it is the surviving one's. Raises `refused` where it is to consent, the file's number was
    changed and nobody verified it: no other number consents in its place but a verified one, or the one before.
    """
    if channel not in (Channel.PHONE, Channel.MESSAGE) or visit.customer is None:
        return await unit.put_text(dialled) if dialled else None
    known = await files.customer_family(unit, visit.customer)
    number = normalised_phone(dialled, unit.branch.site.site.country) if dialled else known[0].phone
    verified = {each.phone for each in known if each.phone_verified}
    if consents and number not in verified | {each.former_phone for each in known} and not all(each.phone_verified for each in known):
        raise refused(missing=("phone_verified_by",), customer=visit.customer)
    return await unit.put_text(number)
