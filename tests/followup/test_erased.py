"""A customer whose record is erased: what is due of them ends, is never late, and no new text about them is kept."""

from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from services.followup import desk
from services.followup.acts import campaigns, complaints, contacts, entries, unsolved
from services.followup.acts.entries import open_entries
from services.followup.campaign import Campaign, Invitation, NoLetterDue, invitation_id
from services.followup.entry import Entry, EntryIsClosed
from services.followup.file import FileDuty
from services.followup.talk import EntrySaid
from shared.branch import Branch
from shared.contracts.event import RecordChanged
from shared.contracts.followup import DutyDropped, DutyOverdue
from shared.contracts.reception import CustomerErased
from shared.contracts.values import Channel
from shared.effects import BufferedUnit
from shared.erasing import erase_texts_and_pictures, erase_what_is_ours
from shared.refusal import NotFound
from shared.store import Store
from shared.unit import Unit
from tests.followup.conftest import Agent, Tell, Until, heard_beside
from tests.followup.office import Office
from tests.followup.people import CUSTOMER, VISIT, checked_in, delivered, local, order_signed, said

FIRST = f"{VISIT}-first"
KEY = f"customer:{CUSTOMER}"
HERS = invitation_id("campaign-1", CUSTOMER)
ERASED_AT, LATE = "2026-03-10 19:00", "2026-05-01 00:00"


@pytest.fixture
async def office(branch: Branch) -> Office:
    office = Office(branch)
    await office.delivered_visit()
    return office


async def filed(office: Office) -> None:
    at, now = local("2026-03-10 18:30"), local("2026-03-09 17:00")
    await office.act(lambda unit: desk.open_file(unit, VISIT, "text:followup:need", ("car_condition", "tyres"), at), now)


async def with_an_entry(office: Office) -> None:
    await filed(office)
    words = said("car_condition").model_copy(update={"entries": (EntrySaid(kind="wish", text="text:followup:2", owner="agent-1"),)})

    async def hold(unit: BufferedUnit) -> None:
        await open_entries(unit, await desk.hold_call(unit, FIRST, words, None))

    await office.act(hold, local("2026-03-10 18:30"))


async def with_a_letter_to_send(office: Office) -> None:
    await filed(office)
    site = office.branch.site

    async def invite(unit: BufferedUnit) -> None:
        await unit.create(
            Campaign,
            "campaign-1",
            lambda campaign: campaign.decide("event", "text:1", date(2026, 4, 11), None, "bizsup-1", site, unit.now, letter=True),
        )
        await campaigns.choose_customers(unit, "campaign-1", (CUSTOMER,))

    await office.act(invite, local("2026-03-10 10:00"), "bizsup-1")
    await office.act(lambda unit: campaigns.call_customer(unit, HERS, "will_come", None, reached=True), local("2026-03-10 18:30"))


async def erased(office: Office, at: str = ERASED_AT) -> None:
    office.rows["records", KEY] = {"_id": KEY, "revision": 2, "body": None, "department": "reception"}
    await office.hear(RecordChanged(key=KEY, revision=2, erased=True), local(at))


@pytest.mark.clause("F10")
@pytest.mark.parametrize(
    ("before", "kinds"),
    [
        (None, ["file"]),
        (with_an_entry, ["entry"]),
        (with_a_letter_to_send, ["campaign_letter"]),
        (filed, []),
    ],
    ids=["the file", "an entry", "a letter", "nothing"],
)
async def test_what_is_due_of_an_erased_customer_ends_and_is_never_late(
    office: Office, before: Callable[[Office], Awaitable[None]] | None, kinds: list[str]
) -> None:
    if before:
        await before(office)
    await erased(office)
    dropped = [each for each in (*office.journalled(DutyDropped), *office.journalled(DutyDropped, "")) if isinstance(each, DutyDropped)]
    assert [(each.kind, each.customer, each.reason) for each in dropped] == [(kind, CUSTOMER, "erased") for kind in kinds]
    assert list(office.timers) == []
    await office.until(local(LATE))
    assert [*office.journalled(DutyOverdue), *office.journalled(DutyOverdue, "")] == []


@pytest.mark.clause("F2")
async def test_no_file_is_opened_and_no_contact_planned_any_more(office: Office) -> None:
    plan = VISIT, "text:followup:need", ("car_condition",), local("2026-03-12 18:30")
    await erased(office)
    with pytest.raises(NotFound):
        await office.act(lambda unit: desk.open_file(unit, *plan), local("2026-03-11 09:00"))
    assert office.found(FileDuty, VISIT).dropped == "erased"


