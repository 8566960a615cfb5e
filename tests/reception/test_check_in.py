from datetime import timedelta
from decimal import Decimal

import pytest

from services.reception.appointment import Appointment
from services.reception.check_in import (
    CheckInSheetIncomplete,
    Sheet,
    SheetContentDiffers,
    SheetNotSigned,
    UnknownOutlinePart,
    VehicleAlreadyCheckedIn,
    WitnessUnknown,
    WrongSignerOfSheet,
    lacking,
)
from services.reception.papers import same_words
from services.reception.visit import Visit
from shared.contracts.reception import AppointmentBooked, BringerRecorded, VehicleCheckedIn
from shared.contracts.values import Channel, DamageMark
from shared.refusal import Refused
from shared.signing import content_hash
from shared.store import Store
from tests.reception import walk
from tests.reception.conftest import Desk
from tests.reception.counter import NOW, SHEET, VISIT, carried_to
from tests.reception.recorded import journal, text
from tests.reception.walk import arrive

MISSING = {
    "covers_fitted": ((), ("cover:seat", "cover:wheel", "cover:floor")),
    "brought_by": (None, ("brought_by",)),
    "odometer_km": (None, ("odometer",)),
    "fuel": (None, ("fuel",)),
    "damage": (None, ("damage",)),
    "belongings_asked": (False, ("belongings",)),
    "spare_wheel": (None, ("spare_wheel",)),
    "tools": (None, ("tools",)),
}


@pytest.mark.clause("R2")
@pytest.mark.parametrize("field", MISSING)
def test_a_sheet_that_lacks_something_cannot_be_signed_and_the_refusal_names_it(field: str) -> None:
    counter, (absent, named) = carried_to("draft_sheet"), MISSING[field]
    counter.seen(counter.visit.draft_sheet("advisor-1", SHEET.model_copy(update={field: absent})))
    assert counter.visit.sheet_missing == named
    with pytest.raises(CheckInSheetIncomplete) as refused:
        counter.sign_sheet("0" * 64)
    assert refused.value.missing == named


@pytest.mark.clause("R2")
def test_an_unreadable_gauge_is_a_value_with_its_reason() -> None:
    unreadable = {"odometer_km": None, "odometer_unreadable": "no power", "fuel": None, "fuel_unreadable": "no power"}
    assert lacking(SHEET.model_copy(update=unreadable)) == ()
    assert lacking(SHEET.model_copy(update={"odometer_unreadable": "and yet a value"})) == ("odometer",)


@pytest.mark.clause("R2")
def test_no_damage_and_no_belongings_are_answers() -> None:
    assert lacking(SHEET.model_copy(update={"damage": (), "belongings": None})) == ()


@pytest.mark.clause("R2")
def test_damage_is_marked_on_a_part_of_the_outline() -> None:
    counter = carried_to("draft_sheet")
    with pytest.raises(UnknownOutlinePart):
        counter.seen(counter.visit.draft_sheet("advisor-1", Sheet(damage=(DamageMark(part="moon", mark="dent"),))))


@pytest.mark.clause("R2")
def test_a_signature_over_another_content_is_refused() -> None:
    counter = carried_to("sign_sheet")
    shown = counter.visit.sheet_hash
    counter.seen(counter.visit.draft_sheet("advisor-1", SHEET.model_copy(update={"odometer_km": 40229})))
    with pytest.raises(SheetContentDiffers):
        counter.sign_sheet(shown)
    counter.sign_sheet()


@pytest.mark.clause("R2")
@pytest.mark.parametrize(("brought_by", "signer", "other"), [("tow", "tow_driver", "customer"), ("self", "customer", "tow_driver")])
def test_the_tow_driver_signs_for_a_towed_car_and_only_for_that(brought_by: str, signer: str, other: str) -> None:
    counter = carried_to("draft_sheet")
    counter.seen(counter.visit.draft_sheet("advisor-1", SHEET.model_copy(update={"brought_by": brought_by})))
    with pytest.raises(WrongSignerOfSheet):
        counter.sign_sheet(signer=other)
    if signer == "tow_driver":
        with pytest.raises(WitnessUnknown):
            counter.visit.sign_sheet(counter.visit.sheet_hash or "", signer, None, counter.now)
    counter.sign_sheet(signer=signer)
    assert counter.visit.sheet_signature
    assert (counter.visit.bringer is not None) == (signer == "tow_driver")
    assert counter.visit.sheet_signature.signer == signer


