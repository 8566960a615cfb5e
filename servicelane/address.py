"""The entry address of a site, as a person gives it."""

from urllib.parse import urlsplit


class BadAddress(ValueError):
    """It can be nobody's address; the text says how one looks."""


def checked(url: str) -> str:
    """The same again. Raises `BadAddress`."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise BadAddress(f"--at {url}: is no address of a site; give it as http://127.0.0.1:8080")
    return url
