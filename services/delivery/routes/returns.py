"""The car goes back to the workshop over HTTP: work left undone (D2), an order reopened before the pass is used (EDGE_CASES 10)."""

from fastapi import APIRouter
from pydantic import Field

from services.delivery import revision
from services.delivery.case import Case
from services.delivery.store import next_paper
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

MAY: Roles = {"send_back": ("advisor", "business_supervisor")}

router = APIRouter()
allowed = table(MAY)


class SendBack(Body):
    reason: str = Field(min_length=1, max_length=2000, examples=["异响仍在，需返工"])


@router.post("/cases/{visit}/return")
async def send_back(visit: str, body: SendBack, call: Call = allowed("send_back")) -> Case:
    """D2: the car is the workshop's again; what was settled is countered, an exit pass revoked, every check done anew."""

    async def work(unit: Unit) -> Case:
        case = await unit.load(Case, visit)
        case.must_hold_the_car()
        reason = await unit.put_text(body.reason)
        number = await next_paper(unit, "counter") if case.settlement else ""
        return await unit.update(Case, visit, lambda case: revision.send_back(case, reason, number))

    return await call.do(work, Case)
