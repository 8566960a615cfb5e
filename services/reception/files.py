"""The files of customers and vehicles: records with personal data, found by HMAC of number or plate (R7)."""

import hashlib
import hmac
from collections.abc import Collection
from datetime import date

import phonenumbers

from services.reception import customer, vehicle
from services.reception.bodies import CorrectCustomer, CorrectVehicle, CustomerGiven, VehicleGiven
from services.reception.vehicle import PlateOfAnotherVehicle, Vehicle
from shared import merged_files
from shared.calendar import local_day
from shared.contracts.records import CustomerRecord, VehicleRecord
from shared.erasing import forget_answers, rows_with
from shared.identity import new_id, vehicle_id
from shared.refusal import NotFound
from shared.unit import Unit


async def known_customer(unit: Unit, id: str) -> CustomerRecord:
    if (body := await unit.record(f"customer:{id}")) is None:
        raise NotFound(missing=(id,))
    return CustomerRecord.model_validate(body)


async def known_vehicle(unit: Unit, id: str) -> VehicleRecord | None:
    body = await unit.record(f"vehicle:{id}")
    return VehicleRecord.model_validate(body) if body else None


async def customer_family(unit: Unit, id: str) -> list[CustomerRecord]:
    """All files of the person, the surviving one first: `NotFound` where there is none."""
    surviving, *others = await merged_files.family(unit, id)
    return [await known_customer(unit, surviving), *[await known_customer(unit, each) for each in others]]


async def vehicle_as_read(unit: Unit, id: str) -> VehicleRecord | None:
    """R7: the surviving file, with what only the others that are read as it know."""
    known = [await known_vehicle(unit, each) for each in await merged_files.family(unit, id)]
    return vehicle.read_as_one([each for each in known if each])


async def file_customer(unit: Unit, given: CustomerGiven, group_key: str, *, in_person: bool = False) -> str:
    """The customer's id: the one given, one of the file with the same number and name, or a new one.

    A file that is read as another one is that one. Found by its name and number there, they do not become the other's.
    Mostly nothing is written to a file that is there: its gate is touched, for an erasure, a merger or a parting of the same moment.
    """
    found = given.id or await _same_person(unit, given, group_key)
    customer_id = await merged_files.surviving(unit, found) if found else new_id("customer")
    known = await known_customer(unit, customer_id) if found else None
    if found:
        unit.touch(found)
        unit.touch(customer_id)
    if found and found != customer_id and given.id is None:
        given = given.model_copy(update={"name": None, "phone": None})
    await _write_customer(unit, customer_id, known, given, group_key, verified=in_person and given.phone is not None)
    return customer_id


async def correct_customer(unit: Unit, id: str, given: CorrectCustomer, group_key: str) -> CustomerRecord:
    id = await merged_files.surviving(unit, id)
    verified = given.phone_verified_by is not None
    return await _write_customer(unit, id, await known_customer(unit, id), given, group_key, verified=verified)


async def _same_person(unit: Unit, given: CustomerGiven, group_key: str) -> str | None:
    """A number may be shared by a family or a company, so the name has to be the same too."""
    assert given.phone is not None
    phone = customer.normalised_phone(given.phone, unit.branch.site.site.country)
    for known in (await unit.fetch("phones", _phone_key(phone, group_key)) or {}).get("customers", ()):
        body = await unit.record(f"customer:{known}")
        if body is not None and body["name"] == given.name:
            return str(known)
    return None


async def _write_customer(
    unit: Unit, id: str, known: CustomerRecord | None, given: CustomerGiven | CorrectCustomer, group_key: str, *, verified: bool
) -> CustomerRecord:
    after = customer.described(
        known,
        unit.branch.site.site.country,
        name=given.name,
        phone=given.phone,
        form_of_address=given.form_of_address,
        address=given.address,
        verified=verified,
    )
    if after != known:
        await unit.put_record(f"customer:{id}", after)
    if known is None or known.phone != after.phone:
        key = _phone_key(after.phone, group_key)
        others = (await unit.fetch("phones", key) or {}).get("customers", [])
        await unit.put("phones", key, {"customers": [*others, id]}, subject=id)
    return after


def national_part(phone: str) -> str:
    """The digits of a number of the file without its country's code."""
    return str(phonenumbers.parse(phone).national_number)


def _phone_key(phone: str, group_key: str) -> str:
    return "phone-" + hmac.new(group_key.encode(), phone.encode(), hashlib.sha256).hexdigest()[:20]


async def vin_doubtful(unit: Unit, id: str) -> bool:
    """R7: its check digit does not fit: a warning, to be compared with the car."""
    known = await known_vehicle(unit, id)
    return known is not None and not vehicle.check_digit_fits(known.vin)


async def file_vehicle(unit: Unit, given: VehicleGiven, group_key: str) -> str:
    """The vehicle's id, from its VIN, or of the file that it is read as. Raises `VinNotValid`, `PlateOfAnotherVehicle`."""
    identity = await merged_files.surviving(unit, vehicle_id(vehicle.checked_vin(given.vin), group_key))
    await _write_vehicle(unit, identity, await known_vehicle(unit, identity), given.vin, given, group_key)
    return identity


