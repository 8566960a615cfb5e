"""Logs: one JSON object a line on standard error, without personal data.

An exception is logged as its type and where it was raised, never with its text: texts quote what people typed.
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from shared import tracing

correlation: ContextVar[str | None] = ContextVar("correlation", default=None)
"""The correlation id of the call or event that this task works on."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


class JsonLines(logging.Formatter):
    def __init__(self, service: str, **always: str) -> None:
        """`always` is on every line: the department and its site, where it is one's."""
        super().__init__()
        self._service = service
        self._always = always

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            **self._always,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := correlation.get():
            line["correlation"] = current
        if trace := tracing.current():
            line["trace"] = trace.split("-")[1]
        line.update({name: value for name, value in vars(record).items() if name not in _STANDARD})
        if record.exc_info and record.exc_info[1]:
            line["error"] = type(record.exc_info[1]).__name__
            line["raised"] = _where(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _where(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def log_to_stderr(service: str, level: str = "INFO", **always: str) -> None:
    """All logging of this process goes to standard error as JSON lines; uvicorn's own request lines are off, ours replace them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service, **always))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"
    for noisy in ("httpx", "httpcore", "pymongo", "aiokafka", "faust", "mode"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
