"""What a database refuses for a moment is tried again; what it refuses for good is not."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable
from typing import TypeVar

from pymongo.errors import ConnectionFailure, PyMongoError

from shared import system_time
from shared.refusal import DatabaseAway

__all__ = ["PATIENCE", "Conflict", "ConnectionFailure", "DatabaseError", "Tries", "is_in_trouble", "passes", "to_its_end"]

T = TypeVar("T")

log = logging.getLogger(__name__)

DatabaseError = PyMongoError
"""What the loops of the spine catch and try again after."""

PATIENCE = 10.0
"""Seconds of system time that a transaction is tried again before its caller is told."""

_IN_TROUBLE = {1, 8, 14031}
"""The server's codes for what is its own trouble: an error inside, an unknown one, a full disk. Somebody makes room, or starts it anew."""
_DUPLICATE = 11000


class Conflict(Exception):
    """A row is not as it was read; the transaction is tried again."""


class Tries:
    """Waits between tries: random, growing, within the patience; then `DatabaseAway`."""

    def __init__(self, patience: float) -> None:
        self._until = system_time.monotonic() + patience
        self._longest = 0.005

    async def pause(self, error: Exception) -> None:
        if system_time.monotonic() >= self._until:
            raise DatabaseAway from error
        await asyncio.sleep(random.uniform(0.001, self._longest))  # noqa: S311  no secret: who waits how long
        self._longest = min(0.3, self._longest * 2)


async def to_its_end(writing: Awaitable[T]) -> T:
    """A write in a transaction, also when its caller is cancelled: the driver's thread goes on, and would write what is left of it
    outside the transaction that was aborted meanwhile.
    """
    going_on = asyncio.ensure_future(writing)
    try:
        return await asyncio.shield(going_on)
    except asyncio.CancelledError:
        await asyncio.wait({going_on})
        if not going_on.cancelled() and (error := going_on.exception()):
            log.debug("a write failed whose caller was gone: %s", type(error).__name__)
        raise


def is_in_trouble(error: Exception) -> bool:
    return getattr(error, "code", None) in _IN_TROUBLE


def passes(error: Exception) -> bool:
    """Whether the same may succeed when tried again; a duplicate `_id` is a row that somebody else wrote first."""
    if isinstance(error, Conflict | ConnectionFailure):
        return True
    assert isinstance(error, PyMongoError)
    if error.has_error_label("TransientTransactionError") or error.has_error_label("UnknownTransactionCommitResult"):
        return True
    if is_in_trouble(error):
        return True
    details = getattr(error, "details", None) or {}
    duplicates = [each for each in (details, *details.get("writeErrors", ())) if each.get("code") == _DUPLICATE]
    return any("_id_" in each.get("errmsg", "") or "_id" in each.get("keyPattern", ()) for each in duplicates)
