"""What the business supervisor changed of the site's settings, staff and prices since its folder was read, as every department sees it.

Follow-up owns settings and staff, reception the price list; each change is announced, every department keeps the newest of each in its
own database, and every process of it looks there: `store.branch`, and with it `unit.branch` and `call.branch`, has the changes. A unit
works with one branch from beginning to end; another process's change is seen within `LOOK_SECONDS`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.branch import Branch, StaffMember
from shared.contracts.followup import SiteSettingChanged, StaffChanged
from shared.contracts.reception import PartPriced
from shared.loops import Loops
from shared.reaction import Reactions
from shared.store import Store
from shared.unit import Unit

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
KEPT = "site_changes"
"""The document, in the collection `meta`, with the newest of each."""
_NOTHING: Mapping[str, Any] = {"settings": [], "staff": [], "prices": []}


async def keep_setting(event: SiteSettingChanged, unit: Unit) -> None:
    await _keep(unit, "settings", event.key, event.value)


async def keep_person(event: StaffChanged, unit: Unit) -> None:
    await _keep(unit, "staff", event.staff, event.model_dump(mode="json", include={"roles", "team", "skills", "called", "left"}))


async def keep_price(event: PartPriced, unit: Unit) -> None:
    await _keep(unit, "prices", event.part_no, str(event.unit_price))


async def _keep(unit: Unit, what: str, key: str, value: Any) -> None:
    kept = {**_NOTHING, **(await unit.fetch("meta", KEPT) or {})}
    others = [each for each in kept[what] if each[0] != key]
    await unit.put("meta", KEPT, {**{name: kept[name] for name in _NOTHING}, what: [*others, [key, value]]}, subject=KEPT)


REACTIONS: Reactions = {
    SiteSettingChanged: (keep_setting,),
    StaffChanged: (keep_person,),
    PartPriced: (keep_price,),
}
"""What every department does by itself, beside its own reactions."""


async def as_changed(event: SiteSettingChanged, unit: Unit) -> Branch:
    """The branch with that change and those that were heard of before it: `unit.branch` may not have them yet."""
    kept = await unit.fetch("meta", KEPT) or _NOTHING
    return unit.branch.with_usable_settings({**dict(kept["settings"]), event.key: event.value})[0]


class SiteChanges:
    """Keeps a store's branch up to date with what its database has."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._from_folder = store.branch
        self._seen: Mapping[str, Any] | None = None
        self._loops = Loops(log)

    async def start(self) -> None:
        await self.look()
        self._loops.start({"site changes": self._look_and_rest})

    async def stop(self) -> None:
        await self._loops.stop()

    async def look(self) -> None:
        kept = await self._store.fetch("meta", KEPT)
        if kept is None or kept == self._seen:
            return
        # people first: a setting may name one who came later, or who left
        branch = self._from_folder.with_staff({id: await self._person(id, said) for id, said in kept["staff"]})
        branch, not_used = branch.with_usable_settings(dict(kept["settings"]))
        for each in not_used:
            log.error("a setting is not used: %s", each)
        branch = branch.with_prices({part_no: Decimal(price) for part_no, price in kept.get("prices", ())})
        self._store.branch, self._store.site, self._seen = branch, branch.site, kept

    async def _person(self, id: str, said: Mapping[str, Any]) -> StaffMember | None:
        if said["left"]:
            return None
        record = await self._store.record(said["called"]) if said["called"] else None
        before = self._from_folder.staff.get(id)
        name = record["text"] if record else before.name if before else id
        plain = {"id": id, "name": name, "role": said["roles"], "team": said["team"], "skills": said["skills"]}
        return StaffMember.model_validate(plain)

    async def _look_and_rest(self) -> None:
        await self.look()
        await asyncio.sleep(LOOK_SECONDS)