@pytest.mark.clause("R2")
def test_the_signed_hash_can_be_computed_again_from_the_event_alone() -> None:
    checked_in = next(event for event in carried_to("").events if isinstance(event, VehicleCheckedIn))
    again = VehicleCheckedIn.model_validate_json(checked_in.model_dump_json())
    assert content_hash(again) == again.content_hash == again.signature.content_hash


@pytest.mark.clause("R2")
def test_everything_on_the_sheet_is_in_the_event() -> None:
    checked_in = next(event for event in carried_to("").events if isinstance(event, VehicleCheckedIn))
    on_the_sheet = SHEET.model_dump(exclude={"belongings_asked", "odometer_lower_reason"})
    assert checked_in.model_dump(include=set(on_the_sheet)) == on_the_sheet
    assert checked_in.fuel == Decimal("0.75")


@pytest.mark.clause("R1")
def test_arrival_and_greeting_times_are_recorded() -> None:
    counter = carried_to("greet")
    counter.now += timedelta(minutes=4)
    counter.seen(counter.visit.greet("greeter-1", ("visit-0",), counter.now))
    assert counter.visit.arrived_at == NOW
    assert counter.visit.greeted_at == NOW + timedelta(minutes=4)
    assert counter.events[-1].model_dump(include={"waited_seconds", "passed_over"}) == {"waited_seconds": 240, "passed_over": ("visit-0",)}


@pytest.mark.clause("R1")
def test_who_came_first_is_served_first_and_an_appointment_holds_its_slot() -> None:
    def came(id: str, minutes: int, number: int, slot: int | None = None) -> Visit:
        visit, held = Visit(id=id), None
        if slot is not None:
            booked = AppointmentBooked(
                visit=id,
                customer="c",
                vehicle="v",
                channel=Channel.PHONE,
                arrives_at=NOW + timedelta(minutes=slot),
                advisor="advisor-1",
            )
            held = Appointment(id=id).after(Appointment(id=id).book(booked))
        return visit.after(visit.arrive("c", "v", NOW.date(), number, NOW + timedelta(minutes=minutes), booked=held))

    arrived = [
        came("walk-in at 0", 0, 1),
        came("walk-in at 5", 5, 2),
        came("booked for 3, came at 7", 7, 3, slot=3),
        came("booked for 60, came at 8", 8, 4, slot=60),
        came("walk-in at 9", 9, 5),
        came("booked for -60, came at 10", 10, 6, slot=-60),
    ]
    served = sorted(arrived, key=lambda visit: visit.place_in_queue(slot_minutes=30))
    assert [visit.id for visit in served] == [
        "walk-in at 0",
        "booked for 3, came at 7",
        "walk-in at 5",
        "booked for 60, came at 8",
        "walk-in at 9",
        "booked for -60, came at 10",
    ]


@pytest.mark.clause("R7")
@pytest.mark.parametrize(("vin", "plate", "named"), [(False, True, ("vin",)), (True, False, ("plate",)), (False, False, ("vin", "plate"))])
def test_papers_that_do_not_match_the_file_are_refused(vin: bool, plate: bool, named: tuple[str, ...]) -> None:
    visit = carried_to("take_documents").visit
    with pytest.raises(Refused, match="R7") as refused:
        visit.take_documents(("driving_licence",), vin_matches=vin, plate_matches=plate)
    assert refused.value.missing == named


