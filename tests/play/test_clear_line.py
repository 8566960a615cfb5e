"""What a person mistypes, and what answers in place of a site, is said in one line, with exit status 2."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from typer.testing import CliRunner

from servicelane.cli import app
from servicelane.play.client import Answer, Unexpected

DAY = "data/branch/day-0.jsonl"


def _said(*arguments: str) -> str:
    ran = CliRunner().invoke(app, arguments)
    assert (ran.exit_code, ran.output.count("\n")) == (2, 1), ran.output
    return ran.output


@pytest.mark.parametrize("url", ["http://localhost:99999", "localhost:8080", "http://[::1", "ftp://site", "http://", "http://site:0"])
@pytest.mark.parametrize(
    "command", [("audit",), ("play", DAY), ("import", "stock.csv"), ("customer", "erase", "c-1", "--reason", "wish")], ids=lambda it: it[0]
)
def test_an_address_that_can_be_nobodys(command: tuple[str, ...], url: str) -> None:
    assert f"--at {url}: is no address of a site" in _said(*command, "--at", url)


@pytest.mark.parametrize("url", ["http://x", "mongodb://", "mongodb://host:99999"])
def test_a_database_that_is_none(url: str, tmp_path: Path) -> None:
    assert "is no address of a MongoDB" in _said("backup", str(tmp_path / "backup"), "--mongo", url)


class _Page(BaseHTTPRequestHandler):
    """Answers whatever is asked with a page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>It works!</h1>")

    do_POST = do_GET  # noqa: N815 - the name that the server asks for

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def page() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    "command", [("audit",), ("audit", "--token", "t"), ("play", DAY), ("customer", "erase", "c-1", "--reason", "wish")]
)
def test_a_page_in_place_of_a_site(command: tuple[str, ...], page: str) -> None:
    assert "is not answered as by a site's entry, but with text/html; does --at name one?" in _said(*command, "--at", page)


def test_a_proxys_page_about_a_failure_is_an_answer_like_another() -> None:
    answer = Answer(httpx.Response(413, text="<h1>Too large</h1>"), "")
    assert (answer.status, answer.body, answer.clause) == (413, "<h1>Too large</h1>", "")
    with pytest.raises(Unexpected, match="text/plain"):
        Answer(httpx.Response(200, text="well", request=httpx.Request("GET", "http://site/")), "")
