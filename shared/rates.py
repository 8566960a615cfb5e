"""How much one address and one person may ask in a minute of system time, of one process: against loops and floods, not for billing.

The address is the connection's, or what a trusted proxy says it is. Health and metrics are not counted: who watches must see.
"""

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from shared import system_time
from shared.refusal import Problem

PER_PERSON = 30_000
PER_ADDRESS = 120_000

NOT_COUNTED = ("/health/", "/metrics")


class TooMany(Problem):
    """429; `retry_after` seconds until the next minute begins."""

    title = {"en": "Too many calls in a minute.", "zh-CN": "一分钟内请求过多。"}
    remedy = {"en": "Wait as long as Retry-After says, then send the same again.", "zh-CN": "请按 Retry-After 等待后重新提交。"}


class Rates:
    """0 is no limit."""

    def __init__(self, per_person: int = PER_PERSON, per_address: int = PER_ADDRESS) -> None:
        self._limits = {"person": per_person, "address": per_address}
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    async def count_address(self, address: str) -> None:
        await self._count("address", address)

    async def count_person(self, person: str) -> None:
        await self._count("person", person)

    async def _count(self, of: str, who: str) -> None:
        if not (most := self._limits[of]):
            return
        limit = RateLimitItemPerMinute(most)
        if not await self._windows.hit(limit, of, who):
            window = await self._windows.get_window_stats(limit, of, who)
            raise TooMany(limit=most, per=of, retry_after=max(1, round(window.reset_time - system_time.now().timestamp() + 0.5)))
