"""A branch as its folder describes it: `site.toml`, `staff.csv`, `operations.csv`, `parts.csv`.

Bad data is refused with file, line, field and reason (`BadBranch`), before anything starts.
"""

import csv
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from shared.refusal import Malformed

ROLES = (
    "receptionist",
    "advisor",
    "workshop_supervisor",
    "team_leader",
    "technician",
    "qc_inspector",
    "technical_director",
    "washer",
    "parts_clerk",
    "cashier",
    "gatekeeper",
    "followup_agent",
    "business_supervisor",
    "group_analyst",
)


ENCODING = "utf-8-sig"
"""Spreadsheets put a mark before UTF-8."""
NO_UTF8 = "is not UTF-8 text: save it as UTF-8 (a spreadsheet calls it CSV UTF-8)"


class BadBranch(ValueError):
    """A file of the branch cannot be used; the text says file, line, field and reason."""


FIXED = ("site",)
"""Sections that never change while a site runs: its identity, time zone and currency are in everything that was recorded."""


class NoSuchSetting(Malformed):
    title = {"en": "There is no such setting, or it cannot have this value.", "zh-CN": "没有该设置，或取值无效。"}


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _period(text: Any) -> Any:
    if isinstance(text, str):
        start, _, end = text.partition("-")
        return (start, end)
    return text


def _without_zone(of_day: time) -> time:
    if of_day.tzinfo is not None:
        raise ValueError("is local time, without a zone")
    return of_day


LocalTime = Annotated[time, AfterValidator(_without_zone)]
"""Of the site's day; one with a zone could not be compared with it."""
Period = Annotated[tuple[LocalTime, LocalTime], BeforeValidator(_period)]

