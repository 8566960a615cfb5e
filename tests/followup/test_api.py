"""Follow-up over HTTP and a real database: the clean path of one visit, what is read back, who may, and timers on the clock."""

import asyncio
from typing import Any

import pytest

from shared.contracts.followup import CallDutyClosed
from shared.store import Store
from tests.followup.conftest import Agent, HandClock, Tell, Until
from tests.followup.people import CUSTOMER, PHONE, VEHICLE, VISIT, checked_in, delivered, local, order_signed, settled
from tests.measured import measured

FIRST, SECOND = f"{VISIT}-first", f"{VISIT}-second"
PLAN = {
    "need": "下次保养前更换前制动片",
    "topics": ["car_condition", "service_opinion", "next_maintenance"],
    "at": "2026-03-10T18:30:00+08:00",
}
SAID = {
    "result": "content",
    "topics": ["car_condition", "service_opinion"],
    "car_runs_well": True,
    "opinion": "服务很好",
    "entries": [{"kind": "wish", "text": "希望周末也能预约", "owner": "advisor-1"}],
    "note": "客户心情很好",
}
LATER = {"result": "content", "topics": ["next_maintenance"], "note": "九月保养"}


@pytest.fixture
async def visit(tell: Tell, clock: HandClock) -> None:
    """Delivered on Monday at 16:00."""
    await tell(checked_in())
    clock.at = local("2026-03-09 09:00")
    await tell(order_signed())
    clock.at = local("2026-03-09 15:30")
    await tell(settled())
    clock.at = local("2026-03-09 16:00")
    await tell(delivered())


async def first_call_held(agent: Agent, tell: Tell, until: Until) -> None:
    await agent.post(f"/file-duties/{VISIT}/file", PLAN)
    await until("2026-03-10 18:30")
    await agent.post(f"/duties/{FIRST}/call", SAID)
    await tell(CallDutyClosed(visit=VISIT, duty=FIRST, kind="first", outcome="called", topics=("car_condition", "service_opinion")))


@pytest.mark.usefixtures("visit")
@pytest.mark.clause("F2")
@pytest.mark.clause("F3")
@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
@pytest.mark.clause("F8")
@pytest.mark.clause("F9")
@pytest.mark.clause("D8")
async def test_the_clean_path_of_one_visit(agent: Agent, tell: Tell, until: Until) -> None:
    (due,) = await agent.get("/file-duties")
    assert (due["id"], due["agent"], due["due_by"]) == (VISIT, "agent-1", "2026-03-11T15:59:59Z")
    await first_call_held(agent, tell, until)
    assert await agent.get("/file-duties") == []

    (second,) = await agent.get("/duties")
    assert (second["id"], second["planned_on"], second["hour"]) == (SECOND, "2026-03-17", "18:30")
    await until("2026-03-17 18:30")
    held = await agent.post(f"/duties/{SECOND}/call", LATER)
    assert (held["outcome"], held["in_convenient_hour"]) == ("called", True)
    await agent.post("/letters", {"kind": "notice", "customer": CUSTOMER, "visit": VISIT, "content": "感谢惠顾"})

    assert await agent.get("/duties") == []
    assert [duty["outcome"] for duty in await agent.get(f"/duties?state=all&visit={VISIT}")] == ["called", "called"]
    (reminder,) = await agent.get("/reminders")
    assert (reminder["id"], reminder["remind_on"], reminder["due_on"]) == (VEHICLE, "2026-08-26", "2026-09-09")


