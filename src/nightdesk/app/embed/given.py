"""What programs hand over: read once for a desk of our own and one elsewhere, so that both answer in the same words."""

import math
from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeVar

from nightdesk.analytics.returns.annualising import demand_periods
from nightdesk.errors import BadLabels, Refused
from nightdesk.model.labels import METRIC_PATTERN

Word = TypeVar("Word", bound=Enum)

MOST_HOURS: Final = 10 * 366 * 24.0


def number(value: object) -> float:
    """Return a value to be judged, NaN where it is no number: an alert must not end in an exception.

    Whole numbers beyond any float are infinite; text that reads as a number is one.
    """
    try:
        return float(value)  # type: ignore[arg-type]  # whatever it is, it is tried
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]  # only numbers overflow
    except (TypeError, ValueError):
        return math.nan


def number_to_store(value: object, name: str) -> float:
    """Return a value to be kept. Raises Refused for what is no number, which NaN by itself may be."""
    read = number(value)
    if math.isnan(read) and not (isinstance(value, float) or str(value).strip().lower() == "nan"):
        raise Refused(f"{name} is {_shown(value)}: write a number, or None where there is none")
    return read


def within(value: object, what: str, least: float, most: float) -> float:
    """Return a number between two bounds. Raises Refused."""
    read = number(value)
    if not least <= read <= most:
        raise Refused(f"{what} is {_shown(value)}: write a number from {least:g} to {most:g}")
    return read


def hours_of(value: object) -> float:
    """Return a span in hours. Raises Refused."""
    read = number(value)
    if not 0 < read <= MOST_HOURS:
        raise Refused(f"hours: a number above 0 and at most {MOST_HOURS:g}")
    return read


def periods_of(value: object) -> float | None:
    """Return periods a year, None where none were given. Raises Refused."""
    if value is None:
        return None
    read = number(value)
    demand_periods(read)
    return read


def word_of(kind: type[Word], value: object, what: str) -> Word:
    """Return a member of a closed list of words. Raises Refused."""
    try:
        return kind(value.value if isinstance(value, Enum) else value)
    except ValueError:
        known = ", ".join(repr(each.value) for each in kind)
        raise Refused(f"{what} is {_shown(value)}: write one of {known}") from None


def text_of(value: object) -> str:
    """Return a value as text that every desk takes: a member of a list by its word, without lone surrogates."""
    written = str(value.value if isinstance(value, Enum) else value)
    return written.encode("utf-8", "replace").decode("utf-8")


def labels_of(labels: Mapping[str, object] | None) -> dict[str, str]:
    """Return labels as text; one that is None is none."""
    return {text_of(name): text_of(value) for name, value in (labels or {}).items() if value is not None}


def subject_name(metric: object) -> str:
    """Return what an alert is called; what may stand in it is the alert's to judge. Raises BadLabels for no text."""
    if not isinstance(metric, str):
        raise BadLabels(f"not the name of a metric: {_shown(metric)}; write it as text")
    return text_of(metric)


def metric_of(name: object) -> str:
    """Return the name of a metric that is asked for. Raises BadLabels."""
    if not isinstance(name, str) or not METRIC_PATTERN.fullmatch(name):
        raise BadLabels(f"not the name of a metric: {_shown(name)}; write letters, digits, _ and :")
    return name


def _shown(value: object) -> str:
    return f"{text_of(repr(value)):.60}"