@pytest.mark.clause("R7")
@pytest.mark.parametrize(
    ("known", "shown", "same"),
    [
        ("CA4GC217118", "ca4gc 217118", True),
        ("CA4GC217118", "CA4GC217119", False),
        ("李丽", "李 丽", True),
        (None, "李丽", None),
        ("李丽", None, None),
        ("", "李丽", None),
    ],
)
def test_engine_number_and_owner_are_compared_as_they_are_read(known: str | None, shown: str | None, same: bool | None) -> None:
    assert same_words(known, shown) is same


@pytest.mark.clause("R13")
def test_a_customer_is_reached_by_the_phone_of_the_file_unless_said_otherwise() -> None:
    counter = carried_to("wait")
    counter.seen(counter.visit.record_waiting_place("leaves", "text:reception:9"))
    assert (counter.visit.waiting_place, counter.visit.reach) == ("leaves", "text:reception:9")
    counter.seen(counter.visit.record_waiting_place("lounge", None))
    assert counter.visit.reach == "customer:customer-1"
    assert counter.visit.id == VISIT


@pytest.mark.clause("R2")
@pytest.mark.parametrize(("reason", "missing"), [(None, ("odometer_lower_reason",)), ("cluster replaced", ())])
def test_a_reading_below_that_of_the_last_visit_has_a_reason(reason: str | None, missing: tuple[str, ...]) -> None:
    counter = carried_to("draft_sheet")
    counter.seen(counter.visit.draft_sheet("advisor-1", SHEET.model_copy(update={"odometer_lower_reason": reason}), 50000))
    assert counter.visit.sheet_missing == missing
    assert (counter.visit.sheet_hash is None) is bool(missing)


@pytest.mark.clause("R2")
def test_a_reading_that_cannot_be_read_or_is_higher_needs_none() -> None:
    unreadable = SHEET.model_copy(update={"odometer_km": None, "odometer_unreadable": "no power"})
    assert lacking(unreadable, 50000) == lacking(SHEET, 40228) == lacking(SHEET, None) == ()


@pytest.mark.clause("R2")
def test_a_refused_signature_is_recorded_with_its_witness_and_work_stays_locked_until_the_sheet_is_signed() -> None:
    counter = carried_to("sign_sheet")
    counter.seen(counter.visit.refuse_signature("advisor-1", "text:reception:8", "text:reception:9"))
    assert counter.visit.signature_refused
    assert counter.visit.signature_refused.witness == "text:reception:9"
    with pytest.raises(SheetNotSigned):
        counter.estimate()
    counter.sign_sheet()
    with pytest.raises(VehicleAlreadyCheckedIn):
        counter.visit.refuse_signature("advisor-1", "text:reception:8", "text:reception:9")


@pytest.mark.clause("R2")
def test_only_a_complete_sheet_can_be_refused() -> None:
    counter = carried_to("draft_sheet")
    counter.seen(counter.visit.draft_sheet("advisor-1", Sheet()))
    with pytest.raises(CheckInSheetIncomplete):
        counter.visit.refuse_signature("advisor-1", "text:reception:8", "text:reception:9")


@pytest.mark.clause("R2")
async def test_the_tow_drivers_name_firm_and_phone_are_a_record_and_not_in_the_journal(desk: Desk, store: Store) -> None:
    visit = await arrive(desk)
    drafted = await desk.ok("PUT", f"/visits/{visit}/check-in-sheet", walk.SHEET | {"brought_by": "tow"})
    signed = {"content_hash": drafted["sheet_hash"], "signer": "tow_driver"}
    driver = {"name": "赵师傅", "firm": "京安拖车", "phone": "13800138000"}
    for incomplete in ({}, {"bringer": {**driver, "firm": None}}):
        refused = await desk.refused("R2", "POST", f"/visits/{visit}/check-in-sheet/signature", signed | incomplete)
        assert refused["missing"] == ["bringer"]
    checked_in = await desk.ok("POST", f"/visits/{visit}/check-in-sheet/signature", signed | {"bringer": driver})
    assert await text(store, checked_in["bringer"]) == "赵师傅\n京安拖车\n13800138000"
    (recorded,) = await journal(store, visit, BringerRecorded)
    assert recorded == BringerRecorded(visit=visit, brought_by="tow", who=checked_in["bringer"])
