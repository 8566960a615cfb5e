"""A visit at the till: who owes pays, or is put on account (D5), also what a rejecting ruling adds later (R5)."""

from decimal import Decimal
from typing import Any

from servicelane.play.client import Person
from servicelane.play.course import Course
from shared.money import CENT

AWAY = ("insurer", "on_account")


async def pay(course: Course) -> None:
    case = f"/delivery/cases/{course.id}"
    course.station = "till"
    async with course.house.one("cashier") as cashier:
        due = _due((await cashier.get(f"{case}/settlement"))["owed"])
        if due:
            await course.cheat("exit_before_payment:D5", cashier, "POST", f"{case}/exit-pass")
        else:
            course.no_occasion("exit_before_payment:D5", "nothing is owed")
        await course.takes(5)
        await _cover(course, cashier, due, course.sheet.visit)


async def settle_supplements(course: Course) -> None:
    """R5: the customer hears of it the same day; what the customer's side owes is paid as the rest was."""
    case = f"/delivery/cases/{course.id}"
    advisor = course.house.person(course.advisor)
    told = await advisor.get(case)
    for supplement in told["supplements"]:
        if supplement["number"] in told["supplements_told"]:
            continue
        await advisor.post(f"{case}/supplements/{supplement['number']}/told")
        async with course.house.one("cashier") as cashier:
            await _cover(course, cashier, _due(supplement["owed"]), supplement["number"])


def _due(owed: dict[str, Any]) -> dict[str, Decimal]:
    """What holds the car: the customer's side, not what the warranty bears."""
    amounts = {payer: Decimal(due["amount"]) for payer, due in owed.items()}
    return {payer: amount for payer, amount in amounts.items() if payer in ("customer", *AWAY) and amount}


async def _cover(course: Course, cashier: Person, due: dict[str, Decimal], reference: str) -> None:
    case = f"/delivery/cases/{course.id}"
    for payer in AWAY:
        if payer in due:
            asked = {"payer": payer, "claim_number": f"INS-{reference}", "approved_amount": str(due[payer])}
            await course.house.the("business_supervisor").post(f"{case}/account", asked if payer == "insurer" else {"payer": payer})
    for number, (method, amount) in enumerate(_payments(course, due.get("customer", Decimal(0))), start=1):
        payment = {"payment": f"{reference}-{number}", "payer": "customer", "method": method, "amount": str(amount)}
        await cashier.post(f"{case}/payments", payment)


def _payments(course: Course, owed: Decimal) -> list[tuple[str, Decimal]]:
    """What the customer owes, over the methods of the sheet by their shares; the last takes the rounding."""
    own = [pay for pay in course.sheet.pays if pay.method not in AWAY]
    if not owed or not own:
        return []
    whole = sum(pay.share for pay in own)
    parts = [(pay.method, (owed * pay.share / whole).quantize(CENT)) for pay in own[:-1]]
    rest = owed - sum(amount for _, amount in parts)
    return [(method, amount) for method, amount in (*parts, (own[-1].method, rest)) if amount]
