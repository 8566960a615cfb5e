"""Why somebody was given no token, and what to do about it."""

from typing import Any

import httpx


def no_token(person: str, answer: httpx.Response) -> str:
    """A site with an issuer of its own has none under its entry: its tokens are given, not fetched."""
    said = _said(answer)
    if answer.status_code == 404 and str(said.get("type", "")).endswith(":no-such-route"):
        return (
            f"{person} cannot sign in: the site has an issuer of its own; set SERVICELANE_TOKEN to an access token of it"
            " (SERVICELANE_CLERK_TOKEN to the parts clerk's, for stock)"
        )
    reason = " ".join(filter(None, (said.get("title"), ", ".join(said.get("missing", ())), said.get("remedy"))))
    return f"{person} cannot sign in: {answer.status_code} {reason or answer.text[:300]}".strip()


def _said(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
