"""The workshop over HTTP and a real database: a whole job by its people, and what each of them may not do."""

import asyncio
from typing import Any

import pytest

from services.workshop import stock
from services.workshop.job import Job
from services.workshop.stock import Stock
from services.workshop.wash import CHECKLIST
from shared.store import Store
from tests.measured import measured
from tests.workshop.conftest import Floor, Settle, Tell
from tests.workshop.shop import (
    BOTH,
    CLEAN_PATH,
    CLERK,
    ITEM,
    LEADER,
    PART,
    QC,
    SUPERVISOR,
    TECHNICIAN,
    VISIT,
    WASHER,
    check_in,
    handed_over,
    order,
)

JOB = f"/jobs/{VISIT}"
AT = f"{JOB}/items/{ITEM}"
SLIP = {"item": ITEM, "drawn_by": TECHNICIAN, "lines": [{"part_no": PART, "quantity": 1}, {"part_no": "CL-6001", "quantity": 1}]}

Step = tuple[str, str, dict[str, Any] | None]
PATH: dict[str, Step] = {
    "accept": (SUPERVISOR, f"{JOB}/acceptance", {"car_matches_sheet": True, "things": ["car", "key", "order", "sheet"]}),
    "move": (TECHNICIAN, f"{JOB}/moves", {"to_place": "bay-3", "for_work": True}),
    "dispatch": (SUPERVISOR, f"{JOB}/dispatch", {"priority": 2, "assignments": [{"item": ITEM, "team": "team-e"}]}),
    "name": (LEADER, f"{AT}/technicians", {"technicians": [TECHNICIAN]}),
    "take": (TECHNICIAN, f"{JOB}/taking", {"difference": "右前门有划痕"}),
    "confirm": (TECHNICIAN, f"{AT}/fault-confirmation", {"road_test": True}),
    "draw": (CLERK, f"{JOB}/parts-issues", SLIP),
    "start": (TECHNICIAN, f"{AT}/start", None),
    "finish": (TECHNICIAN, f"{AT}/finish", None),
    "self_inspect": (TECHNICIAN, f"{AT}/self-inspection", {"passed": True}),
    "leader_inspect": (LEADER, f"{JOB}/leader-inspections", {"passed": True}),
    "recommend": (
        LEADER,
        f"{JOB}/recommendations",
        {"recommendations": [{"operation": "R-FBP", "safety": True}], "notes": "前制动片剩 3 毫米"},
    ),
    "pass_qc": (QC, f"{JOB}/final-inspection", {"revision": 1}),
    "start_wash": (WASHER, f"{JOB}/wash/start", None),
    "finish_wash": (WASHER, f"{JOB}/wash/finish", {"checklist": list(CHECKLIST)}),
    "park": (WASHER, f"{JOB}/parking", {"spot": "F-12", "nose_to_exit": True}),
    "papers": (SUPERVISOR, f"{JOB}/papers", {"from_person": TECHNICIAN, "things": ["key", "order", "sheet"]}),
}


@pytest.fixture
async def offered(tell: Tell) -> None:
    for event in (check_in(), order(), handed_over()):
        await tell(event)


@pytest.fixture
async def announced(tell: Tell) -> None:
    await tell(check_in())


async def carry(floor: Floor, tell: Tell, store: Store, until: str, **instead: dict[str, Any]) -> Any:
    """The job's people do their part, up to and with `until`; `instead` says what else they send at a step."""
    for step, (staff, path, body) in PATH.items():
        job = await floor.post(staff, path, instead.get(step, body))
        if step == "pass_qc":
            passed = (await store.get(Job, VISIT)).qc
            assert passed
            await tell(passed)
        if step == until:
            return job
    raise KeyError(until)


async def test_the_metrics_say_where_the_car_stands_until_delivery_has_it(floor: Floor, tell: Tell, store: Store, offered: None) -> None:
    stations = [await station_of_the_car(store)]
    for step, (staff, path, body) in PATH.items():
        await floor.post(staff, path, body)
        if step == "pass_qc":
            stations.append(await station_of_the_car(store))
            passed = (await store.get(Job, VISIT)).qc
            assert passed
            await tell(passed)
        stations.append(await station_of_the_car(store))
    assert list(dict.fromkeys(stations)) == [
        "offered",
        "accepted",
        "in_work",
        "quality_check",
        "qc_passed",
        "to_wash",
        "washing",
        "washed",
        None,
    ]


