"""What somebody sends who can write to the topics and is no department: none of it may have an effect."""

from collections.abc import Mapping
from typing import Any

NONE_OF_OURS: Mapping[str, bytes | None] = {
    "not JSON": b"\x00\xff\xfe{",
    "nothing": b"",
    "a tombstone": None,
    "a list": b"[]",
    "a number": b"7",
    "a text": b'"reception"',
    "a bottomless list": b"[" * 100_000,
    "half a surrogate": b'{"type": "\\ud800"}',
    "an object without anything": b"{}",
}

_DEEP: Any = 1
for _ in range(120):
    _DEEP = {"a": _DEEP}

SAID: Mapping[str, Mapping[str, Any]] = {
    "of another site": {"site": "SH99"},
    "of no site": {"site": None},
    "of a department that there is not": {"department": "kitchen"},
    "of another department": {"department": "workshop", "seq": 1},
    "a type of another department": {"type": "workshop.parcel_weighed.v1", "data": {"parcel": "forged"}},
    "of a newer CloudEvents": {"specversion": "9.9"},
    "without a type": {"type": None},
    "data that is a list": {"data": []},
    "a time that is none": {"time": "yesterday"},
    "seq 0": {"seq": 0},
    "seq below 0": {"seq": -5},
    "half a seq": {"seq": 1.5},
    "a seq of 100 bits": {"seq": 1 << 100},
    "a seq of 64 bits": {"seq": 1 << 63},
    "a seq that was before": {"seq": 1},
    "epoch 0": {"epoch": 0},
    "an epoch that nobody announced": {"epoch": 7, "seq": 1},
    "an epoch of 100 bits": {"epoch": 1 << 100, "seq": 1},
    "a partition below 0": {"partition": -1, "seq": 1},
    "a partition that there is not": {"partition": 99, "seq": 1},
    "the partition beside": {"partition": 1, "seq": 1},
    "a number in data that no database holds": {"data": {"parcel": "forged", "x": 1 << 100}},
    "a name in data that no database holds": {"data": {"parcel": "forged", "a\0b": 1}},
    "data that is too deep": {"data": {"parcel": "forged", "x": _DEEP}},
    "data without end": {"data": {"parcel": "forged", "x": float("inf")}},
    "data of two megabytes": {"data": {"parcel": "forged", "x": "x" * (2 << 20)}},
}