R = TypeVar("R", bound=BaseModel)

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _open_days(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if first not in _DAYS or (last and last not in _DAYS):
            raise ValueError(f"days are of {', '.join(_DAYS)}, alone or as first-last")
        days.update(range(_DAYS.index(first), _DAYS.index(last or first) + 1))
    return frozenset(days)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; name one as Asia/Shanghai is named") from None
    return name


class SiteIdentity(_Settings):
    id: str = Field(pattern=r"^[A-Z0-9]{2,12}$")
    name: str
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    country: str = "CN"
    currency: str = "CNY"
    sister_sites: tuple[str, ...] = ()


class Shop(_Settings):
    opens: LocalTime = time(8)
    closes: LocalTime = time(18)
    open_days: Annotated[frozenset[int], BeforeValidator(_open_days)] = frozenset(range(7))
    bays: int = Field(default=8, gt=0)
    slot_minutes: int = Field(default=30, gt=0, le=240)
    slot_capacity: int = Field(default=4, gt=0)
    bookable_days_ahead: int = Field(default=366, gt=0)
    offered_days_around: int = Field(default=7, ge=0, le=60)
    nearest_slots_offered: int = Field(default=3, gt=0, le=50)
    promise_step_minutes: int = Field(default=5, gt=0, le=120)
    final_inspection_minutes: int = Field(default=10, ge=0)
    wash_minutes: int = Field(default=20, ge=0)
    peak_hours: tuple[Period, ...] = ()

    @property
    def ever_opens(self) -> bool:
        """Where it does not, nothing that is due in opening hours has a time."""
        return bool(self.open_days) and self.opens < self.closes


OPENING = ("shop.opens", "shop.closes", "shop.open_days")
NEVER_OPENS = "the shop opens before it closes, on at least one day of the week"


class Prices(_Settings):
    labour_rate_per_hour: Decimal = Field(default=Decimal(180), gt=0)
    tax_rate: Decimal = Field(default=Decimal("0.13"), ge=0, lt=1)
    estimate_valid_days: int = Field(default=7, gt=0)
    account_limit: Decimal = Field(default=Decimal(0), ge=0)
    discount_limits: dict[str, Decimal] = {"advisor": Decimal(100), "business_supervisor": Decimal(5000)}


class Deadlines(_Settings):
    """The procedure's deadlines, a site may set each. Days of promises are calendar days, those inside the house working days."""

    customer_file_working_days: int = Field(default=2, gt=0)
    first_call_from_day: int = Field(default=1, ge=0)
    first_call_promise_days: int = Field(default=3, gt=0)
    first_call_limit_days: int = Field(default=7, gt=0)
    second_call_after_days: int = Field(default=7, gt=0)
    second_call_window_days: int = Field(default=7, gt=0)
    entry_answer_working_days: int = Field(default=2, gt=0)
    complaint_report_working_days: int = Field(default=2, gt=0)
    campaign_told_days_before: int = Field(default=14, ge=0)
    campaign_letter_working_days: int = Field(default=2, gt=0)
    summary_working_days: int = Field(default=5, gt=0)
    maintenance_every_months: int = Field(default=6, gt=0)
    maintenance_every_km: int = Field(default=5000, gt=0)
    maintenance_reminder_days_before: int = Field(default=14, ge=0)
    appointment_reminder_at: LocalTime = time(10)
    preparation_told_at: LocalTime = time(16)
    opening_checklist_by: LocalTime = time(9)
    advisor_task_minutes: int = Field(default=30, gt=0)
    taken_within_minutes: int = Field(default=60, gt=0)
    customer_told_within_minutes: int = Field(default=30, gt=0)
    lateness_told_from_minutes: int = Field(default=15, ge=0)
    lateness_step_minutes: int = Field(default=30, gt=0)
    tries_until_not_reached: int = Field(default=3, gt=0)
    convenient_hour_minutes: int = Field(default=60, gt=0)
    afternoon_from: LocalTime = time(12)
    evening_from: LocalTime = time(17)
    ruling_working_days: int = Field(default=3, gt=0)
    claim_working_days: int = Field(default=5, gt=0)
    car_waits_days: int = Field(default=7, gt=0)
    exit_pass_hours: int = Field(default=24, gt=0)

    def first_call_promised_by(self, delivered_on: date) -> date:
        """D4: the last day on which the promise of the first call is kept, as it is printed and as it is judged."""
        return delivered_on + timedelta(days=self.first_call_promise_days)


class OwnDays(_Settings):
    """Days of this site that go before what is published: closed on a working day, or at work on a holiday."""

    holidays: tuple[date, ...] = ()
    working_days: tuple[date, ...] = ()


class Days(_Settings):
    """What working days are counted by: the country's calendar, with the site's own days before it."""

    country: str
    holidays: tuple[date, ...] = ()
    working_days: tuple[date, ...] = ()


class Play(_Settings):
    """How the world answers in a played day."""

    manufacturer_rules_after_hours: int = Field(default=24, ge=0)
    parts_arrive_at: LocalTime = time(10)


class Site(_Settings):
    """`site.toml`: the settings of one site; what it leaves out has the procedure's value."""

    site: SiteIdentity
    shop: Shop = Shop()
    prices: Prices = Prices()
    deadlines: Deadlines = Deadlines()
    calendar: OwnDays = OwnDays()
    may: dict[str, tuple[str, ...]] = {}
    """`department.command` → the roles that may give it here, in place of those in the department's table."""
    accounts: dict[str, str] = {}
    """A second account → the staff id of the person whose it is, as whom it acts (EDGE_CASES 9); its own id: a person of its own."""
    play: Play = Play()

    @property
    def id(self) -> str:
        return self.site.id

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.time_zone)

    @cached_property
    def days(self) -> Days:
        return Days(country=self.site.country, holidays=self.calendar.holidays, working_days=self.calendar.working_days)


def _split(separators: str) -> Callable[[Any], Any]:
    def split(text: Any) -> Any:
        return tuple(part for part in re.split(f"[{separators}]", text) if part) if isinstance(text, str) else text

    return split


class StaffMember(_Settings):
    id: str = Field(min_length=1)
    name: str
    roles: Annotated[tuple[str, ...], BeforeValidator(_split(";"))] = Field(alias="role", min_length=1)
    team: str | None = None
    skills: Annotated[tuple[str, ...], BeforeValidator(_split(","))] = ()

    def is_a(self, *roles: str) -> bool:
        return not set(roles).isdisjoint(self.roles)