async def station_of_the_car(store: Store) -> str | None:
    standing = {key[1]: number for key, number in (await measured(store)).items() if key[0] == "cars"}
    assert sum(standing.values()) <= 1
    return next((station for station, number in standing.items() if number), None)


@pytest.mark.clause("W13")
async def test_a_job_goes_from_the_waiting_area_to_the_finished_area(floor: Floor, tell: Tell, store: Store, offered: None) -> None:
    job = await carry(floor, tell, store, "papers")
    assert (job["stage"], job["place"], job["qc"]["inspector"]) == ("parked", "F-12", QC)
    journal = await store.collection("journal").find({"subject": VISIT}).sort("k", 1).to_list(None)
    assert [entry["type"].split(".")[1] for entry in journal if entry["actor"] != "system" and "record" not in entry["type"]] == [
        "job_accepted",
        "car_moved",
        "job_dispatched",
        "technicians_named",
        "car_taken",
        "fault_confirmed",
        "parts_issued",
        "parts_issued",
        "work_started",
        "work_finished",
        "self_inspected",
        "leader_inspected",
        "recommendations_written",
        "qc_passed",
        "wash_started",
        "wash_finished",
        "car_parked",
        "papers_handed_in",
    ]


async def test_free_text_is_a_record_and_only_its_key_is_in_the_job(floor: Floor, tell: Tell, store: Store, offered: None) -> None:
    job = await carry(floor, tell, store, "recommend")
    keys = (job["taken"]["team-e"]["difference"], job["recommendations"]["team-e"]["notes"])
    texts = [record["text"] for key in keys if (record := await store.record(key))]
    assert texts == ["右前门有划痕", "前制动片剩 3 毫米"]


@pytest.mark.clause("W1")
@pytest.mark.clause("W3")
async def test_what_was_written_is_read_by_who_has_the_car_and_by_the_advisor_and_nobody_else(
    floor: Floor, tell: Tell, store: Store, offered: None
) -> None:
    job = await carry(floor, tell, store, "recommend")
    difference, notes = job["taken"]["team-e"]["difference"], job["recommendations"]["team-e"]["notes"]
    for staff in (TECHNICIAN, QC, "advisor-1"):
        read = await floor.get(staff, f"{JOB}/texts")
        assert (read[difference], read[notes]) == ("右前门有划痕", "前制动片剩 3 毫米")
    for staff in (WASHER, "gate-1", "group-1"):
        assert (await floor.send(staff, "GET", f"{JOB}/texts")).status_code == 403


@pytest.mark.clause("W5")
async def test_a_slip_takes_from_the_shelves_what_it_gives_to_the_job(floor: Floor, tell: Tell, store: Store, offered: None) -> None:
    before = await floor.get(CLERK, f"/stock/{PART}")
    job = await carry(floor, tell, store, "draw")
    after = await floor.get(CLERK, f"/stock/{PART}")
    assert after["on_hand"] == before["on_hand"] - 1
    assert {line["slip"] for line in job["slips"]} == {"SLIP-20260309-0001"}
    assert job["items"][ITEM]["drawn"] == {PART: 1, "CL-6001": 1}


@pytest.mark.clause("W5")
async def test_a_slip_that_one_shelf_cannot_fill_takes_nothing_from_the_others(
    floor: Floor, tell: Tell, store: Store, offered: None
) -> None:
    await carry(floor, tell, store, "confirm")
    await leave_on_shelf(store, "CL-6001", 0)
    before = await floor.get(CLERK, f"/stock/{PART}")
    problem = await floor.refused("W5", CLERK, f"{JOB}/parts-issues", SLIP)
    assert problem["missing"] == ["CL-6001"]
    assert problem["facts"]["short"]["CL-6001"]["expected_on"] > "2026-03-09"
    assert await floor.get(CLERK, f"/stock/{PART}") == before
    await floor.post(CLERK, "/stock/CL-6001/receipts", {"quantity": 4, "reference": "DN-1"})
    assert (await floor.post(CLERK, f"{JOB}/parts-issues", SLIP))["items"][ITEM]["drawn"] == {PART: 1, "CL-6001": 1}