@pytest.mark.usefixtures("visit")
@pytest.mark.clause("F2")
@pytest.mark.clause("F8")
async def test_the_customer_file_shows_all_that_was_recorded(agent: Agent, tell: Tell, until: Until) -> None:
    await first_call_held(agent, tell, until)
    await agent.post("/letters", {"kind": "answer", "customer": CUSTOMER, "content": "答复"})
    said = {"channel": "letter", "customer": CUSTOMER, "visit": VISIT, "text": "休息区无热水", "owner": "advisor-1"}
    await agent.post("/complaints", said)
    file = await agent.get(f"/files/{CUSTOMER}")
    assert [(each["words"], each["complaint"]["visit"], each["complaint"]["closed"]) for each in file["complaints"]] == [
        ("休息区无热水", VISIT, False)
    ]
    assert (file["customer"]["name"], file["vehicles"][VEHICLE]["plate"]) == ("李丽", "京GED411")
    (shown,) = file["visits"]
    assert (shown["need"], shown["history"]["order"], shown["history"]["total"]) == (PLAN["need"], "WO-1", "480.00 CNY")
    assert shown["opinions"] == ["服务很好", None]
    assert [entry["owner"] for entry in shown["calls"][0]["opinion"]["entries"]] == ["advisor-1"]
    (call,) = file["calls"]
    assert (call["note"], call["dialled"], call["call"]["result"]) == ("客户心情很好", PHONE, "content")
    (letter,) = file["letters"]
    assert (letter["content"], letter["address"]) == ("答复", "北京市东城区东直门外大街1号")


@pytest.mark.clause("F2")
@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
async def test_what_is_too_early_is_refused_with_its_clause_and_leaves_no_trace(agent: Agent, tell: Tell, store: Store) -> None:
    await tell(checked_in())
    before = await store.collection("journal").count_documents({})
    await agent.refused("F2", f"/file-duties/{VISIT}/file", PLAN)
    await agent.refused("F4", f"/duties/{FIRST}/call", SAID)
    await agent.refused("F6", f"/duties/{SECOND}/call", LATER)
    await tell(order_signed())
    await tell(delivered())
    await agent.refused("F4", f"/duties/{FIRST}/call", SAID)
    await agent.refused("F4", f"/duties/{FIRST}/tries", {"result": "busy"})
    assert await store.collection("journal").count_documents({"actor": "agent-1"}) == 0
    assert await store.collection("journal").count_documents({}) > before


@pytest.mark.usefixtures("visit")
@pytest.mark.clause("F3")
@pytest.mark.clause("F4")
@pytest.mark.clause("F6")
async def test_each_refusal_on_the_way_names_its_clause(agent: Agent, tell: Tell, until: Until) -> None:
    await until("2026-03-10 10:00")
    await agent.refused("F3", f"/duties/{FIRST}/call", SAID)
    await agent.refused("F3", f"/file-duties/{VISIT}/file", {**PLAN, "at": "2026-03-10T09:00:00+08:00"})
    await first_call_held(agent, tell, until)
    await agent.refused("F2", f"/file-duties/{VISIT}/file", {**PLAN, "at": "2026-03-20T18:30:00+08:00"})
    await agent.refused("F4", f"/duties/{FIRST}/call", SAID)
    await agent.refused("F4", f"/duties/{FIRST}/not-reached", {"told_by": "message"})
    await agent.refused("F6", f"/duties/{SECOND}/call", LATER)
    await until("2026-03-17 09:00")
    await agent.refused("F6", f"/duties/{SECOND}/call", {**LATER, "topics": ["car_condition"]})
    await agent.refused("F6", f"/duties/{SECOND}/call", {**LATER, "topics": ["weather"]})
    plan = {**PLAN, "topics": ["weather"], "at": "2026-03-17T18:30:00+08:00"}
    await agent.post(f"/file-duties/{VISIT}/contact-plan", plan)
    await agent.post(f"/duties/{SECOND}/call", {**LATER, "topics": ["weather"]})


