"""Ids. A customer's is random; a vehicle's is the same on every site of the group and tells nothing about the car."""

import hashlib
import hmac
import secrets
import unicodedata


def new_id(prefix: str) -> str:
    """A random id, such as `visit-5f3c9a…`: 80 bits, so that no two sites or years ever collide."""
    return f"{prefix}-{secrets.token_hex(10)}"


def normalised_vin(vin: str) -> str:
    """Upper case, half width, without spaces; not checked for its check digit."""
    return unicodedata.normalize("NFKC", vin).replace(" ", "").upper()


def vehicle_id(vin: str, group_key: str) -> str:
    digest = hmac.new(group_key.encode(), normalised_vin(vin).encode(), hashlib.sha256).hexdigest()
    return f"vehicle-{digest[:20]}"
