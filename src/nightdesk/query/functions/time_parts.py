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
_Seconds = NDArray[np.int64]
_LATEST = 9.2e18
"""Unix seconds that 64 bits hold; dates far beyond what calendars mean have parts all the same, as in Go."""


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


def start_timestamp(call: Invocation) -> Grid:
    """When a counter began, as its samples tell: nothing, for samples are kept without, as Prometheus does unasked."""
    return Grid.empty(len(call.steps))


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


def date_part(part: Callable[[_Seconds], NDArray[np.int64]]) -> Callable[[Invocation], Grid]:
    """Make a function that reads its argument, by default the evaluation's instant, as Unix seconds."""

    def compute(call: Invocation) -> Grid:
        if not len(call):
            values = (call.steps / SECOND).reshape(1, -1)
            return Grid.of([Labels()], _part_of(part, values), np.ones(values.shape, dtype=np.bool_))
        grid = call.grid(0)
        return grid.with_values(_part_of(part, grid.values)).without_name()

    return compute


def _part_of(part: Callable[[_Seconds], NDArray[np.int64]], seconds: Values) -> Values:
    known = np.abs(seconds) < _LATEST
    # Towards zero, as Go turns a float into a whole number.
    whole = np.where(known, seconds, 0.0).astype(np.int64)
    return np.where(known, part(whole), np.nan)


def _dates(seconds: _Seconds) -> _Dates:
    return seconds.astype("datetime64[s]")


def minute(seconds: _Seconds) -> NDArray[np.int64]:
    """0 to 59."""
    return seconds // 60 % 60


def hour(seconds: _Seconds) -> NDArray[np.int64]:
    """0 to 23."""
    return seconds // 3600 % 24


def day_of_week(seconds: _Seconds) -> NDArray[np.int64]:
    """0 is Sunday."""
    return (seconds // 86400 + 4) % 7


def day_of_month(seconds: _Seconds) -> NDArray[np.int64]:
    """1 to 31."""
    dates = _dates(seconds)
    return _days(dates.astype("datetime64[D]") - dates.astype("datetime64[M]").astype("datetime64[D]")) + 1


def day_of_year(seconds: _Seconds) -> NDArray[np.int64]:
    """1 to 366."""
    dates = _dates(seconds)
    return _days(dates.astype("datetime64[D]") - dates.astype("datetime64[Y]").astype("datetime64[D]")) + 1


def days_in_month(seconds: _Seconds) -> NDArray[np.int64]:
    """28 to 31."""
    months = _dates(seconds).astype("datetime64[M]")
    return _days((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]"))


def month(seconds: _Seconds) -> NDArray[np.int64]:
    """1 to 12."""
    return _dates(seconds).astype("datetime64[M]").astype(np.int64) % 12 + 1


def year(seconds: _Seconds) -> NDArray[np.int64]:
    """The year."""
    return _dates(seconds).astype("datetime64[Y]").astype(np.int64) + 1970


def _days(span: NDArray[np.timedelta64]) -> NDArray[np.int64]:
    return span.astype("timedelta64[D]").astype(np.int64)
