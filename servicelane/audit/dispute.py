"""The dispute file: what one order's journal says, its signed papers, consents and times, in one archive that shows that it is whole."""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from servicelane.audit import words
from servicelane.audit.findings import Violation
from servicelane.audit.journals import Journals
from servicelane.audit.papers import consents, corrections, signed_papers, times
from servicelane.audit.story import Story, stories, told_in_order, whole
from servicelane.output import new_file
from shared.branch import Branch

STYLE = "body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:3px 8px;text-align:left}"
STYLE += "td{vertical-align:top}.wrong{color:#b00}.hash{font:11px monospace}"


def write(journals: Journals, visit: str, violations: Iterable[Violation], branch: Branch, out: Path) -> None:
    """Into a new file that only its owner reads.

    Nothing personal is in it beyond ids: what names people are records, which the journal only refers to.
    """
    story = stories(journals)[visit]
    wrong = [violation for violation in violations if violation.visit == visit]
    corrected = corrections(story, whole(journals))
    files = {
        "journal.jsonl": _journal(journals, visit),
        "signed.json": _json(signed_papers(story)),
        "consents.json": _json(consents(story)),
        "corrections.json": _json(corrected),
        "times.json": _json(times(story, branch)),
        "violations.json": _json([asdict(violation) for violation in wrong]),
        "page.html": _page(story, wrong, corrected, branch),
    }
    manifest = {
        "visit": visit,
        "site": branch.site.id,
        "until": journals.until.isoformat(),
        "sha256": {name: hashlib.sha256(content.encode()).hexdigest() for name, content in files.items()},
    }
    with new_file(out) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, "manifest.json": _json(manifest)}.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def _journal(journals: Journals, visit: str) -> str:
    entries = [entry.envelope for entry in journals.every() if getattr(entry.fact, "visit", None) == visit]
    lines = [json.dumps(envelope.model_dump(mode="json"), ensure_ascii=False, sort_keys=True) for envelope in entries]
    return "\n".join(lines) + "\n"


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"


def _page(story: Story, violations: list[Violation], corrected: list[dict[str, Any]], branch: Branch) -> str:
    parts = [
        f"<h1>{escape(branch.site.site.name)} — {escape(story.visit)}</h1>",
        _table(
            "Signed papers 签字单据", signed_papers(story), ("paper", "signed_by", "signed_at", "signed_hash", "computed_hash", "agrees")
        ),
        _table("Corrections 更正", corrected, ("what", "at", "recorded_by", "file", "into", "former", "vehicle", "field", "value")),
        _table("Consents 客户同意", consents(story), ("what", "at", "answered_by", "channel", "accepted", "declined", "total", "agrees")),
        _table("Times 时间", times(story, branch), ("what", "at", "promised")),
        _table("Violations 违规", [asdict(each) for each in violations], ("clause", "rule", "says", "house_rule")),
        _table("What happened 经过", _told(story, branch), ("at", "department", "by", "what", "details", "clause")),
    ]
    body = "\n".join(parts)
    return f'<!doctype html><html><head><meta charset="utf-8"><style>{STYLE}</style></head><body>{body}</body></html>\n'


def _told(story: Story, branch: Branch) -> list[dict[str, Any]]:
    return [
        {
            "at": f"{each.at.astimezone(branch.site.zone):%Y-%m-%d %H:%M:%S}",
            "department": each.department,
            "by": each.by,
            "what": words.name(each.fact),
            "details": words.details(each.fact),
            "clause": each.clause,
        }
        for each in told_in_order(story)
    ]


def _table(title: str, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> str:
    head = "".join(f"<th>{column.replace('_', ' ')}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(_cell(row.get(column), column) for column in columns)}</tr>" for row in rows)
    return f"<h2>{title}</h2>\n<table><tr>{head}</tr>{body}</table>" if rows else f"<h2>{title}</h2>\n<p>—</p>"


def _cell(value: Any, column: str) -> str:
    shown = {True: "yes", False: "no", None: ""}.get(value, value) if isinstance(value, bool | None) else value
    if isinstance(shown, dict):
        shown = " ".join(str(each) for each in shown.values())
    if isinstance(shown, list | tuple):
        shown = " ".join(str(each) for each in shown)
    kind = ' class="hash"' if column.endswith("hash") else ' class="wrong"' if column == "agrees" and value is False else ""
    return f"<td{kind}>{escape(str(shown))}</td>"
