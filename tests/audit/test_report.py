"""What the audit shows: the verdict clause by clause, one order's story, the score, the dispute file."""

import hashlib
import json
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from servicelane.audit.clauses import CLAUSES, RULES
from servicelane.audit.command import Wanted, must_be_of, show
from servicelane.audit.journals import Journals
from servicelane.audit.judge import judge
from servicelane.audit.read_site import NoSuchVisit, SiteUnreadable
from servicelane.audit.score import of_site, scores
from servicelane.audit.story import stories, told_in_order
from shared.branch import Branch
from shared.contracts.envelope import Envelope
from shared.contracts.reception import FilesMerged
from tests.audit.flows import FLOWS, clean
from tests.audit.goods import CAR
from tests.audit.hand import DAY, VISIT, Step, added, changed, journals, then, without

HONEST = journals(FLOWS["add_on_accepted"]())
FORGED = journals(without("printed", "washed")(changed("parked", spot="")(clean())))


def _shown(told: Journals, branch: Branch, capsys: pytest.CaptureFixture[str], wanted: Wanted, *, as_json: bool = False) -> tuple[int, str]:
    status = show(judge(told, branch), told, branch, wanted, as_json=as_json)
    return status, capsys.readouterr().out


def test_every_rule_is_of_a_clause_of_the_procedure() -> None:
    assert {rule.clause for rule in RULES} <= {clause.id for clause in CLAUSES}
    last = {"A": 4, "R": 14, "W": 14, "D": 10, "F": 10}
    assert [clause.id for clause in CLAUSES] == [f"{chapter}{number}" for chapter, count in last.items() for number in range(1, count + 1)]


