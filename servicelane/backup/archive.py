"""One backup as a folder: `manifest.json`, its hash, and for each department a file a collection, `DEPARTMENT/COLLECTION.bson`.

The files are plain BSON documents, one behind the other, as MongoDB's own tools read them. They hold personal data: only their owner
may read them. A folder whose name ends in `.partial` is a backup that was broken off.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from shared.contracts.event import DepartmentName

CHUNK = 1 << 20


class BadArchive(ValueError):
    """No backup, or not as it was written; the text says which file, and what to do."""


class CollectionFile(BaseModel):
    documents: int
    bytes: int
    sha256: str


class DepartmentCopy(BaseModel):
    """`numbered` is the highest number given in each partition of `epoch`; `unnumbered` counts entries that had none yet.

    `event_types` are those in the journal, each with its version in its name: who restores has to know all of them.
    """

    database: str
    epoch: int
    partitions: int
    numbered: dict[str, int]
    unnumbered: int
    event_types: list[str]
    collections: dict[str, CollectionFile]


class Manifest(BaseModel):
    """`one_moment`: all departments are as they were at one and the same moment of the database; otherwise each at its own."""

    format: Literal[1] = 1
    site: str
    taken_at: datetime
    server: str
    one_moment: bool
    departments: dict[DepartmentName, DepartmentCopy]


class Archive:
    """A backup that is there, its manifest unharmed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = _read_manifest(folder)

    def verify(self, departments: Iterable[DepartmentName]) -> None:
        """Every file of them has the length and the hash that the manifest names."""
        for department in departments:
            for name, expected in self.manifest.departments[department].collections.items():
                path = self._path(department, name)
                try:
                    found = _measured(path)
                except OSError as error:
                    raise BadArchive(f"{path}: {error.strerror}: this backup is not whole, take another") from error
                if found != (expected.bytes, expected.sha256):
                    raise BadArchive(f"{path}: not as it was written (its hash is another): this backup is broken, take another")

    def documents(self, department: DepartmentName, collection: str) -> Iterator[bytes]:
        """Each document's BSON."""
        with self._path(department, collection).open("rb") as file:
            while head := file.read(4):
                yield head + file.read(int.from_bytes(head, "little") - 4)

    def _path(self, department: DepartmentName, collection: str) -> Path:
        return self.folder / department / f"{collection}.bson"


def _read_manifest(folder: Path) -> Manifest:
    path = folder / "manifest.json"
    try:
        text = path.read_bytes()
        said = (folder / "manifest.json.sha256").read_text(encoding="ascii").split()
    except (OSError, ValueError) as error:
        raise BadArchive(f"{folder}: not a backup: {error}") from error
    if said[:1] != [hashlib.sha256(text).hexdigest()]:
        raise BadArchive(f"{path}: not as it was written (its hash is another): this backup is broken, take another")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise BadArchive(f"{path}: {where}: {first['msg']}: written by another version of servicelane?") from error


def _measured(path: Path) -> tuple[int, str]:
    hashed, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            hashed.update(chunk)
            size += len(chunk)
    return size, hashed.hexdigest()


class Writing:
    """A backup under way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collection(self, department: DepartmentName, name: str, documents: Iterable[bytes]) -> CollectionFile:
        folder = self._folder / department
        folder.mkdir(mode=0o700, exist_ok=True)
        hashed, size, count = hashlib.sha256(), 0, 0
        with _private(folder / f"{name}.bson") as descriptor, os.fdopen(descriptor, "wb", closefd=False) as file:
            for document in documents:
                file.write(document)
                hashed.update(document)
                size, count = size + len(document), count + 1
        return CollectionFile(documents=count, bytes=size, sha256=hashed.hexdigest())

    def manifest(self, manifest: Manifest) -> None:
        text = manifest.model_dump_json(indent=1).encode() + b"\n"
        for name, content in (
            ("manifest.json", text),
            ("manifest.json.sha256", f"{hashlib.sha256(text).hexdigest()}  manifest.json\n".encode("ascii")),
        ):
            with _private(self._folder / name) as descriptor:
                os.write(descriptor, content)


@contextmanager
def _private(path: Path) -> Iterator[int]:
    """Readable by its owner alone, and on the disk at the end."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        yield descriptor
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def new_archive(folder: Path) -> Iterator[Writing]:
    """Under its name only when it is whole. `BadArchive` where the name is taken or cannot be written."""
    partial = folder.with_name(f"{folder.name}.partial")
    for path in (folder, partial):
        if path.exists():
            raise BadArchive(f"{path}: is there already: name another folder, or remove it")
    try:
        partial.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise BadArchive(f"{folder}: cannot be written: {error.strerror}") from error
    try:
        yield Writing(partial)
    except OSError as error:
        raise BadArchive(f"{partial}: cannot be written: {error.strerror}; what is there is no backup, remove it") from error
    partial.rename(folder)


def last_of(copies: Mapping[DepartmentName, DepartmentCopy], departments: Sequence[DepartmentName]) -> dict[str, dict[str, object]]:
    """Where the old numbers of those departments end, as `shared.epochs` has it in `ended`."""
    return {
        name: {"epoch": copies[name].epoch, "last": {str(p): copies[name].numbered.get(str(p), 0) for p in range(copies[name].partitions)}}
        for name in departments
    }