async def leave_on_shelf(store: Store, part_no: str, quantity: int) -> None:
    """All but so many turn out to be missing when the shelf is counted."""
    await store.transact(
        lambda unit: unit.update(Stock, part_no, lambda shelf: stock.count(shelf, quantity, "text:workshop:1", CLERK)),
        actor=CLERK,
        correlation="c",
    )


async def make_step(store: Store, visit: str, step: str) -> None:
    await store.transact(lambda unit: unit.update(Job, visit, CLEAN_PATH[step]), actor="x", correlation="c")


@pytest.mark.clause("W5")
@pytest.mark.parametrize("reserved", [True, False])
async def test_twenty_clerks_draw_the_last_part_at_once_and_one_gets_it(
    floor: Floor, tell: Tell, store: Store, settle: Settle, reserved: bool
) -> None:
    """Reserved, it is the one whose order was signed first; before the reservations are made, whoever comes first."""
    visits = [f"visit-{number:02}" for number in range(1, 21)]
    await leave_on_shelf(store, PART, 1)
    for visit in visits:
        for event in (check_in(visit), order((ITEM, "R-THERM"), visit=visit), handed_over(visit)):
            await tell(event)
        for step in ("accept", "dispatch", "name", "take", "confirm"):
            await make_step(store, visit, step)
    if reserved:
        await settle()
    slip = {**SLIP, "lines": [{"part_no": PART, "quantity": 1}]}
    answers = await asyncio.gather(*(floor.send(CLERK, "POST", f"/jobs/{visit}/parts-issues", slip) for visit in visits))
    assert sorted(answer.status_code for answer in answers) == [200] + 19 * [409]
    assert {answer.json()["clause"] for answer in answers if answer.status_code == 409} == {"W5"}
    assert (await floor.get(CLERK, f"/stock/{PART}"))["on_hand"] == 0
    if reserved:
        assert answers[0].status_code == 200


@pytest.mark.clause("R11")
@pytest.mark.clause("W5")
@pytest.mark.clause("W11")
async def test_a_visit_that_is_only_checked_in_is_known_and_its_calls_are_refused_by_their_clause(floor: Floor, announced: None) -> None:
    for clause, step in (("R11", "start"), ("W5", "draw"), ("W11", "start_wash"), ("W11", "park")):
        await floor.refused(clause, *PATH[step])


@pytest.mark.clause("W11")
async def test_the_person_who_worked_and_is_inspector_too_is_refused_and_told_who_may(
    floor: Floor, tell: Tell, store: Store, offered: None
) -> None:
    for step in ("accept", "dispatch"):
        await floor.post(*PATH[step])
    await floor.post(LEADER, f"{AT}/technicians", {"technicians": [BOTH]})
    for step in ("take", "confirm", "start", "finish", "self_inspect"):
        _, path, body = PATH[step]
        if step == "start":
            await floor.post(CLERK, f"{JOB}/parts-issues", {**SLIP, "drawn_by": BOTH})
        await floor.post(BOTH, path, body)
    for step in ("leader_inspect", "recommend"):
        await floor.post(*PATH[step])
    problem = await floor.refused("W11", BOTH, f"{JOB}/final-inspection", {"revision": 1})
    assert problem["facts"]["who_may"] == ["qc-1", "director-1"]
    assert await floor.get(QC, f"{JOB}/final-inspection") == {"may": ["qc-1", "director-1"], "missing": []}
    assert (await floor.post(*PATH["pass_qc"]))["qc"]["inspector"] == QC


OTHERS = {"accept": LEADER, "move": CLERK, "dispatch": LEADER, "name": SUPERVISOR, "take": SUPERVISOR, "confirm": QC, "draw": TECHNICIAN}
OTHERS |= {"start": LEADER, "finish": LEADER, "self_inspect": LEADER, "leader_inspect": TECHNICIAN, "recommend": SUPERVISOR}
OTHERS |= {"pass_qc": LEADER, "start_wash": TECHNICIAN, "finish_wash": TECHNICIAN, "park": CLERK, "papers": "advisor-1"}


async def test_a_command_of_another_role_is_not_allowed_and_leaves_no_trace(floor: Floor, store: Store, offered: None) -> None:
    for step, (_, path, body) in PATH.items():
        answers = [await floor.send(staff, "POST", path, body, X_Correlation_Id="tried") for staff in (OTHERS[step], "cashier-1", "nobody")]
        assert [answer.status_code for answer in answers] == [403, 403, 401], step
    assert await store.collection("journal").count_documents({"correlation": "tried"}) == 0


