"""Every shipped rule file passes the rule test beside it."""

from collections.abc import Sequence
from importlib.resources import files

import pytest

from nightdesk.model.instant import MINUTE, SECOND
from nightdesk.model.rule import AlertRule, NoData, RuleGroup
from nightdesk.rules.forms.files import load
from nightdesk.rules.rulebook import SHIPPED, shipped, shipped_text
from nightdesk.rules.ruletest.run import run_tests
from nightdesk.rules.templates.template import read_template


def rules_of(name: str) -> Sequence[RuleGroup]:
    """Load a shipped file as a test file names it."""
    return load(shipped_text(name), name)


@pytest.mark.parametrize("name", SHIPPED)
def test_rule_tests(name: str) -> None:
    """The shipped rules do what their tests say."""
    test = name.replace(".yml", ".test.yml")
    assert [str(failure) for failure in run_tests(shipped_text(test), test, rules_of)] == []


def test_every_file_of_the_rulebook_is_shipped() -> None:
    """No rule file lies in the rulebook unread, and none lacks its test."""
    names = {entry.name for entry in files("nightdesk.rulebook").iterdir() if entry.name.endswith(".yml")}
    assert names == {*SHIPPED, *(name.replace(".yml", ".test.yml") for name in SHIPPED)}


def test_every_shipped_alert_is_tested() -> None:
    """A shipped alert that no rule test names fails here."""
    for name in SHIPPED:
        test = shipped_text(name.replace(".yml", ".test.yml"))
        for group in rules_of(name):
            assert [rule.name for rule in group.rules if rule.name not in test] == []


def test_shipped_alerts_hold_and_speak() -> None:
    """Shipped alerts hold on absence, say what is the matter, and stay within the template subset."""
    alerts = [rule for group in shipped(SECOND) for rule in group.rules if isinstance(rule, AlertRule)]
    assert alerts
    for rule in alerts:
        assert rule.no_data is NoData.HOLD
        assert dict(rule.annotations)["summary"]
        assert all(read_template(text) for _, text in rule.annotations)


def test_the_desk_sets_the_interval() -> None:
    """`interval: desk` is the interval of the desk, other groups keep their own."""
    intervals = {group.name: group.interval for group in shipped(2 * SECOND)}
    assert {name: intervals[name] for name in ("host", "accelerators", "desk", "forecast")} == {
        "host": 2 * SECOND,
        "accelerators": 2 * SECOND,
        "desk": 15 * SECOND,
        "forecast": 5 * MINUTE,
    }
