"""Levels of the settings as rules: there is one judge, not two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nightdesk.model.alert import SEVERITY, Severity
from nightdesk.model.direction import Direction
from nightdesk.model.instant import MINUTE, format_duration
from nightdesk.model.rule import AlertRule, NoData, RuleGroup, RuleSource

GROUP: Final = "thresholds"
SETTINGS: Final = "settings"
"""Stands for the file of generated rules: they come from the settings."""
_LOAD: Final = (("kind", "load"),)


@dataclass(frozen=True, slots=True)
class Threshold:
    """The levels of one vital, in its unit; `for_` in ms is how long a level must be passed."""

    name: str
    warning: float | None = None
    critical: float | None = None
    for_: int = 0
    direction: Direction = Direction.ABOVE


DEFAULTS: Final = (
    Threshold("cpu_usage", 85, 95, 5 * MINUTE),
    Threshold("memory_usage", 85, 95, 5 * MINUTE),
    Threshold("disk_usage", 80, 90, 5 * MINUTE),
    # These look 5 minutes back already: a minute more, so that one slow answer on the edge does not go to and fro.
    Threshold("api_response_times", 1, 3, MINUTE),
    Threshold("database_performance", 0.1, 1, MINUTE),
    Threshold("cache_hit_ratio", 0.8, 0.5, 5 * MINUTE, Direction.BELOW),
    Threshold("error_rate", 0.01, 0.05, MINUTE),
)
"""Levels of the vitals that the settings say nothing of: none for what is merely load or differs by target."""
LOW_IS_BAD: Final = frozenset(each.name for each in DEFAULTS if each.direction is Direction.BELOW)


@dataclass(frozen=True, slots=True)
class _Alarm:
    """How a vital is judged: name of its alert, what it is called, its value as text, expression, fixed labels."""

    alert: str
    subject: str
    value: str = ""
    expr: str = "{name}"
    labels: tuple[tuple[str, str], ...] = ()


_PERCENT: Final = ' {{ $value | printf "%.1f" }}%'
_NUMBER: Final = " {{ $value | humanize }}"
_RATIO: Final = ' {{ $value | printf "%.2f" }}'
"""`humanize` would write 0.75 as 750m."""
_SECONDS: Final = " {{ $value | humanizeDuration }}"
_UNITS: Final[Mapping[str, str]] = {_PERCENT: "%", _SECONDS: "s"}
_ALARMS: Final[Mapping[str, _Alarm]] = {
    # A single core's pause of a second must not restart the clock: the CPU is judged on a moving average.
    "cpu_usage": _Alarm(
        "CpuBusy", "CPU usage on {{ $labels.instance }} is", _PERCENT, "avg_over_time({name}[{window}])", _LOAD
    ),
    "memory_usage": _Alarm("MemoryShort", "Memory usage on {{ $labels.instance }} is", _PERCENT, labels=_LOAD),
    # What has parts is judged by them, so that the message says which; of several machines each has a `/`.
    "disk_usage": _Alarm(
        "DiskFilling", "{{ $labels.mountpoint }} on {{ $labels.instance }} is full to", _PERCENT, "{name}:mount"
    ),
    "npu_utilization": _Alarm(
        "NpuBusy", "NPU {{ $labels.device }} on {{ $labels.instance }} is busy at", _PERCENT, "{name}:device", _LOAD
    ),
    "gpu_utilization": _Alarm(
        "GpuBusy", "GPU {{ $labels.device }} on {{ $labels.instance }} is busy at", _PERCENT, "{name}:device", _LOAD
    ),
    "api_response_times": _Alarm("ApiSlow", "{{ $labels.probe }} answers in", _SECONDS, "{name}:target"),
    "database_performance": _Alarm("DatabaseSlow", "{{ $labels.probe }} answers in", _SECONDS, "{name}:target"),
    "cache_hit_ratio": _Alarm("CacheHitRatioLow", "The hit ratio of {{ $labels.probe }} is", _RATIO, "{name}:target"),
    "active_connections": _Alarm("ConnectionsOutOfRange", "Active connections:", _NUMBER),
    # Over all sources: of two that fail rarely and are asked often, each alone may look well, or ill by one failure.
    "error_rate": _Alarm("ErrorRateHigh", "The error rate is", " {{ $value | humanizePercentage }}"),
}


def with_defaults(given: Sequence[Threshold]) -> tuple[Threshold, ...]:
    """Return the given thresholds, and the defaults of the vitals that are not among them."""
    names = {threshold.name for threshold in given}
    return (*(default for default in DEFAULTS if default.name not in names), *given)


def compile_thresholds(thresholds: Sequence[Threshold], interval: int) -> list[RuleGroup]:
    """Return the rules of thresholds as one group judged every `interval` ms; none for none.

    A vital's name or any other series' name may stand in a threshold. Absence holds. Of two levels the lower stays true
    while the higher is, and the book tells of the higher alone.
    """
    rules = tuple(rule for threshold in thresholds for rule in _rules(threshold, interval))
    return [RuleGroup(GROUP, rules, interval, SETTINGS)] if rules else []


def _rules(threshold: Threshold, interval: int) -> list[AlertRule]:
    levels = ((Severity.CRITICAL, threshold.critical), (Severity.WARNING, threshold.warning))
    return [_rule(threshold, interval, severity, level) for severity, level in levels if level is not None]


def _rule(threshold: Threshold, interval: int, severity: Severity, level: float) -> AlertRule:
    alarm = _ALARMS.get(threshold.name) or _Alarm(_camel(threshold.name), f"{threshold.name} is", _NUMBER)
    sign = ">" if threshold.direction is Direction.ABOVE else "<"
    # A fifth of `for`, so that the average adds little to the wait; at least two samples.
    window = format_duration(max(threshold.for_ // 5, 2 * interval))
    lasting = f" for {format_duration(threshold.for_)}" if threshold.for_ else ""
    summary = f"{alarm.subject}{alarm.value}, {threshold.direction.value} {level:g}{lasting}"
    return AlertRule(
        name=alarm.alert,
        expr=f"{alarm.expr.format(name=threshold.name, window=window)} {sign} {level!r}",
        for_=threshold.for_,
        labels=(*alarm.labels, (SEVERITY, severity.value)),
        annotations=(
            ("summary", summary),
            ("vital", threshold.name),
            *((("unit", _UNITS[alarm.value]),) if alarm.value in _UNITS else ()),
            ("threshold", f"{threshold.direction.value} {level:g}"),
        ),
        no_data=NoData.HOLD,
        source=RuleSource(f"{SETTINGS} thresholds.{threshold.name}"),
    )


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.replace(":", "_").split("_"))
