"""W9, W10, W11: the technician's own inspection, the leader's, the leader's recommendations, and the final one by somebody else."""

from collections.abc import Collection, Sequence
from datetime import datetime

from services.workshop.dispatch import leads, team_of
from services.workshop.item import Hand, Item
from services.workshop.job import Job
from shared.branch import Branch
from shared.contracts.event import Event
from shared.contracts.values import Recommendation, Signature
from shared.contracts.workshop import LeaderInspected, QcFailed, QcPassed, RecommendationsWritten, SelfInspected
from shared.refusal import Malformed, Refused
from shared.signing import content_hash

FINAL_INSPECTORS = ("qc_inspector", "technical_director")
_DOING_THE_WORK = ("started", "finished", "self_inspected", "drew_parts")


class WorkNotFinished(Refused):
    clause = "W9"
    title = {"en": "The work on the item is not finished.", "zh-CN": "该项目尚未完工。"}
    remedy = {"en": "Finish the work, then inspect it.", "zh-CN": "请完工后再检验。"}


class NotOwnWork(Refused):
    clause = "W9"
    title = {"en": "Who did the work inspects it first.", "zh-CN": "自检应由作业技师本人进行。"}
    remedy = {"en": "Let a technician who did the work inspect it.", "zh-CN": "请由完成该项目的技师自检。"}


class InspectedAlready(Refused):
    clause = "W9"
    title = {"en": "This inspection has passed already.", "zh-CN": "该检验已通过。"}
    remedy = {"en": "Go on with the next step.", "zh-CN": "请进行下一步。"}


class NotSelfInspected(Refused):
    clause = "W9"
    title = {"en": "Items of the team are not self-inspected.", "zh-CN": "班组有项目尚未自检。"}
    remedy = {"en": "Let the technicians inspect the items named first.", "zh-CN": "请技师先自检所列项目。"}


class NotTheTeamsLeader(Refused):
    clause = "W9"
    title = {"en": "You lead no team that has an item of this job.", "zh-CN": "您不是承接该车的班组长。"}
    remedy = {"en": "Let the leader of the team do it.", "zh-CN": "请由该班组的班组长操作。"}


class LeaderDidTheWork(Refused):
    clause = "W9"
    title = {"en": "A leader does not inspect work of their own.", "zh-CN": "班组长不能检验自己完成的项目。"}
    remedy = {"en": "Let another leader inspect it.", "zh-CN": "请由其他班组长检验。"}


class LeaderHasNotPassed(Refused):
    clause = "W10"
    title = {"en": "Recommendations are written after the leader's passed inspection.", "zh-CN": "班组长检验通过后才能填写维修建议。"}
    remedy = {"en": "Inspect the team's items first.", "zh-CN": "请先检验本班组的项目。"}


class RecommendationsWrittenAlready(Refused):
    clause = "W10"
    title = {"en": "The team's recommendations are written and signed.", "zh-CN": "维修建议已填写并签字。"}
    remedy = {"en": "Go on with the final inspection.", "zh-CN": "请进行总检。"}


class InspectorWorkedOnCar(Refused):
    clause = "W11"
    title = {"en": "Who worked on the car does not give its final inspection.", "zh-CN": "参与过该车作业的人员不能进行总检。"}
    remedy = {"en": "Let one of those named inspect it.", "zh-CN": "请由所列人员总检。"}


class NotReadyForFinalInspection(Refused):
    clause = "W11"
    title = {"en": "The car is not ready for its final inspection.", "zh-CN": "车辆尚不具备总检条件。"}
    remedy = {"en": "Do what is named first.", "zh-CN": "请先完成所列事项。"}


class OtherRevision(Refused):
    clause = "W11"
    title = {"en": "The order has another revision than the one inspected.", "zh-CN": "委托书版本与总检版本不一致。"}
    remedy = {"en": "Inspect the car against the present order.", "zh-CN": "请按当前委托书重新检验。"}


def inspect_own_work(job: Job, item: str, by: str, *, passed: bool) -> Sequence[Event]:
    """W9. Not passed, the item is open again and is started anew."""
    job.must_be_workable()
    ordered = job.had(item)
    if ordered.self_inspected_by:
        raise InspectedAlready(item=item, by=ordered.self_inspected_by)
    if not ordered.finished:
        raise WorkNotFinished(missing=("finish",), item=item)
    if by not in ordered.finished_by:
        raise NotOwnWork(item=item, finished_by=ordered.finished_by)
    return [SelfInspected(visit=job.id, item=item, by=by, passed=passed, round=job.round)]


