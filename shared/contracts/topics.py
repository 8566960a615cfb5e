"""The names of the topics, and which partition a subject belongs to."""

import zlib

from shared.contracts.event import DEPARTMENTS, DepartmentName

CUSTOMERS = "servicelane.customers"
REPLAY = "servicelane.replay"


def events_topic(department: DepartmentName) -> str:
    return f"servicelane.{department}"


def backfill_topic(department: DepartmentName) -> str:
    return f"servicelane.{department}.backfill"


ALL_TOPICS: tuple[str, ...] = (
    *(events_topic(department) for department in DEPARTMENTS),
    *(backfill_topic(department) for department in DEPARTMENTS),
    CUSTOMERS,
    REPLAY,
)


def partition_of(subject: str, partitions: int) -> int:
    """The same subject goes to the same partition for ever: the count is stored at a site's first start and never changes."""
    return zlib.crc32(subject.encode()) % partitions