@pytest.mark.usefixtures("visit")
@pytest.mark.clause("F4")
@pytest.mark.clause("F8")
async def test_a_customer_who_never_answers_is_closed_as_not_reached(agent: Agent, until: Until) -> None:
    await agent.post(f"/file-duties/{VISIT}/file", PLAN)
    letter = {"content": "多次致电未能联系到您，附满意度调查。"}
    for moment in ("2026-03-10 18:30", "2026-03-11 10:00", "2026-03-11 18:30"):
        problem = await agent.refused("F4", f"/duties/{FIRST}/not-reached", {"told_by": "letter", **letter})
        assert "title" in problem
        await until(moment)
        await agent.post(f"/duties/{FIRST}/tries", {"result": "no_answer", "note": "无人接听"})
    for body in ({"told_by": "letter"}, {"told_by": "message", **letter}):
        assert (await agent.send("POST", f"/duties/{FIRST}/not-reached", body)).status_code == 422
    duty = await agent.post(f"/duties/{FIRST}/not-reached", {"told_by": "letter", **letter})
    (registered,) = await agent.get(f"/letters?customer={CUSTOMER}")
    assert registered["content"] == letter["content"]
    assert (duty["outcome"], len(duty["tries"])) == ("not_reached", 3)
    calls = await agent.get(f"/calls?visit={VISIT}")
    assert [(row["call"]["number"], row["call"]["try_number"], row["call"]["reached"]) for row in calls] == [
        (1, 1, False),
        (2, 2, False),
        (3, 3, False),
    ]
    notices = (await agent.who_is("bizsup-1").get("/notices"))["items"]
    assert [notice["about"] for notice in notices] == ["customer_not_reached"]


@pytest.mark.usefixtures("visit")
@pytest.mark.clause("F10")
async def test_amber_and_red_fire_once_each_on_the_clock(agent: Agent, store: Store, until: Until) -> None:
    await agent.post(f"/file-duties/{VISIT}/file", PLAN)
    levels = []
    for moment in ("2026-03-12 23:59", "2026-03-13 00:00", "2026-03-13 00:05", "2026-03-16 23:59", "2026-03-17 00:00", "2026-03-20 00:00"):
        await until(moment)
        levels.append((await agent.get(f"/duties/{FIRST}"))["overdue"])
    assert levels == [None, "amber", "amber", "amber", "red", "red"]
    assert await store.collection("journal").count_documents({"type": "followup.duty_overdue.v1"}) == 2
    notices = (await agent.who_is("bizsup-1").get("/notices"))["items"]
    assert [(notice["about"], notice["facts"]["level"]) for notice in notices] == [("duty_overdue", "red"), ("duty_overdue", "amber")]


@pytest.mark.usefixtures("visit")
async def test_the_metrics_count_what_is_open_and_what_is_late(agent: Agent, store: Store, until: Until) -> None:
    async def of(kind: str) -> tuple[float, float]:
        numbers = await measured(store)
        return numbers["duties_open", kind], numbers["duties_overdue", kind]

    assert (await of("customer_file"), await of("first_call")) == ((1, 0), (1, 0))
    await until("2026-03-12 00:05")
    assert await of("customer_file") == (1, 1)
    await agent.post(f"/file-duties/{VISIT}/file", PLAN | {"at": "2026-03-12T18:30:00+08:00"})
    assert await of("customer_file") == (0, 0)
    await until("2026-03-20 00:00")
    assert await of("first_call") == (1, 1)
    assert await of("complaint") == (0, 0)
    await until("2026-08-26 12:00")
    assert await of("reminder") == (1, 0)
    await until("2026-09-10 00:05")
    assert await of("reminder") == (1, 1)


@pytest.mark.usefixtures("visit")
@pytest.mark.clause("D8")
async def test_the_reminder_comes_to_the_agent(agent: Agent, until: Until) -> None:
    await until("2026-08-26 08:00")
    notices = (await agent.get("/notices"))["items"]
    assert "maintenance_reminder" in [notice["about"] for notice in notices]
    assert [reminder["id"] for reminder in await agent.get("/reminders?state=come&until=2026-08-26")] == [VEHICLE]


@pytest.mark.usefixtures("visit")
@pytest.mark.clause("F8")
async def test_calls_outside_of_the_duties_are_in_the_register_too(agent: Agent) -> None:
    body: dict[str, Any] = {"direction": "in", "customer": CUSTOMER, "purpose": "inquiry", "result": "answered", "number": "+8613911112222"}
    await agent.post("/calls", {**body, "visit": VISIT, "topics": ["opening_hours"], "reached": True, "note": "问营业时间"})
    await agent.post("/calls", {"direction": "out", "customer": CUSTOMER, "purpose": "other", "result": "answered"})
    first, second = await agent.get(f"/calls?customer={CUSTOMER}")
    assert (first["dialled"], first["note"], first["call"]["topics"]) == ("+8613911112222", "问营业时间", ["opening_hours"])
    assert (second["dialled"], second["call"]["agent"], second["call"]["number"]) == (PHONE, "agent-1", 2)
    assert await agent.get("/calls?after=1") == [second]


