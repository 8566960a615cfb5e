"""Keeping the files: customers and vehicles without a visit, their history from before, and the end of a customer's personal data."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from services.reception import files, store
from services.reception.acts.history import remember_past
from services.reception.appointment import Appointment
from services.reception.desk import Work
from services.reception.erasure import Erasure
from services.reception.merger import Merger
from services.reception.past import PastVisits
from services.reception.routes.keeping_bodies import EraseCustomer, FileCustomer, FileVehicle, RecordHistory, VehicleFound
from services.reception.ruling import WarrantyQuestions
from services.reception.vehicle import Vehicle, checked_vin, normalised_plate, plate_key
from services.reception.visit import Visit
from services.reception.wish import Wish
from shared import merged_files
from shared.contracts.delivery import BalanceChanged
from shared.contracts.followup import ComplaintClosed, ComplaintOpened, ContactInvalid
from shared.contracts.reception import VehicleHistoryRecorded
from shared.contracts.records import CustomerRecord, VehicleRecord
from shared.erasing import erase_texts_and_pictures
from shared.identity import vehicle_id
from shared.refusal import Malformed, NotFound
from shared.store import Store
from shared.unit import Unit
from shared.web import Call


def new_customer(call: Call, body: FileCustomer) -> Work[store.CustomerFile]:
    async def file(unit: Unit) -> store.CustomerFile:
        id = await files.file_customer(unit, body, call.store.group_key)
        return await store.customer_file(unit, id)

    return file


def new_vehicle(call: Call, body: FileVehicle) -> Work[store.VehicleFile]:
    async def file(unit: Unit) -> store.VehicleFile:
        id = await files.file_vehicle(unit, body, call.store.group_key)
        if body.owned_by:
            await _give_to(unit, id, body.owned_by, body.owned_since or unit.now.astimezone(unit.branch.site.zone).date())
        car, record = await unit.find(Vehicle, id), await files.known_vehicle(unit, id)
        assert record
        return store.VehicleFile(id=id, vehicle=record, open_visit=car.open_visit, visits=car.visits)

    return file


async def _give_to(unit: Unit, vehicle: str, customer: str, since: date) -> None:
    owners = (await unit.find(Vehicle, vehicle)).owners
    if not owners or not await merged_files.same(unit, owners[-1].customer, customer):
        await files.change_owner(unit, vehicle, customer, since)


async def vehicle_found(call: Call, vin: str, plate: str | None) -> VehicleFound:
    id = vehicle_id(checked_vin(vin), call.store.group_key)
    holder = await call.store.fetch("plates", plate_key(plate, call.store.group_key)) if plate else None
    known = await call.store.record(f"vehicle:{id}") is not None
    held_by = holder["vehicle"] if holder else None
    return VehicleFound(
        vehicle=await merged_files.surviving(call.store, id) if known else None,
        plate_held_by=await merged_files.surviving(call.store, held_by) if held_by else None,
    )


def history(call: Call, body: RecordHistory) -> Work[PastVisits]:
    async def record(unit: Unit) -> PastVisits:
        if unknown := [code for code in (*body.operations, *body.recommended) if code not in unit.branch.operations]:
            raise Malformed(missing=("operations",), unknown=unknown)
        id, *others = await merged_files.family(unit, vehicle_id(checked_vin(body.vin), call.store.group_key))
        if await files.known_vehicle(unit, id) is None:
            raise NotFound(missing=("vehicle",))
        said = body.model_dump(exclude={"vin", "on"})
        past = VehicleHistoryRecorded(vehicle=id, by=call.person.id, on=body.on, **said)
        elsewhere = [each for other in others for each in (await unit.find(PastVisits, other)).records]
        kept = await unit.create(PastVisits, id, lambda known: known.record(past, elsewhere))
        seen_here = bool((await unit.find(Vehicle, id)).visits)
        await remember_past(unit, past, newest=kept.newest() == past and not seen_here)
        return kept

    return record


async def past_of(store: Store, vehicle: str) -> PastVisits:
    """`NotFound` where nothing was taken over."""
    ids = await merged_files.family(store, vehicle)
    known = [past for id in ids for past in await store.select(PastVisits, {"id": id})]
    if not known:
        raise NotFound(missing=(vehicle,))
    return PastVisits(id=ids[0], version=known[0].version, records=tuple(each for past in known for each in past.records))


# the end


def erasure(call: Call, body: EraseCustomer) -> Work[Erasure]:
    """Records, texts, pictures, kept answers of all files of the person; the other departments follow by `CustomerErased`."""

    async def erase(unit: Unit) -> Erasure:
        ids = await merged_files.family(unit, body.customer)
        people = [known for id in ids if (known := await _to_be_erased(unit, id))]
        visits = {id: await _visits_of(unit, id) for id in ids}
        every_visit = [visit for each in visits.values() for visit in each]
        cars, others = await _vehicles_of(unit, ids, every_visit)
        if _names_somebody(body.reason, people, [await files.known_vehicle(unit, car.id) for car in (*cars, *others)]):
            raise Malformed(missing=("reason",), expected="a reason that does not name the customer: it is kept")
        in_the_way = await _in_the_way(unit, ids, every_visit, cars)
        reason = await unit.put_text(body.reason)
        vehicles = [car.id for car in cars]
        for id in ids[1:]:
            own = visits[id]
            await unit.create(Erasure, id, lambda erasure: erasure.erase(own, (), reason, call.person.id, **in_the_way))  # noqa: B023  called before the next turn
            await _erase(unit, id, own, call.person.id)
        erased = await unit.create(
            Erasure,
            ids[0],
            lambda erasure: erasure.erase(every_visit, vehicles, reason, call.person.id, merged=ids[1:], **in_the_way),
        )
        await _erase(unit, ids[0], every_visit, call.person.id)
        for vehicle in vehicles:
            await files.forget_owner(unit, vehicle)
            await _forget_reasons(unit, vehicle)
        for car in others:
            await files.forget_owners_name(unit, car.id, {known.name for known in people})
        return erased

    return erase


def _names_somebody(reason: str, people: Sequence[CustomerRecord], cars: Sequence[VehicleRecord | None]) -> bool:
    """By name, number, address or plate, however they are typed."""
    words = [_bare(word) for known in people for word in (known.name, known.address) if word]
    numbers = [files.national_part(number) for known in people for number in (known.phone, known.former_phone) if number]
    plates = [normalised_plate(plate) for car in cars if car for plate in files.plates_of(car)]
    said = [(_bare(reason), words), (_digits(reason), numbers), (normalised_plate(reason), plates)]
    return any(each and each in text for text, named in said for each in named)


def _bare(words: str) -> str:
    return "".join(unicodedata.normalize("NFKC", words).casefold().split())


def _digits(words: str) -> str:
    return "".join(re.findall("[0-9]", unicodedata.normalize("NFKC", words)))


async def _to_be_erased(unit: Unit, id: str) -> CustomerRecord | None:
    """None where their record has ended and nothing says why: that was lost with this database, and what else there was came back."""
    kept = await unit.fetch("records", f"customer:{id}")
    if kept and kept["body"] is None and not (await unit.find(Erasure, id)).exists:
        return None
    return await files.known_customer(unit, id)


async def _erase(unit: Unit, id: str, visits: list[str], by: str) -> None:
    for wish in await unit.ids(Wish, {"customer": id, "outcome": None}):
        await unit.update(Wish, wish, lambda known: known.withdraw(by))
    await erase_texts_and_pictures(unit, id, visits)
    await files.erase_customer(unit, id)


async def _forget_reasons(unit: Unit, vehicle: str) -> None:
    """Why a car's files were merged may name its owner."""
    for step in (await unit.find(Merger, vehicle)).steps:
        if await unit.record(step.reason) is not None:
            await unit.erase_record(step.reason)


