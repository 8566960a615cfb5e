"""Keeping house: settings and staff change while the site runs; every department sees it, and the supervisor cannot lock the door."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from services.followup.acts import house
from services.followup.calls import CallDuty
from services.followup.file import FileDuty
from services.followup.house import HOUSE, House, NobodyWouldSupervise, OnlyTheSupervisorKeepsHouse, SettingIsSo
from shared.auth import Person
from shared.branch import Branch, NoSuchSetting
from shared.calendar import is_working_day
from shared.call import as_administered
from shared.contracts.envelope import Envelope
from shared.contracts.event import Event
from shared.contracts.followup import CallDutyMoved, DutyOverdue, FileDutyMoved, SiteSettingChanged, StaffChanged
from shared.refusal import Malformed, NotFound
from shared.site_changes import SiteChanges
from shared.store import MongoUnit, Store
from shared.waiting import Turns
from tests.followup.conftest import Agent
from tests.followup.office import Office, _envelope
from tests.followup.people import VISIT, checked_in, delivered, local, order_signed

NOW = "2026-03-09 10:00"


def changed(key: str, value: Any) -> SiteSettingChanged:
    return SiteSettingChanged(key=key, value=value, by="bizsup-1", reason="text:followup:1")


def person(staff: str, *roles: str, left: bool = False, called: str | None = None) -> StaffChanged:
    return StaffChanged(staff=staff, roles=roles, left=left, called=called, by="bizsup-1")


# -- what may be changed


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shop.slot_capacity", 6),
        ("shop.opens", "07:30"),
        ("shop.open_days", "mon-sat"),
        ("shop.peak_hours", ("11:00-12:00",)),
        ("prices.labour_rate_per_hour", "200.00"),
        ("deadlines.customer_file_working_days", 1),
        ("calendar.holidays", ("2026-03-12",)),
        ("may.followup.open_file", ("advisor",)),
    ],
)
def test_a_setting_takes_what_site_toml_would(branch: Branch, key: str, value: Any) -> None:
    after = branch.with_settings({key: value})
    assert after.site != branch.site
    assert after.site.id == branch.site.id


def test_hours_that_are_right_only_together_are_applied_together(branch: Branch) -> None:
    """First the closing was moved, then the opening; on record is the newest of each, in any order."""
    assert branch.with_settings({"shop.opens": "21:00", "shop.closes": "23:00"}).site.shop.ever_opens


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("site.id", "SH01"),
        ("site.time_zone", "UTC"),
        ("shop.slots", 6),
        ("nothing.at_all", 1),
        ("shop", 1),
        ("shop.slot_capacity", 0),
        ("shop.opens", "25:00"),
        ("shop.opens", "21:00"),
        ("shop.open_days", ()),
        ("may.followup.open_file", ()),
        ("may.followup.open_file", ("king",)),
    ],
)
def test_what_is_no_setting_or_no_value_is_refused(branch: Branch, key: str, value: Any) -> None:
    with pytest.raises(NoSuchSetting) as refused:
        branch.with_settings({key: value})
    assert refused.value.missing == (key,)


@pytest.mark.clause("F10")
def test_a_change_is_recorded_with_what_was_before(branch: Branch) -> None:
    (event,) = House(id=HOUSE).change_setting("shop.slot_capacity", 6, "text:followup:1", "bizsup-1", branch)
    assert isinstance(event, SiteSettingChanged)
    assert (event.value, event.before, event.by, event.reason) == (6, 4, "bizsup-1", "text:followup:1")
    after = House(id=HOUSE).after([event])
    with pytest.raises(SettingIsSo):
        after.change_setting("shop.slot_capacity", 6, "text:followup:1", "bizsup-1", branch)
    with pytest.raises(OnlyTheSupervisorKeepsHouse):
        after.change_setting("may.followup.change_setting", ("advisor",), "text:followup:1", "bizsup-1", branch)


@pytest.mark.clause("F10")
def test_people_come_change_and_leave_but_somebody_supervises(branch: Branch) -> None:
    empty = House(id=HOUSE)
    with pytest.raises(Malformed):
        empty.change_person("agent-3", ("followup_agent",), None, (), None, None, "bizsup-1", branch)
    with pytest.raises(Malformed):
        empty.change_person("agent-1", ("king",), None, (), None, None, "bizsup-1", branch)
    with pytest.raises(NotFound):
        empty.let_go("agent-3", "text:followup:1", "bizsup-1", branch)
    with pytest.raises(NobodyWouldSupervise):
        empty.let_go("bizsup-1", "text:followup:1", "bizsup-1", branch)
    with pytest.raises(NobodyWouldSupervise):
        empty.change_person("bizsup-1", ("advisor",), None, (), None, None, "bizsup-1", branch)
    two = empty.after(empty.change_person("agent-1", ("business_supervisor",), None, (), None, None, "bizsup-1", branch))
    assert two.let_go("bizsup-1", "text:followup:1", "agent-1", branch)


@pytest.mark.clause("F10")
def test_who_has_the_only_other_supervisor_as_a_second_account_does_not_leave(branch: Branch) -> None:
    """That account would be barred with them, and nobody could change anything any more."""
    house = House(id=HOUSE).after([person("bizsup-2", "business_supervisor"), changed("accounts.bizsup-2", "bizsup-1")])
    with pytest.raises(NobodyWouldSupervise):
        house.let_go("bizsup-1", "text:followup:1", "bizsup-1", branch)
    assert house.change_person("bizsup-1", ("advisor",), None, (), None, None, "bizsup-1", branch)
    assert house.let_go("bizsup-2", "text:followup:1", "bizsup-1", branch)


@pytest.mark.clause("F10")
@pytest.mark.parametrize("known", [True, False], ids=["seen by the process", "not seen yet"])
def test_after_somebody_with_a_second_account_left_settings_are_changed_as_before(branch: Branch, known: bool) -> None:
    house = House(id=HOUSE).after([changed("accounts.second", "tech-1"), person("tech-1", left=True)])
    seen = branch.with_staff({"tech-1": None}).with_settings({"accounts.second": "tech-1"}) if known else branch
    for key, value in (("shop.bays", 9), ("accounts.second", "second"), ("accounts.third", "tech-2")):
        assert house.change_setting(key, value, "text:followup:1", "bizsup-1", seen)
    with pytest.raises(NoSuchSetting) as refused:
        house.change_setting("accounts.third", "tech-1", "text:followup:1", "bizsup-1", seen)
    assert refused.value.missing == ("accounts.third",)


@pytest.mark.clause("F10")
def test_a_second_account_is_given_to_somebody_whom_the_process_has_not_seen_yet(branch: Branch) -> None:
    house = House(id=HOUSE).after([person("qc-9", "qc_inspector")])
    assert house.change_setting("accounts.second", "qc-9", "text:followup:1", "bizsup-1", branch)


@pytest.mark.clause("F10")
def test_a_setting_that_the_software_no_longer_knows_keeps_no_other_from_being_changed(branch: Branch) -> None:
    house = House(id=HOUSE).after([changed("shop.vanished", 6)])
    (event,) = house.change_setting("shop.bays", 9, "text:followup:1", "bizsup-1", branch)
    assert isinstance(event, SiteSettingChanged)
    assert (event.key, event.value) == ("shop.bays", 9)


@pytest.mark.parametrize("later", [("second", "second"), ("second", "tech-2")])
def test_second_accounts_are_judged_as_they_all_are_in_the_end(branch: Branch, later: tuple[str, str]) -> None:
    """The folder's `second` was tech-1's; that was changed before tech-1 became somebody's second account itself."""
    folder = branch.with_settings({"accounts.second": "tech-1"})
    after = folder.with_settings({"accounts.tech-1": "tech-3", f"accounts.{later[0]}": later[1]})
    assert after.site.accounts == {"tech-1": "tech-3", later[0]: later[1]}
    with pytest.raises(NoSuchSetting):
        folder.with_settings({"accounts.tech-1": "tech-3"})


