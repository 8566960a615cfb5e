"""The customer's file: personal data, kept as a record, never in an event."""

import phonenumbers

from shared.contracts.records import CustomerRecord
from shared.refusal import Malformed, Refused


class NumberNotVerified(Refused):
    clause = "W8"
    title = {"en": "Nobody has verified that this number is the customer's.", "zh-CN": "该号码未核实为客户本人电话。"}
    remedy = {
        "en": "Verify it in person or by the former number before it consents to money, or ask by a number that is verified.",
        "zh-CN": "请当面或通过原号码核实后，再由该号码同意费用；或拨打已核实的号码。",
    }


class NumberMayNotAccept(NumberNotVerified):
    """The same of an estimate, whose acceptance freezes its prices."""

    clause = "R9"


class PhoneNotValid(Malformed):
    title = {"en": "This is not a phone number.", "zh-CN": "电话号码无效。"}
    remedy = {"en": "Give the number with its area or country code.", "zh-CN": "请填写带区号或国家代码的完整号码。"}


def normalised_phone(phone: str, country: str) -> str:
    """E.164, such as `+8618679719991`; a number without a country code is one of the site's `country`."""
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException as error:
        raise PhoneNotValid(missing=("phone",)) from error
    if not phonenumbers.is_possible_number(number):
        raise PhoneNotValid(missing=("phone",))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def numbers_in(words: str, country: str) -> set[str]:
    """The phone numbers that are named in what somebody wrote, in E.164."""
    found = phonenumbers.PhoneNumberMatcher(words, country, leniency=phonenumbers.Leniency.POSSIBLE)
    return {phonenumbers.format_number(each.number, phonenumbers.PhoneNumberFormat.E164) for each in found}


def described(
    known: CustomerRecord | None,
    country: str,
    *,
    name: str | None,
    phone: str | None,
    form_of_address: str | None,
    address: str | None,
    verified: bool = False,
) -> CustomerRecord:
    """The file after what was given; what was not given stays as known. A new customer needs name and phone.

    A number that takes the place of another is `verified` in person or by the former one (EDGE_CASES 14), now or later.
    """
    given = {"name": name, "phone": phone and normalised_phone(phone, country), "form_of_address": form_of_address, "address": address}
    given = {field: value for field, value in given.items() if value is not None}
    if known is not None:
        changed = given.get("phone", known.phone) != known.phone
        is_verified = verified or (known.phone_verified and not changed)
        former = None if is_verified else known.phone if known.phone_verified else known.former_phone
        return known.model_copy(update=given | {"phone_verified": is_verified, "former_phone": former})
    if missing := tuple(field for field in ("name", "phone") if field not in given):
        raise Malformed(missing=missing)
    return CustomerRecord.model_validate(given)
