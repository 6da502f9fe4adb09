"""The ten vitals as JSON."""

from typing import Literal

from nightdesk.app.measuring.vitals import DEFINITIONS, Vitals
from nightdesk.app.shapes.shape import Shape, Text
from nightdesk.rules.thresholds import Threshold


class ThresholdsShape(Shape):
    """Levels of a vital in its unit; `direction` says which side is bad."""

    warning: float | None
    critical: float | None
    direction: Literal["above", "below"]


class PartShape(Shape):
    """One core, one mount."""

    labels: dict[Text, Text]
    value: float


class VitalShape(Shape):
    """One vital: `value` or `reason`, never both; `note` is what a value does not tell.

    `labels` are those of the series whose value it is, the worst of several; `instance` names its machine where several
    have a value, or where it is not the desk's own.
    """

    name: str
    unit: str
    definition: str
    value: float | None
    reason: Text | None
    at: int
    level: Literal["ok", "warning", "critical", "unknown", "none"]
    thresholds: ThresholdsShape | None
    parts: list[PartShape]
    note: Text | None
    labels: dict[Text, Text]
    instance: Text | None


class VitalsShape(Shape):
    """`GET /api/desk/vitals`."""

    at: int
    interval_ms: int
    vitals: list[VitalShape]

    @classmethod
    def of(cls, vitals: Vitals) -> "VitalsShape":
        """Shape the vitals."""
        shapes = [
            VitalShape(
                name=vital.name,
                unit=vital.unit,
                definition=DEFINITIONS[vital.name],
                value=vital.value,
                reason=vital.reason,
                at=vital.at,
                level=vital.level.value,
                thresholds=_thresholds(vital.threshold),
                parts=[PartShape(labels=part.labels, value=part.value) for part in vital.parts],
                note=vital.note,
                labels=vital.labels,
                instance=vital.instance,
            )
            for vital in vitals.vitals
        ]
        return cls(at=vitals.at, interval_ms=vitals.interval_ms, vitals=shapes)


def _thresholds(threshold: Threshold | None) -> ThresholdsShape | None:
    if threshold is None:
        return None
    return ThresholdsShape(warning=threshold.warning, critical=threshold.critical, direction=threshold.direction.value)