def inspect_as_leader(
    job: Job, by: str, sent_back: Sequence[str], branch: Branch, absent: Collection[str] = (), team: str | None = None, *, passed: bool
) -> Sequence[Event]:
    """W9. A pass is of all items of the team; `sent_back` are those that did not pass, which are started anew.

    A leader who is away, or did the work, is stood in for by a leader of another team; `team` says whose, where it could be several.
    """
    job.must_be_workable()
    team = _led_team(job, by, branch, {*absent, *_worked_in_own_team(job, branch)}, team)
    items = job.items_of(team)
    if job.leader_has_passed(team):
        raise InspectedAlready(team=team, by=job.leader_inspected[team].by)
    if _did_the_work(job, by, items, branch):
        raise LeaderDidTheWork(team=team, leader=by)
    if missing := [name for name, item in items.items() if not item.self_inspected_by]:
        raise NotSelfInspected(missing=missing, team=team)
    if passed == bool(sent_back) or not set(sent_back) <= set(items):
        raise Malformed(missing=("items",), reason="the items of the team that are sent back are named, none where all passed")
    judged = tuple(items) if passed else tuple(sent_back)
    stand_in = team_of(by, branch) != team
    return [LeaderInspected(visit=job.id, team=team, by=by, items=judged, passed=passed, round=job.round, stand_in=stand_in)]


def _led_team(job: Job, by: str, branch: Branch, absent: Collection[str], team: str | None) -> str:
    """The team of the job that the leader leads, or stands in for; the own one where both."""
    led = [each for each in job.teams if leads(by, each, branch, absent) and team in (None, each)]
    if not led:
        raise NotTheTeamsLeader(leader=by, teams=job.teams)
    own = team_of(by, branch)
    if len(led) > 1 and own not in led:
        raise Malformed(missing=("team",), expected=led)
    return own if own in led else led[0]


def _worked_in_own_team(job: Job, branch: Branch) -> set[str]:
    people = {branch.person_of(account) for account in job.hands}
    return {person for person in people if _did_the_work(job, person, job.items_of(team_of(person, branch) or ""), branch)}


def _did_the_work(job: Job, person: str, items: dict[str, Item], branch: Branch) -> bool:
    return any(hand.did in _DOING_THE_WORK and hand.item in items for hand in _hands(job, person, branch))


def write_recommendations(
    job: Job,
    leader: str,
    recommended: Sequence[tuple[str, bool]],
    notes: str | None,
    branch: Branch,
    now: datetime,
    absent: Collection[str] = (),
    team: str | None = None,
) -> Sequence[Event]:
    """W10. `recommended` are operations with whether they are safety-related; `notes` is the key of a text record.

    Who inspected as a stand-in writes and signs as one.
    """
    job.must_be_workable()
    team = _led_team(job, leader, branch, {*absent, *_stood_in_for(job, leader, branch)}, team)
    if not job.leader_has_passed(team):
        raise LeaderHasNotPassed(missing=("leader_inspection",), team=team)
    if team in job.recommendations:
        raise RecommendationsWrittenAlready(team=team)
    written = RecommendationsWritten(
        visit=job.id,
        team=team,
        leader=leader,
        recommendations=tuple(
            Recommendation(recommendation=f"{team}-{job.round}-{number}", operation=operation, safety=safety)
            for number, (operation, safety) in enumerate(recommended, start=1)
        ),
        notes=notes,
        content_hash="",
        signature=Signature(signer=leader, at=now, content_hash=""),
        round=job.round,
    )
    return [_signed(written, leader, now)]


def _stood_in_for(job: Job, leader: str, branch: Branch) -> set[str]:
    teams = {team for team, inspected in job.leader_inspected.items() if inspected.by == leader}
    return {person.id for person in branch.people("team_leader") if person.team in teams and person.id != leader}


