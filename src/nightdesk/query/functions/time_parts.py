"""Time: the evaluation's own, samples' instants, and the parts of a date in UTC."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.instant import SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.series import Values
from nightdesk.query.durations import QueryRange
from nightdesk.query.functions.signature import SCALAR, VECTOR, Function, Invocation
from nightdesk.query.grid import Grid, Scalar

_Dates = NDArray[np.datetime64]
_Seconds = NDArray[np.int64]
_LATEST = 9.2e18
"""Unix seconds that 64 bits hold; dates far beyond what calendars mean have parts all the same, as in Go."""


def _time(call: Invocation) -> Scalar:
    return Scalar(call.steps / SECOND)


def _timestamp(call: Invocation) -> Grid:
    grid = call.grid(0)
    times = call.sample_times
    if times is None:
        times = np.broadcast_to(call.steps / SECOND, grid.values.shape)
    return grid.with_values(times)


def _start_timestamp(call: Invocation) -> Grid:
    # Samples are kept without the instants at which their counters began, as Prometheus does unasked.
    return Grid.empty(len(call.steps))


def _all_along(seconds: Callable[[QueryRange], float]) -> Callable[[Invocation], Scalar]:
    """Make a function of the whole query, told in milliseconds and answered in seconds."""
    return lambda call: Scalar(np.full(len(call.steps), seconds(call.query_range) / SECOND))


def _date_part(name: str, says: str, part: Callable[[_Seconds], NDArray[np.int64]]) -> Function:
    """Make a row of a function that reads its argument, by default the evaluation's instant, as Unix seconds."""

    def compute(call: Invocation) -> Grid:
        if not len(call):
            values = (call.steps / SECOND).reshape(1, -1)
            return Grid.of([Labels()], _part_of(part, values), np.ones(values.shape, dtype=np.bool_))
        grid = call.grid(0)
        return grid.with_values(_part_of(part, grid.values))

    return Function(name, (VECTOR,), VECTOR, says, compute, optional=1, row_by_row=True)


def _part_of(part: Callable[[_Seconds], NDArray[np.int64]], seconds: Values) -> Values:
    known = np.abs(seconds) < _LATEST
    # Towards zero, as Go turns a float into a whole number.
    whole = np.where(known, seconds, 0.0).astype(np.int64)
    return np.where(known, part(whole), np.nan)


def _dates(seconds: _Seconds) -> _Dates:
    return seconds.astype("datetime64[s]")


def _minute(seconds: _Seconds) -> NDArray[np.int64]:
    return seconds // 60 % 60


def _hour(seconds: _Seconds) -> NDArray[np.int64]:
    return seconds // 3600 % 24


def _day_of_week(seconds: _Seconds) -> NDArray[np.int64]:
    return (seconds // 86400 + 4) % 7


def _day_of_month(seconds: _Seconds) -> NDArray[np.int64]:
    dates = _dates(seconds)
    return _days(dates.astype("datetime64[D]") - dates.astype("datetime64[M]").astype("datetime64[D]")) + 1


def _day_of_year(seconds: _Seconds) -> NDArray[np.int64]:
    dates = _dates(seconds)
    return _days(dates.astype("datetime64[D]") - dates.astype("datetime64[Y]").astype("datetime64[D]")) + 1


def _days_in_month(seconds: _Seconds) -> NDArray[np.int64]:
    months = _dates(seconds).astype("datetime64[M]")
    return _days((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]"))


def _month(seconds: _Seconds) -> NDArray[np.int64]:
    return _dates(seconds).astype("datetime64[M]").astype(np.int64) % 12 + 1


def _year(seconds: _Seconds) -> NDArray[np.int64]:
    return _dates(seconds).astype("datetime64[Y]").astype(np.int64) + 1970


def _days(span: NDArray[np.timedelta64]) -> NDArray[np.int64]:
    return span.astype("timedelta64[D]").astype(np.int64)


# fmt: off
ROWS: Final = (
    Function("time", (), SCALAR, "Instant of the evaluation, in seconds.", _time),
    Function(
        "timestamp", (VECTOR,), VECTOR,
        "Instants of a selector's samples, or of the evaluation for any other vector, in seconds.",
        _timestamp, row_by_row=True, takes_sample_times=True,
    ),
    Function(
        "start_timestamp", (VECTOR,), VECTOR, "When a counter began: nothing, for samples are kept without.",
        _start_timestamp, experimental=True,
    ),
    Function(
        "start", (), SCALAR, "The start of the whole query, in seconds.",
        _all_along(lambda query: query.start), experimental=True,
    ),
    Function(
        "end", (), SCALAR, "The end of the whole query, in seconds.",
        _all_along(lambda query: query.end), experimental=True,
    ),
    Function(
        "range", (), SCALAR, "From the start of the whole query to its end, in seconds.",
        _all_along(lambda query: query.end - query.start), experimental=True,
    ),
    Function(
        "step", (), SCALAR, "The step of the whole query, in seconds; 0 at an instant.",
        _all_along(lambda query: query.step), experimental=True,
    ),
    _date_part("minute", "Minute of the hour in UTC, 0 to 59.", _minute),
    _date_part("hour", "Hour of the day in UTC, 0 to 23.", _hour),
    _date_part("day_of_week", "Day of the week in UTC, 0 is Sunday.", _day_of_week),
    _date_part("day_of_month", "Day of the month in UTC, 1 to 31.", _day_of_month),
    _date_part("day_of_year", "Day of the year in UTC, 1 to 366.", _day_of_year),
    _date_part("days_in_month", "How many days the month has, 28 to 31.", _days_in_month),
    _date_part("month", "Month of the year in UTC, 1 to 12.", _month),
    _date_part("year", "Year in UTC.", _year),
)
# fmt: on
