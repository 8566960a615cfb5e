"""deploy/observe: what rules and dashboard ask Prometheus for is what the services export, and all that is said of it is there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml

from shared.contracts.event import DEPARTMENTS
from shared.metrics import MEASURES, Metrics

ROOT = Path(__file__).parents[2]
OBSERVE = ROOT / "deploy" / "observe"
PROMETHEUS = yaml.safe_load((OBSERVE / "prometheus.yml").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [rule for group in yaml.safe_load((OBSERVE / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((OBSERVE / "grafana" / "dashboards" / "servicelane.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
ASKED = [(f"alert {rule['alert']}", rule["expr"]) for rule in RULES]
ASKED += [(f"panel {panel['title']}", target["expr"]) for panel in PANELS for target in panel["targets"]]

OF_PROMETHEUS = {"up", "ALERTS"}
OF_THE_SCRAPE = {"job", "instance", "department", "alertname", "alertstate", "severity"}


def exported() -> dict[str, set[str]]:
    """Every series that a service may export, and its labels."""
    metrics = Metrics()
    metrics.answered("GET", "/", 200, 0.1)
    series = {sample.name: set(sample.labels) for family in metrics.registry.collect() for sample in family.samples}
    return series | {measure.full_name: set(measure.labels) for measure in MEASURES}


EXPORTED = exported()


def parsed(expression: str) -> Any:
    return promql.parse(expression.replace("$__rate_interval", "1m"))


def parts(node: Any) -> Iterator[Any]:
    yield node
    below = [getattr(node, name, None) for name in ("lhs", "rhs", "expr", "vector_selector")]
    for each in (*below, *getattr(node, "args", ())):
        if each is not None:
            yield from parts(each)


def grouped(expression: str) -> set[str]:
    """The labels that its aggregations keep."""
    aggregations = [node for node in parts(parsed(expression)) if isinstance(node, promql.AggregateExpr)]
    return {label for node in aggregations if node.modifier for label in node.modifier.labels}


@pytest.mark.parametrize(("where", "expression"), ASKED, ids=[where for where, _ in ASKED])
def test_every_metric_and_label_that_is_asked_for_is_exported(where: str, expression: str) -> None:
    nodes = list(parts(parsed(expression)))
    selected = [node for node in nodes if isinstance(node, promql.VectorSelector)]
    assert selected
    assert {node.name for node in selected} <= EXPORTED.keys() | OF_PROMETHEUS
    labels = OF_THE_SCRAPE.union(*(EXPORTED.get(str(node.name), set()) for node in selected))
    matched = {matcher.name for node in selected for matcher in node.matchers.matchers}
    assert grouped(expression) | matched <= labels


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_what_is_wrong_in_both_languages_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert {"summary", "summary_zh", "remedy"} == rule["annotations"].keys()
    used = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    kept = grouped(rule["expr"])
    assert used <= (kept or OF_THE_SCRAPE)


def test_there_is_an_alert_for_each_way_in_which_it_can_stand_still() -> None:
    needed = {
        "DepartmentDown",
        "RelayLag",
        "IntakeLag",
        "DeadLetters",
        "DutiesOverdue",
        "WaitingBacklog",
        "DeadlinesLate",
        "DatabaseAway",
        "ChannelAway",
    }
    assert needed <= {rule["alert"] for rule in RULES}


def test_what_asks_all_the_time_and_what_stays_open_are_no_answers_to_people() -> None:
    asked = {rule["alert"]: rule["expr"] for rule in RULES if rule["alert"] in ("ServerErrors", "SlowAnswers")}
    assert all(expression.count('route!~"/health/.*|/metrics') == expression.count("servicelane_http_") for expression in asked.values())
    assert '|/notices/stream"' in asked["SlowAnswers"]


def test_the_dashboard_shows_what_fires() -> None:
    assert any("ALERTS" in target["expr"] for panel in PANELS for target in panel["targets"])


def test_a_name_that_nobody_exports_would_be_found() -> None:
    names = {node.name for node in parts(parsed("rate(servicelane_cars_washed_total[5m]) > 0")) if isinstance(node, promql.VectorSelector)}
    assert not names <= EXPORTED.keys()


def test_every_department_is_scraped_where_compose_has_it() -> None:
    (job,) = PROMETHEUS["scrape_configs"]
    scraped = {each["labels"]["department"]: each["targets"] for each in job["static_configs"]}
    assert scraped == {department: [f"{department}:8000"] for department in DEPARTMENTS}
    assert PROMETHEUS["rule_files"] == ["alerts.yml"]


def test_the_dashboards_panels_have_their_source_and_their_own_place() -> None:
    source = yaml.safe_load((OBSERVE / "grafana" / "provisioning" / "datasources" / "prometheus.yml").read_text())["datasources"][0]["uid"]
    assert {panel["datasource"]["uid"] for panel in PANELS} == {source}
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert all(x < 24 for x, _ in cells)


def test_what_the_dashboard_lets_one_choose_is_a_label_that_is_exported() -> None:
    for variable in DASHBOARD["templating"]["list"]:
        asked = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"])
        assert asked
        metric, label = asked.groups()
        assert label in EXPORTED[metric] | OF_THE_SCRAPE
