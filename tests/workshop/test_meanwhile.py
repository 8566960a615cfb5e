"""W6, W7: what the work needs or how it goes is said at once, and what the customer answered comes back."""

from datetime import timedelta

import pytest

from services.workshop import belongings, progress
from services.workshop.job import Job
from services.workshop.stage import Stage
from shared.contracts.reception import BelongingsAnswered, ProgressTold
from shared.contracts.values import Channel
from shared.contracts.workshop import BelongingsMoved, BelongingsRequested, ProgressReported
from shared.refusal import Malformed, NotFound
from tests.workshop.shop import BRANCH, NOW, TECHNICIAN, VISIT, Move, carried, job_after, job_before, refused

W6, W7 = pytest.mark.clause("W6"), pytest.mark.clause("W7")


def asking(by: str = TECHNICIAN) -> Move:
    return lambda job: belongings.ask(job, by, "text:workshop:1", BRANCH)


def answering(*, agrees: bool, request: str = "request-1") -> Move:
    told = BelongingsAnswered(visit=VISIT, request=request, agrees=agrees, channel=Channel.PHONE, advisor="advisor-1")
    return lambda job: belongings.note_answer(job, told)


def moving(request: str = "request-1") -> Move:
    return lambda job: belongings.move(job, request, TECHNICIAN, "locker-2", BRANCH)


@W6
def test_need_request_and_answer_are_on_record() -> None:
    job = carried(job_after("take"), asking(), answering(agrees=True), moving())
    (kept,) = job.belongings
    assert (kept.need, kept.by, kept.agrees, kept.moved_to) == ("text:workshop:1", TECHNICIAN, True, "locker-2")


@W6
def test_belongings_are_not_touched_before_the_customer_was_asked_nor_where_they_refused_nor_twice() -> None:
    asked = carried(job_after("take"), asking())
    with refused("W6", "answer"):
        moving()(asked)
    with refused("W6"):
        moving()(carried(asked, answering(agrees=False)))
    agreed = carried(asked, answering(agrees=True))
    assert moving()(agreed) == [BelongingsMoved(visit=VISIT, request="request-1", by=TECHNICIAN, to_place="locker-2")]
    with refused("W6"):
        moving()(carried(agreed, moving()))
    with pytest.raises(NotFound):
        moving("request-2")(agreed)


@W6
def test_each_request_has_its_own_answer() -> None:
    job = carried(job_after("take"), asking(), asking("leader-e"), answering(agrees=False, request="request-2"))
    assert [each.agrees for each in job.belongings] == [None, False]
    assert asking()(job) == [BelongingsRequested(visit=VISIT, request="request-3", need="text:workshop:1", by=TECHNICIAN)]


@pytest.mark.parametrize("move", [asking(by="tech-1"), lambda job: progress.report(job, "tech-1", "later", 30, None, BRANCH)])
def test_who_has_nothing_to_do_with_the_car_reports_nothing(move: Move) -> None:
    with refused("W3"):
        move(job_after("take"))


def reporting(kind: progress.Kind, minutes: int = 0) -> Move:
    return lambda job: progress.report(job, TECHNICIAN, kind, minutes, None, BRANCH)


def telling(answer: str, hours: int = 0) -> Move:
    told = ProgressTold(
        visit=VISIT,
        report="report-1",
        answer=answer,
        channel=Channel.PHONE,
        promised_at=NOW + timedelta(hours=hours),
        advisor="advisor-1",
    )
    return lambda job: progress.note_answer(job, told)


@W7
def test_a_report_says_who_what_and_how_much() -> None:
    assert reporting("later", 45)(job_after("start")) == [
        ProgressReported(visit=VISIT, report="report-1", kind="later", minutes=45, by=TECHNICIAN)
    ]


@W7
@pytest.mark.parametrize("kind", ["later", "earlier"])
def test_later_and_earlier_say_by_how_much(kind: progress.Kind) -> None:
    with pytest.raises(Malformed):
        reporting(kind)(job_after("start"))


@W7
def test_only_what_rests_goes_on_again() -> None:
    job = job_after("start")
    with refused("W7"):
        reporting("resumed")(job)
    stopped = carried(job, reporting("stopped"), reporting("later", 10))
    resumed = carried(stopped, reporting("resumed"))
    with refused("W7"):
        reporting("resumed")(resumed)


@W7
def test_an_accepted_delay_moves_the_promise_and_nothing_else() -> None:
    job = carried(job_after("start"), reporting("later", 60), telling("accepts", hours=1))
    assert (job.promised_at, job.priority) == (NOW + timedelta(hours=1), 3)


@W7
def test_who_wants_the_car_as_promised_is_first_in_line() -> None:
    job = carried(job_after("start"), reporting("later", 60), telling("wants_car_as_promised"))
    assert (job.promised_at, job.priority) == (NOW, 1)


@W7
def test_a_priority_alone_is_no_dispatch() -> None:
    job = carried(job_before("dispatch"), telling("wants_car_as_promised"))
    assert (job.priority, job.stage) == (1, Stage.ACCEPTED)


@pytest.mark.parametrize("step", ["open", "accept"])
def test_nothing_is_reported_of_a_car_that_the_workshop_does_not_have(step: str) -> None:
    clause = "R11" if step == "open" else "W1"
    for move in (asking(), reporting("stopped")):
        with refused(clause):
            move(job_before(step))


def test_nothing_is_reported_of_a_parked_car() -> None:
    parked: Job = job_after("park")
    for move in (asking(), reporting("stopped")):
        with refused("W13"):
            move(parked)
