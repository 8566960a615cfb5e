"""A visit in the workshop: W1 to W14, and the hand-in of D1; what is found, late or fails on the way there."""

from datetime import datetime

from servicelane.play import meanwhile
from servicelane.play.client import Person, Unexpected
from servicelane.play.course import OWN_QC, Course, double
from servicelane.play.sheet import BelongingsMoved, DifferenceOnTaking, HandoverSentBack, Late, QcFail, Recommend
from shared.branch import StaffMember

WASH = ["outside_no_scratch_or_dent", "cabin", "boot", "engine_bay", "ashtray", "mats", "instruments", "belongings_protected"]


async def repair(course: Course) -> None:
    """From the supervisor's acceptance to the car in the finished area, papers handed in."""
    await _accept(course)
    await _work_on(course, list(course.items))
    if again := await meanwhile.ask_again(course):
        await course.world.everything_told()
        await _work_on(course, again)
    await _inspect(course)
    await _wash_and_park(course)


async def _accept(course: Course) -> None:
    job, supervisor = f"/workshop/jobs/{course.id}", course.house.the("workshop_supervisor")
    course.station = "acceptance"
    await course.takes(5)
    for sent_back in course.happening(HandoverSentBack):
        await supervisor.post(f"{job}/sending-back", {"reason": sent_back.why})
        await course.world.everything_told()
        await meanwhile.correct_and_hand_over_again(course, sent_back.why)
    await supervisor.post(f"{job}/acceptance", {"car_matches_sheet": True, "things": ["car", "key", "order", "sheet"]})


async def _work_on(course: Course, items: list[str]) -> None:
    """The items and what is found with them, then each team's inspection and recommendations."""
    while items:
        await _dispatch(course, items)
        found: list[str] = []
        for item in items:
            if item in course.items:
                found += await _do_item(course, item)
        items = found
    await _inspected_by_leaders(course)


async def _dispatch(course: Course, items: list[str]) -> None:
    job, supervisor = f"/workshop/jobs/{course.id}", course.house.the("workshop_supervisor")
    refused = {"priority": 3, "assignments": [{"item": item, "team": course.branch.teams[0]} for item in items]}
    if not course.teams:
        await course.cheat("wrong_role:403", course.house.the("washer"), "POST", f"{job}/dispatch", refused)
    proposal = await supervisor.get(f"{job}/dispatch-proposal")
    teams = {given["item"]: given["team"] for given in proposal["assignments"] if given["item"] in items}
    if OWN_QC in course.sheet.cheats and not course.teams:
        teams[items[0]] = _double(course).team or ""
    given = [{"item": item, "team": team} for item, team in teams.items()]
    await supervisor.post(f"{job}/dispatch", {"priority": course.priority, "assignments": given})
    course.teams |= teams


def _double(course: Course) -> StaffMember:
    """The person who is both technician and QC inspector; a sheet that needs one is played only where there is one."""
    found = double(course.branch)
    assert found
    return found


def _able(course: Course, item: str) -> list[str]:
    team, skill = course.teams[item], course.branch.operations[course.items[item]].skill
    if OWN_QC in course.sheet.cheats and not course.worked and team == _double(course).team:
        return [_double(course).id]
    able = [person.id for person in course.branch.team(team) if skill in person.skills]
    # somebody has to be left for the final inspection: who is an inspector too works only where nobody else can
    too = double(course.branch)
    return [person for person in able if too is None or person != too.id] or able


async def _do_item(course: Course, item: str) -> list[str]:
    """One item from naming to self-inspection; what it made necessary and the customer accepted is given back."""
    at, leader = f"/workshop/jobs/{course.id}/items/{item}", course.house.leader_of(course.teams[item])
    while True:
        async with course.house.one("technician", among=_able(course, item)) as technician:
            course.station = f"repair {course.items[item]}"
            if course.named.get(item) != technician.id:
                await leader.post(f"{at}/technicians", {"technicians": [technician.id]})
                course.named[item] = technician.id
            await _take(course, technician, course.teams[item])
            await _move_belongings(course, technician)
            if not course.moves[f"confirmed {item}"]:
                course.moves[f"confirmed {item}"] += 1
                await technician.post(f"{at}/fault-confirmation", {"road_test": False})
            arrives = await _draw_parts(course, technician, item)
            if arrives is None:
                await _carry_out(course, technician, item)
                return await meanwhile.what_is_found(course, technician, item)
        course.station = "waits for parts"
        await course.world.at(arrives)


async def _take(course: Course, technician: Person, team: str) -> None:
    if team in course.taken_by:
        return
    difference = "；".join(each.why for each in course.once(DifferenceOnTaking))
    course.taken_by.add(team)
    await course.takes(5)
    await technician.post(f"/workshop/jobs/{course.id}/taking", {"difference": difference} if difference else {})


async def _move_belongings(course: Course, technician: Person) -> None:
    for wanted in course.once(BelongingsMoved):
        await meanwhile.ask_about_belongings(course, technician, wanted)


async def _carry_out(course: Course, technician: Person, item: str) -> None:
    at, operation = f"/workshop/jobs/{course.id}/items/{item}", course.branch.operations[course.items[item]]
    await technician.post(f"{at}/start")
    for late in course.once(Late):
        await meanwhile.report_late(course, technician, late)
        await course.takes(late.minutes)
    await course.takes(float(operation.hours) * 60)
    await technician.post(f"{at}/finish")
    await technician.post(f"{at}/self-inspection", {"passed": True})
    course.worked[item] = technician.id


