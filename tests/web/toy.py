"""A department with nothing in it but a lamp, to test what all departments share."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from shared.aggregate import Aggregate
from shared.contracts.event import Event, VisitEvent
from shared.department import Department
from shared.refusal import NotReadyYet, Refused
from shared.unit import Unit
from shared.web import Body, Call, Roles, table


class LampInstalled(VisitEvent):
    TYPE = "workshop.lamp_installed.v1"
    CLAUSE = "W1"


class LampLit(VisitEvent):
    TYPE = "workshop.lamp_lit.v1"
    CLAUSE = "W14"
    watts: int


class WorkOrderNotSigned(Refused):
    clause = "R11"
    title = {"en": "The work order is not signed.", "zh-CN": "任务委托书尚未签字。"}
    remedy = {"en": "Let the customer sign the order first.", "zh-CN": "请先让客户在任务委托书上签字。"}


class RevisionNotHere(NotReadyYet):
    pass


class Lamp(Aggregate):
    COLLECTION = "lamps"
    watts: int = 0

    def apply(self, event: Event) -> None:
        match event:
            case LampLit():
                self.watts = event.watts

    def light(self, watts: int) -> Sequence[Event]:
        if watts == 13:
            raise WorkOrderNotSigned(missing=("signature",), visit=self.id)
        return [LampLit(visit=self.id, watts=watts)]


MAY: Roles = {
    "see_lamp": ("workshop_supervisor", "technician", "group_analyst"),
    "see_price": ("workshop_supervisor",),
    "install_lamp": ("workshop_supervisor",),
    "light_lamp": ("technician", "workshop_supervisor", "group_analyst"),
}

router = APIRouter()
allowed = table(MAY)


class Light(Body):
    watts: int = Field(gt=0, examples=[60])
    phone: Annotated[str, Field(pattern=r"^\+\d+$")] = "+1"


@router.post("/lamps/{lamp}")
async def install_lamp(lamp: str, call: Call = allowed("install_lamp")) -> Lamp:
    """W1: a lamp is there."""
    return await call.create(Lamp, lamp, lambda _: [LampInstalled(visit=lamp)])


@router.post("/lamps/{lamp}/light")
async def light_lamp(lamp: str, body: Light, call: Call = allowed("light_lamp")) -> Lamp:
    """W14: it shines."""
    return await call.update(Lamp, lamp, lambda found: found.light(body.watts))


@router.post("/lamps/{lamp}/told")
async def tell_of_lamp(lamp: str, call: Call = allowed("install_lamp")) -> Lamp:
    async def work(unit: Unit) -> Lamp:
        await unit.tell("lamp_burns", clause="W12", visit=lamp, roles=("technician",), people=("advisor-2",))
        return await unit.load(Lamp, lamp)

    return await call.do(work, Lamp)


@router.get("/lamps/{lamp}")
async def see_lamp(lamp: str, call: Call = allowed("see_lamp")) -> Lamp:
    return await call.get(Lamp, lamp)


@router.get("/lamps/{lamp}/price")
async def see_price(lamp: str, call: Call = allowed("see_price")) -> int:
    raise RevisionNotHere


@router.get("/lamps/{lamp}/broken")
async def break_lamp(lamp: str, call: Call = allowed("see_lamp")) -> int:
    raise RuntimeError("the owner is called 王伟")


TOY = Department(name="workshop", title="玩具 Toy", aggregates=(Lamp,), router=router)