def plates_of(known: VehicleRecord) -> list[str]:
    """Its own and those of before."""
    return [plate for plate in (known.plate, *(former.plate for former in known.former_plates)) if plate]


async def open_visit(unit: Unit, vehicle: str, visit: str) -> Vehicle:
    """R7: one open visit a car, whichever of its files it was opened under."""
    for other in await merged_files.family(unit, vehicle):
        if other != vehicle:
            (await unit.find(Vehicle, other)).check_free()
    return await unit.create(Vehicle, vehicle, lambda car: car.open(visit))


async def correct_vehicle(unit: Unit, id: str, given: CorrectVehicle, group_key: str) -> VehicleRecord:
    id = await merged_files.surviving(unit, id)
    if (known := await known_vehicle(unit, id)) is None:
        raise NotFound(missing=(id,))
    return await _write_vehicle(unit, id, known, known.vin, given, group_key)


async def change_owner(unit: Unit, id: str, customer: str, since: date) -> None:
    """EDGE_CASES 15: the licence names the new owner; whose orders are open stays who signed them."""
    id = await merged_files.surviving(unit, id)
    if (known := await known_vehicle(unit, id)) is None:
        raise NotFound(missing=(id,))
    unit.touch(customer)  # an erasure of the same moment takes the name out of the files that it sees
    await unit.put_record(f"vehicle:{id}", known.model_copy(update={"owner": (await known_customer(unit, customer)).name}))
    await unit.create(Vehicle, id, lambda car: car.change_owner(customer, since))


async def _write_vehicle(
    unit: Unit, id: str, known: VehicleRecord | None, vin: str, given: VehicleGiven | CorrectVehicle, group_key: str
) -> VehicleRecord:
    replaced = known is not None and known.plate is not None and given.plate and not vehicle.same_plate(known.plate, given.plate)
    after = vehicle.described(
        vehicle.without_plate(known, _today(unit)) if known and replaced else known,
        vin,
        plate=given.plate,
        engine_no=given.engine_no,
        model=given.model,
        registered_on=given.registered_on,
        owner=given.owner,
    )
    if after.plate is not None:
        await _claim_plate(unit, id, after, group_key, moved=given.plate_moved)
    if after != known:
        await unit.put_record(f"vehicle:{id}", after)
    return after


async def _claim_plate(unit: Unit, id: str, claimed: VehicleRecord, group_key: str, *, moved: bool) -> None:
    """R7: a plate is one vehicle's at a time; that it moved is said by a person who compared both files, never assumed."""
    assert claimed.plate is not None
    key = vehicle.plate_key(claimed.plate, group_key)
    holder = (await unit.fetch("plates", key) or {}).get("vehicle")
    if holder == id:
        return
    if holder is not None and not await merged_files.same(unit, holder, id):
        other = await known_vehicle(unit, holder)
        if other is not None and other.plate is not None and vehicle.same_plate(other.plate, claimed.plate):
            if not moved:
                read_as = await merged_files.surviving(unit, holder)
                raise PlateOfAnotherVehicle(vehicle=id, held_by=read_as, link=f"/vehicles/{read_as}", choices=vehicle.PLATE_CHOICES)
            await unit.put_record(f"vehicle:{holder}", vehicle.without_plate(other, _today(unit)))
    await unit.put("plates", key, {"vehicle": id}, subject=key)


def _today(unit: Unit) -> date:
    return local_day(unit.now, unit.branch.site.zone)


async def erase_customer(unit: Unit, id: str) -> None:
    """The record's end stays: whoever read it erases it too. It may have been here before, where an erasure was lost with a database."""
    for key in await rows_with(unit, "phones", "customers", id):
        others = [each for each in (await unit.fetch("phones", key) or {}).get("customers", []) if each != id]
        await unit.put("phones", key, {"customers": others}, subject=id)
    if await unit.record(f"customer:{id}") is not None:
        await unit.erase_record(f"customer:{id}")


async def forget_owner(unit: Unit, id: str) -> None:
    """VIN and model stay, which the car's history follows; the car may come back with somebody else."""
    if (known := await known_vehicle(unit, id)) is None:
        return
    for key in await rows_with(unit, "plates", "vehicle", id):
        await unit.put("plates", key, {"vehicle": None}, subject=key)
    await unit.put_record(f"vehicle:{id}", VehicleRecord(vin=known.vin, plate=None, model=known.model))
    await forget_answers(unit, [f"vehicle:{id}"])


async def forget_owners_name(unit: Unit, id: str, names: Collection[str]) -> None:
    """The rest of the file is that of who has the car now."""
    if (known := await known_vehicle(unit, id)) is None:
        return
    if known.owner in names:
        await unit.put_record(f"vehicle:{id}", known.model_copy(update={"owner": None}))
    await forget_answers(unit, [f"vehicle:{id}"])