class Part(_Settings):
    part_no: str
    name_zh: str
    name_en: str
    unit_price: Decimal = Field(alias="unit_price_cny", ge=0)
    stock: int = Field(ge=0)
    reorder_at: int = Field(ge=0)
    lead_days: int = Field(ge=0)


def _part_quantities(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    pairs = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        part_no, star, quantity = entry.partition("*")
        if not star or not quantity.isdigit() or int(quantity) < 1:
            raise ValueError(f"{entry!r} is not code*quantity")
        pairs.append((part_no, int(quantity)))
    return tuple(pairs)


class Operation(_Settings):
    operation: str
    name_zh: str
    name_en: str
    skill: str
    hours: Decimal = Field(gt=0)
    parts: Annotated[tuple[tuple[str, int], ...], BeforeValidator(_part_quantities)] = ()
    kind: str


class Branch(BaseModel):
    """Everything that a branch's folder says."""

    model_config = ConfigDict(frozen=True)

    site: Site
    staff: dict[str, StaffMember]
    operations: dict[str, Operation]
    parts: dict[str, Part]
    administered: frozenset[str] = frozenset()
    """Whose roles the business supervisor set, or who left: what is said here goes before their token."""

    @classmethod
    def load(cls, folder: Path) -> "Branch":
        site = _read_toml(folder / "site.toml")
        parts = {part.part_no: part for part in _rows(folder / "parts.csv", Part, "part_no")}
        operations = {op.operation: op for op in _rows(folder / "operations.csv", Operation, "operation")}
        staff = {person.id: person for person in _rows(folder / "staff.csv", StaffMember, "id")}
        for op in operations.values():
            for part_no, _ in op.parts:
                if part_no not in parts:
                    raise BadBranch(f"{folder / 'operations.csv'}: {op.operation}: parts: {part_no} is not in parts.csv")
        for person in staff.values():
            for role in person.roles:
                if role not in ROLES:
                    raise BadBranch(f"{folder / 'staff.csv'}: {person.id}: role: {role} is none of {', '.join(ROLES)}")
        branch = cls(site=site, staff=staff, operations=operations, parts=parts)
        try:
            return branch.with_settings({f"accounts.{account}": person for account, person in site.accounts.items()})
        except NoSuchSetting as error:
            raise BadBranch(f"{folder / 'site.toml'}: {', '.join(error.missing)}: not the staff id of a person") from error

    def people(self, role: str) -> tuple[StaffMember, ...]:
        """By all of a person's accounts; a second account is nobody of its own."""
        ids = {self.person_of(account.id) for account in self.staff.values() if role in account.roles}
        return tuple(person for person in self.staff.values() if person.id in ids)

    def person_of(self, account: str) -> str:
        """The staff id of the person whose account it is."""
        return self.site.accounts.get(account, account)

    def same_person(self, account: str, others: Iterable[str]) -> bool:
        """Whether any of the others is of the same person, also what they did before it was known whose account it is."""
        return self.person_of(account) in map(self.person_of, others)

    def team(self, team: str) -> tuple[StaffMember, ...]:
        """The technicians of a team: their skills together are the team's (W2)."""
        return tuple(person for person in self.people("technician") if person.team == team)

    def team_skills(self, team: str) -> frozenset[str]:
        return frozenset(skill for person in self.team(team) for skill in person.skills)

    @property
    def teams(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(person.team for person in self.people("team_leader") if person.team))

    def with_settings(self, settings: Mapping[str, Any]) -> "Branch":
        """With `section.key` → value as `site.toml` would have them; `NoSuchSetting` names the first that cannot be.

        Opening hours and second accounts are judged as they all are in the end: one may be right only by another of the changes.
        """
        site = self.site.model_dump()
        for name, value in settings.items():
            section, _, key = name.partition(".")
            known = site.get(section)
            if section in FIXED or not isinstance(known, dict) or not (key in known or section in ("may", "accounts")):
                raise NoSuchSetting(missing=(name,))
            site[section] = {**known, key: value}
            try:
                changed = Site.model_validate(site)
            except ValidationError as error:
                raise NoSuchSetting(missing=(name,), expected=str(error.errors()[0]["msg"])) from error
            if section == "may" and not (changed.may[key] and set(changed.may[key]) <= set(ROLES)):
                raise NoSuchSetting(missing=(name,), expected=f"some of {', '.join(ROLES)}")
        after = Site.model_validate(site)
        if not after.shop.ever_opens:
            raise NoSuchSetting(missing=[name for name in settings if name in OPENING][-1:] or ["shop"], expected=NEVER_OPENS)
        for name in settings:
            section, _, key = name.partition(".")
            if section == "accounts":
                self._is_a_person(key, after.accounts)
        return self.model_copy(update={"site": after})

    def with_usable_settings(self, settings: Mapping[str, Any]) -> tuple["Branch", tuple[NoSuchSetting, ...]]:
        """With those on record that can be, and what is said of the others: one that this software no longer knows spoils no other."""
        usable = dict(settings)
        others: list[NoSuchSetting] = []
        while True:
            try:
                return self.with_settings(usable), tuple(others)
            except NoSuchSetting as error:
                others.append(error)
                del usable[error.missing[0]]

    def _is_a_person(self, account: str, accounts: Mapping[str, str]) -> None:
        """Also somebody who left: what the account did stays theirs, and it does nothing more."""
        person = accounts[account]
        chained = accounts.get(person, person) != person or any(of == account != other for other, of in accounts.items())
        known = person in self.staff or person in self.administered
        if person != account and (not known or chained):
            raise NoSuchSetting(missing=(f"accounts.{account}",), expected="the staff id of a person, not of a second account")

    def with_prices(self, prices: Mapping[str, Decimal]) -> "Branch":
        """With other list prices; of parts that the catalogue does not have any more, nothing."""
        changed = {no: self.parts[no].model_copy(update={"unit_price": price}) for no, price in prices.items() if no in self.parts}
        return self.model_copy(update={"parts": self.parts | changed})

    def with_staff(self, staff: Mapping[str, StaffMember | None]) -> "Branch":
        """With new people, people as they are now, and without those who left (None)."""
        present = {**self.staff, **staff}
        remaining = {id: person for id, person in present.items() if person}
        return self.model_copy(update={"staff": remaining, "administered": self.administered | frozenset(staff)})


def _read_toml(path: Path) -> Site:
    try:
        site = Site.model_validate(tomllib.loads(path.read_text(encoding=ENCODING)))
    except OSError as error:
        raise BadBranch(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadBranch(f"{path}: {NO_UTF8}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadBranch(f"{path}: {error}") from error
    except ValidationError as error:
        raise BadBranch(f"{path}: {_first(error)}") from error
    if not site.shop.ever_opens:
        raise BadBranch(f"{path}: shop.closes: {NEVER_OPENS}")
    return site


def _rows(path: Path, kind: type[R], key: str) -> Iterator[R]:
    seen: set[str] = set()
    reader: Any = None
    try:
        with path.open(encoding=ENCODING, newline="") as lines:
            for row in (reader := csv.DictReader(lines)):
                where = f"{path}:{reader.line_num}"
                try:
                    yield (entry := kind.model_validate({name: value or None for name, value in row.items() if value}))
                except ValidationError as error:
                    raise BadBranch(f"{where}: {_first(error)}") from error
                if (id := str(getattr(entry, key))) in seen:
                    raise BadBranch(f"{where}: {key}: {id} stands there twice")
                seen.add(id)
    except OSError as error:
        raise BadBranch(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadBranch(f"{path}: {NO_UTF8}") from error
    except csv.Error as error:
        raise BadBranch(f"{path}:{reader.line_num + 1}: {error}; save it anew as CSV") from error


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
