"""What every answer tells a browser: trust nothing that did not come from here, frame nothing, keep nothing.

An answer that says otherwise for itself (a page with a script of its own names that script by its hash) is left as it is.
"""

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders

_NOTHING = "default-src 'none'; frame-ancestors 'none'"
_PAGE = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_A_YEAR = "max-age=31536000"


def protect(headers: MutableHeaders, scheme: str) -> None:
    """`scheme` is the reader's: `https` also where a trusted proxy ends the TLS; only then is the browser told to stay with it."""
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", _PAGE if headers.get("Content-Type", "").startswith("text/html") else _NOTHING)
    if scheme == "https":
        headers.setdefault("Strict-Transport-Security", _A_YEAR)


def policy_of(page: str) -> str:
    """For a page with scripts and styles of its own in it: these and no others, and what comes from here."""
    named = {kind: " ".join(map(inline, re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL))) for kind in ("script", "style")}
    return f"{_PAGE}; script-src 'self' {named['script']}; style-src 'self' {named['style']}"


def inline(text: str) -> str:
    """The source of an inline script or style, as a policy names it: `'sha256-…'`."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
