"""What every department has: notices that are read, dead letters that get another turn."""

from deploy.local.stack import Stack
from shared.clock import RealClock
from shared.contracts.envelope import Envelope
from shared.contracts.event import DEPARTMENTS
from shared.effects import SYSTEM
from shared.store import MongoUnit, Store
from shared.waiting import Turns
from tests.access.conftest import department_called
from tests.fuzz.walk.steps import BOSS
from tests.fuzz.walk.walking import GROUP, Walk

NOT_DIGESTED = RuntimeError("a reaction that failed, as the walk would have it")


async def notices(w: Walk) -> None:
    """Whoever was told something in each department says that they read it."""
    for department in DEPARTMENTS:
        for person in w.branch.staff:
            if person != GROUP and (there := (await w.asks(person, f"/{department}/notices"))["items"]):
                await w.does(person, f"POST /{department}/notices/{there[0]['id']}/read")
                break


async def dead_letters(w: Walk, stack: Stack) -> None:
    """An announcement that each department has applied comes to lie there as one that it could not; its next turn it takes."""
    announced = await _first_of(w, "followup.site_setting_changed.v1")

    async def bury(unit: MongoUnit) -> None:
        await Turns(unit.store).bury(unit, announced, NOT_DIGESTED)

    for department in DEPARTMENTS:
        store = await Store.open(stack.mongo_url, department_called(department), w.branch, RealClock(), group_key="a key of the group")
        await store.transact(bury, actor=SYSTEM, correlation="laid")
        store.close()
        (letter,) = (await w.asks(BOSS, f"/{department}/dead-letters"))["items"]
        await w.does(BOSS, f"POST /{department}/dead-letters/{letter['id']}/retry")
    await w.told()


async def _first_of(w: Walk, kind: str) -> Envelope:
    page = await w.asks(GROUP, "/followup/journal?limit=1000")
    return next(Envelope.model_validate(entry) for entry in page["items"] if entry["type"] == kind)