# -- how it is seen


async def hear(store: Store, event: Event) -> None:
    """As every department's intake does."""
    envelope: Envelope = _envelope(event, store.clock.now()).model_copy(update={"subject": HOUSE})

    async def react(unit: MongoUnit) -> None:
        await Turns(store).handlers.react(envelope, unit)

    await store.transact(react, actor="system", correlation="c-1", cause=envelope)


async def test_every_department_works_with_the_newest_of_each(store: Store) -> None:
    changes = SiteChanges(store)
    for event in (changed("shop.slot_capacity", 6), changed("shop.bays", 3), changed("shop.slot_capacity", 7)):
        await hear(store, event)
    await hear(store, person("agent-3", "followup_agent", "advisor"))
    await hear(store, person("agent-2", left=True))
    assert store.branch.site.shop.slot_capacity == 4
    await changes.look()
    assert (store.site.shop.slot_capacity, store.site.shop.bays) == (7, 3)
    assert [each.id for each in store.branch.people("followup_agent")] == ["agent-1", "agent-3"]
    await hear(store, person("agent-2", "followup_agent"))
    await changes.look()
    assert store.branch.staff["agent-2"].name == "侯佳"


async def test_a_setting_that_the_software_no_longer_knows_stops_nothing(store: Store) -> None:
    changes = SiteChanges(store)
    await hear(store, changed("shop.vanished", 6))
    await hear(store, changed("shop.bays", 3))
    await changes.look()
    assert store.site.shop.bays == 3


