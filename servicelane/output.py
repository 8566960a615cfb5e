"""A file that a command writes: a new one, whole or not at all, which only its owner may read."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class CannotWrite(RuntimeError):
    """Nothing was written; the text says where, why, and what to do."""


def must_be_new(out: Path) -> None:
    """Before anything is fetched for it. Raises `CannotWrite`."""
    if out.exists() or out.is_symlink():
        raise CannotWrite(f"{out}: is there already; name another file, or move that one away")
    if not out.parent.is_dir():
        raise CannotWrite(f"{out}: there is no folder {out.parent}; make it first")
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise CannotWrite(f"{out}: the folder {out.parent} may not be written to; name another")


@contextmanager
def new_file(out: Path) -> Iterator[IO[bytes]]:
    """Takes its name when the block has ended well. Raises `CannotWrite`."""
    must_be_new(out)
    unfinished = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        must_be_new(out)
        unfinished.rename(out)
    except OSError as error:
        raise CannotWrite(f"{out}: {error.strerror or error}; nothing was written") from error
    finally:
        unfinished.unlink(missing_ok=True)
