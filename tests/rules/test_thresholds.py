"""Levels of the settings become rules."""

import pytest

from nightdesk.model.alert import SEVERITY
from nightdesk.model.direction import Direction
from nightdesk.model.instant import MINUTE, SECOND
from nightdesk.model.rule import AlertRule, NoData
from nightdesk.query.checking.parsed import parsed
from nightdesk.rules.templates.template import read_template
from nightdesk.rules.thresholds import DEFAULTS, Threshold, compile_thresholds, with_defaults


def compiled(*thresholds: Threshold, interval: int = SECOND) -> list[AlertRule]:
    """Return the rules of thresholds."""
    return [
        rule
        for group in compile_thresholds(thresholds, interval)
        for rule in group.rules
        if isinstance(rule, AlertRule)
    ]


def test_levels_become_rules() -> None:
    """Each level is a rule with its severity, critical first, both with the one `for`; absence holds."""
    critical, warning = compiled(Threshold("memory_usage", 85, 95, 5 * MINUTE))
    assert (critical.name, critical.expr, critical.for_) == ("MemoryShort", "memory_usage > 95", 5 * MINUTE)
    assert (warning.expr, warning.no_data) == ("memory_usage > 85", NoData.HOLD)
    assert dict(critical.labels) == {"kind": "load", SEVERITY: "critical"}
    assert warning.source.file == "settings thresholds.memory_usage"


@pytest.mark.parametrize(
    ("for_", "interval", "window"), [(5 * MINUTE, SECOND, "1m"), (5 * SECOND, SECOND, "2s"), (0, 15 * SECOND, "30s")]
)
def test_the_cpu_is_judged_on_an_average(for_: int, interval: int, window: str) -> None:
    """The window is a fifth of `for`, and holds at least two collections."""
    (rule,) = compiled(Threshold("cpu_usage", 85, for_=for_), interval=interval)
    assert rule.expr == f"avg_over_time(cpu_usage[{window}]) > 85"


def test_below_is_bad_where_it_says_so() -> None:
    """A threshold from below compares from below."""
    (rule,) = compiled(Threshold("cache_hit_ratio", critical=0.5, direction=Direction.BELOW))
    assert rule.expr == "cache_hit_ratio:target < 0.5"
    summary = 'The hit ratio of {{ $labels.probe }} is {{ $value | printf "%.2f" }}, below 0.5'
    assert dict(rule.annotations)["summary"] == summary


@pytest.mark.parametrize(
    ("name", "parts", "named"),
    [
        ("disk_usage", "disk_usage:mount", "mountpoint"),
        ("gpu_utilization", "gpu_utilization:device", "device"),
        ("api_response_times", "api_response_times:target", "probe"),
        ("database_performance", "database_performance:target", "probe"),
        ("cache_hit_ratio", "cache_hit_ratio:target", "probe"),
    ],
)
def test_what_has_parts_is_judged_by_them(name: str, parts: str, named: str) -> None:
    """The message says which filesystem, device or target it is."""
    (rule,) = compiled(Threshold(name, 80))
    assert rule.expr == f"{parts} > 80"
    assert f"{{{{ $labels.{named} }}}}" in dict(rule.annotations)["summary"]


@pytest.mark.parametrize("name", ["cpu_usage", "memory_usage", "disk_usage", "gpu_utilization", "npu_utilization"])
def test_what_every_machine_has_is_told_with_its_machine(name: str) -> None:
    """Of two machines each has a `/`: the sentence says whose it is."""
    (rule,) = compiled(Threshold(name, 80))
    assert " on {{ $labels.instance }} is " in dict(rule.annotations)["summary"]


def test_the_default_levels_are_those_of_the_product() -> None:
    """Load of accelerators and numbers of connections have none; the hit ratio is bad when it is low."""
    levels = {each.name: (each.warning, each.critical) for each in DEFAULTS}
    assert levels == {
        "cpu_usage": (85, 95),
        "memory_usage": (85, 95),
        "disk_usage": (80, 90),
        "api_response_times": (1, 3),
        "database_performance": (0.1, 1),
        "cache_hit_ratio": (0.8, 0.5),
        "error_rate": (0.01, 0.05),
    }
    assert [each.name for each in DEFAULTS if each.direction is Direction.BELOW] == ["cache_hit_ratio"]


def test_settings_win_over_defaults() -> None:
    """A vital that the settings name has no second rule from the defaults."""
    own = Threshold("cpu_usage", critical=50)
    assert with_defaults([own]) == (*DEFAULTS[1:], own)


def test_any_series_may_have_a_threshold() -> None:
    """A name that is no vital's is judged as it is."""
    (rule,) = compiled(Threshold("bot:queue_depth", 1e6))
    assert (rule.name, rule.expr) == ("BotQueueDepth", "bot:queue_depth > 1000000.0")


def test_generated_rules_can_be_judged_and_said() -> None:
    """Every vital's expression parses and its text renders."""
    vitals = (
        "cpu_usage memory_usage disk_usage npu_utilization gpu_utilization api_response_times database_performance"
        " cache_hit_ratio active_connections error_rate"
    )
    for rule in compiled(*(Threshold(name, 1, 2, MINUTE) for name in vitals.split())):
        parsed(rule.expr)
        assert all(read_template(text) for _, text in rule.annotations)


def test_no_thresholds_no_group() -> None:
    """Nothing to judge is nothing."""
    assert compile_thresholds([], SECOND) == []
