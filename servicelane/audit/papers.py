"""What of an order's story is a signed paper, a consent, or a time that was promised or kept."""

from typing import Any

from servicelane.audit import words
from servicelane.audit.story import Recorded, Story, told_in_order
from shared.branch import Branch
from shared.contracts import delivery as d
from shared.contracts import followup as f
from shared.contracts import reception as r
from shared.contracts import workshop as w
from shared.contracts.event import Event

PAPERS: dict[type[Event], str] = {
    r.VehicleCheckedIn: "接车登记表 check-in sheet",
    r.WorkOrderSigned: "任务委托书 work order",
    r.SupplementAuthorised: "增项单 add-on authorisation",
    w.RecommendationsWritten: "维修建议 repair recommendations",
    w.QcPassed: "总检 final inspection",
    d.RecommendationAnswered: "refusal of a safety item",
    d.RulingReserved: "reservation of an item that awaits its ruling",
    d.SettlementClosed: "结算单 settlement statement",
    d.ShareMoved: "consent to another payer's share",
}
CONSENTS = (
    r.EstimateAccepted,
    r.WorkOrderSigned,
    r.ChangeAnswered,
    r.InsurerConsentRecorded,
    r.InsurerGapGranted,
    r.ProgressTold,
    r.BelongingsAnswered,
    d.RulingReserved,
    d.ShareMoved,
)
SHOWN: dict[type[Event], type[Event]] = {
    r.EstimateAccepted: r.EstimateGiven,
    r.ChangeAnswered: r.ChangeQuoted,
    r.InsurerConsentRecorded: r.ChangeQuoted,
}
TIMES = (
    r.CustomerArrived,
    r.CustomerGreeted,
    r.CompletionPromised,
    r.WorkOrderSigned,
    w.JobAccepted,
    w.QcPassed,
    d.CarReady,
    d.CustomerCalled,
    d.SettlementClosed,
    d.ExitPassUsed,
    f.CallDutyClosed,
)


def signed_papers(story: Story) -> list[dict[str, Any]]:
    """Each with the hash that was signed and the hash of its content, computed again; a supplement also where it was authorised by word."""
    told = [recorded for recorded in told_in_order(story) if type(recorded.fact) in PAPERS]
    return [_paper(recorded) if recorded.fact.signature else _by_word(recorded, story) for recorded in told if _authorised(recorded)]


def _authorised(recorded: Recorded) -> bool:
    return bool(recorded.fact.signature) or isinstance(recorded.fact, r.SupplementAuthorised)


def _by_word(recorded: Recorded, story: Story) -> dict[str, Any]:
    """Authorised on the phone, say: by whom and how is in the answer."""
    fact = recorded.fact
    answers = [each.fact for each in story.before(recorded, r.ChangeAnswered) if each.fact.change == fact.change]
    return {
        "paper": PAPERS[type(fact)],
        "entry": recorded.id,
        "signed_by": f"{answers[-1].answered_by} ({answers[-1].channel})" if answers else None,
        "signed_at": recorded.at.isoformat(),
        "recorded_by": recorded.by,
        "signed_hash": fact.content_hash,
        "computed_hash": recorded.content_hash,
        "agrees": fact.content_hash == recorded.content_hash,
        "picture_sha256": None,
        "content": dict(recorded.data),
    }


def _paper(recorded: Recorded) -> dict[str, Any]:
    signature = recorded.fact.signature
    return {
        "paper": PAPERS[type(recorded.fact)],
        "entry": recorded.id,
        "signed_by": signature.signer,
        "signed_at": signature.at.isoformat(),
        "recorded_by": recorded.by,
        "signed_hash": signature.content_hash,
        "computed_hash": recorded.content_hash,
        "agrees": signature.content_hash == recorded.content_hash,
        "picture_sha256": signature.picture_sha256,
        "content": dict(recorded.data),
    }


def consents(story: Story) -> list[dict[str, Any]]:
    """Who agreed to what, when, by which channel, at what price."""
    return [_consent(recorded, story) for recorded in told_in_order(story) if isinstance(recorded.fact, CONSENTS)]


def _consent(recorded: Recorded, story: Story) -> dict[str, Any]:
    fact = recorded.fact
    said = {"what": words.name(fact), "entry": recorded.id, "at": recorded.at.isoformat(), "recorded_by": recorded.by}
    said |= {field: recorded.data[field] for field in _FIELDS if field in recorded.data}
    if shown := _shown(recorded, story):
        said |= {"shown_entry": shown.id, "shown_hash": shown.content_hash, "agrees": shown.content_hash == fact.content_hash}
    return said


_FIELDS = (
    "answered_by",
    "channel",
    "change",
    "number",
    "accepted",
    "declined",
    "items",
    "request",
    "agrees",
    "report",
    "answer",
    "consents",
    "claim_number",
    "approved",
    "by",
    "total",
    "amount",
    "dialled",
    "content_hash",
)


def _shown(recorded: Recorded, story: Story) -> Recorded | None:
    """The estimate or the quote that was agreed to."""
    kind = SHOWN.get(type(recorded.fact))
    key = "number" if isinstance(recorded.fact, r.EstimateAccepted) else "change"
    found = [each for each in story.before(recorded, kind) if getattr(each.fact, key) == getattr(recorded.fact, key)] if kind else []
    return found[-1] if found else None


def corrections(story: Story, site: Story) -> list[dict[str, Any]]:
    """What is to be added to the papers, whose text stays: typed facts put right, and files that were merged or parted since (R7)."""
    named = {getattr(each.fact, kind, None) for each in story.all(r.CustomerArrived, r.InquiryEnded) for kind in ("customer", "vehicle")}
    began = story.since
    files = [each for each in site.all(r.FilesMerged, r.FilesParted) if each.at >= began and each.fact.file in _read_as(site, named)]
    own = story.all(r.VisitVehicleCorrected, r.CheckInCorrected)
    return [_correction(each) for each in sorted((*own, *files), key=lambda each: (each.at, each.place))]


def _read_as(site: Story, named: set[Any]) -> set[str]:
    """The files that the papers name, and what these are, or were once, read as."""
    found, before = set(named) - {None}, 0
    while len(found) > before:
        before = len(found)
        found |= {each.fact.into for each in site.all(r.FilesMerged) if each.fact.file in found}
    return found


def _correction(recorded: Recorded) -> dict[str, Any]:
    fields = {name: value for name, value in recorded.data.items() if name not in ("visit", "reason", "by", "at")}
    return {"what": words.name(recorded.fact), "entry": recorded.id, "at": recorded.at.isoformat(), "recorded_by": recorded.by} | fields


def times(story: Story, branch: Branch) -> list[dict[str, str]]:
    """In the site's time zone; with what was promised, where something was."""
    zone = branch.site.zone
    told = []
    for recorded in told_in_order(story):
        if isinstance(recorded.fact, TIMES):
            promised = getattr(recorded.fact, "promised_at", getattr(recorded.fact, "delivery_at", None))
            said = {"what": words.name(recorded.fact), "at": recorded.at.astimezone(zone).isoformat(), "entry": recorded.id}
            told.append(said | ({"promised": promised.astimezone(zone).isoformat()} if promised else {}))
    return told
