"""A storm of one alert: the first are told at once, the rest together a little later; no phone rings 940 times."""

from collections.abc import Iterable, Mapping
from typing import Final

from nightdesk.model.alert import Alert, Severity
from nightdesk.model.instant import SECOND

AT_ONCE: Final = 5
"""Rounds in which one alert may begin, for other labels each time, within `WINDOW`."""
WINDOW: Final = 30 * SECOND
"""How long a beginning counts, and so how long one that is held back waits at most."""

Key = tuple[str, Severity]
Crowds = Mapping[Key, tuple[int, ...]]
"""When (ms) each alert by name and severity began lately; a round in which many begin is one, for it is one message."""


def key_of(alert: Alert) -> Key:
    """Return what people take for one alert: the first critical is not behind a crowd of warnings."""
    return alert.name, alert.severity


def is_crowded(crowds: Crowds, alert: Alert, at: int) -> bool:
    """Return whether a beginning of this alert is to wait for the others."""
    return len(_lately(crowds.get(key_of(alert), ()), at)) >= AT_ONCE


def with_begun(crowds: Crowds, begun: Iterable[Alert], at: int) -> dict[Key, tuple[int, ...]]:
    """Return the crowds after a round at `at` ms; what is long past is forgotten."""
    left = {key: lately for key, times in crowds.items() if (lately := _lately(times, at))}
    for key in {key_of(alert) for alert in begun}:
        left[key] = (*left.get(key, ()), at)
    return left


def _lately(times: tuple[int, ...], at: int) -> tuple[int, ...]:
    # A wall clock that was set back must not hold anything for longer.
    return tuple(each for each in times if abs(at - each) < WINDOW)