@pytest.mark.usefixtures("visit")
@pytest.mark.clause("F8")
async def test_ten_calls_at_once_get_ten_numbers_without_holes(agent: Agent) -> None:
    body = {"direction": "out", "customer": CUSTOMER, "purpose": "other", "result": "answered"}
    answers = await asyncio.gather(*(agent.post("/calls", body) for _ in range(10)))
    assert sorted(answer["number"] for answer in answers) == list(range(1, 11))


@pytest.mark.usefixtures("visit")
@pytest.mark.clause("F8")
async def test_a_second_tap_is_one_call(agent: Agent, store: Store, until: Until) -> None:
    await agent.post(f"/file-duties/{VISIT}/file", PLAN)
    await until("2026-03-10 18:30")
    first = await agent.post(f"/duties/{FIRST}/call", SAID, Idempotency_Key="tap-1")
    assert await agent.post(f"/duties/{FIRST}/call", SAID, Idempotency_Key="tap-1") == first
    assert await store.collection("call_register").count_documents({}) == 1


@pytest.mark.usefixtures("visit")
async def test_a_stale_version_changes_nothing(agent: Agent, store: Store) -> None:
    answer = await agent.send("POST", f"/file-duties/{VISIT}/file", PLAN, If_Match='"1"')
    assert answer.status_code == 409
    assert await store.collection("files").count_documents({}) == 0


@pytest.mark.usefixtures("visit")
async def test_a_malformed_body_is_422_and_what_nobody_knows_404(agent: Agent, store: Store) -> None:
    before = await store.collection("journal").count_documents({})
    for status, path, body in [
        (422, f"/file-duties/{VISIT}/file", {**PLAN, "topics": []}),
        (422, f"/file-duties/{VISIT}/file", {**PLAN, "topics": ["Brakes of Mr Li"]}),
        (422, f"/file-duties/{VISIT}/file", {**PLAN, "at": "2026-03-10T18:30:00"}),
        (422, f"/file-duties/{VISIT}/file", {**PLAN, "colour": "red"}),
        (422, f"/duties/{FIRST}/call", {**SAID, "car_runs_well": "perhaps"}),
        (422, f"/duties/{FIRST}/call", {**SAID, "entries": [{"kind": "wish", "text": "x"}]}),
        (422, f"/duties/{FIRST}/tries", {"result": "content"}),
        (422, "/letters", {"kind": "postcard", "customer": CUSTOMER, "content": "x"}),
        (422, "/calls", {"direction": "out", "customer": CUSTOMER, "purpose": "first", "result": "answered"}),
        (404, "/file-duties/visit-9/file", PLAN),
        (404, "/duties/visit-9-first/call", SAID),
        (404, "/duties/nothing/call", SAID),
        (404, "/letters", {"kind": "notice", "customer": "customer-9", "content": "x"}),
    ]:
        answer = await agent.send("POST", path, body)
        assert answer.status_code == status, (path, answer.text)
    assert await store.collection("journal").count_documents({}) == before


@pytest.mark.usefixtures("visit")
async def test_who_may(agent: Agent) -> None:
    for staff, method, path, status in [
        ("tech-1", "POST", f"/file-duties/{VISIT}/file", 403),
        ("advisor-1", "POST", f"/duties/{FIRST}/call", 403),
        ("cashier-1", "GET", f"/files/{CUSTOMER}", 403),
        ("group-1", "GET", "/calls", 403),
        ("group-1", "GET", "/duties", 200),
        ("bizsup-1", "GET", "/duties", 200),
        ("nobody", "GET", "/duties", 401),
    ]:
        answer = await agent.who_is(staff).send(method, path, PLAN if method == "POST" else None)
        assert answer.status_code == status, (staff, path, answer.text)


