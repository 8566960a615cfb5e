"""`/docs`: Swagger UI over the OpenAPI document, without the internet. Its two files come from the package fastapi-offline."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse

from shared.headers import inline

SwaggerFile = Literal["swagger-ui-bundle.js", "swagger-ui.css"]

_START = "SwaggerUIBundle({url: 'openapi.json', dom_id: '#docs', deepLinking: true, persistAuthorization: false, validatorUrl: null})"
_POLICY = (
    f"default-src 'none'; script-src 'self' {inline(_START)}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><link rel="stylesheet" href="docs/swagger-ui.css"></head>
<body><div id="docs"></div><script src="docs/swagger-ui-bundle.js"></script><script>{start}</script></body></html>
"""


def add_docs(app: FastAPI) -> None:
    app.add_api_route("/docs", _page, include_in_schema=False, response_class=HTMLResponse)
    app.add_api_route("/docs/{name}", _file, include_in_schema=False, response_class=FileResponse)


async def _page(request: Request) -> HTMLResponse:
    """Addresses are relative, so that it works behind any prefix. Swagger UI writes styles into its elements: these are let in."""
    return HTMLResponse(_PAGE.format(title=request.app.title, start=_START), headers={"Content-Security-Policy": _POLICY})


async def _file(name: SwaggerFile) -> FileResponse:
    return FileResponse(_folder() / name, headers={"Cache-Control": "public, max-age=86400"})


@cache
def _folder() -> Path:
    """Without importing the package: it brings an app of its own."""
    found = find_spec("fastapi_offline")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "static"
