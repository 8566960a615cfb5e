"""The customer's file: personal data, kept as a record, never in an event."""

import phonenumbers

from shared.contracts.records import CustomerRecord
from shared.refusal import Malformed


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


def described(
    known: CustomerRecord | None, country: str, *, name: str | None, phone: str | None, form_of_address: str | None, address: str | None
) -> CustomerRecord:
    """The file after what was given; what was not given stays as known. A new customer needs name and phone."""
    given = {"name": name, "phone": phone and normalised_phone(phone, country), "form_of_address": form_of_address, "address": address}
    given = {field: value for field, value in given.items() if value is not None}
    if known is not None:
        return known.model_copy(update=given)
    if missing := tuple(field for field in ("name", "phone") if field not in given):
        raise Malformed(missing=missing)
    return CustomerRecord.model_validate(given)
