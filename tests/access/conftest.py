"""The four departments as they are served, each over its database, with keys of this test's issuer."""

import importlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from shared.auth import SigningKeys, TokenVerifier
from shared.branch import Branch
from shared.clock import RealClock
from shared.department import Department
from shared.store import Store
from shared.web import create_app
from tests.access.tokens import AUDIENCE, ISSUER, Signer


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path)


def department_called(name: str) -> Department:
    found = getattr(importlib.import_module(f"services.{name}.app"), name.upper())
    assert isinstance(found, Department)
    return found


@pytest.fixture
async def served(request: pytest.FixtureRequest, mongo_url: str, branch: Branch, signer: Signer) -> AsyncIterator[FastAPI]:
    """The department that the test is about, by its name as parameter."""
    department = department_called(request.param)
    store = await Store.open(mongo_url, department, branch, RealClock(), group_key="a key of the group")
    verifier = TokenVerifier(SigningKeys(str(signer.jwks)), issuer=ISSUER, audience=AUDIENCE)
    yield create_app(department, store, verifier=verifier)
    store.close()
