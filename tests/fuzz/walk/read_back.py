"""Whether each field of each command was given with a value, and was seen again from outside."""

from collections.abc import Iterable, Mapping

from tests.fuzz.reached import Reached
from tests.fuzz.walk.fields import fields_of
from tests.fuzz.walk.walking import Walk

NOT_READ: Mapping[str, str] = {
    "delivery POST /cases/{visit}/collector: identity_checked": "false is refused by D4: authorised says true",
    "delivery POST /cases/{visit}/damages/{noted}/settlement: customer_told": "false is refused by D2: settled says true",
    "delivery POST /cases/{visit}/payments: overpaid": "lets the payment be more than is owed: the ledger shows what is to be refunded",
    "followup POST /reminders/{vehicle}/answer: channel": "by phone it is in the call register; a message has no call",
}
"""Command and field → why it stands nowhere itself."""


def checks(walk: Walk, reached: Reached) -> dict[str, bool]:
    """In words, and whether it is so. What is listed in `NOT_READ` has to be there, and not to be readable."""
    return {
        **{f"given and read back: {field}": _is_among(walk.read, field) for field in _all_fields(reached) if field not in NOT_READ},
        **{f"cannot be read back: {field}": _is_among(walk.given, field) and not _is_among(walk.read, field) for field in NOT_READ},
    }


def _all_fields(reached: Reached) -> Iterable[str]:
    for name in reached.commands:
        for field in sorted(fields_of(reached.documents[name.partition(" ")[0]], reached.operation(name))):
            yield f"{name}: {field}"


def _is_among(fields: Mapping[str, set[str]], field: str) -> bool:
    """`counted.*` is there where any of its names is."""
    name, _, path = field.partition(": ")
    return any(each.startswith(path.removesuffix("*")) if path.endswith("*") else each == path for each in fields.get(name, ()))
