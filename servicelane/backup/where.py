"""Which MongoDB is meant: that of the settings, of a stack that runs here, or of a data folder whose stack does not run."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from deploy.local.data_folder import data_folder
from deploy.local.embedded import EmbeddedFailed, database_url, start_database
from servicelane.backup.databases import DatabaseFailed
from shared.settings import variable


@contextmanager
def mongo_url(given: str | None, data: Path, site: str) -> Iterator[str]:
    """`given`, else `SERVICELANE_MONGO_URL` or its `_FILE`, else the stack's own, whose database is started where it does not run."""
    if url := given or _from_settings():
        yield url
    elif (about := _described(data)) is None:
        raise DatabaseFailed(f"which database? Set {variable('mongo_url')}, or name a stack's data folder with --data ({data} is none)")
    elif "mongo_url" in about and _answers(int(about["ports"]["database"])):
        yield str(about["mongo_url"])
    else:
        with data_folder(data, site, about.get("clock", "real")):
            yield from _started(data / "mongo")


def _started(folder: Path) -> Iterator[str]:
    try:
        database = start_database(folder)
    except EmbeddedFailed as error:
        raise DatabaseFailed(str(error)) from error
    try:
        yield database_url(database.port)
    finally:
        database.stop()


def _from_settings() -> str | None:
    name = variable("mongo_url")
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise DatabaseFailed(f"{name}_FILE: {path}: {error.strerror}") from error
    return os.environ.get(name)


def _described(data: Path) -> dict[str, Any] | None:
    """The folder's own words, checked by whoever opens it."""
    try:
        about = json.loads((data / "stack.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return about if isinstance(about, dict) else None


def _answers(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
