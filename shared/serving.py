"""How every server here meets its connections: the departments and the entry in front of them."""

from typing import Any

import uvicorn
from starlette.types import ASGIApp

IDLE_SECONDS = 75
"""How long an idle connection stays: longer than clients and proxies keep theirs, which is a minute at most as they come.
Whoever lets go first is the one who asks: a call that is sent in the moment in which its server closes is lost."""
CONNECTIONS_AT_MOST = 2000
"""Whoever comes beyond them gets 503 at once."""


def server_config(app: ASGIApp, *, end_within: int, **more: Any) -> uvicorn.Config:
    """`end_within`: seconds that calls under way have when it stops. `more`: what is this server's own, as `uvicorn.Config` names it."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=end_within,
        limit_concurrency=CONNECTIONS_AT_MOST,
        **more,
    )
