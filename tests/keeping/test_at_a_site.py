"""Import, export and erasure at a site that runs: all four departments, their databases and their journals."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from deploy.local.stack import Stack
from shared.contracts.event import DEPARTMENTS
from tests.keeping.conftest import Ended, servicelane
from tests.system.people import People
from tests.system.two_visits import LAST_LINE, Day
from tests.waiting_for import until

pytestmark = pytest.mark.slow

REASON = "客户要求删除个人信息"
OTHER_NAME = "诸葛莉莉"


# one customer


async def with_one_of(day: Day, secrets: Iterable[str]) -> dict[str, list[str]]:
    """The departments whose database has one of them anywhere, and which."""
    found = {}
    for name, database in day.databases.items():
        rows = [str(row) for collection in await database.list_collection_names() async for row in database[collection].find({})]
        text = "\n".join(rows)
        if there := [secret for secret in secrets if secret in text]:
            found[name] = there
    return found


async def bodies_of(day: Day, keys: Iterable[str]) -> list[Any]:
    """Of those records, in every database, what is there of them."""
    rows = [row for name in DEPARTMENTS for row in await day.rows(name, "records", {"_id": {"$in": list(keys)}})]
    return [row["body"] for row in rows if row["body"] is not None]


async def unnamed_texts(day: Day) -> dict[str, list[str]]:
    """Texts whose key no entry names: an erasure would not find them."""
    unnamed: dict[str, list[str]] = {}
    for name in DEPARTMENTS:
        entries = await day.rows(name, "journal", {"type": {"$ne": f"{name}.record_changed.v1"}})
        named = "\n".join(str(entry["data"]) for entry in entries)
        keys = [row["_id"] for row in await day.rows(name, "records", {"department": name}) if row["_id"].startswith("text:")]
        if lost := [key for key in keys if key not in named]:
            unnamed[name] = lost
    return unnamed


async def second_file_of(day: Day, customer: str) -> str:
    """R7: another file of the same person, with a letter under it; it is read as the one from now on."""
    async with People(day.stack.url) as people:
        filed = await people.ask("greeter-1", "POST", "/reception/customers", {"name": OTHER_NAME, "phone": "+8613800138000"})
        other: str = filed.raise_for_status().json()["id"]
        await people.recorded()
        letter = {"kind": "notice", "customer": other, "content": f"{OTHER_NAME}，感谢惠顾"}
        (await people.ask("agent-1", "POST", "/followup/letters", letter)).raise_for_status()
        merger = {"into": customer, "reason": f"{OTHER_NAME} 是同一位客户"}
        (await people.ask("bizsup-1", "POST", f"/reception/customers/{other}/merger", merger)).raise_for_status()
        await people.recorded()
        seen = (await people.ask("agent-1", "GET", f"/followup/files/{other}")).raise_for_status().json()
        assert (seen["file"]["id"], [each["letter"]["customer"] for each in seen["letters"]]) == (customer, [other])
    return other


async def test_a_customer_is_exported_and_erased_everywhere_and_the_audit_stays_clean(day: Day, tmp_path: Path) -> None:
    assert await day.last_line() == LAST_LINE
    url, out = day.stack.url, tmp_path / "export.json"
    (visit, _) = await day.rows("reception", "visits")
    customer = visit["customer"]
    records = {row["_id"]: row["body"] for row in await day.rows("reception", "records")}
    person, car = records[f"customer:{customer}"], records[f"vehicle:{visit['vehicle']}"]
    secrets = [person["name"], person["phone"].removeprefix("+86"), car["plate"]]
    assert {"reception", "followup"} <= (await with_one_of(day, secrets)).keys()

    assert await unnamed_texts(day) == {}
    other = await second_file_of(day, customer)

    export = await servicelane("customer", "export", customer, "--out", out, "--at", url)
    assert (export.status, export.last_line) == (0, f"exported {customer}: 1 visits, 1 vehicles, into {out}"), export
    exported = json.loads(out.read_text(encoding="utf-8"))
    kept = [each for of_department in exported["departments"].values() for each in of_department.values()]
    assert exported["departments"]["reception"][customer]["records"][f"customer:{customer}"]["name"] == person["name"]
    assert exported["departments"]["reception"][other]["records"][f"customer:{other}"]["name"] == OTHER_NAME
    assert {"visit", "work_order", "job", "case", "customer_file", "call_duty", "registered_call"} <= _kinds(kept)
    assert [each["vehicle"]["plate"] for each in exported["vehicles"]] == [car["plate"]]
    assert out.stat().st_mode & 0o077 == 0
    texts = [key for each in kept for key in each["records"] if key.startswith("text:")]
    assert {key.split(":")[1] for key in texts} >= {"reception", "followup"}
    assert await bodies_of(day, texts)

    erase = await servicelane("customer", "erase", customer, "--reason", REASON, "--at", url)
    assert (erase.status, erase.last_line.partition(":")[0]) == (0, f"erased {customer} in every department"), erase
    keys = [f"customer:{customer}", f"customer:{other}", *texts]
    secrets.append(OTHER_NAME)
    await until(lambda: _nothing(day, keys, secrets), deadline=60, what="nothing of the customer anywhere")
    audit = await servicelane("audit", "--at", url)
    assert (audit.status, "2 orders, 0 violations" in audit.said) == (0, True), audit
    for again in (("export", customer, "--out", tmp_path / "again.json"), ("erase", customer, "--reason", REASON)):
        ended = await servicelane("customer", *again, "--at", url)
        assert (ended.status, ended.complained.count("\n")) == (2, 1), ended


def _kinds(kept: list[Any]) -> set[str]:
    return {state["kind"] for each in kept for state in each["states"]}


async def _nothing(day: Day, keys: list[str], secrets: list[str]) -> bool:
    return not await bodies_of(day, keys) and await with_one_of(day, secrets) == {}


# files


VIN, OTHER = "LFPH3APC2RC879156", "1M8GDM9AXKP042788"
FILES = {
    "customers": "name,phone,address\n王小明,13800138000,朝阳路 8 号\n赵倩,13800138001,\n",
    "vehicles": f"vin,plate,model,owner_name,owner_phone\n{VIN},京A12345,红旗 H5,王小明,13800138000\n{OTHER},京AD12345,,,\n",
    "history": f"record,vin,date,odometer_km,operations,recommended\nRO-1,{VIN},2025-03-01,20000,M-10K,R-FBP\n",
    "stock": "part_no,counted,received,reference\nOF-2001,77,,\nBF-4005,,5,DN-9\n",
    "prices": "part_no,unit_price\nOF-2001,38.50\n",
}
BAD = {
    "customers": "name,phone\n孙力,13800138002\n钱七,123\n",
    "history": f"record,vin,date\nRO-2,{VIN},2025-03-01\nRO-3,LFPH3APC8RC000011,2025-03-01\n",
    "vehicles": "vin,plate\nLFPH3APC8RC000012,京A12345\n",
}


def written(folder: Path, files: dict[str, str]) -> list[Path]:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return sorted(folder.iterdir())


async def imported(stack: Stack, files: list[Path], *options: str) -> Ended:
    return await servicelane("import", *files, "--at", stack.url, *options)


async def test_files_are_taken_over_once_after_a_dry_run_that_changes_nothing(stack: Stack, tmp_path: Path) -> None:
    async with People(stack.url) as people:
        good = written(tmp_path / "good", FILES)
        before = await people.recorded()
        dry = await imported(stack, good, "--dry-run")
        assert (dry.status, dry.last_line) == (0, "dry run: 8 good lines, 0 bad lines: every line can be sent"), dry
        assert await people.recorded() == before

        first = await imported(stack, good)
        assert (first.status, first.last_line) == (0, "imported: 8 new, 0 there already, 0 refused"), first
        then = await people.recorded()
        again = await imported(stack, good)
        assert (again.status, again.last_line) == (0, "imported: 0 new, 8 there already, 0 refused"), again
        assert await people.recorded() == then

        bad = written(tmp_path / "bad", BAD)
        refused = await imported(stack, bad)
        assert (refused.status, refused.last_line) == (1, "2 good lines, 3 bad lines: nothing was sent"), refused
        assert [line.split(": ")[0:2] for line in refused.said.splitlines()[:3]] == [
            ["customers.csv:3", "phone"],
            ["vehicles.csv:2", "plate"],
            ["history.csv:3", "vin"],
        ]
        assert await people.recorded() == then
        await _all_is_there(people)


async def _all_is_there(people: People) -> None:
    stock = (await people.ask("parts-1", "GET", "/workshop/stock/OF-2001")).json()
    assert stock["on_hand"] == 77
    prices = {
        part["part_no"]: part["unit_price_cny"] for part in (await people.ask("advisor-1", "GET", "/reception/catalogue/parts")).json()
    }
    assert prices["OF-2001"] == "38.50"
    owner = {"customer": {"name": "王小明", "phone": "+8613800138000"}, "vehicle": {"vin": VIN}}
    visit = (await people.ask("greeter-1", "POST", "/reception/arrivals", owner)).raise_for_status().json()
    file = (await people.ask("advisor-1", "GET", f"/reception/customers/{visit['customer']}")).json()
    assert file["customer"]["address"] == "朝阳路 8 号"
    car = (await people.ask("advisor-1", "GET", f"/reception/vehicles/{visit['vehicle']}")).json()
    assert (car["vehicle"]["plate"], car["vehicle"]["owner"]) == ("京A12345", "王小明")
    proposals = (await people.ask("advisor-1", "GET", f"/reception/visits/{visit['id']}/proposals")).json()
    assert [each["operation"] for each in proposals["operations"]] == ["R-FBP"]