async def test_a_second_account_of_somebody_who_came_later_is_that_persons(store: Store) -> None:
    changes = SiteChanges(store)
    await hear(store, person("qc-9", "qc_inspector"))
    await hear(store, changed("accounts.second", "qc-9"))
    await changes.look()
    assert store.branch.person_of("second") == "qc-9"
    assert store.branch.same_person("second", ["qc-9"])


@pytest.mark.parametrize("who", ["tech-1", "qc-9"])
async def test_who_left_stays_barred_by_every_account(store: Store, branch: Branch, who: str) -> None:
    second = Person(id="second", name="x", sites=(store.site.id,), roles=("qc_inspector",))
    changes = SiteChanges(store)
    for event in (person(who, "qc_inspector"), changed("accounts.second", who), person(who, left=True), changed("shop.bays", 3)):
        await hear(store, event)
        await changes.look()
    for begins_anew in (False, True):
        if begins_anew:
            store.branch = branch
            await SiteChanges(store).look()
        assert (store.branch.site.shop.bays, store.branch.person_of("second")) == (3, who)
        assert as_administered(second, store.branch).roles == ()


async def test_after_somebody_with_a_second_account_left_the_supervisor_still_changes_settings_over_http(
    agent: Agent, store: Store
) -> None:
    supervisor, changes, heard = agent.who_is("bizsup-1"), SiteChanges(store), 0

    async def done(path: str, **body: Any) -> None:
        nonlocal heard
        await supervisor.post(path, {**body, "reason": "离职"})
        entries = await store.collection("journal").find({"subject": HOUSE}).sort([("version", 1)]).to_list(None)
        for entry in entries[heard:]:
            kind = SiteSettingChanged if entry["type"] == SiteSettingChanged.wire_type("followup") else StaffChanged
            await hear(store, kind.model_validate(entry["data"]))
        heard = len(entries)
        await changes.look()

    await done("/settings", key="accounts.second", value="tech-1")
    await done("/staff/tech-1/leaving")
    await done("/settings", key="shop.bays", value=9)
    assert store.site.shop.bays == 9
    assert (await supervisor.send("POST", "/settings", {"key": "accounts.third", "value": "tech-1", "reason": "离职"})).status_code == 422
    await done("/settings", key="accounts.second", value="second")
    assert store.branch.person_of("second") == "second"


async def test_what_the_supervisor_said_of_a_person_goes_before_the_token(agent: Agent, store: Store) -> None:
    changes = SiteChanges(store)
    assert (await agent.send("GET", "/duties")).status_code == 200
    await hear(store, person("agent-1", left=True))
    await changes.look()
    store.branch = store.branch.model_copy(update={"staff": {**store.branch.staff}})
    assert (await agent.send("GET", "/duties")).status_code == 403


async def test_who_may_do_what_is_a_setting(agent: Agent, store: Store) -> None:
    advisor = agent.who_is("advisor-1")
    assert (await advisor.send("GET", "/duties")).status_code == 403
    await hear(store, changed("may.followup.see_duties", ("advisor",)))
    await SiteChanges(store).look()
    assert (await advisor.send("GET", "/duties")).status_code == 200
    assert (await agent.send("GET", "/duties")).status_code == 403


async def test_house_is_kept_over_http_by_the_supervisor_alone(agent: Agent, store: Store) -> None:
    supervisor = agent.who_is("bizsup-1")
    setting = {"key": "shop.slot_capacity", "value": 6, "reason": "春季客流增加"}
    assert (await agent.send("POST", "/settings", setting)).status_code == 403
    assert (await supervisor.post("/settings", setting))["settings"] == {"shop.slot_capacity": 6}
    assert (await supervisor.send("POST", "/settings", {**setting, "key": "shop.nothing"})).status_code == 422
    someone = {"roles": ["followup_agent"], "name": "王芳", "reason": "新员工"}
    assert (await supervisor.post("/staff/agent-3", someone))["people"]["agent-3"]["roles"] == ["followup_agent"]
    assert (await supervisor.send("POST", "/staff/agent-4", {"roles": ["followup_agent"]})).status_code == 422
    await supervisor.post("/staff/agent-2/leaving", {"reason": "离职"})
    await supervisor.refused("F10", "/staff/bizsup-1/leaving", {"reason": "离职"})
    assert (await agent.get("/settings"))["shop"]["slot_capacity"] == 4
    async for entry in store.collection("journal").find({"type": "followup.staff_changed.v1"}):
        assert "王芳" not in str(entry)
    assert len(await agent.get("/staff")) == len(store.branch.staff)


