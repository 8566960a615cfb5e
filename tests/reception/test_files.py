from datetime import date

import pytest

from services.reception import customer, vehicle
from services.reception.customer import PhoneNotValid, normalised_phone
from services.reception.vehicle import Vehicle, VehicleHasOpenVisit, VinNotValid, checked_vin, normalised_plate, plate_key, same_plate
from shared.contracts.records import CustomerRecord, VehicleRecord
from shared.refusal import Malformed

VIN = "LFPH3APC2RC879156"


@pytest.mark.parametrize("phone", ["+86 186 7971 9991", "18679719991", "0086 18679719991", "186-7971-9991", "１８６７９７１９９９１"])
def test_a_phone_is_kept_in_one_form(phone: str) -> None:
    assert normalised_phone(phone, "CN") == "+8618679719991"


@pytest.mark.parametrize("phone", ["", "no phone", "12", "+86 1"])
def test_what_is_no_phone_is_malformed(phone: str) -> None:
    with pytest.raises(PhoneNotValid):
        normalised_phone(phone, "CN")


def test_what_is_given_corrects_the_file_and_the_rest_stays() -> None:
    known = CustomerRecord(name="李丽", phone="+8618679719991", form_of_address="李女士", address="东直门")
    changed = customer.described(known, "CN", name=None, phone="13900000000", form_of_address=None, address=None)
    assert changed == known.model_copy(update={"phone": "+8613900000000", "phone_verified": False, "former_phone": known.phone})


def test_a_new_customer_has_name_and_phone() -> None:
    with pytest.raises(Malformed) as refused:
        customer.described(None, "CN", name=None, phone=None, form_of_address=None, address=None)
    assert refused.value.missing == ("name", "phone")


@pytest.mark.clause("R7")
@pytest.mark.parametrize(
    "vin", ["", "LFPH3APC2RC87915", "LFPH3APC2RC8791566", "LFPH3APC2RC87915O", "IFPH3APC2RC879156", "LFPH3APC2RC87915?"]
)
def test_what_is_no_vin_is_malformed(vin: str) -> None:
    with pytest.raises(VinNotValid):
        checked_vin(vin)


@pytest.mark.clause("R7")
def test_a_vin_is_kept_in_one_form() -> None:
    assert checked_vin(" lfph3apc2rc879156") == checked_vin("ＬＦＰＨ３ＡＰＣ２ＲＣ８７９１５６") == VIN


@pytest.mark.clause("R7")
def test_plates_are_compared_as_they_are_read_at_the_counter() -> None:
    assert normalised_plate("京ＧＥＤ·４１１") == "京GED411"
    assert same_plate("京G·E0411", "京geo4i1")
    assert not same_plate("京GED411", "津GED411")
    assert plate_key("京GE0411", "key") == plate_key("京ＧＥO41I", "key") != plate_key("京GE0411", "other key")
    assert "GE0411" not in plate_key("京GE0411", "key")


def test_the_vehicle_file_keeps_what_was_not_given_again() -> None:
    known = VehicleRecord(vin=VIN, plate="京GED411", model="红旗 H5", registered_on=date(2024, 5, 1), owner="李丽", engine_no="CA4")
    given = vehicle.described(known, VIN, plate="津A12345", engine_no=None, model=None, registered_on=None, owner=None)
    assert given == known.model_copy(update={"plate": "津A12345"})


@pytest.mark.clause("R7")
def test_a_vehicle_has_one_open_visit_and_the_refusal_links_to_it() -> None:
    car = Vehicle(id="vehicle-1")
    car = car.after(car.open("visit-1"))
    with pytest.raises(VehicleHasOpenVisit) as refused:
        car.open("visit-2")
    assert (refused.value.clause, refused.value.facts["link"]) == ("R7", "/visits/visit-1")
    assert car.close("visit-2") == []
    car = car.after(car.close("visit-1"))
    car = car.after(car.open("visit-2"))
    assert car.visits == ["visit-1", "visit-2"]


@pytest.mark.clause("R7")
@pytest.mark.parametrize(("vin", "fits"), [("1M8GDM9AXKP042788", True), ("1M8GDM9A1KP042788", False), ("11111111111111111", True)])
def test_a_check_digit_that_does_not_fit_is_a_warning(vin: str, fits: bool) -> None:
    assert vehicle.check_digit_fits(vin) is fits
