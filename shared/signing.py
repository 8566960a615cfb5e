"""What is signed is signed over a hash of its content: ids, lines, prices and times, never names, so that anybody can compute it again."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


def content_hash(content: BaseModel | Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the content as canonical JSON (sorted keys, no spaces, UTF-8).

    Of an event, its own `content_hash` and `signature` are left out: the hash of a signed event can be computed from that event.
    """
    plain = content.model_dump(mode="json") if isinstance(content, BaseModel) else dict(content)
    plain.pop("content_hash", None)
    plain.pop("signature", None)
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
