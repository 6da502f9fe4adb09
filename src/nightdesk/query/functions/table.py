"""Every function of PromQL, in one table; a row stands at the end of its family's file, beside what it computes."""

from collections.abc import Iterable
from typing import Final

from nightdesk.errors import QueryError
from nightdesk.query.functions import (
    elementwise,
    histogram,
    information,
    over_time,
    presence,
    rates,
    regression,
    relabelling,
    sorting,
    spread,
    time_parts,
)
from nightdesk.query.functions.signature import Function
from nightdesk.query.language.tree import Call, MatrixSelector, unwrap


def _by_name(rows: Iterable[Function]) -> dict[str, Function]:
    found: dict[str, Function] = {}
    for row in rows:
        assert row.name not in found, row.name
        found[row.name] = row
    return found


FUNCTIONS: Final = _by_name(
    [
        *rates.ROWS,
        *over_time.ROWS,
        *spread.ROWS,
        *regression.ROWS,
        *presence.ROWS,
        *histogram.ROWS,
        *information.ROWS,
        *relabelling.ROWS,
        *sorting.ROWS,
        *elementwise.ROWS,
        *time_parts.ROWS,
    ]
)


def extended_argument(call: Call) -> MatrixSelector | None:
    """Return the argument that is an anchored or smoothed range, if there is one.

    Raises:
        QueryError: the function knows nothing of samples from outside its window.
    """
    for argument in map(unwrap, call.arguments):
        if isinstance(argument, MatrixSelector) and argument.selector.extended is not None:
            extended = argument.selector.extended
            able = sorted(row.name for row in FUNCTIONS.values() if row.beyond and extended in row.beyond.ranges)
            if call.name not in able:
                message = f"{extended.value} modifier can only be used with: {', '.join(able)}"
                raise QueryError(f"{message} - not with {call.name}")
            return argument
    return None
