"""Photos and drawn signatures: kept by the SHA-256 of their bytes in the GridFS of the department that they belong to.

Events name a picture by that hash, in a field `picture_sha256` or a list `photos`, so that it is bound by what is signed and goes with
an erasure. A command whose events name a picture that is not here is refused (`PictureMissing`), by the store, for every department.
`shared.gallery` keeps them.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.refusal import Malformed

SIZE_LIMIT = 8 << 20
"""Bytes of one picture."""
SIDE_LIMIT, AREA_LIMIT = 12_000, 60_000_000
"""Pixels; what a small file may unfold to."""

PNG, JPEG = "image/png", "image/jpeg"
MEDIA_TYPES = (PNG, JPEG)

_PNG_HEAD, _PNG_END = b"\x89PNG\r\n\x1a\n", b"\x00\x00\x00\x00IEND\xaeB`\x82"
_JPEG_HEAD, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_FRAME_MARKERS = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


class PictureNotValid(Malformed):
    title = {"en": "This is no picture that can be kept.", "zh-CN": "图片无效，无法保存。"}
    remedy = {"en": "Send a whole PNG or JPEG, under its own media type.", "zh-CN": "请上传完整的 PNG 或 JPEG 图片，并使用相应的类型。"}


class PictureMissing(Malformed):
    """`missing` names the hashes."""

    title = {"en": "A picture that is named is not here.", "zh-CN": "所引用的图片不存在。"}
    remedy = {
        "en": "Send the picture first (POST /pictures), then name it by the answer's sha256.",
        "zh-CN": "请先上传图片，再引用其 sha256。",
    }


@dataclass(frozen=True)
class Picture:
    sha256: str
    media_type: str
    size: int
    width: int
    height: int


def examined(content: bytes, media_type: str) -> Picture:
    """By its own bytes, whatever it is called; `PictureNotValid` says why not."""
    found, width, height = _measured(content)
    if media_type.partition(";")[0].strip().lower() != found:
        raise PictureNotValid(missing=("Content-Type",), is_a=found)
    if not (0 < width <= SIDE_LIMIT and 0 < height <= SIDE_LIMIT and width * height <= AREA_LIMIT):
        raise PictureNotValid(missing=("size",), width=width, height=height, longest_side=SIDE_LIMIT, most_pixels=AREA_LIMIT)
    return Picture(hashlib.sha256(content).hexdigest(), found, len(content), width, height)


def _measured(content: bytes) -> tuple[str, int, int]:
    if content.startswith(_PNG_HEAD):
        if content[12:16] != b"IHDR" or not content.endswith(_PNG_END):
            raise PictureNotValid(missing=("body",), reason="the PNG is not whole")
        return (PNG, *struct.unpack(">II", content[16:24]))
    if content.startswith(_JPEG_HEAD):
        return (JPEG, *_jpeg_size(content))
    raise PictureNotValid(missing=("body",), may_be=MEDIA_TYPES)


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """From the frame header: segments follow one another, each with its length, until the picture itself begins."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _FRAME_MARKERS and content.find(_JPEG_END, at) > 0:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        if marker == 0xFF:
            at += 1
        elif 0xD0 <= marker <= 0xD9 or marker in _FRAME_MARKERS:
            break
        else:
            at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    raise PictureNotValid(missing=("body",), reason="the JPEG is not whole")


def named_in(data: Any) -> Iterator[str]:
    """The hashes of the pictures that an event's data name."""
    if isinstance(data, Mapping):
        for field, value in data.items():
            if field == "picture_sha256" and value:
                yield str(value)
            elif field == "photos" and isinstance(value, list | tuple):
                yield from map(str, value)
            else:
                yield from named_in(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from named_in(value)
