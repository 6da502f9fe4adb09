"""Builders of words for tests: each takes what the test is about and fills in the rest."""

import numpy as np

from nightdesk.model.alert import Alert, AlertState, Evidence
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Series


def a_series(labels: Labels, *samples: tuple[int, float]) -> Series:
    """Build a series from (milliseconds, value) pairs."""
    times = np.array([time for time, _ in samples], dtype=np.int64)
    return Series(labels, times, np.array([value for _, value in samples], dtype=np.float64))


def named(name: str) -> tuple[Matcher, ...]:
    """Match a metric by its name."""
    return (Matcher("__name__", MatchOp.EQUAL, name),)


def an_alert(
    name: str = "HostDown", state: AlertState = AlertState.FIRING, at: int = 1_700_000_000_000, **labels: str
) -> Alert:
    """Build an alert that became active, and fired if it fires, at `at`."""
    told = state in (AlertState.FIRING, AlertState.RESOLVED)
    return Alert(
        labels=Labels([("alertname", name), ("severity", "warning"), *labels.items()]),
        annotations=(("summary", f"{name} is not well"),),
        state=state,
        value=1.0,
        active_at=at,
        fired_at=at if told else None,
        ended_at=at if state is AlertState.RESOLVED else None,
        judged_at=at,
        true_at=at,
        evidence=Evidence.TRUE,
        rule=f"test/{name}",
    )


class FreeBudget:
    """A budget that counts and never refuses."""

    def __init__(self) -> None:
        """Start at zero samples."""
        self.samples = 0

    def charge(self, samples: int) -> None:
        """Count."""
        self.samples += samples

    def check(self) -> None:
        """Never refuse."""