# -- EDGE_CASES 12: a changed calendar


@pytest.fixture
async def office(branch: Branch) -> Office:
    """Delivered on Monday the 9th: the call is planned for Tuesday, the file due by the end of Wednesday."""
    office = Office(branch)
    await office.delivered_visit()
    return office


@pytest.mark.clause("F2")
@pytest.mark.clause("F4")
async def test_a_changed_calendar_counts_open_duties_anew(office: Office) -> None:
    await office.hear(changed("calendar.holidays", ("2026-03-10", "2026-03-11")), local("2026-03-09 17:00"))
    duty, file = office.found(CallDuty, f"{VISIT}-first"), office.found(FileDuty, VISIT)
    assert (duty.planned_on, duty.for_duty_agent) == (date(2026, 3, 12), False)
    assert (duty.promise_by, duty.due_by) == (local("2026-03-12 23:59:59"), local("2026-03-16 23:59:59"))
    assert file.due_by == local("2026-03-13 23:59:59")
    assert office.timers[f"{VISIT}:file"].due_at == local("2026-03-14 00:00")
    assert len(office.journalled(CallDutyMoved)) == len(office.journalled(FileDutyMoved)) == 1


@pytest.mark.clause("F2")
@pytest.mark.clause("F10")
async def test_two_changes_of_the_calendar_in_quick_succession_do_not_undo_each_other(office: Office) -> None:
    changes: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("calendar.holidays", ("2026-03-10", "2026-03-11")),
        ("calendar.working_days", ("2026-03-14",)),
        ("calendar.holidays", ("2026-03-10", "2026-03-11", "2026-03-12")),
    )
    for key, value in changes:
        await office.act(partial(house.change_setting, key=key, value=value, reason="text:followup:1"), local(NOW), "bizsup-1")
    for event in office.journalled(SiteSettingChanged):
        await office.hear(event, local("2026-03-09 17:00"))
        assert office.found(FileDuty, VISIT).due_by == local("2026-03-14 23:59:59")


@pytest.mark.clause("F4")
async def test_a_window_that_lost_its_last_working_day_is_for_the_duty_agent(office: Office) -> None:
    days = tuple(f"2026-03-{day}" for day in range(10, 17))
    await office.hear(changed("calendar.holidays", days), local("2026-03-09 17:00"))
    assert office.found(CallDuty, f"{VISIT}-first").for_duty_agent
    assert len(office.told("no_working_day_for_call")) == 1


@pytest.mark.clause("F10")
async def test_a_breach_that_is_past_stays_one(office: Office) -> None:
    await office.until(local("2026-03-13 00:00"))
    before = len(office.journalled(DutyOverdue))
    assert before == 2
    await office.hear(changed("calendar.holidays", ("2026-03-10", "2026-03-11")), local("2026-03-13 09:00"))
    assert office.journalled(CallDutyMoved) == office.journalled(FileDutyMoved) == []
    assert office.found(FileDuty, VISIT).overdue


@pytest.mark.clause("F4")
async def test_other_settings_move_no_duty(office: Office) -> None:
    await office.hear(changed("shop.bays", 3), local("2026-03-09 17:00"))
    assert office.journalled(CallDutyMoved) == []


def test_a_sites_own_days_go_before_what_is_published(branch: Branch) -> None:
    own = branch.with_settings({"calendar.holidays": ("2026-03-12",), "calendar.working_days": ("2026-03-14",)}).site.days
    thursday, saturday = date(2026, 3, 12), date(2026, 3, 14)
    assert (is_working_day(thursday), is_working_day(saturday)) == (True, False)
    assert (is_working_day(thursday, own), is_working_day(saturday, own)) == (False, True)


@pytest.mark.clause("F1")
async def test_deadlines_of_the_site_hold_for_what_comes_after(office: Office) -> None:
    office.branch = office.branch.with_settings({"deadlines.customer_file_working_days": 1})
    await office.hear(checked_in("visit-2"), local(NOW))
    await office.hear(order_signed("visit-2"), local(NOW))
    await office.hear(delivered("visit-2"), local("2026-03-09 18:00"))
    assert office.found(FileDuty, "visit-2").due_by == local("2026-03-10 23:59:59")
    assert office.found(FileDuty, VISIT).due_by == local("2026-03-11 23:59:59")
    made = await office.act(lambda unit: house.change_setting(unit, "shop.bays", 3, "text:followup:1"), local(NOW), "bizsup-1")
    assert made.settings == {"shop.bays": 3}
