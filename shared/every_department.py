"""The routes that every department has: health, the journal, notices, pictures, dead letters."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel, Field

from shared import erasing, notices, pictures
from shared.branch import ROLES
from shared.call import Call, Page, Roles, table
from shared.contracts.envelope import Envelope
from shared.journal import Entry
from shared.metrics import CONTENT_TYPE_LATEST
from shared.problems import language_of
from shared.refusal import Malformed, NotFound
from shared.store import Store
from shared.tries import DatabaseError
from shared.waiting import retry_dead

Readiness = Callable[[], Awaitable[Mapping[str, bool]]]
"""What has to be up for the department to work, and whether it is."""

_STAFF = tuple(role for role in ROLES if role != "group_analyst")
_AT_THE_CAR = tuple(role for role in _STAFF if role != "gatekeeper")

MAY: Roles = {
    "read_journal": ("group_analyst", "business_supervisor", "technical_director"),
    "read_notices": _STAFF,
    "mark_notice_read": _STAFF,
    "put_picture": _AT_THE_CAR,
    "see_picture": _AT_THE_CAR,
    "read_personal_data": ("business_supervisor",),
    "read_dead_letters": ("business_supervisor",),
    "retry_dead_letter": ("business_supervisor",),
}

router = APIRouter()
allowed = table(MAY)

Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]
Language = Annotated[str | None, Header(include_in_schema=False)]

STREAM_SECONDS = 600.0


class Live(BaseModel):
    live: bool = True


class Ready(BaseModel):
    ready: bool
    parts: dict[str, bool] = Field(examples=[{"database": True, "stream": True}])


@router.get("/health/live", tags=["health"])
async def live() -> Live:
    """The process answers."""
    return Live()


@router.get("/health/ready", tags=["health"], responses={503: {"model": Ready, "description": "Something it needs is not up."}})
async def ready(request: Request, response: Response) -> Ready:
    """Whether it can do its work, and which part cannot: 503 then."""
    parts = dict(await request.app.state.readiness())
    response.status_code = 200 if all(parts.values()) else 503
    return Ready(ready=all(parts.values()), parts=parts)


@router.get("/health/flow", tags=["health"])
async def flow(request: Request) -> dict[str, Any]:
    """Where every event is on its way, in numbers: journalled, numbered, published; applied here of every department; timers due."""
    numbers: dict[str, Any] = await request.app.state.store.flow()
    return numbers


@router.get("/metrics", tags=["health"], response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """For Prometheus: what docs/metrics.md lists. Numbers of this process and its department; nothing of a visit or a person."""
    return Response(await request.app.state.measuring.text(), media_type=CONTENT_TYPE_LATEST)


def database_answers(store: Store) -> Readiness:
    async def readiness() -> Mapping[str, bool]:
        try:
            await store.ping()
        except DatabaseError:
            return {"database": False}
        return {"database": True}

    return readiness


class JournalEntry(Envelope):
    """An envelope; `epoch` and `seq` are null until the relay has numbered the entry."""

    epoch: int | None = None  # type: ignore[assignment]  # wider than an envelope's
    seq: int | None = None  # type: ignore[assignment]  # wider than an envelope's


@router.get("/journal", tags=["journal"])
async def read_journal(
    correlation: str | None = None,
    subject: str | None = None,
    after: Annotated[str | None, Query(pattern=r"^\d{1,9}\.\d{1,9}\.\d{1,15}$", description="`next` of the page before.")] = None,
    limit: Limit = 100,
    call: Call = allowed("read_journal"),
) -> Page[JournalEntry]:
    """Who recorded what, when, by which clause, in the order of the numbers.

    Asked for one `correlation` or `subject`, the last page also has, at its end, what is committed and not numbered yet.
    """
    waiting = await _unnumbered(call.store, correlation, subject) if correlation or subject else []
    numbered, following = await call.store.journal(correlation=correlation, subject=subject, after=after, limit=limit)
    items = [JournalEntry.model_validate(envelope.model_dump()) for envelope in numbered]
    if following is None:
        there = {item.id for item in items}
        items += [entry for entry in waiting if entry.id not in there]
    return Page(items=items, next=following)


async def _unnumbered(store: Store, correlation: str | None, subject: str | None) -> list[JournalEntry]:
    where: dict[str, Any] = {"unnumbered": True}
    where |= {"correlation": correlation} if correlation else {}
    where |= {"subject": subject} if subject else {}
    rows = await store.collection("journal").find(where).sort([("subject", 1), ("k", 1)]).to_list(1000)
    return [_without_number(Entry.from_document(row), store) for row in rows]


def _without_number(entry: Entry, store: Store) -> JournalEntry:
    envelope = replace(entry, epoch=1, seq=1).envelope(store.site.id, store.name)
    return JournalEntry.model_validate(envelope.model_dump() | {"epoch": None, "seq": None})


class Notice(BaseModel):
    """TELL: what its receivers were told; `read` is whether the asking person has read it, `text` is in the reader's language."""

    id: str
    about: str = Field(examples=["car_ready"])
    text: str = Field(examples=["车辆已完工，停在 F-12，请验车并通知客户。"])
    clause: str = Field(examples=["D1"])
    visit: str | None
    facts: dict[str, Any]
    at: datetime
    read: bool


