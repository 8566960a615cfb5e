"""The car over HTTP, beside its checks: damage that the sheet does not have, who collects it, and its way back to the workshop."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.delivery import check, damage, revision
from services.delivery.case import Case
from services.delivery.store import keep_account, next_paper
from shared.contracts.values import DamageMark
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

MAY: Roles = {
    "note_damage": ("advisor",),
    "settle_damage": ("business_supervisor", "workshop_supervisor"),
    "authorise_collector": ("advisor", "receptionist"),
    "send_back": ("advisor", "business_supervisor"),
}

router = APIRouter()
allowed = table(MAY)

Words = Annotated[str, Field(min_length=1, max_length=2000)]


class NoteDamage(Body):
    part: str = Field(min_length=1, max_length=60, examples=["left_front_door"])
    mark: str = Field(pattern="^(scratch|dent|chip|crack)$", examples=["scratch"])
    note: Words | None = None


@router.post("/cases/{visit}/damages")
async def note_damage(visit: str, body: NoteDamage, call: Call = allowed("note_damage")) -> Case:
    """D2, D4: a scratch of the wash, say; no check is passed and nothing settled until it is put right or agreed. Supervisors are told."""

    async def work(unit: Unit) -> Case:
        words = await unit.put_text(body.note) if body.note else None
        mark = DamageMark(part=body.part, mark=body.mark)
        return await unit.update(Case, visit, lambda case: damage.note(case, mark, unit.actor, words))

    return await call.do(work, Case)


class SettleDamage(Body):
    how: damage.How
    customer_told: bool


@router.post("/cases/{visit}/damages/{noted}/settlement")
async def settle_damage(visit: str, noted: str, body: SettleDamage, call: Call = allowed("settle_damage")) -> Case:
    return await call.update(
        Case, visit, lambda case: damage.settle(case, noted, body.how, call.person.id, customer_told=body.customer_told)
    )


class AuthoriseCollector(Body):
    collector: Words = Field(description="Who collects: name and number of the paper shown.")
    proof: check.Proof
    identity_checked: bool


@router.post("/cases/{visit}/collector")
async def authorise_collector(visit: str, body: AuthoriseCollector, call: Call = allowed("authorise_collector")) -> Case:
    """D4: delivered to somebody else, by the customer's code or written proxy."""

    async def work(unit: Unit) -> Case:
        who = await unit.put_text(body.collector)
        return await unit.update(
            Case, visit, lambda case: check.authorise_collector(case, who, body.proof, unit.actor, identity_checked=body.identity_checked)
        )

    return await call.do(work, Case)


class SendBack(Body):
    reason: Words = Field(examples=["异响仍在，需返工"])


@router.post("/cases/{visit}/return")
async def send_back(visit: str, body: SendBack, call: Call = allowed("send_back")) -> Case:
    """D2: the car is the workshop's again; what was settled is countered, an exit pass revoked, every check done anew."""

    async def work(unit: Unit) -> Case:
        reason = await unit.put_text(body.reason)
        number = await next_paper(unit, "counter") if (await unit.load(Case, visit)).settlement else ""
        case = await unit.update(Case, visit, lambda case: revision.send_back(case, reason, number))
        await keep_account(unit, case)
        return case

    return await call.do(work, Case)
