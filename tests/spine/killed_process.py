"""A department's process as a failpoint kills it: posts parcels and relays them, until it dies.

Arguments: Mongo, Kafka, site, first and last parcel.
"""

import asyncio
import sys
from functools import partial
from pathlib import Path

from shared.branch import Branch
from shared.relay import Relay
from shared.store import MongoUnit, Once, Store
from tests.spine.parcels import PARCELS, Parcel, SteppedClock, posted

BRANCH = Path(__file__).parents[2] / "data" / "branch"


def branch_of(site: str) -> Branch:
    branch = Branch.load(BRANCH)
    identity = branch.site.site.model_copy(update={"id": site})
    return branch.model_copy(update={"site": branch.site.model_copy(update={"site": identity})})


async def _post(parcel: str, unit: MongoUnit) -> Parcel:
    return await unit.create(Parcel, parcel, posted)


async def main(mongo_url: str, kafka_url: str, site: str, first: str, last: str) -> None:
    store = await Store.open(mongo_url, PARCELS, branch_of(site), SteppedClock())
    relay = Relay(store, kafka_url)
    await relay.start()
    for n in range(int(first), int(last) + 1):
        once = Once(key=f"k-{n}", person="adv-1", body_hash="", answer=Parcel)
        await store.transact(partial(_post, f"p-{n}"), actor="adv-1", correlation=f"c-{n}", once=once)
    while (flow := await store.flow())["unnumbered"] or flow["published"] != flow["newest"]:
        await asyncio.sleep(0.02)
    await relay.stop()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
