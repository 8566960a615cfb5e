"""A person's calls at an entry that cannot take them now, or knows no tokens."""

import httpx
import pytest

from servicelane.play.client import Desk, Unexpected
from shared.problems import NoSuchRoute, problem_response


class Entry(httpx.AsyncBaseTransport):
    """Gives these answers in turn, and the last one from then on."""

    def __init__(self, *answers: httpx.Response) -> None:
        self._answers = list(answers)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def too_many() -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": "0"})


async def test_a_limit_of_calls_in_a_minute_is_waited_out_whatever_the_patience() -> None:
    desk = Desk("http://site", patience=-1, transport=Entry(too_many(), too_many(), httpx.Response(200, json={"mode": "real"})))
    assert (await desk.operate("GET", "/clock")).status == 200


async def test_a_department_that_stays_away_is_not_waited_for_longer_than_that() -> None:
    desk = Desk("http://site", patience=-1, transport=Entry(httpx.Response(503), httpx.Response(200, json={})))
    assert (await desk.operate("GET", "/clock")).status == 503


async def test_where_the_site_has_an_issuer_of_its_own_it_is_said_how_its_token_is_given() -> None:
    problem = problem_response(NoSuchRoute(), accepted=None, instance="/issuer/token", correlation="c")
    desk = Desk("http://site", transport=Entry(httpx.Response(404, content=bytes(problem.body))))
    with pytest.raises(Unexpected, match="bizsup-1 cannot sign in: the site has an issuer of its own; set SERVICELANE_TOKEN"):
        await desk.token("bizsup-1")
