"""A visit in the workshop: W1 to W14, and the hand-in of D1."""

from servicelane.play.client import Person, Unexpected
from servicelane.play.course import Course
from servicelane.play.sheet import Cheat
from shared.branch import StaffMember

WASH = ["outside_no_scratch_or_dent", "cabin", "boot", "engine_bay", "ashtray", "mats", "instruments", "belongings_protected"]
OWN_QC: Cheat = "qc_by_own_technician:W11"


async def repair(course: Course) -> None:
    """From the supervisor's acceptance to the car in the finished area, papers handed in."""
    teams = await _dispatch(course)
    hands: dict[str, list[str]] = {}
    for team, items in teams.items():
        hands[team] = await _team_works(course, team, items)
    await _inspect(course, hands)
    await _wash_and_park(course, hands)


async def _dispatch(course: Course) -> dict[str, list[str]]:
    job, supervisor = f"/workshop/jobs/{course.id}", course.house.the("workshop_supervisor")
    course.station = "acceptance"
    await course.takes(5)
    await supervisor.post(f"{job}/acceptance", {"car_matches_sheet": True, "things": ["car", "key", "order", "sheet"]})
    await course.cheat("wrong_role:403", course.house.the("washer"), "POST", f"{job}/dispatch", _assigned(course, {}))
    proposal = await supervisor.get(f"{job}/dispatch-proposal")
    proposed = {given["item"]: given["team"] for given in proposal["assignments"]}
    if OWN_QC in course.sheet.cheats:
        proposed[next(iter(proposed))] = _double(course).team or ""
    await supervisor.post(f"{job}/dispatch", _assigned(course, proposed))
    teams: dict[str, list[str]] = {}
    for item, team in proposed.items():
        teams.setdefault(team, []).append(item)
    return teams


def _assigned(course: Course, teams: dict[str, str]) -> dict[str, object]:
    some = teams or dict.fromkeys(course.items, course.branch.teams[0])
    return {"priority": 3, "assignments": [{"item": item, "team": team} for item, team in some.items()]}


def _double(course: Course) -> StaffMember:
    """The person who is both technician and QC inspector."""
    for person in course.branch.people("qc_inspector"):
        if "technician" in person.roles:
            return person
    raise Unexpected("nobody of the branch is both technician and QC inspector")


async def _team_works(course: Course, team: str, items: list[str]) -> list[str]:
    job, leader = f"/workshop/jobs/{course.id}", course.house.leader_of(team)
    workers: list[str] = []
    for item in items:
        operation = course.branch.operations[course.items[item]]
        able = [person.id for person in course.branch.team(team) if operation.skill in person.skills]
        if OWN_QC in course.sheet.cheats and not workers and team == _double(course).team:
            able = [_double(course).id]
        async with course.house.one("technician", among=able) as technician:
            course.station = f"repair {course.items[item]}"
            await leader.post(f"{job}/items/{item}/technicians", {"technicians": [technician.id]})
            if not workers:
                await course.takes(5)
                await technician.post(f"{job}/taking")
            await _do_item(course, technician, item, float(operation.hours))
            workers.append(technician.id)
    course.station = "leader inspection"
    await course.takes(5)
    await leader.post(f"{job}/leader-inspections", {"passed": True})
    await leader.post(f"{job}/recommendations", _recommendations(course))
    return workers


async def _do_item(course: Course, technician: Person, item: str, hours: float) -> None:
    at = f"/workshop/jobs/{course.id}/items/{item}"
    await technician.post(f"{at}/fault-confirmation", {"road_test": False})
    await _draw_parts(course, technician, item)
    await technician.post(f"{at}/start")
    await course.takes(hours * 60)
    await technician.post(f"{at}/finish")
    await technician.post(f"{at}/self-inspection", {"passed": True})


async def _draw_parts(course: Course, technician: Person, item: str) -> None:
    operation = course.branch.operations[course.items[item]]
    issues, clerk = f"/workshop/jobs/{course.id}/parts-issues", course.house.the("parts_clerk")
    wanted = {part_no for op in course.items.values() for part_no, _ in course.branch.operations[op].parts}
    foreign = next(part for part in course.branch.parts if part not in wanted)
    if not course.moves["part_not_on_order"]:
        course.moves["part_not_on_order"] += 1
        slip = {"item": item, "drawn_by": technician.id, "lines": [{"part_no": foreign, "quantity": 1}]}
        await course.cheat("part_not_on_order:W5", clerk, "POST", issues, slip)
    if operation.parts:
        lines = [{"part_no": part_no, "quantity": quantity} for part_no, quantity in operation.parts]
        await clerk.post(issues, {"item": item, "drawn_by": technician.id, "lines": lines})


def _recommendations(course: Course) -> dict[str, object]:
    if course.moves["recommended"]:
        return {}
    course.moves["recommended"] += 1
    wanted = [happening for happening in course.sheet.happens if happening.what == "recommend"]
    return {"recommendations": [{"operation": happening.op, "safety": happening.safety} for happening in wanted]}


async def _inspect(course: Course, hands: dict[str, list[str]]) -> None:
    job = f"/workshop/jobs/{course.id}"
    course.station = "quality check"
    await course.cheat("wash_before_qc:W11", course.house.the("washer"), "POST", f"{job}/wash/start")
    await course.takes(10)
    if OWN_QC in course.sheet.cheats:
        await course.cheat(OWN_QC, course.house.person(_double(course).id), "POST", f"{job}/final-inspection", {"revision": 1})
    worked = {person for workers in hands.values() for person in workers}
    inspector = next(p.id for p in course.branch.people("qc_inspector") if p.id not in worked and "technician" not in p.roles)
    await course.house.person(inspector).post(f"{job}/final-inspection", {"revision": 1})
    await course.world.everything_told()


async def _wash_and_park(course: Course, hands: dict[str, list[str]]) -> None:
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
    giver = next(iter(hands.values()))[0]
    things = ["key", "order", "sheet"] + (["old_parts"] if any(course.branch.operations[op].parts for op in course.items.values()) else [])
    await course.house.the("workshop_supervisor").post(f"{job}/papers", {"from_person": giver, "things": things})
    await course.world.everything_told()
