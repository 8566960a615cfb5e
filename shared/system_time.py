"""System time: what leases, tokens, retries and rate limits run on. Always the machine's; what the procedure counts is `shared.clock`.

The spine asks here and nowhere else, as `system_time.now()`, so that a simulation can hold every clock of every process.
"""

import time
from datetime import UTC, datetime, timedelta

LONGEST_LEASE = timedelta(minutes=15)
"""No lease is given for so long: one that ends later was given by a clock that has been set back since, and is free."""


def now() -> datetime:
    """Wall time, aware, UTC. It may jump, and differs between machines."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that only grow; comparable within one process."""
    return time.monotonic()
