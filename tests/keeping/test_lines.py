"""What an import makes of a file: good lines, and each bad one by its number, field and reason, without repeating what stood there."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from servicelane.keeping.lines import KINDS, HistoryLine, Known, VehicleLine
from servicelane.keeping.reading import File, NotAnImport, read

KNOWN = Known("CN", date(2026, 3, 9), operations=frozenset({"M-10K", "R-FBP"}), parts=frozenset({"OF-2001"}))
VIN = "LFPH3APC2RC879156"


def file_of(folder: Path, kind: str, text: str, encoding: str = "utf-8") -> File:
    path = folder / f"{kind}.csv"
    path.write_bytes(text.encode(encoding))
    return read(path, KNOWN)


def said(file: File) -> list[str]:
    return [str(each) for each in file.bad]


def test_good_lines_are_tidied(tmp_path: Path) -> None:
    file = file_of(tmp_path, "customers", "name,phone,address\n 李丽 ,186-7971-9991,\n张磊,+86 188 0043 3047,东直门\n")
    assert said(file) == []
    lines: list[Any] = list(file.lines.values())
    assert [(line.name, line.phone, line.address) for line in lines] == [
        ("李丽", "+8618679719991", None),
        ("张磊", "+8618800433047", "东直门"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_what_spreadsheets_write_is_read(tmp_path: Path, encoding: str) -> None:
    file = file_of(tmp_path, "vehicles", f"vin,plate\n{VIN.lower()},京ＧＥＤ·411\n", encoding)
    (line,) = file.lines.values()
    assert isinstance(line, VehicleLine)
    assert (line.vin, line.plate) == (VIN, "京GED411")


def test_full_width_digits_dates_and_codes(tmp_path: Path) -> None:
    head = "record,vin,date,odometer_km,operations,recommended,next_due_on,next_due_km"
    text = f"{head}\nRO-1,{VIN},2024/8/5,２０１５０,M-10K; R-FBP,,2025-02-05,30000\n"
    (line,) = file_of(tmp_path, "history", text).lines.values()
    assert isinstance(line, HistoryLine)
    assert (line.date, line.odometer_km, line.operations) == (date(2024, 8, 5), 20150, ("M-10K", "R-FBP"))
    (price,) = file_of(tmp_path, "prices", "part_no,unit_price\nOF-2001,３６.50\n").lines.values()
    assert price.model_dump() == {"part_no": "OF-2001", "unit_price": Decimal("36.50")}


BAD: dict[str, tuple[str, str, list[str]]] = {
    "no phone": ("customers", "name,phone\n李丽,123\n", ["customers.csv:2: phone: is not a phone number of CN"]),
    "a word for a phone": ("customers", "name,phone\n李丽,none\n", ["customers.csv:2: phone: is not a phone number"]),
    "nothing": ("customers", "name,phone\n李丽,\n", ["customers.csv:2: phone: Field required"]),
    "twice": ("customers", "name,phone\n李丽,18679719991\n李丽,+8618679719991\n", ["customers.csv:3: name: stands in line 2 already"]),
    "too few fields": ("customers", "name,phone\n李丽\n", ["customers.csv:2: line: has 1 fields, the head has 2"]),
    "vin": ("vehicles", "vin\nLFPH3APC2RC87915O\n", ["vehicles.csv:2: vin: is not a VIN"]),
    "plate": ("vehicles", f"vin,plate\n{VIN},ABC\n", ["vehicles.csv:2: plate: is not a plate"]),
    "one plate of two": (
        "vehicles",
        f"vin,plate\n{VIN},京GED411\n1M8GDM9AXKP042788,京GED 411\n",
        ["vehicles.csv:3: plate: stands in line 2 already"],
    ),
    "half an owner": ("vehicles", f"vin,owner_name,owner_phone\n{VIN},李丽,\n", ["vehicles.csv:2: line: owner_name and owner_phone"]),
    "a day to come": ("vehicles", f"vin,registered_on\n{VIN},2026-03-10\n", ["vehicles.csv:2: registered_on: is a day to come"]),
    "no day": ("vehicles", f"vin,registered_on\n{VIN},2024-02-30\n", ["vehicles.csv:2: registered_on: is not a date"]),
    "operation": (
        "history",
        f"record,vin,date,operations,odometer_km\nRO-1,{VIN},2024-08-15,M-10K;X-1,-3\n",
        ["history.csv:2: odometer_km: ", "history.csv:2: operations: X-1: not in the site's catalogue"],
    ),
    "half a next": ("history", f"record,vin,date,next_due_km\nRO-1,{VIN},2024-08-15,30000\n", ["history.csv:2: line: next_due_on and"]),
    "part": ("stock", "part_no,counted\nXX,1\n", ["stock.csv:2: part_no: is not in the site's catalogue"]),
    "pieces": (
        "stock",
        "part_no,counted\nOF-2001,-1\nOF-2001,1.5\nOF-2001,1.0000001\n",
        ["stock.csv:2: counted: ", "stock.csv:3: counted: ", "stock.csv:4: counted: "],
    ),
    "counted or received": ("stock", "part_no,counted,received,reference\nOF-2001,1,1,DN-1\n", ["stock.csv:2: line: either counted or"]),
    "no delivery note": ("stock", "part_no,received,reference\nOF-2001,1,\n", ["stock.csv:2: line: received needs its reference"]),
    "price": (
        "prices",
        "part_no,unit_price\nOF-2001,-1\nOF-2001,1.005\nOF-2001,NaN\nOF-2001,viel\n",
        ["prices.csv:2: unit_price: ", "prices.csv:3: unit_price: ", "prices.csv:4: unit_price: ", "prices.csv:5: unit_price: "],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_named_with_field_and_reason(name: str, tmp_path: Path) -> None:
    kind, text, expected = BAD[name]
    found = said(file_of(tmp_path, kind, text))
    assert len(found) == len(expected), found
    for line in expected:
        assert any(each.startswith(line) for each in found), found
    assert not any(secret in each for each in found for secret in ("李丽", "18679719991", "LFPH", "GED411"))


def test_every_bad_line_is_named_not_only_the_first_and_the_good_ones_stay(tmp_path: Path) -> None:
    file = file_of(tmp_path, "customers", 'name,phone\n李丽,1\n\n"张\n磊",18800433047\n王伟,2\n')
    assert [(each.number, each.field) for each in file.bad] == [(2, "phone"), (6, "phone")]
    assert list(file.lines) == [4]


def test_a_check_digit_that_does_not_fit_is_odd_and_not_bad(tmp_path: Path) -> None:
    file = file_of(tmp_path, "vehicles", "vin\nLFPH3APC3RC879156\n")
    assert (len(file.lines), [str(each) for each in file.odd]) == (
        1,
        ["vehicles.csv:2: vin: the check digit does not fit; compare it with the car"],
    )


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("customers", "name,colour\n", "colour: is no column of customers"),
        ("customers", "name,name,phone\n", "stands there twice"),
        ("customers", "name\n", "phone: the column is missing"),
        ("customers", "", "name: the column is missing"),
        ("customers", 'name,phone\n"李丽,1\n', "customers.csv:2"),
        ("people", "name,phone\n", "its name says none of customers, vehicles"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_one_clear_line(kind: str, text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(NotAnImport, match=says) as refused:
        file_of(tmp_path, kind, text)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "stock.csv").write_bytes(b"\xff\xfe\x00\x81")
    for path in (tmp_path / "stock.csv", tmp_path / "prices.csv"):
        with pytest.raises(NotAnImport):
            read(path, KNOWN)


@pytest.mark.parametrize(("text", "line"), [('"part_no"x,counted\n', 1), ('part_no,counted\nBP-4001,"1"2\n', 2), ('"part_no', 1)])
def test_a_quote_where_none_can_be_is_said_with_its_line(text: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotAnImport, match=rf"stock\.csv:{line}: .*; save it anew as CSV"):
        read(path, KNOWN)


def test_every_kind_of_file_has_its_lines() -> None:
    assert list(KINDS) == ["customers", "vehicles", "history", "stock", "prices"]