def test_the_report_has_every_clause_and_says_where_nothing_happened(branch: Branch, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = _shown(HONEST, branch, capsys, Wanted())
    lines = {line.split()[0]: line for line in out.splitlines() if line.split()}
    assert status == 0
    assert all(clause.id in lines for clause in CLAUSES)
    assert "no facts" in lines["F7"]
    assert "no facts" not in lines["W8"]
    assert out.splitlines()[-1] == f"audit: 1 orders, 0 violations (1 visits, {len(list(HONEST.every()))} journal entries)"


def test_house_rules_are_reported_apart_from_the_regimes(branch: Branch, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = _shown(FORGED, branch, capsys, Wanted())
    regime, house = out.split("Against the house's own rules ⌂")
    assert status == 1
    assert "order_printed_for_the_customer" in regime
    assert "washed_where_accepted" in regime
    assert "the_spot_is_on_record" in house
    assert "the_spot_is_on_record" not in regime


def test_the_report_as_json_keeps_them_apart_too(branch: Branch, capsys: pytest.CaptureFixture[str]) -> None:
    _, out = _shown(FORGED, branch, capsys, Wanted(), as_json=True)
    told = json.loads(out)
    assert [each["rule"] for each in told["house_violations"]] == ["the_spot_is_on_record"]
    assert {each["clause"] for each in told["violations"]} >= {"R11", "W12"}
    assert [each["clause"] for each in told["clauses"]] == [clause.id for clause in CLAUSES]


def test_journals_of_another_branch_are_not_judged_by_this_one(sample_branch: Branch, branch: Branch) -> None:
    must_be_of(HONEST, sample_branch)
    with pytest.raises(SiteUnreadable, match=f"are of BJ01, the branch's folder is {branch.site.id}'s: name the folder with --branch"):
        must_be_of(HONEST, branch)


def test_what_was_under_way_is_said_before_the_last_line(branch: Branch, capsys: pytest.CaptureFixture[str]) -> None:
    left = "workshop: applied reception 0 to 7 of 8"
    told = replace(HONEST, under_way=(left,))
    _, out = _shown(told, branch, capsys, Wanted())
    assert out.splitlines()[-2].strip() == left
    _, out = _shown(told, branch, capsys, Wanted(), as_json=True)
    assert json.loads(out)["under_way"] == [left]


def test_a_story_is_one_page_in_the_order_in_which_things_happened(branch: Branch, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = _shown(FORGED, branch, capsys, Wanted(story=VISIT))
    assert status == 1
    assert out.index("work order signed") < out.index("qc passed") < out.index("exit pass used")
    assert "parked without" in out
    told = [recorded.id for recorded in told_in_order(stories(HONEST)[VISIT])]
    assert told.index("revised") < told.index("revision_taken") < told.index("revision_noted")


def test_a_visit_that_no_journal_knows_is_said_so(branch: Branch) -> None:
    with pytest.raises(NoSuchVisit, match="visit-9"):
        show(judge(HONEST, branch), HONEST, branch, Wanted(story="visit-9"), as_json=False)


def test_the_score_of_a_clause_has_the_events_behind_it(branch: Branch, capsys: pytest.CaptureFixture[str]) -> None:
    scored = {each.clause.id: each for each in scores(judge(FORGED, branch))}
    assert scored["W13"].events == ("parked", "ready")
    assert scored["W13"].per_cent is not None
    assert 0 < scored["W13"].per_cent < 100
    assert scored["D5"].per_cent == 100
    assert scored["F7"].per_cent is None
    assert (of_site(scores(judge(HONEST, branch))), (of_site(scores(judge(FORGED, branch))) or 100) < 100) == (100, True)
    _, out = _shown(FORGED, branch, capsys, Wanted(score=True), as_json=True)
    assert next(each for each in json.loads(out)["clauses"] if each["clause"] == "W13")["events"] == ["parked", "ready"]


def test_a_dispute_file_shows_what_was_signed_and_that_it_is_whole(branch: Branch, tmp_path: Path) -> None:
    out = tmp_path / "dispute.zip"
    assert show(judge(HONEST, branch), HONEST, branch, Wanted(dispute=VISIT, out=out), as_json=False) == 0
    with zipfile.ZipFile(out) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["sha256"] == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    papers = json.loads(files["signed.json"])
    assert {paper["paper"].split()[0] for paper in papers} >= {"接车登记表", "任务委托书", "总检", "结算单"}
    assert all(paper["agrees"] and paper["signed_hash"] == paper["computed_hash"] for paper in papers)
    added = next(paper for paper in papers if paper["paper"].startswith("增项单"))
    assert (added["signed_by"], added["content"]["change"], added["content"]["items"][0]["item"]) == ("customer", "change-1", "found-1")
    consent = next(each for each in json.loads(files["consents.json"]) if each["what"] == "change answered")
    assert (consent["accepted"], consent["channel"], consent["agrees"]) == (["found-1"], "phone", True)
    kept = [Envelope.model_validate_json(line) for line in files["journal.jsonl"].decode().splitlines()]
    assert len(kept) == sum(1 for entry in HONEST.every() if getattr(entry.fact, "visit", None) == VISIT)
    assert b"settlement closed" in files["page.html"]


def test_a_dispute_file_shows_what_was_changed_after_the_signature(branch: Branch, tmp_path: Path) -> None:
    told = journals(changed("ordered", wash=False)(clean()))
    show(judge(told, branch), told, branch, Wanted(dispute=VISIT, out=tmp_path / "d.zip"), as_json=False)
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        papers, wrong = json.loads(archive.read("signed.json")), json.loads(archive.read("violations.json"))
    assert [paper["paper"] for paper in papers if not paper["agrees"]] == ["任务委托书 work order"]
    assert ("R11", "order_explained_and_signed") in {(each["clause"], each["rule"]) for each in wrong}


def test_a_dispute_file_has_an_add_on_that_was_authorised_on_the_phone(branch: Branch, tmp_path: Path) -> None:
    told = journals(changed("supplement", signature=None)(FLOWS["insured_add_on"]()))
    show(judge(told, branch), told, branch, Wanted(dispute=VISIT, out=tmp_path / "d.zip"), as_json=False)
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        papers, agreed = json.loads(archive.read("signed.json")), json.loads(archive.read("consents.json"))
    paper = next(each for each in papers if each["paper"].startswith("增项单"))
    assert (paper["signed_by"], paper["agrees"], paper["content"]["insurer"]["found-1"]["amount"]) == ("customer (phone)", True, "200.00")
    insurer = next(each for each in agreed if each["what"] == "insurer consent recorded")
    assert (insurer["claim_number"], insurer["approved"]["amount"], insurer["agrees"]) == ("PICC-1", "200.00", True)


def test_five_times_the_orders_are_judged_in_about_five_times_the_time(sample_branch: Branch) -> None:
    """A rule that looks through the whole site at every order would take twenty-five times as long."""
    few, many = _many(12), _many(60)
    assert judge(few, sample_branch).orders == 12  # what is made once has been made then
    assert _seconds(many, sample_branch) < 10 * _seconds(few, sample_branch)


def _seconds(journals: Journals, branch: Branch) -> float:
    """Of the processor, the least of three."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        judge(journals, branch)
        taken.append(time.process_time() - started)
    return min(taken)


def _many(orders: int) -> Journals:
    """The clean journal as often as wanted, each for a visit of its own."""
    steps: list[Step] = clean()
    template = [entry.envelope.model_dump_json() for entry in journals(steps).every()]
    envelopes = []
    seq: dict[str, int] = {}
    for number in range(orders):
        for text in template:
            envelope = Envelope.model_validate_json(text.replace(VISIT, f"visit-{number}-"))
            seq[envelope.department] = seq.get(envelope.department, 0) + 1
            own = {"id": f"{envelope.id}:{number}", "seq": seq[envelope.department]}
            own |= {"causationid": f"{envelope.causationid}:{number}"} if envelope.causationid else {}
            envelopes.append(envelope.model_copy(update=own))
    return Journals.of(envelopes)


@pytest.mark.clause("R7")
def test_edge_case_3_a_dispute_file_shows_the_corrections_beside_the_papers_whose_text_stays(branch: Branch, tmp_path: Path) -> None:
    merged = FilesMerged(kind="vehicle", file=CAR, into="vehicle-right", reason="t", by="advisor-1", at=DAY)
    onward = FilesMerged(kind="vehicle", file="vehicle-right", into="vehicle-true", reason="t", by="advisor-1", at=DAY)
    strange = FilesMerged(kind="vehicle", file="vehicle-8", into="vehicle-9", reason="t", by="advisor-1", at=DAY)
    forged = then(*(added(each.file, "reception", each, after="left", by=each.by) for each in (merged, onward, strange)))
    told = journals(forged(clean()))
    show(judge(told, branch), told, branch, Wanted(dispute=VISIT, out=tmp_path / "d.zip"), as_json=False)
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        corrections = json.loads(archive.read("corrections.json"))
        papers = json.loads(archive.read("signed.json"))
    assert {(each["file"], each["into"], each["recorded_by"]) for each in corrections} == {
        (CAR, "vehicle-right", "advisor-1"),
        ("vehicle-right", "vehicle-true", "advisor-1"),
    }
    assert all(paper["agrees"] for paper in papers)
