"""How far a department is behind, as its metrics say it."""

from shared.contracts.envelope import Heartbeat
from shared.contracts.topics import events_topic
from shared.intake import Intake
from tests.measured import measured
from tests.spine.conftest import OpenStore
from tests.spine.parcels import Parcel, posted
from tests.spine.shelves import SHELVES, ParcelCursed, Sender


async def test_the_lag_is_what_a_heartbeat_named_and_is_not_applied(open_store: OpenStore) -> None:
    store = await open_store(SHELVES)
    intake, reception = Intake(store, "nowhere:1"), Sender(store)
    beat = Heartbeat(site=store.site.id, department="reception", epoch=1, partition=0, seq=5)
    await intake.receive(events_topic("reception"), beat.model_dump_json().encode())
    assert (await measured(store, intake))["intake_lag", "reception"] == 5
    await intake.applying.apply(reception.post("a", "b"))
    assert (await measured(store, intake))["intake_lag", "reception"] == 3
    await intake.applying.apply(reception.post("c", "d", "e", "f"))
    assert (await measured(store, intake))["intake_lag", "reception"] == 0
    assert (await measured(store, intake))["intake_queued",] == 1


async def test_a_dead_letter_and_what_waits_behind_it_show(open_store: OpenStore) -> None:
    store = await open_store(SHELVES)
    intake, reception = Intake(store, "nowhere:1"), Sender(store)
    await intake.applying.apply([*reception.post("p"), reception.send(ParcelCursed(parcel="p")), *reception.move("p", "hall")])
    numbers = await measured(store, intake)
    assert (numbers["dead_letters",], numbers["waiting_queues",]) == (1, 1)


async def test_what_is_committed_and_not_published_shows(open_store: OpenStore) -> None:
    store = await open_store()
    await store.transact(lambda unit: unit.create(Parcel, "p", posted), actor="a", correlation="c")
    numbers = await measured(store)
    assert (numbers["relay_unnumbered",], numbers["relay_unpublished",]) == (1, 0)
