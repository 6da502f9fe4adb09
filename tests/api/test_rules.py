"""`/api/v1/rules`: every rule with its own alerts, and the filters of Prometheus."""

from dataclasses import replace
from typing import Any

import pytest

from nightdesk.model.alert import Alert
from nightdesk.model.instant import SECOND
from nightdesk.model.rule import RecordingRule, RuleGroup
from nightdesk.query.engine import Engine
from nightdesk.rules.compiled import compile_group
from nightdesk.rules.group import GroupJudge
from nightdesk.rules.health import GroupHealth, RuleHealth
from nightdesk.rules.thresholds import Threshold, compile_thresholds
from nightdesk.testing.builders import an_alert
from nightdesk.testing.intake import InlineIntake
from nightdesk.testing.samples import MemorySamples

LEVELS = compile_thresholds([Threshold("cpu_usage", 85, 95)], SECOND)[0]
OTHERS = RuleGroup("own", (RecordingRule("load", "up"), *LEVELS.rules[:1]), SECOND, "own.yml")


def health_of(group: RuleGroup) -> GroupHealth:
    """Return a group as it is before its first round."""
    return GroupHealth(group, tuple(RuleHealth(each.key, each.rule) for each in compile_group(group).rules))


@pytest.fixture
def rules(rig: Any) -> Any:
    """Serve two groups."""
    rig.groups = [health_of(LEVELS), health_of(OTHERS)]
    return rig


def warning() -> Alert:
    """Build the alert of the lower level alone."""
    (key,) = (each.key for each in compile_group(LEVELS).rules if dict(each.rule.labels)["severity"] == "warning")
    return replace(an_alert("CpuBusy"), rule=key)


def test_of_two_levels_the_one_that_fires_is_shown_firing(rules: Any) -> None:
    """Rules that share a name have each their own state and their own alerts."""
    rules.live[:] = [warning()]
    levels, own = rules.ask("GET", "/api/v1/rules").json()["data"]["groups"]
    assert [(rule["labels"]["severity"], rule["state"], len(rule["alerts"])) for rule in levels["rules"]] == [
        ("critical", "inactive", 0),
        ("warning", "firing", 1),
    ]
    assert own["rules"][1]["state"] == "inactive"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [("thresholds", 2), ("own", 2)]),
        ("type=alert", [("thresholds", 2), ("own", 1)]),
        ("type=record", [("own", 1)]),
        ("rule_name[]=load", [("own", 1)]),
        ("rule_name[]=load&rule_name[]=CpuBusy", [("thresholds", 2), ("own", 2)]),
        ("rule_group[]=own&type=alert", [("own", 1)]),
        ("file[]=own.yml", [("own", 2)]),
        ("file[]=nowhere.yml", []),
        ('match[]={severity="warning"}', [("thresholds", 1)]),
        ('match[]={severity="warning"}&match[]={severity=~"crit.*"}', [("thresholds", 2), ("own", 1)]),
        ('match[]={severity="warning", team="x"}', []),
        ('match[]={alertname="CpuBusy"}', []),
        ('match[]={severity="critical"}&type=alert&rule_group[]=own', [("own", 1)]),
    ],
)
def test_rules_are_filtered_as_in_prometheus(rules: Any, query: str, found: list[tuple[str, int]]) -> None:
    """A rule is listed if each parameter that is given names it; a group without such a rule is left out."""
    groups = rules.ask("GET", f"/api/v1/rules?{query}").json()["data"]["groups"]
    assert [(group["name"], len(group["rules"])) for group in groups] == found


def test_a_type_that_is_none_is_refused(rules: Any) -> None:
    """An unknown `type` is an error with the parameter's name."""
    answer = rules.ask("GET", "/api/v1/rules?type=alerts")
    assert answer.status_code == 400
    assert answer.json()["error"] == 'invalid parameter "type": not supported value "alerts"'


@pytest.mark.parametrize("selector", ["{severity=", '{severity=~"("}', '{severity=""}', "up[5m]"])
def test_a_selector_that_is_none_is_refused(rules: Any, selector: str) -> None:
    """A `match[]` that cannot be read, or that asks for no label, is an error with the parameter's name."""
    answer = rules.ask("GET", f"/api/v1/rules?match[]={selector}")
    assert (answer.status_code, answer.json()["errorType"]) == (400, "bad_data")
    assert answer.json()["error"].startswith('invalid parameter "match[]": ')


def test_groups_come_page_by_page(rules: Any) -> None:
    """`group_limit` cuts, and the token leads on to the next page until there is none."""
    first = rules.ask("GET", "/api/v1/rules?group_limit=1").json()["data"]
    assert [group["name"] for group in first["groups"]] == ["thresholds"]
    second = rules.ask("GET", f"/api/v1/rules?group_limit=1&group_next_token={first['groupNextToken']}").json()["data"]
    assert [group["name"] for group in second["groups"]] == ["own"]
    assert "groupNextToken" not in second
    for query in ("group_limit=0", "group_next_token=x", "group_limit=1&group_next_token=x", "exclude_alerts=maybe"):
        refused = rules.ask("GET", f"/api/v1/rules?{query}")
        assert (refused.status_code, refused.json()["errorType"]) == (400, "bad_data"), query


def test_alerts_can_be_left_out(rules: Any) -> None:
    """`exclude_alerts` empties the lists and leaves the states."""
    rules.live[:] = [warning()]
    levels, _ = rules.ask("GET", "/api/v1/rules?exclude_alerts=true").json()["data"]["groups"]
    assert [(rule["state"], rule["alerts"]) for rule in levels["rules"]] == [("inactive", []), ("firing", [])]


def test_a_rule_whose_samples_are_refused_is_not_healthy(rig: Any) -> None:
    """A label over the bound of the store is told as the rule's error, and the rule beside it is well."""
    endless = RecordingRule("too:long", f'label_replace(vector(1), "long", "{"a" * 1500}", "", "")')
    group = compile_group(RuleGroup("own", (endless, RecordingRule("well", "vector(1)")), SECOND, "own.yml"))
    samples = MemorySamples()
    judge = GroupJudge(group, Engine(samples, rig.clock), InlineIntake(samples), rig.clock)
    judge.round(rig.at)
    rig.groups = [judge.health]
    (own,) = rig.ask("GET", "/api/v1/rules").json()["data"]["groups"]
    (name, health, error), well = [(each["name"], each["health"], each["lastError"]) for each in own["rules"]]
    assert (name, health) == ("too:long", "err")
    assert error.startswith("labels out of bounds: ")
    assert well == ("well", "ok", "")