@router.get("/notices", tags=["notices"])
async def read_notices(
    unread: bool = False,  # noqa: FBT001, FBT002  a query parameter
    after: Cursor = None,
    limit: Limit = 100,
    accept_language: Language = None,
    call: Call = allowed("read_notices"),
) -> Page[Notice]:
    """What this person was told, by name or by role, newest first."""
    told = await call.store.notices(person=call.person.id, roles=call.person.roles, unread=unread, after=after, limit=limit)
    items = [_seen_by(call, notice, accept_language) for notice in told]
    return Page(items=items, next=items[-1].id if len(items) == limit else None)


@router.get(
    "/notices/stream",
    tags=["notices"],
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Server-Sent Events."}},
)
async def stream_notices(
    last_event_id: Annotated[str | None, Header(max_length=2000, description="The `id` that was seen last, to go on from there.")] = None,
    accept_language: Language = None,
    call: Call = allowed("read_notices"),
) -> StreamingResponse:
    """What this person is told, as it happens: events `notice` with a notice as JSON in `data`.

    The first line names the place in the journal, so that nothing is missed between it and the inbox read after it. The stream ends
    after ten minutes: connect again, with the last `id`. A notice may come twice around that; its own `id` says so.
    """
    since = notices.Cursor.read(last_event_id, call.store) if last_event_id else None
    if last_event_id and since is None:
        raise Malformed(missing=("Last-Event-ID",), expected="the id of an event of this stream")
    events = _events(call, since, accept_language)
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def _events(call: Call, since: notices.Cursor | None, language: str | None) -> AsyncGenerator[str, None]:
    """It ends with the ten minutes, or with the database: whoever listens comes again, and its token is looked at anew."""
    ends = time.monotonic() + STREAM_SECONDS
    try:
        async for told in notices.live(call.store, call.person.id, call.person.roles, since):
            place = f"id: {told.cursor}\n" if told.cursor else ""
            said = f"event: notice\ndata: {_seen_by(call, told.notice, language).model_dump_json()}\n" if told.notice else ": here\n"
            yield f"{place}{said}\n"
            if time.monotonic() > ends:
                return
    except DatabaseError:
        return


@router.post("/notices/{notice}/read", tags=["notices"])
async def mark_notice_read(notice: str, accept_language: Language = None, call: Call = allowed("mark_notice_read")) -> Notice:
    """RECORD that this person read it; a second time changes nothing."""
    told = await call.store.fetch("notices", notice)
    if told is None or not (call.person.id in told["people"] or call.person.is_a(*told["roles"])):
        raise NotFound(missing=(notice,))
    await call.store.read_notice(notice, call.person.id)
    return _seen_by(call, told, accept_language).model_copy(update={"read": True})


