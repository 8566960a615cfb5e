"""What the departments have counted for their metrics: by an index, however many years are in the database."""

import re

import pytest

from services.delivery.app import DELIVERY
from services.followup.app import FOLLOWUP
from services.reception.app import RECEPTION
from services.workshop.app import WORKSHOP
from shared.department import Census, Department

DEPARTMENTS = (RECEPTION, WORKSHOP, DELIVERY, FOLLOWUP)
EVERY = [
    pytest.param(department, census, id=f"{census.measure}-{census.what or census.by}")
    for department in DEPARTMENTS
    for census in department.census
]


@pytest.mark.parametrize(("department", "census"), EVERY)
def test_it_is_counted_by_an_index_that_begins_with_what_it_asks_for(department: Department, census: Census) -> None:
    kinds = {kind.COLLECTION: kind for kind in department.aggregates}
    assert census.collection in {*kinds, *department.read_models}
    leading = {index.keys[0][0] for index in department.indexes[census.collection]}
    assert leading & census.where.keys()
    if census.collection in kinds:
        assert census.where.keys() <= kinds[census.collection].model_fields.keys()


def test_every_department_that_has_a_car_says_where_it_stands_and_each_station_once() -> None:
    for department in (RECEPTION, WORKSHOP, DELIVERY):
        stations = [label for each in department.census if each.measure == "cars" for label in ((each.what and [each.what]) or each.values)]
        assert stations
        assert len(stations) == len(set(stations))


def test_labels_are_words_and_not_ids() -> None:
    labels = [label for department in DEPARTMENTS for each in department.census for label in (each.what, *each.values) if label]
    assert [label for label in labels if not re.fullmatch("[a-z_]+", label)] == []


@pytest.mark.parametrize("department", DEPARTMENTS, ids=lambda each: each.name)
def test_every_kind_that_can_be_late_can_be_open(department: Department) -> None:
    kinds = {
        measure: {label for each in department.census if each.measure == measure for label in (each.what, *each.values)}
        for measure in ("duties_open", "duties_overdue")
    }
    assert kinds["duties_overdue"] <= kinds["duties_open"]