async def _draw_parts(course: Course, technician: Person, item: str) -> datetime | None:
    """The item's parts against their slip; where one is short it is ordered, and the time when it arrives given back."""
    operation = course.branch.operations[course.items[item]]
    issues, clerk = f"/workshop/jobs/{course.id}/parts-issues", course.house.the("parts_clerk")
    await _try_foreign_part(course, technician, item)
    if not operation.parts or item in course.drawn:
        return None
    lines = [{"part_no": part_no, "quantity": quantity} for part_no, quantity in operation.parts]
    answer = await clerk.attempt("POST", issues, {"item": item, "drawn_by": technician.id, "lines": lines})
    if answer.status < 300:
        course.drawn.add(item)
        return None
    if answer.clause != "W5":
        raise Unexpected(f"{course.sheet.visit}: parts for {item}: {answer.status} {answer.body}")
    arrivals = [
        await course.house.order(part_no, quantity + course.branch.parts[part_no].reorder_at, course.id)
        for part_no, quantity in operation.parts
        if part_no in answer.body["facts"]["short"]
    ]
    await meanwhile.report_waiting(course, technician)
    return max(arrivals)


async def _try_foreign_part(course: Course, technician: Person, item: str) -> None:
    if course.moves["part_not_on_order"]:
        return
    course.moves["part_not_on_order"] += 1
    wanted = {part_no for op in course.items.values() for part_no, _ in course.branch.operations[op].parts}
    foreign = next(part for part in course.branch.parts if part not in wanted)
    slip = {"item": item, "drawn_by": technician.id, "lines": [{"part_no": foreign, "quantity": 1}]}
    clerk = course.house.the("parts_clerk")
    await course.cheat("part_not_on_order:W5", clerk, "POST", f"/workshop/jobs/{course.id}/parts-issues", slip)


async def _inspected_by_leaders(course: Course) -> None:
    """W9, W10, of each team for which the final inspection misses them."""
    job = f"/workshop/jobs/{course.id}"
    await meanwhile.tell_warnings(course)
    course.station = "leader inspection"
    missing = (await course.house.the("workshop_supervisor").get(f"{job}/final-inspection"))["missing"]
    for team in dict.fromkeys(course.teams.values()):
        leader = course.house.leader_of(team)
        if f"leader_inspection:{team}" in missing:
            await course.takes(5)
            await leader.post(f"{job}/leader-inspections", {"passed": True})
            missing = [*missing, f"recommendations:{team}"]
        if f"recommendations:{team}" in missing:
            await leader.post(f"{job}/recommendations", _recommendations(course, team))


def _recommendations(course: Course, team: str) -> dict[str, object]:
    first = next(iter(course.teams.values()))
    wanted = course.happening(Recommend) if team == first else []
    return {"recommendations": [{"operation": each.op, "safety": each.safety} for each in wanted]}


async def _inspect(course: Course) -> None:
    job = f"/workshop/jobs/{course.id}"
    course.station = "quality check"
    await course.cheat("wash_before_qc:W11", course.house.the("washer"), "POST", f"{job}/wash/start")
    revision = (await course.house.the("workshop_supervisor").get(job))["revision"]
    if OWN_QC in course.sheet.cheats:
        await course.cheat(OWN_QC, course.house.person(_double(course).id), "POST", f"{job}/final-inspection", {"revision": revision})
    for why in [failure.why for failure in course.happening(QcFail) for _ in range(failure.times)]:
        await course.takes(10)
        await _fail(course, why)
    await course.takes(10)
    await (await _inspector(course)).post(f"{job}/final-inspection", {"revision": revision})
    await course.world.everything_told()


async def _inspector(course: Course) -> Person:
    may = (await course.house.the("workshop_supervisor").get(f"/workshop/jobs/{course.id}/final-inspection"))["may"]
    if not may:
        raise Unexpected(f"{course.sheet.visit}: nobody is left for the final inspection")
    apart = [person for person in may if "technician" not in course.branch.staff[person].roles]
    return course.house.person((apart or may)[0])


async def _fail(course: Course, why: str) -> None:
    """W11: fails, goes back to the team, is done again and inspected again."""
    job, item = f"/workshop/jobs/{course.id}", next(iter(course.items))
    await (await _inspector(course)).post(f"{job}/final-inspection/failure", {"items": [item], "why": why})
    await course.world.everything_told()
    course.station = f"repair {course.items[item]}"
    async with course.house.one("technician", among=[course.worked[item]]) as technician:
        await technician.post(f"{job}/items/{item}/start")
        await course.takes(30)
        await technician.post(f"{job}/items/{item}/finish")
        await technician.post(f"{job}/items/{item}/self-inspection", {"passed": True})
    await _inspected_by_leaders(course)
    course.station = "quality check"


async def _wash_and_park(course: Course) -> None:
    job = f"/workshop/jobs/{course.id}"
    async with course.house.one("washer") as washer:
        if course.sheet.choices.wash:
            course.station = "wash"
            await washer.post(f"{job}/wash/start")
            await course.takes(20)
            await washer.post(f"{job}/wash/finish", {"checklist": WASH})
        await course.takes(5)
        await washer.post(f"{job}/parking", {"spot": f"F-{int(course.id[-4:], 16) % 60 + 1}", "nose_to_exit": True})
    course.station = "finished area"
    giver = next(iter(course.worked.values()))
    handed_in = {"from_person": giver, "things": course.papers}
    await course.house.the("workshop_supervisor").post(f"{job}/papers", handed_in)
    await course.world.everything_told()
