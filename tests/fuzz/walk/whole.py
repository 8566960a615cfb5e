"""The whole walk: every department's chapter, in the order of the days."""

import traceback
from datetime import UTC, datetime

from deploy.local.stack import Stack
from servicelane.play.client import Desk
from servicelane.play.world import World
from shared.branch import Branch
from tests.fuzz.asked import counting
from tests.fuzz.reached import Reached
from tests.fuzz.walk import delivery, everywhere, followup, reception, workshop
from tests.fuzz.walk.steps import ordered, repair
from tests.fuzz.walk.walking import Walk


async def run(stack: Stack, branch: Branch, reached: Reached) -> Walk:
    """On a stack whose clock is stepped and stands at a morning; what went wrong is in `Walk.wrong`. Each answer is counted."""
    desk = Desk(stack.url)
    desk.http.event_hooks["response"].append(counting(reached))
    try:
        world = World(desk, branch)
        world.now = datetime.fromisoformat((await desk.operate("GET", "/clock")).body["now"]).astimezone(UTC)
        w = Walk(desk, world, branch, reached)
        world.start("the walk", _days(w, stack))
        await world.play()
        for error in world.failures.values():
            place = [f"{each.name}:{each.lineno}" for each in traceback.extract_tb(error.__traceback__) if "walk" in each.filename]
            w.wrong.append(f"the walk ended at {' '.join(place)}: {error!r}")
        return w
    finally:
        await desk.close()


async def _days(w: Walk, stack: Stack) -> None:
    await reception.files(w)
    await reception.mergers(w)
    await followup.house(w)
    await followup.agents(w)
    await followup.summaries(w)
    await w.at("08:00")
    await reception.opening(w)
    expected = await reception.appointments(w)
    await workshop.stock(w)
    await workshop.attendance(w)
    await workshop.pictures(w)

    car = await reception.first_car(w)
    await workshop.first_car(w, car)
    await delivery.first_car(w, car)
    await reception.towed_car(w)
    await reception.inquiry(w)
    returned = await ordered(w, ("R-RBP", "no"))
    await repair(returned)
    await delivery.returned_car(w, returned)
    insured = await ordered(w, ("R-HUB", "yes"), ("M-ALIGN", "no"), choices=reception.INSURED)
    await reception.insured_changes(w, insured)
    await repair(insured)
    claim = await delivery.insured_car(w, insured)
    await delivery.claim(w, claim)
    unruled = await ordered(w, ("R-STAB", "unclear"), ("R-FBP", "no"))
    await repair(unruled)
    await delivery.unruled_car(w, unruled)
    ended = await ordered(w, ("M-BFL", "no"))
    await delivery.ended_car(w, ended)
    unrepaired = await ordered(w, ("M-BFL", "no"))
    await workshop.reassembled_car(w, unrepaired)
    await delivery.unrepaired_car(w, unrepaired)
    await delivery.tills(w)
    await followup.files(w, insured, returned, unruled, car)
    await followup.too_early(w, car)
    await followup.another_hour(w, returned)
    campaign = await followup.campaigns(w, returned)

    await w.at("10:00", days=1)
    await followup.try_in_vain(w, returned)
    await reception.expected_car(w, expected)
    await w.at("18:30")
    await followup.try_in_vain(w, returned)
    complaint = await followup.first_call(w, car)
    await followup.plain_call(w, insured)
    come_back = await reception.come_back(w, car)
    await followup.complaints(w, complaint, car, come_back)
    await followup.registers(w, car, unruled)

    await w.at("10:00", days=1)
    await followup.try_in_vain(w, returned)
    await followup.give_up(w, returned)
    await followup.late_for_the_campaign(w, campaign, insured)
    await w.at("12:00", days=1)
    await followup.reminders(w, car, insured, unruled)
    await reception.wishes(w, car, insured)
    await followup.do_not_call(w, unruled)
    await w.at("18:30", days=6)
    await followup.second_call(w, insured)
    await followup.campaign_is_over(w, campaign, insured)
    await everywhere.notices(w)
    await everywhere.dead_letters(w, stack)
