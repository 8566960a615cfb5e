"""Each route, each role, at the own and at a foreign site, with tokens good and bad, against the table written from the procedure."""

import tomllib
from pathlib import Path

import pytest
from fastapi import FastAPI

from shared.branch import ROLES, Branch
from tests.access.asked import Answer, ask, every_route
from tests.access.tokens import Signer, not_to_be_believed
from tests.access.written_down import DEPARTMENTS, Row, rows_of

_CLAUSES = tomllib.loads((Path(__file__).parents[2] / "docs" / "clauses.toml").read_text(encoding="utf-8"))
GROUP = "group_analyst"
NOT_JSON = b"{"
NO_BODY_OF_OURS = b'{"no_such_field": 1}'

every_department = pytest.mark.parametrize("served", DEPARTMENTS, indirect=True)


def rows(app: FastAPI) -> tuple[Row, ...]:
    return rows_of(app.state.store.name)


def expected(row: Row, role: str, *, own_site: bool) -> str:
    """What a call by `role` ends as; an empty text is past the door."""
    if row.anybody or (GROUP in row.roles and role == GROUP and not row.changes):
        return ""
    if not own_site:
        return "foreign-site"
    return "" if role in row.roles else "wrong-role"


def ended_as(answer: Answer) -> str:
    if answer.status in (401, 403) or answer.status >= 500:
        return answer.problem or str(answer.status)
    return ""


@every_department
async def test_every_route_is_in_the_table_and_every_row_is_a_route(served: FastAPI) -> None:
    assert set(every_route(served.routes)) == {f"{row.method} {row.path}" for row in rows(served)}


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_every_row_names_a_clause_of_the_procedure_or_a_house_rule_and_roles_that_there_are(department: str) -> None:
    for row in rows_of(department):
        assert row.clause in {*_CLAUSES, "⌂"}, row
        assert row.anybody or row.roles, row
        assert row.roles <= set(ROLES), row


@every_department
async def test_what_is_not_in_the_table_is_not_there_in_any_method(served: FastAPI, signer: Signer) -> None:
    headers = {"authorization": f"Bearer {signer.token(ROLES, served.state.store.site.id)}"}
    written = {(row.method, row.address) for row in rows(served)}
    found = []
    for address in {address for _, address in written}:
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            if (method, address) not in written:
                answer = await ask(served, method, address, headers)
                if answer.status not in (404, 405):
                    found.append((method, address, answer.status))
    # HEAD of a public page is that page without its body.
    assert [each for each in found if each[:2] not in {("HEAD", "/openapi.json"), ("HEAD", "/docs")}] == []


@every_department
async def test_each_role_may_do_what_the_procedure_gives_it_and_nothing_else(served: FastAPI, signer: Signer, branch: Branch) -> None:
    wrong = []
    for role in (*ROLES, "owner"):
        for own_site in (True, False):
            headers = {"authorization": f"Bearer {signer.token([role], branch.site.site.id if own_site else 'SH99')}"}
            for row in rows(served):
                answer = await ask(served, row.method, row.address, headers, NO_BODY_OF_OURS)
                should = expected(row, role, own_site=own_site)
                if ended_as(answer) != should:
                    wrong.append(
                        f"{row.method} {row.path} by {role} ({'own' if own_site else 'foreign'} site): {answer.status} {answer.problem}"
                    )
    assert wrong == []


@every_department
async def test_a_token_that_is_not_to_be_believed_opens_nothing(served: FastAPI, signer: Signer, branch: Branch) -> None:
    wrong = []
    for says, headers in not_to_be_believed(signer, ROLES, branch.site.site.id):
        for row in rows(served):
            answer = await ask(served, row.method, row.address, headers, NO_BODY_OF_OURS)
            should = (200, "") if row.anybody else (401, "unauthenticated")
            if (answer.status, answer.problem) != should:
                wrong.append(f"{row.method} {row.path}: {says}: {answer.status} {answer.problem}")
    assert wrong == []


@every_department
async def test_a_token_without_roles_or_without_sites_opens_nothing(served: FastAPI, signer: Signer, branch: Branch) -> None:
    site = branch.site.site.id
    nothing = {"no role": signer.token([], site), "no site": signer.token([role for role in ROLES if role != GROUP], site, {"sites": []})}
    wrong = []
    for says, token in nothing.items():
        for row in rows(served):
            answer = await ask(served, row.method, row.address, {"authorization": f"Bearer {token}"}, NO_BODY_OF_OURS)
            if answer.status != (200 if row.anybody else 403):
                wrong.append(f"{row.method} {row.path}: {says}: {answer.status}")
    assert wrong == []


@every_department
async def test_who_asks_is_judged_before_what_is_asked(served: FastAPI, signer: Signer, branch: Branch) -> None:
    """A stranger learns nothing from how a body, a path or a query is judged."""
    headers = {"authorization": f"Bearer {signer.token(['owner'], branch.site.site.id)}"}
    wrong = []
    for row in rows(served):
        if row.anybody:
            continue
        for address in (row.address, row.path.replace("{", "%7B"), f"{row.address}?limit=x&after=&day=x"):
            for who, status in ((headers, 403), ({}, 401)):
                answer = await ask(served, row.method, address, who, NOT_JSON)
                if answer.status != status:
                    wrong.append(f"{row.method} {address}: {answer.status}, not {status}")
    assert wrong == []