@pytest.mark.clause("F3")
async def test_a_contact_is_not_planned_anew(office: Office) -> None:
    await filed(office)
    await erased(office)
    plan = VISIT, "text:followup:need", ("car_condition",), local("2026-03-12 18:30")
    with pytest.raises(NotFound):
        await office.act(lambda unit: desk.plan_contact(unit, *plan), local("2026-03-11 09:00"))


@pytest.mark.clause("F5")
async def test_an_entry_takes_no_more_words(office: Office) -> None:
    await with_an_entry(office)
    await erased(office)
    with pytest.raises(EntryIsClosed):
        await office.act(lambda unit: entries.close(unit, f"{FIRST}-1", "text:followup:3", Channel.MESSAGE), local("2026-03-11 09:00"))
    with pytest.raises(EntryIsClosed):
        await office.act(lambda unit: unsolved.report(unit, Entry, f"{FIRST}-1", "text:followup:3"), local("2026-03-11 09:00"))


@pytest.mark.clause("F7")
async def test_a_letter_that_was_due_is_so_no_longer(office: Office) -> None:
    await with_a_letter_to_send(office)
    await erased(office)
    with pytest.raises(NoLetterDue):
        await office.act(lambda unit: campaigns.send_letter(unit, HERS, "text:2"), local("2026-03-11 09:00"))
    assert office.found(Invitation, HERS).sent is None


@pytest.mark.clause("F2")
@pytest.mark.clause("F4")
async def test_what_is_heard_of_after_the_erasure_is_recorded_and_dropped_at_once(branch: Branch) -> None:
    office = Office(branch)
    await office.hear(checked_in(), local("2026-03-09 08:10"))
    await erased(office, "2026-03-09 08:11")
    await office.hear(order_signed(), local("2026-03-09 09:00"))
    await office.hear(delivered(), local("2026-03-09 16:00"))
    assert [key for key in office.timers if key.startswith((VISIT, "reminder"))] == []
    await office.until(local(LATE))
    assert office.journalled(DutyOverdue) == []


@pytest.mark.clause("F5")
async def test_what_another_customer_said_about_the_visit_stays_theirs(agent: Agent, store: Store, tell: Tell) -> None:
    await tell(checked_in())
    await tell(order_signed())
    await store.collection("records").insert_one(
        {"_id": "customer:company-1", "revision": 1, "department": "reception", "body": {"name": "物流公司", "phone": "+8613900000000"}}
    )
    said = {"channel": "call", "customer": "company-1", "visit": VISIT, "text": "司机反映异响", "owner": "advisor-1"}
    theirs = (await agent.post("/complaints", said))["id"]
    own = (await agent.post("/complaints", said | {"customer": CUSTOMER, "channel": "letter", "text": "无热水"}))["id"]
    supervisor = agent.who_is("bizsup-1")
    for id in (CUSTOMER, VISIT):
        shown = await supervisor.get(f"/personal-data/{id}")
        assert [each["state"]["id"] for each in shown["states"] if each["kind"] == "complaint"] == [own]
        assert "司机反映异响" not in str(shown["records"])
    await store.transact(lambda unit: erase_texts_and_pictures(unit, CUSTOMER, [VISIT]), actor="system", correlation="c-1")
    words = {id: (await agent.get(f"/complaints/{id}"))["words"] for id in (own, theirs)}
    assert words == {own: None, theirs: "司机反映异响"}
    (call,) = await agent.get("/calls?customer=company-1")
    assert call["note"] == "司机反映异响"
    shown = await supervisor.get("/personal-data/company-1")
    assert [each["kind"] for each in shown["states"]] == ["registered_call", "complaint"]


PLAN = {"need": "雨刮异响", "topics": ["car_condition"], "at": "2026-03-12T18:30:00+08:00"}


async def its_record_ends(store: Store, tell: Tell) -> None:
    await store.collection("records").update_one({"_id": KEY}, {"$set": {"revision": 2, "body": None}})
    await tell(RecordChanged(key=KEY, revision=2, erased=True))


async def test_what_is_written_between_the_erasure_and_the_end_of_the_record_goes_with_the_record(
    agent: Agent, store: Store, tell: Tell
) -> None:
    await tell(checked_in())
    await tell(order_signed())
    announced = CustomerErased(customer=CUSTOMER, visits=(VISIT,), vehicles=(), reason="text:reception:1", by="bizsup-1")
    await store.transact(lambda unit: erase_what_is_ours(announced, unit), actor="system", correlation="c-1")
    await agent.post(f"/file-duties/{VISIT}/file", PLAN, Idempotency_Key="file")
    said = {"channel": "call", "customer": CUSTOMER, "text": "雨刮异响", "owner": "advisor-1"}
    await agent.post("/complaints", said, Idempotency_Key="complaint")
    await its_record_ends(store, tell)
    texts = await store.collection("records").find({"_id": {"$regex": "^text:"}}).to_list(None)
    assert texts and [row["body"] for row in texts if row["body"]] == []
    assert await store.collection("answers").count_documents({}) == 0


