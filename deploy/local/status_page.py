"""The entry address's page: what runs where, and how far every event is. It reads the same addresses as everybody."""

import json
from collections.abc import Iterable
from html import escape

TITLES = {"reception": "前台 Reception", "workshop": "车间 Workshop", "delivery": "交车 Delivery", "followup": "业务部 Follow-up"}


def status_page(site: str, departments: Iterable[str], *, issuer: bool) -> str:
    cards = "".join(_card(name) for name in departments)
    people = '<a href="issuer/staff">staff who can sign in</a>' if issuer else ""
    page = _PAGE.replace("{{site}}", escape(site)).replace("{{cards}}", cards).replace("{{people}}", people)
    return page.replace("{{departments}}", json.dumps(list(departments)))


def _card(name: str) -> str:
    rows = "".join(f'<tr><th>{says}</th><td data-part="{part}">–</td></tr>' for part, says in _NUMBERS)
    return (
        f'<section id="{escape(name)}"><h2><i></i>{escape(TITLES.get(name, name))}</h2><table>{rows}</table>'
        f'<p><a href="{escape(name)}/docs">API</a><a href="{escape(name)}/health/ready">ready</a>'
        f'<a href="{escape(name)}/health/flow">flow</a></p></section>'
    )


_NUMBERS = (
    ("newest", "journal entries numbered"),
    ("published", "of them published"),
    ("unnumbered", "not numbered yet"),
    ("applied", "events applied here"),
    ("waiting", "queues that wait"),
    ("timers_due", "timers due"),
    ("dead_letters", "dead letters"),
)

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>servicelane · {{site}}</title>
<style>
:root{color-scheme:light dark;--ink:#1d2733;--dim:#66758a;--paper:#f3f5f8;
--card:#fff;--line:#dfe5ec;--link:#0b5cad;--up:#1d9a5b;--down:#cf3b3b}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf2;--dim:#93a1b5;--paper:#12171e;
--card:#1b222c;--line:#2c3643;--link:#79b4f5}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,"Noto Sans SC","PingFang SC",sans-serif}
header,main,footer{max-width:1100px;margin:0 auto;padding:0 20px}header{padding-top:36px}h1{margin:0;font-size:26px}
header p{color:var(--dim);margin:4px 0 0}header time{color:var(--ink);font-variant-numeric:tabular-nums;font-weight:600}
main{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:16px;margin-top:24px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px}
h2{font-size:17px;margin:0 0 10px;display:flex;align-items:center;gap:9px}
h2 i{width:10px;height:10px;border-radius:50%;background:var(--dim)}.up h2 i{background:var(--up)}.down h2 i{background:var(--down)}
table{width:100%;border-collapse:collapse}th{font-weight:400;color:var(--dim);text-align:left;padding:2px 0}
td{text-align:right;font-variant-numeric:tabular-nums}td.bad{color:var(--down);font-weight:700}
a{color:var(--link);text-decoration:none;margin-right:14px}a:hover{text-decoration:underline}section p{margin:12px 0 0}
footer{color:var(--dim);padding-top:22px;padding-bottom:40px}
</style></head><body>
<header><h1>servicelane · {{site}}</h1><p>business time <time id="now">–</time> <span id="mode"></span></p></header>
<main>{{cards}}</main>
<footer><a href="flow">flow of all departments</a><a href="clock">clock</a>{{people}}</footer>
<script>
const sum = value => typeof value === "object" ? Object.values(value).reduce((all, each) => all + sum(each), 0) : value;
async function show(name) {
  const card = document.getElementById(name);
  try {
    const answer = await fetch(name + "/health/flow");
    if (!answer.ok) throw new Error(answer.status);
    const flow = await answer.json();
    for (const cell of card.querySelectorAll("td")) {
      const number = sum(flow[cell.dataset.part] ?? 0);
      cell.textContent = number.toLocaleString();
      cell.className = cell.dataset.part === "dead_letters" && number ? "bad" : "";
    }
    card.className = "up";
  } catch { card.className = "down"; }
}
async function clock() {
  try {
    const {site_time, time_zone, mode} = await (await fetch("clock")).json();
    document.getElementById("now").textContent = site_time;
    document.getElementById("mode").textContent = mode === "stepped" ? time_zone + " · stepped" : time_zone;
  } catch { document.getElementById("mode").textContent = "not reached"; }
}
async function everything() { await Promise.all([clock(), ...{{departments}}.map(show)]); setTimeout(everything, 2000); }
everything();
</script></body></html>
"""