@pytest.mark.usefixtures("visit")
async def test_work_lists_are_filtered_by_agent_kind_and_date(agent: Agent) -> None:
    for query, found in [
        ("", 1),
        ("?agent=agent-1", 1),
        ("?agent=agent-2", 0),
        ("?kind=second", 0),
        ("?due_before=2026-03-17T00:00:00%2B08:00", 1),
        ("?due_before=2026-03-16T00:00:00%2B08:00", 0),
        ("?state=closed", 0),
    ]:
        assert len(await agent.get(f"/duties{query}")) == found, query
    assert len(await agent.get("/file-duties?due_before=2026-03-12T00:00:00%2B08:00")) == 1
    assert await agent.get("/file-duties?state=closed") == []
    assert await agent.get(f"/duties?after={FIRST}") == []


@pytest.mark.usefixtures("visit")
async def test_no_free_text_and_no_number_is_in_the_journal(agent: Agent, store: Store, tell: Tell, until: Until) -> None:
    await first_call_held(agent, tell, until)
    await agent.post("/letters", {"kind": "notice", "customer": CUSTOMER, "content": "感谢惠顾"})
    entries = str(await store.collection("journal").find({}).to_list(1000))
    for text in (PLAN["need"], SAID["opinion"], SAID["note"], "希望周末也能预约", "感谢惠顾", PHONE, "东直门", "李丽"):
        assert str(text) not in entries


@pytest.mark.usefixtures("visit")
@pytest.mark.clause("F5")
async def test_a_wish_that_nobody_can_answer_goes_to_the_business_supervisor_and_comes_back_with_a_date(
    agent: Agent, tell: Tell, until: Until
) -> None:
    await first_call_held(agent, tell, until)
    (wish,) = await agent.get("/entries")
    entry, supervisor = f"/entries/{wish['id']}", agent.who_is("bizsup-1")
    decided = {"decision": "下月起周末开放预约", "due_on": "2026-03-16"}
    refused = await supervisor.refused("F5", f"{entry}/decision", decided)
    assert refused["missing"] == ["report"]
    reported = await agent.post(f"{entry}/report", {"reason": "周末预约需主管决定"})
    assert (reported["reported"], reported["reported_by"]) == (True, "agent-1")
    assert (await agent.send("POST", f"{entry}/decision", decided)).status_code == 403
    shown = await supervisor.post(f"{entry}/decision", decided)
    assert (shown["due_on"], shown["decision"].startswith("text:followup:")) == ("2026-03-16", True)
    assert (await agent.post(f"{entry}/owner", {"owner": "advisor-2"}))["owner"] == "advisor-2"
    await agent.post(f"{entry}/closing", {"answer": "已告知客户", "channel": "message"})
    read = await agent.who_is("advisor-1").get(entry)
    assert (read["words"], read["reason"]) == ("希望周末也能预约", "周末预约需主管决定")
    assert (read["decision"], read["answer"]) == ("下月起周末开放预约", "已告知客户")
    await agent.refused("F5", f"{entry}/report", {"reason": "再次上报"})


@pytest.mark.usefixtures("visit")
@pytest.mark.clause("F5")
@pytest.mark.parametrize("owner", ["agent-1", "bizsup-1", "advisor-1", "supervisor-1", "director-1"])
async def test_whoever_may_own_a_complaint_tells_the_customer_its_solution(agent: Agent, owner: str) -> None:
    said = {"channel": "face_to_face", "customer": CUSTOMER, "visit": VISIT, "text": "异响仍在", "owner": owner}
    complaint, its_owner = (await agent.post("/complaints", said))["id"], agent.who_is(owner)
    await its_owner.post(f"/complaints/{complaint}/solution", {"solution": "重新紧固隔热板"})
    assert "solution_to_tell_today" in [notice["about"] for notice in (await its_owner.get("/notices"))["items"]]
    assert (await its_owner.post(f"/complaints/{complaint}/told", {"channel": "phone", "content": True}))["closed"]