async def plan_a_contact(unit: Unit) -> None:
    await desk.plan_contact(unit, VISIT, await unit.put_text("雨刮异响"), ("car_condition",), local("2026-03-12 18:30"))


async def register_a_call(unit: Unit) -> None:
    note = await unit.put_text("雨刮异响")
    await desk.register_call(unit, direction="in", customer=CUSTOMER, visit=None, purpose="other", result="content", note=note)


async def register_a_letter(unit: Unit) -> None:
    await desk.register_letter(unit, "notice", CUSTOMER, None, await unit.put_text("雨刮异响"))


async def complain_in_a_letter(unit: Unit) -> None:
    await complaints.open_complaint(unit, "complaint-1", "letter", CUSTOMER, None, await unit.put_text("雨刮异响"), "advisor-1")


async def invite(unit: Unit) -> None:
    await campaigns.choose_customers(unit, "campaign-1", (CUSTOMER,))


async def decide_a_campaign(unit: Unit) -> None:
    day, site = date(2026, 4, 11), unit.branch.site
    await unit.create(
        Campaign,
        "campaign-1",
        lambda campaign: campaign.decide("event", "text:1", day, None, "bizsup-1", site, unit.now, letter=True),
    )


@pytest.mark.parametrize("written", [plan_a_contact, register_a_call, register_a_letter, complain_in_a_letter, invite])
async def test_nothing_is_written_about_them_at_the_moment_at_which_the_record_ends(
    agent: Agent, store: Store, tell: Tell, written: Callable[[Unit], Awaitable[None]]
) -> None:
    await tell(checked_in())
    await tell(order_signed())
    await agent.post(f"/file-duties/{VISIT}/file", PLAN)
    await store.transact(decide_a_campaign, actor="bizsup-1", correlation="c-1")
    tries = 0

    async def beside(unit: Unit) -> None:
        nonlocal tries
        tries += 1
        await written(unit)
        if tries == 1:
            await its_record_ends(store, tell)

    with pytest.raises(NotFound):
        await store.transact(beside, actor="agent-1", correlation="c-1")
    assert tries == 2


@pytest.mark.clause("F4")
@pytest.mark.clause("F7")
async def test_who_is_erased_as_they_want_calls_again_gets_none(agent: Agent, store: Store, tell: Tell, until: Until) -> None:
    await tell(checked_in())
    await tell(order_signed())
    await agent.post(f"/file-duties/{VISIT}/file", PLAN)
    await tell(delivered().model_copy(update={"next": None}))
    await store.transact(decide_a_campaign, actor="bizsup-1", correlation="c-1")
    await store.transact(invite, actor="bizsup-1", correlation="c-1")
    await agent.post(f"/contacts/{CUSTOMER}/do-not-call", {"do_not_call": True})
    tries = 0

    async def beside(unit: Unit) -> None:
        nonlocal tries
        tries += 1
        await contacts.say_do_not_call(unit, CUSTOMER, do_not_call=False)
        if tries == 1:
            await its_record_ends(store, tell)

    await store.transact(beside, actor="agent-1", correlation="c-1")
    assert tries == 2
    assert (await agent.get("/duties"), await agent.get("/invitations")) == ([], [])
    await until(LATE)
    assert (await agent.get("/overview"))["people"] == []


@pytest.mark.clause("F4")
@pytest.mark.clause("D8")
async def test_nothing_becomes_due_of_who_is_erased_at_the_moment_of_the_delivery(agent: Agent, store: Store, tell: Tell) -> None:
    await tell(checked_in())
    await tell(order_signed())
    await agent.post(f"/file-duties/{VISIT}/file", PLAN)
    assert await heard_beside(delivered(), store, lambda: its_record_ends(store, tell)) == 2
    (call,) = await agent.get("/duties?state=all")
    (reminder,) = await agent.get("/reminders?state=all")
    assert (call["stopped"], reminder["ended"]) == ("erased", "not_wanted")


async def test_the_lists_show_it_as_closed(agent: Agent, store: Store, tell: Tell) -> None:
    await tell(checked_in())
    await tell(order_signed())
    assert [each["id"] for each in await agent.get("/file-duties")] == [VISIT]
    await its_record_ends(store, tell)
    assert await agent.get("/file-duties") == []
    assert [each["dropped"] for each in await agent.get("/file-duties?state=closed")] == ["erased"]
    plan = {"need": "复查", "topics": ["car_condition"], "at": "2026-03-12T18:30:00+08:00"}
    assert (await agent.send("POST", f"/file-duties/{VISIT}/file", plan)).status_code == 404
