"""A program's own alerts as JSON: the report, its answer, the end."""

from math import isnan
from typing import Literal

from pydantic import ConfigDict, Field

from nightdesk.alerts.raised import EXPIRES_AFTER, Breach
from nightdesk.app.raised import Raised
from nightdesk.app.shapes.alerts import AlertShape
from nightdesk.app.shapes.shape import Shape, Text
from nightdesk.model.direction import Direction
from nightdesk.model.labels import Labels


class BreachShape(Shape):
    """`POST /api/desk/alerts/raise`: a metric that has passed its threshold, of what the labels name.

    A value that is no number is null, an infinite one the text `inf` or `-inf`.
    """

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")

    metric: str
    value: float | None
    threshold: float
    labels: dict[str, str] = Field(default_factory=dict)
    direction: Literal["above", "below"] = "above"
    expires_after_ms: int = EXPIRES_AFTER

    @classmethod
    def of(cls, breach: Breach) -> "BreachShape":
        """Shape a report."""
        return cls(
            metric=breach.metric,
            value=None if isnan(breach.value) else breach.value,
            threshold=breach.threshold,
            labels=breach.labels.as_dict(),
            direction=breach.direction.value,
            expires_after_ms=breach.expires_after,
        )

    def breach(self) -> Breach:
        """Return the report. Raises BadLabels, Refused."""
        value = float("nan") if self.value is None else self.value
        labels, direction = Labels.from_mapping(self.labels), Direction(self.direction)
        return Breach(self.metric, value, self.threshold, labels, direction, self.expires_after_ms)


class RaisedShape(Shape):
    """The alert as it stands, and whether it began with this report or grew worse by it."""

    alert: AlertShape
    is_new: bool
    is_worse: bool
    message: Text

    @classmethod
    def of(cls, raised: Raised) -> "RaisedShape":
        """Shape what became of a report."""
        return cls(
            alert=AlertShape.of(raised.alert),
            is_new=raised.is_new,
            is_worse=raised.is_worse,
            message=raised.alert.annotation("summary"),
        )


class SubjectShape(Shape):
    """`POST /api/desk/alerts/resolve`: which alert is over."""

    metric: str
    labels: dict[str, str] = Field(default_factory=dict)


class ResolvedShape(Shape):
    """Whether such an alert lived."""

    was_live: bool


class MessageShape(Shape):
    """`POST /api/desk/channels/send`: one message through a channel by name, past the routes."""

    channel: str = Field(min_length=1, max_length=64)
    message: str
    severity: Literal["info", "warning", "critical"] = "info"


class SentShape(Shape):
    """The key of a message in the outbox; it is durable, and what becomes of it is in the history."""

    key: str