def pass_final(job: Job, inspector: str, revision: int, branch: Branch, now: datetime) -> Sequence[Event]:
    """W11."""
    job.must_be_workable()
    _must_be_inspectable(job, inspector, branch)
    if revision != job.revision:
        raise OtherRevision(inspected=revision, present=job.revision)
    passed = QcPassed(
        visit=job.id,
        inspector=inspector,
        revision=revision,
        round=job.round,
        items=tuple(job.done),
        recommendations=recommended_in_all(job),
        wash=job.wash_accepted,
        content_hash="",
        signature=Signature(signer=inspector, at=now, content_hash=""),
        repaired=tuple(each.damage for each in job.damages if each.repaired_by),
    )
    return [_signed(passed, inspector, now)]


def fail_final(job: Job, inspector: str, items: Sequence[str], why: str, branch: Branch) -> Sequence[Event]:
    """W11: the items are reworked and inspected anew, by technician, leader and inspector; a pass given before is void.

    `why` is the key of a text record.
    """
    job.must_be_held()
    _must_be_inspectable(job, inspector, branch)
    for item in items:
        job.had(item)
    return [QcFailed(visit=job.id, inspector=inspector, round=job.round, items=tuple(dict.fromkeys(items)), why=why)]


def _must_be_inspectable(job: Job, inspector: str, branch: Branch) -> None:
    if did := {hand.did for hand in _hands(job, inspector, branch)}:
        raise InspectorWorkedOnCar(inspector=inspector, did=sorted(did), who_may=who_may(job, branch))
    if lacking := missing(job):
        raise NotReadyForFinalInspection(missing=lacking)


def recommended_in_all(job: Job) -> tuple[Recommendation, ...]:
    """W10: what the leaders wrote; then, by themselves, what those wrote whose work went to another team, what was found and not
    consented to, and what the customer declined.
    """
    recommended = [entry for written in job.recommendations.values() for entry in written.recommendations]
    of_former_teams = [entry for team, written in job.set_aside.items() if team not in job.teams for entry in written.recommendations]
    found = [
        Recommendation(recommendation=each.found, operation=each.operation, safety=each.safety)
        for each in job.found
        if each.found not in job.done
    ]
    declined = [
        Recommendation(recommendation=f"declined-{number}", operation=operation) for number, operation in enumerate(job.declined, start=1)
    ]
    ordered = {item.operation for item in job.done.values()}
    for entry in (*of_former_teams, *found, *declined):
        same = [known for known in recommended if known.operation == entry.operation and known.safety >= entry.safety]
        if not same and entry.operation not in ordered:
            recommended.append(entry)
    return tuple(recommended)


def who_may(job: Job, branch: Branch, absent: Collection[str] = ()) -> tuple[str, ...]:
    """W11: the inspectors of the branch who are here and did nothing to this car, in any round."""
    inspectors = (person.id for role in FINAL_INSPECTORS for person in branch.people(role))
    return tuple(dict.fromkeys(person for person in inspectors if not _hands(job, person, branch) and person not in absent))


def _hands(job: Job, account: str, branch: Branch) -> tuple[Hand, ...]:
    """What the person did by any of their accounts, also before it was known that they are theirs."""
    person = branch.person_of(account)
    return tuple(hand for other, hands in job.hands.items() if branch.person_of(other) == person for hand in hands)


def missing(job: Job) -> tuple[str, ...]:
    """W11: what has to be done before the final inspection: `what:item`, `what:team`, `parts_return:slip`, `damage_repair:damage`."""
    lacking = [f"{what}:{name}" for name, item in job.items.items() if (what := _next_step(item))]
    for team in job.teams:
        if not job.leader_has_passed(team):
            lacking.append(f"leader_inspection:{team}")
        if team not in job.recommendations:
            lacking.append(f"recommendations:{team}")
    lacking += [f"parts_return:{slip}" for slip, item, _ in job.out() if item not in job.done]
    lacking += [f"damage_repair:{each.damage}" for each in job.damages if each.to_be_repaired]
    return tuple(dict.fromkeys(lacking))


def _next_step(item: Item) -> str | None:
    if item.dropped and not item.reassembled_by:
        return "reassembly"
    if not item.finished:
        return "finish"
    return None if item.self_inspected_by else "self_inspection"


def _signed(document: RecommendationsWritten | QcPassed, signer: str, now: datetime) -> Event:
    digest = content_hash(document)
    return document.model_copy(update={"content_hash": digest, "signature": Signature(signer=signer, at=now, content_hash=digest)})
