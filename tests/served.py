"""A department's app, made once a process: FastAPI works out the routes of each app anew, which takes longer than most tests."""

from fastapi import FastAPI

from shared.auth import Verifier
from shared.department import Department
from shared.every_department import database_answers
from shared.measuring import Measuring
from shared.rates import Rates
from shared.store import Store
from shared.web import create_app

_APPS: dict[str, FastAPI] = {}


def served(department: Department, store: Store, verifier: Verifier) -> FastAPI:
    """It serves this store from now on, and none before it; its rates are not limited, its metrics go on counting."""
    if (app := _APPS.get(department.name)) is None:
        app = _APPS[department.name] = create_app(department, store, verifier=verifier, rates=Rates(0, 0))
    app.state.store, app.state.verifier, app.state.readiness = store, verifier, database_answers(store)
    app.state.measuring = Measuring(app.state.measuring.metrics, app.state.readiness, {}, store)
    return app
