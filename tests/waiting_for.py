"""Waiting in tests: for a condition, with a deadline, never for a time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def until(condition: Callable[[], Awaitable[T]], *, deadline: float = ..., every: float = ..., what: str = ...) -> T: ...
@overload
async def until(condition: Callable[[], T], *, deadline: float = ..., every: float = ..., what: str = ...) -> T: ...
async def until(condition: Callable[[], Any], *, deadline: float = 30.0, every: float = 0.02, what: str = "") -> Any:
    """The first true value of `condition` (plain or async); `AssertionError` with `what` after `deadline` seconds."""
    end = time.monotonic() + deadline
    while True:
        answer = condition()
        value = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what or 'the condition'} did not come true in {deadline:g} s; last: {value!r}")
        await asyncio.sleep(every)
