"""One who walks: gives a command as the right person, reads its fields back, and tries what the procedure refuses."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from servicelane.play.client import Answer, Desk, Unexpected
from servicelane.play.world import World
from shared.branch import Branch
from tests.access.written_down import rows_of
from tests.fuzz.reached import Reached
from tests.fuzz.walk.fields import Within, given_in, named, shows, values_of

READERS = ("business_supervisor", "advisor", "workshop_supervisor", "parts_clerk", "gatekeeper", "group_analyst")
"""Of those who may ask a query, the first of these does."""

SUPERVISOR = "bizsup-1"
GROUP = "group-1"

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
"""A picture: PNG, one point."""


class Walk:
    """`given` and `read` are the fields of each command that were sent with success, and read back.

    `wrong` is what came out otherwise than it should, in words: a call that was not answered as the procedure says does not end the walk.
    """

    def __init__(self, desk: Desk, world: World, branch: Branch, reached: Reached) -> None:
        self.world = world
        self.branch = branch
        self.given: dict[str, set[str]] = defaultdict(set)
        self.read: dict[str, set[str]] = defaultdict(set)
        self.wrong: list[str] = []
        self._desk = desk
        self._reached = reached
        self._strangers = 0

    # the clock

    @property
    def today(self) -> date:
        return self.world.now.astimezone(self.branch.site.zone).date()

    def moment(self, hour: str, days: int = 0) -> str:
        """Of today, or of a day to come, in the branch's time."""
        return self._moment(hour, days).isoformat()

    def day(self, days: int = 0) -> str:
        return (self.today + timedelta(days=days)).isoformat()

    async def at(self, hour: str, days: int = 0) -> None:
        await self.world.at(self._moment(hour, days))

    async def told(self) -> None:
        """Everybody has heard of what was done."""
        await self.world.everything_told()

    def _moment(self, hour: str, days: int) -> datetime:
        return datetime.combine(self.today + timedelta(days=days), time.fromisoformat(hour), self.branch.site.zone)

    # what succeeds

    async def does(self, who: str, command: str, body: Mapping[str, Any] | None = None, *, also: str = "", **read_as: str) -> Any:
        """The answer to `POST /department/…` with this body.

        Each of its fields is looked for in what the command recorded, in the query at the command's address or above it, and in `also`;
        `read_as` says where it is otherwise: under another `name`, within the text of another `~name`, or as another `name=value`.
        """
        method, path = command.split(" ", 1)
        answer = await self._desk.ask(who, method, path, body)
        if answer.status >= 300:
            raise Unexpected(f"{who}: {command}: {answer.status} {answer.body}")
        name = self._reached.name_of(method, path)
        if (given := set(given_in(body or {}))) - self.read[name]:
            self.given[name] |= given
            self.read[name] |= await self._read_back(path, body or {}, given - self.read[name], read_as, answer, also)
        return answer.body

    async def _read_back(
        self, path: str, body: Mapping[str, Any], fields: set[str], read_as: Mapping[str, str], answer: Answer, also: str
    ) -> set[str]:
        department, found = path.split("/")[1], set[str]()
        entries = await self._entries(department, answer)
        texts: dict[str, str] | None = None
        async for place in self._places(path, answer, entries, also):
            found |= {field for field in fields - found if _is_shown(place, body, field, read_as)}
            if found >= fields:
                break
            if "text:" in str(place):
                texts = await self._texts(department, entries) if texts is None else texts
                worded = _replaced(place, texts)
                found |= {field for field in fields - found if _is_shown(worded, body, field, read_as)}
        return found

    async def _places(self, path: str, answer: Answer, entries: list[dict[str, Any]], also: str) -> AsyncIterator[Any]:
        """What the command recorded, then what the queries show."""
        recorded = [entry["data"] for entry in entries]
        yield recorded
        for query in (*self._queries(path, answer.body, recorded), *filter(None, [also])):
            there = await self._desk.ask(self._reader(query), "GET", query)
            if there.status < 300:
                yield there.body

    def _queries(self, path: str, answer: Any, recorded: Any) -> Iterator[str]:
        """Where to look: at the command's address or above, at what it made, and at the customer and the vehicle that it names."""
        if above := self._reached.query_above(path):
            yield above
        made = answer.get("id") if isinstance(answer, dict) else None
        if made and self._reached.has("GET", f"{path}/{made}"):
            yield f"{path}/{made}"
        for kind in ("customer", "vehicle"):
            for id in named((answer, recorded), kind):
                yield f"/reception/{kind}s/{id}"

    async def get(self, path: str) -> Any:
        return await self.asks(self._reader(path), path)

    def _reader(self, path: str) -> str:
        """The first of `READERS` who may."""
        department = path.split("/")[1]
        row = next(row for row in rows_of(department) if f"{department} GET {row.path}" == self._reached.name_of("GET", path))
        role = next((role for role in READERS if role in row.roles), min(row.roles))
        return self.branch.people(role)[0].id

    async def asks(self, who: str, path: str) -> Any:
        answer = await self._desk.ask(who, "GET", path)
        if answer.status >= 300:
            raise Unexpected(f"{who}: GET {path}: {answer.status} {answer.body}")
        return answer.body

    async def keeps_picture(self, who: str, department: str) -> str:
        headers = {"Authorization": f"Bearer {await self._desk.token(who)}", "Content-Type": "image/png"}
        kept = await self._desk.http.post(f"/{department}/pictures", content=PIXEL, headers=headers)
        if kept.status_code >= 300:
            raise Unexpected(f"{who}: a picture for {department}: {kept.status_code} {kept.text}")
        return str(kept.json()["sha256"])

    async def _entries(self, department: str, answer: Answer) -> list[dict[str, Any]]:
        page = await self.asks(GROUP, f"/{department}/journal?correlation={answer.correlation}")
        items: list[dict[str, Any]] = page["items"]
        return items

    async def _texts(self, department: str, entries: list[dict[str, Any]]) -> dict[str, str]:
        """By their keys, those of the subjects of what was recorded: the business supervisor reads what the department has of each."""
        texts: dict[str, str] = {}
        for subject in {entry["subject"] for entry in entries}:
            records = (await self.asks(SUPERVISOR, f"/{department}/personal-data/{subject}"))["records"]
            texts |= {key: record["text"] for key, record in records.items() if key.startswith("text:")}
        return texts

    # what is refused

    async def refused(self, clause: str, who: str, command: str, body: Mapping[str, Any] | None = None) -> None:
        """The procedure forbids it: 409 with its clause, and nothing is recorded."""
        method, path = command.split(" ", 1)
        answer = await self._desk.ask(who, method, path, body)
        if (answer.status, answer.clause) != (409, clause):
            self.wrong.append(f"{who}: {command} was to be refused by {clause}: {answer.status} {answer.body}")
        if entries := await self._entries(path.split("/")[1], answer):
            self.wrong.append(f"{command}, refused by {clause}, left {[entry['type'] for entry in entries]}")

    # who comes

    def stranger(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """A customer and a car that were never here; those of another day are others."""
        self._strangers += 1
        number = f"{self.today.toordinal() % 10_000:04}{self._strangers:02}"
        customer = {
            "name": f"客户{number}",
            "phone": f"+86139{number}01",
            "form_of_address": "李女士",
            "address": f"北京市东城区{number}号",
        }
        vehicle = {
            "vin": f"LFPH3APC2RC{number}",
            "plate": f"京G{number[1:]}",
            "engine_no": f"CA4GC{number}",
            "model": "红旗 H5 1.8T",
            "registered_on": "2023-05-04",
            "owner": customer["name"],
        }
        return customer, vehicle


def _is_shown(place: Any, body: Mapping[str, Any], field: str, read_as: Mapping[str, str]) -> bool:
    own = field.rpartition(".")[2].removesuffix("[]")
    name, equals, value = read_as.get(own, own).partition("=")
    wanted = [_value(value)] if equals else values_of(body, field)
    if name != own:  # one by one: a list of operations is read back as the operation of each of several items
        wanted = [part for each in wanted for part in (each if isinstance(each, list) else [each])]
    if name.startswith("~"):
        name, wanted = name[1:], [Within(each) for each in wanted]
    return all(shows(place, name, each) for each in wanted)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _replaced(value: Any, texts: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {name: _replaced(each, texts) for name, each in value.items()}
        case list():
            return [_replaced(each, texts) for each in value]
        case str():
            return texts.get(value, value)
    return value
