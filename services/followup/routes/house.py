"""Keeping house over HTTP: the site's settings and its people. Every department works with a change a moment later."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from services.followup.acts import house
from services.followup.house import House
from shared.branch import ROLES
from shared.contracts.followup import SettingValue
from shared.unit import Unit
from shared.web import Body, Call, Roles, table

MAY: Roles = {
    "see_settings": tuple(ROLES),
    "change_setting": ("business_supervisor",),
    "see_staff": tuple(ROLES),
    "change_person": ("business_supervisor",),
    "let_go": ("business_supervisor",),
}

router = APIRouter()
allowed = table(MAY)

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


@router.get("/settings")
async def see_settings(call: Call = allowed("see_settings")) -> dict[str, Any]:
    """The site's settings by section, as they are now."""
    return call.branch.site.model_dump(mode="json")


class ChangeSetting(Body):
    """`key` is `section.name` as in `site.toml`, such as `shop.slot_capacity`; `may.DEPARTMENT.COMMAND` is a list of roles.

    `accounts.SECOND_ACCOUNT` is the staff id of the person whose it is, as whom it acts from now on; its own id undoes that.
    """

    key: Annotated[str, Field(pattern=r"^[a-z]+\.[a-z0-9_.-]{1,100}$")] = Field(examples=["shop.slot_capacity"])
    value: SettingValue = Field(examples=[6])
    reason: Text = Field(examples=["春季客流增加"])


@router.post("/settings")
async def change_setting(body: ChangeSetting, call: Call = allowed("change_setting")) -> House:
    """Recorded with its reason; holds from now on, for what is not yet said or due. A calendar counts open duties anew, other opening
    hours the advisors' open tasks.
    """

    async def work(unit: Unit) -> House:
        return await house.change_setting(unit, body.key, body.value, await unit.put_text(body.reason))

    return await call.do(work, House)


@router.get("/staff")
async def see_staff(call: Call = allowed("see_staff")) -> list[dict[str, Any]]:
    """The people of the branch with their roles, teams and skills, as they are now."""
    return [person.model_dump(mode="json") for person in call.branch.staff.values()]


class ChangePerson(Body):
    """As the person is from now on; `name` is needed of a new one."""

    roles: tuple[Code, ...] = Field(min_length=1, max_length=10, examples=[["technician", "qc_inspector"]])
    team: Id | None = None
    skills: tuple[Code, ...] = Field(default=(), max_length=20)
    name: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    reason: Text | None = None


@router.post("/staff/{staff}")
async def change_person(staff: Id, body: ChangePerson, call: Call = allowed("change_person")) -> House:
    """What is said here goes before the roles of the person's token."""

    async def work(unit: Unit) -> House:
        called = await unit.put_text(body.name) if body.name else None
        reason = await unit.put_text(body.reason) if body.reason else None
        return await house.change_person(unit, staff, body.roles, body.team, body.skills, called, reason)

    return await call.do(work, House)


class LetGo(Body):
    reason: Text = Field(examples=["离职"])


@router.post("/staff/{staff}/leaving")
async def let_go(staff: Id, body: LetGo, call: Call = allowed("let_go")) -> House:
    """From now on this person may do nothing here, whatever their token says."""

    async def work(unit: Unit) -> House:
        return await house.let_go(unit, staff, await unit.put_text(body.reason))

    return await call.do(work, House)
