"""Rules as written by people, whatever file they came from."""

from dataclasses import dataclass, field
from enum import Enum

from nightdesk.model.instant import MINUTE


class NoData(Enum):
    """What absence of data does to an alert that is pending or firing."""

    HOLD = "hold"
    """Absence never resolves: the alert stays as it was and says so."""
    PROMETHEUS = "prometheus"
    """Prometheus' own state machine: a missing series resolves its alert."""


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where a rule was written: a file (or a setting's name) and a line, 1-based."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Fire while `expr` answers; one alert for each label set of the answer. Durations in milliseconds."""

    name: str
    expr: str
    for_: int = 0
    keep_firing_for: int = 0
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    no_data: NoData = NoData.PROMETHEUS
    source: RuleSource = field(default=RuleSource(""), compare=False)


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """Store the answer of `expr` under `name`, with `labels` added."""

    name: str
    expr: str
    labels: tuple[tuple[str, str], ...] = ()
    source: RuleSource = field(default=RuleSource(""), compare=False)


Rule = AlertRule | RecordingRule


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules judged in order, at one instant, every `interval` ms; a later rule sees what an earlier one recorded."""

    name: str
    rules: tuple[Rule, ...]
    interval: int = MINUTE
    file: str = ""
    limit: int = 0
    query_offset: int = 0
    """Judge the data of this many ms ago, for sources that arrive late."""
