"""`/docs` works without the internet, and within its own policy."""

import base64
import hashlib
import re

import httpx

from deploy.local.gateway import create_gateway
from tests.web.conftest import Toy


def inline_scripts(page: str) -> list[str]:
    return re.findall(r"<script>(.*?)</script>", page, re.DOTALL)


def source(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


async def test_the_docs_load_nothing_from_elsewhere_and_all_that_they_name_is_here(toy: Toy) -> None:
    page = await toy.get(None, "/docs")
    assert "http" not in page.text.replace("http-equiv", "")
    for name in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        file = await toy.get(None, f"/{name}")
        assert file.status_code == 200
        assert len(file.content) > 10_000
        assert file.headers["Content-Type"].split(";")[0] in ("text/javascript", "text/css")
    document = (await toy.get(None, "/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    bundle = (await toy.get(None, "/docs/swagger-ui-bundle.js")).text
    assert re.search(r'PACKAGE_VERSION:"5\.', bundle), "Swagger UI before 5 cannot show OpenAPI 3.1"


async def test_the_policy_of_the_docs_names_their_own_script_and_no_other(toy: Toy) -> None:
    page = await toy.get(None, "/docs")
    policy = page.headers["Content-Security-Policy"]
    scripts = re.findall(r"script-src ([^;]+)", policy)[0].split()
    assert scripts == ["'self'", *map(source, inline_scripts(page.text))]
    assert "frame-ancestors 'none'" in policy


async def test_no_other_file_of_the_package_is_served(toy: Toy) -> None:
    assert (await toy.get(None, "/docs/favicon.png")).status_code == 422
    assert (await toy.get(None, "/docs/..%2fcore.py")).status_code in (404, 422)


async def test_the_entrys_page_may_run_its_own_script_and_no_other() -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_gateway({"workshop": "http://w"})), base_url="http://entry"
    ) as client:
        page = await client.get("/")
    scripts = inline_scripts(page.text)
    assert scripts
    assert all(source(script) in page.headers["Content-Security-Policy"] for script in scripts)
    assert "unsafe" not in page.headers["Content-Security-Policy"]