MALFORMED: list[tuple[str, Any]] = [
    ("accept", {"car_matches_sheet": True, "things": ["car", "spare key"]}),
    ("accept", {"car_matches_sheet": "perhaps", "things": []}),
    ("dispatch", {"priority": 9, "assignments": [{"item": ITEM, "team": "team-e"}]}),
    ("dispatch", {"priority": 2, "assignments": []}),
    ("dispatch", {"priority": 2, "assignments": [{"item": ITEM, "team": "team-x"}]}),
    ("name", {"technicians": []}),
    ("move", {"to_place": "", "for_work": False}),
    ("draw", {**SLIP, "lines": [{"part_no": PART, "quantity": 0}]}),
    ("draw", {**SLIP, "lines": [{"part_no": PART, "quantity": 1.5}]}),
    ("draw", {**SLIP, "lines": [{"part_no": PART, "quantity": 1}, {"part_no": PART, "quantity": 1}]}),
    ("recommend", {"recommendations": [{"operation": "no-such-operation"}]}),
    ("finish_wash", {"checklist": ["everything"]}),
    ("park", {"spot": "F-1", "nose_to_exit": True, "by": "somebody else"}),
    ("papers", None),
]


async def test_a_body_that_is_not_as_it_has_to_be_is_answered_422_and_changes_nothing(floor: Floor, store: Store, offered: None) -> None:
    await floor.post(*PATH["accept"])
    entries = await store.collection("journal").count_documents({})
    for step, body in MALFORMED:
        staff, path, _ = PATH[step]
        answer = await floor.send(staff, "POST", path, body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["missing"]
    assert await store.collection("journal").count_documents({}) == entries


async def test_a_visit_that_nobody_has_heard_of_is_not_found(floor: Floor) -> None:
    for staff, path, body in PATH.values():
        if "parts-issues" not in path:
            assert (await floor.send(staff, "POST", path, body)).status_code == 404, path


async def test_a_second_tap_answers_as_the_first_did_without_an_event(floor: Floor, store: Store, offered: None) -> None:
    staff, path, body = PATH["accept"]
    first, second = [await floor.send(staff, "POST", path, body, Idempotency_Key="tap-1") for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    await floor.refused("W1", *PATH["accept"])
    assert await store.collection("journal").count_documents({"type": "workshop.job_accepted.v1"}) == 1


async def test_who_decided_on_an_older_state_is_told_so(floor: Floor, offered: None) -> None:
    seen = await floor.send(SUPERVISOR, "GET", JOB)
    await floor.post(*PATH["accept"])
    staff, path, body = PATH["dispatch"]
    stale = await floor.send(staff, "POST", path, body, If_Match=seen.headers["ETag"])
    assert (stale.status_code, stale.json()["clause"]) == (409, "")
    now = await floor.send(SUPERVISOR, "GET", JOB)
    assert (await floor.send(staff, "POST", path, body, If_Match=now.headers["ETag"])).status_code == 200


@pytest.mark.clause("W2")
async def test_the_supervisor_sees_a_proposal_and_the_teams_load(floor: Floor, tell: Tell, store: Store, offered: None) -> None:
    await floor.post(*PATH["accept"])
    proposal = await floor.get(SUPERVISOR, f"{JOB}/dispatch-proposal")
    assert [(entry["item"], entry["team"]) for entry in proposal["assignments"]] == [(ITEM, "team-e")]
    await floor.post(*PATH["dispatch"])
    load = {team["team"]: float(team["hours"]) for team in await floor.get(SUPERVISOR, "/load")}
    assert load == {"team-m": 0, "team-e": 1.0, "team-b": 0}


async def test_jobs_and_shelves_are_read_page_by_page(floor: Floor, tell: Tell) -> None:
    for number in range(3):
        await tell(check_in(f"visit-{number}"))
    first = await floor.get(SUPERVISOR, "/jobs?state=announced&limit=2")
    rest = await floor.get(SUPERVISOR, f"/jobs?state=announced&limit=2&after={first['next']}")
    assert [job["id"] for job in first["items"] + rest["items"]] == ["visit-0", "visit-1", "visit-2"]
    assert rest["next"] is None
    assert (await floor.get(SUPERVISOR, "/jobs?state=parked"))["items"] == []
    assert len((await floor.get(CLERK, "/stock"))["items"]) == 50