async def _in_the_way(unit: Unit, ids: list[str], visits: list[str], cars: list[Vehicle]) -> dict[str, list[str]]:
    return {
        "expected": [*await _not_over(unit, visits), *(car.open_visit for car in cars if car.open_visit and car.open_visit not in visits)],
        "unruled": [visit for visit in visits if not _all_ruled(await unit.find(WarrantyQuestions, visit))],
        "complaints": await store.complaints(unit, ids),
        "debts": await store.owing(unit, ids),
    }


async def _visits_of(unit: Unit, customer: str) -> list[str]:
    """The visits that are theirs, and appointments; not one that they booked and somebody else came for."""
    booked = await unit.ids(Appointment, {"customer": customer})
    came = [await unit.find(Visit, visit) for visit in sorted({*booked, *await unit.ids(Visit, {"customer": customer})})]
    return [visit.id for visit in came if visit.customer in (customer, None)]


async def _vehicles_of(unit: Unit, customers: list[str], visits: list[str]) -> tuple[list[Vehicle], list[Vehicle]]:
    """Those that are theirs now, and those that were or that they brought, each with all its files (R7)."""
    came = [(await unit.find(Visit, visit)).vehicle for visit in visits]
    booked = [(await unit.find(Appointment, visit)).vehicle for visit in visits]
    brought = {vehicle for vehicle in (*came, *booked) if vehicle}
    owned = {vehicle for customer in customers for vehicle in await unit.ids(Vehicle, {"owners.customer": customer})}
    survivors = sorted({await merged_files.surviving(unit, id) for id in brought | owned})
    cars = [[await unit.find(Vehicle, id) for id in await merged_files.family(unit, survivor)] for survivor in survivors]
    theirs = [file for car in cars if await _is_theirs(unit, car, customers, visits) for file in car]
    return theirs, [file for car in cars for file in car if file not in theirs]


