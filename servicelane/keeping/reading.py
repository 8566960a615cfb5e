"""A CSV file as lines that may be sent, and every line that may not, with field and reason."""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from servicelane.keeping.lines import KINDS, Known, Line

ENCODINGS = ("utf-8-sig", "gb18030")
"""gb18030 is what spreadsheets on a Chinese desktop write."""


class NotAnImport(ValueError):
    """The file cannot be read at all: one clear line."""


@dataclass(frozen=True)
class Said:
    """Of one line of a file; `number` counts lines as an editor does. It never repeats what stood there: that may be a name."""

    file: str
    number: int
    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number}: {self.field}: {self.reason}"


@dataclass
class File:
    """`lines` are the good ones by their number; `digest` is of the whole file."""

    path: Path
    kind: str
    digest: str
    lines: dict[int, Line] = field(default_factory=dict)
    bad: list[Said] = field(default_factory=list)
    odd: list[Said] = field(default_factory=list)
    seen: dict[tuple[str, object], int] = field(default_factory=dict)

    def say(self, number: int, field_name: str, reason: str) -> Said:
        return Said(self.path.name, number, field_name, reason)


def kind_of(path: Path) -> str:
    """`customers.csv` holds customers, and so does `customers-2025.csv`."""
    for kind in KINDS:
        if path.stem.lower().startswith(kind):
            return kind
    raise NotAnImport(f"{path}: its name says none of {', '.join(KINDS)}")


def read(path: Path, known: Known) -> File:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotAnImport(f"{path}: {error.strerror}") from error
    file = File(path, kind_of(path), hashlib.sha256(content).hexdigest())
    columns = KINDS[file.kind].model_fields
    rows = csv.reader(io.StringIO(_decoded(path, content), newline=""), strict=True)
    head = [name.strip() for name in _head(rows, path)]
    missing = [name for name, column in columns.items() if column.is_required() and name not in head]
    if unknown := [name for name in head if name not in columns] or [name for name in head if head.count(name) > 1]:
        raise NotAnImport(f"{path}:1: {unknown[0] or '(empty)'}: is no column of {file.kind}, or stands there twice: {', '.join(columns)}")
    if missing:
        raise NotAnImport(f"{path}:1: {missing[0]}: the column is missing")
    for number, cells in _numbered(rows, path):
        _take(file, number, head, cells, known)
    return file


def _head(rows: Any, path: Path) -> list[str]:
    try:
        return list(next(rows, []))
    except csv.Error as error:
        raise NotAnImport(f"{path}:1: {error}; save it anew as CSV") from error


def _decoded(path: Path, content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotAnImport(f"{path}: is neither UTF-8 nor GB 18030 text")


def _numbered(rows: Any, path: Path) -> Iterator[tuple[int, list[str]]]:
    number = rows.line_num + 1
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as error:
            raise NotAnImport(f"{path}:{number}: {error}; save it anew as CSV") from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield number, cells
        number = rows.line_num + 1


def _take(file: File, number: int, head: list[str], cells: list[str], known: Known) -> None:
    if len(cells) != len(head):
        file.bad.append(file.say(number, "line", f"has {len(cells)} fields, the head has {len(head)}"))
        return
    try:
        line = KINDS[file.kind].model_validate(dict(zip(head, cells, strict=True)), context=known)
    except ValidationError as error:
        file.bad += [file.say(number, _field(each["loc"]), _reason(each["msg"])) for each in error.errors(include_input=False)]
        return
    keys = [(name, key) for name, key_of in line.KEYS.items() if (key := key_of(line)) is not None]
    if twice := next((key for key in keys if key in file.seen), None):
        file.bad.append(file.say(number, twice[0], f"stands in line {file.seen[twice]} already"))
        return
    file.seen |= dict.fromkeys(keys, number)
    file.odd += [file.say(number, name, reason) for name, reason in line.warnings()]
    file.lines[number] = line


def _field(place: tuple[int | str, ...]) -> str:
    return str(place[0]) if place else "line"


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Input ")
