"""Time: the evaluation's own, samples' instants, and the parts of a date in UTC."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.instant import SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.series import Values
from nightdesk.query.functions.signature import Invocation
from nightdesk.query.grid import Grid, Scalar

_Dates = NDArray[np.datetime64]


def time(call: Invocation) -> Scalar:
    """Instant of the evaluation, in seconds."""
    return Scalar(call.steps / SECOND)


def timestamp(call: Invocation) -> Grid:
    """Instants of a selector's samples, or of the evaluation for any other vector, in seconds."""
    grid = call.grid(0)
    times = call.sample_times
    if times is None:
        times = np.broadcast_to(call.steps / SECOND, grid.values.shape)
    return grid.with_values(times).without_name()


def query_step(call: Invocation) -> Scalar:
    """The step of the whole query, in seconds; 0 at an instant."""
    return Scalar(np.full(len(call.steps), call.extent.step / SECOND))


def query_range(call: Invocation) -> Scalar:
    """From the start of the whole query to its end, in seconds."""
    return Scalar(np.full(len(call.steps), (call.extent.end - call.extent.start) / SECOND))


def query_start(call: Invocation) -> Scalar:
    """The start of the whole query, in seconds."""
    return Scalar(np.full(len(call.steps), call.extent.start / SECOND))


def query_end(call: Invocation) -> Scalar:
    """The end of the whole query, in seconds."""
    return Scalar(np.full(len(call.steps), call.extent.end / SECOND))


def date_part(part: Callable[[Values], Values]) -> Callable[[Invocation], Grid]:
    """Make a function that reads its argument, by default the evaluation's instant, as Unix seconds."""

    def compute(call: Invocation) -> Grid:
        if not len(call):
            values = (call.steps / SECOND).reshape(1, -1)
            return Grid.of([Labels()], _part_of(part, values), np.ones(values.shape, dtype=np.bool_))
        grid = call.grid(0)
        return grid.with_values(_part_of(part, grid.values)).without_name()

    return compute


def _part_of(part: Callable[[Values], Values], seconds: Values) -> Values:
    # Dates far beyond what calendars mean have no parts.
    known = np.abs(seconds) < 1e11
    whole = np.floor(np.where(known, seconds, 0.0))
    return np.where(known, part(whole), np.nan)


def _dates(seconds: Values) -> _Dates:
    return seconds.astype(np.int64).astype("datetime64[s]")


def minute(seconds: Values) -> Values:
    """0 to 59."""
    return np.floor(seconds / 60) % 60


def hour(seconds: Values) -> Values:
    """0 to 23."""
    return np.floor(seconds / 3600) % 24


def day_of_week(seconds: Values) -> Values:
    """0 is Sunday."""
    return (np.floor(seconds / 86400) + 4) % 7


def day_of_month(seconds: Values) -> Values:
    """1 to 31."""
    dates = _dates(seconds)
    return _days(dates.astype("datetime64[D]") - dates.astype("datetime64[M]").astype("datetime64[D]")) + 1


def day_of_year(seconds: Values) -> Values:
    """1 to 366."""
    dates = _dates(seconds)
    return _days(dates.astype("datetime64[D]") - dates.astype("datetime64[Y]").astype("datetime64[D]")) + 1


def days_in_month(seconds: Values) -> Values:
    """28 to 31."""
    months = _dates(seconds).astype("datetime64[M]")
    return _days((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]"))


def month(seconds: Values) -> Values:
    """1 to 12."""
    months: Values = (_dates(seconds).astype("datetime64[M]").astype(np.int64) % 12 + 1).astype(np.float64)
    return months


def year(seconds: Values) -> Values:
    """The year."""
    years: Values = (_dates(seconds).astype("datetime64[Y]").astype(np.int64) + 1970).astype(np.float64)
    return years


def _days(span: NDArray[np.timedelta64]) -> Values:
    return span.astype("timedelta64[D]").astype(np.float64)