async def _is_theirs(unit: Unit, car: list[Vehicle], customers: list[str], visits: list[str]) -> bool:
    """Owned by them as its files have it, or, where they do not say, brought by them the last time."""
    if owners := sorted((owner for file in reversed(car) for owner in file.owners), key=lambda owner: owner.since):
        return owners[-1].customer in customers
    last = [await unit.find(Visit, file.visits[-1]) for file in car if file.visits]
    return bool(last) and max(last, key=lambda visit: visit.arrived_at or unit.now).id in visits


async def _not_over(unit: Unit, visits: list[str]) -> list[str]:
    return [visit for visit in visits if not await _is_over(unit, visit)]


async def _is_over(unit: Unit, id: str) -> bool:
    visit = await unit.find(Visit, id)
    if visit.arrived_at is None and visit.inquiry is None:
        return not (await unit.find(Appointment, id)).stands
    return visit.closed or (visit.inquiry is not None and not visit.inquiry.car_here)


def _all_ruled(asked: WarrantyQuestions) -> bool:
    return all(question.covers is not None for question in asked.questions)


# D5: what reception keeps of debts, to know whether one is open


async def remember_debt(event: BalanceChanged, unit: Unit) -> None:
    kept = (await unit.fetch("debts", event.customer) or {"visits": {}})["visits"]
    owed = (
        {**kept, event.visit: str(event.owed)} if event.owed else {visit: amount for visit, amount in kept.items() if visit != event.visit}
    )
    await unit.put("debts", event.customer, {"visits": owed}, subject=event.customer)


# F8: what reception keeps of numbers that are not the customer's, to have them checked at the next visit (R7)


async def remember_wrong_number(event: ContactInvalid, unit: Unit) -> None:
    await unit.put("wrong_numbers", event.customer, {"dialled": event.dialled}, subject=event.customer)


# F5: what reception keeps of complaints, to know whether one is open


async def remember_complaint(event: ComplaintOpened, unit: Unit) -> None:
    kept = await unit.fetch("complaints", event.customer) or {"open": []}
    await unit.put("complaints", event.customer, {"open": sorted({*kept["open"], event.complaint})}, subject=event.customer)
    await unit.put("complaints", event.complaint, {"customer": event.customer}, subject=event.customer)


async def forget_complaint(event: ComplaintClosed, unit: Unit) -> None:
    if (complaint := await unit.fetch("complaints", event.complaint)) is None:
        return  # it was open before reception kept this
    kept = await unit.fetch("complaints", complaint["customer"]) or {"open": []}
    still = [each for each in kept["open"] if each != event.complaint]
    await unit.put("complaints", complaint["customer"], {"open": still}, subject=complaint["customer"])