def _seen_by(call: Call, notice: Mapping[str, Any], language: str | None) -> Notice:
    store = call.store
    text = notices.in_words(store.department.notices, notice, language_of(language), store.site.zone)
    return Notice.model_validate({**notice, "text": text, "read": any(reader["person"] == call.person.id for reader in notice["read"])})


class PictureKept(BaseModel):
    """`sha256` is what an event names the picture by."""

    sha256: str
    media_type: str = Field(examples=["image/jpeg"])
    size: int = Field(description="Bytes.")
    width: int
    height: int


_PICTURE: dict[str, Any] = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in pictures.MEDIA_TYPES}


@router.post("/pictures", tags=["pictures"], status_code=201, openapi_extra={"requestBody": {"required": True, "content": _PICTURE}})
async def put_picture(
    request: Request,
    content_type: Annotated[str, Header(include_in_schema=False)] = "",
    call: Call = allowed("put_picture"),
) -> PictureKept:
    """Keep a photo or a drawn signature, PNG or JPEG, at most 8 MiB; the same again is the same. Then name it by its `sha256`."""
    content = await request.body()
    picture = pictures.examined(content, content_type)
    await call.store.gallery.put(picture, content)
    return PictureKept(**asdict(picture))


@router.get("/pictures/{sha256}", tags=["pictures"], response_class=Response, responses={200: {"content": _PICTURE}})
async def see_picture(sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")], call: Call = allowed("see_picture")) -> Response:
    media_type, content = await call.store.gallery.get(sha256)
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
    return Response(content, media_type=media_type, headers=headers)


class StateKept(BaseModel):
    kind: str = Field(examples=["registered_call"])
    state: dict[str, Any]


class PersonalData(BaseModel):
    """What this department has of one customer or of one visit: states of what is about them, texts by key, hashes of pictures."""

    department: str
    id: str
    records: dict[str, Any] = Field(description="The customer's own record, and texts that this department wrote.")
    states: list[StateKept]
    pictures: list[str]


@router.get("/personal-data/{id}", tags=["personal data"])
async def read_personal_data(id: str, call: Call = allowed("read_personal_data")) -> PersonalData:
    """For an export: `id` is a customer's or a visit's. Nothing is left in `records` and `pictures` after an erasure."""
    kept = await erasing.kept_of(call.store, [id])
    records = {key: await call.store.record(key) for key in (f"customer:{id}", *kept.texts)}
    return PersonalData(
        department=call.store.name,
        id=id,
        records={key: body for key, body in records.items() if body is not None},
        states=[StateKept(kind=kind, state=state) for kind, state in kept.states],
        pictures=await call.store.gallery.here(kept.pictures),
    )


class DeadLetter(BaseModel):
    """An event that could not be digested here, and why; what follows it of the same visit queues behind it."""

    id: str
    department: str = Field(description="Whose event it is.")
    subject: str
    type: str
    error: str
    at: datetime = Field(description="System time.")


@router.get("/dead-letters", tags=["dead letters"])
async def read_dead_letters(after: Cursor = None, limit: Limit = 100, call: Call = allowed("read_dead_letters")) -> Page[DeadLetter]:
    letters = await call.store.documents("dead_letters", {}, sort=(("at", 1),), after=after, limit=limit)
    items = [DeadLetter.model_validate(letter) for letter in letters]
    return Page(items=items, next=items[-1].id if len(items) == limit else None)


@router.post("/dead-letters/{letter}/retry", tags=["dead letters"], status_code=202)
async def retry_dead_letter(letter: str, call: Call = allowed("retry_dead_letter")) -> None:
    """It gets another turn shortly, after the fix, and what queues behind it too."""
    await retry_dead(call.store, letter)
