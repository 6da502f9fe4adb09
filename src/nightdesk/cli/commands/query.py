"""`nightdesk query`: ask PromQL, now or over time."""

import shutil
import time as wall
from enum import Enum
from typing import Annotated, Final

import typer

from nightdesk.cli.moments import instant_of
from nightdesk.cli.option_words import option_words
from nightdesk.cli.options import DEFAULT_DATA, Data, Json, NoColor
from nightdesk.errors import Refused
from nightdesk.model.instant import HOUR, SECOND, parse_duration

# What needs numpy, SQLite or rich is imported where it is used: `nightdesk --help` must not pay (docs/decisions/0061).

_POINTS: Final = 144
"""Steps of a range query whose step nobody gave: two for each column of the plot."""


class Resolution(Enum):
    """The coarsest buckets that a person will have."""

    AUTO = "auto"
    RAW = "raw"
    FIVE_MINUTES = "5m"
    ONE_HOUR = "1h"

    @property
    def asked(self) -> str:
        """What the API calls it."""
        return "0s" if self is Resolution.RAW else self.value


def query(
    expr: Annotated[str, typer.Argument(metavar="EXPR", help="The query, in PromQL.")],
    *,
    time: Annotated[str, typer.Option(metavar="INSTANT", help="Ask at this instant instead of now.")] = "",
    start: Annotated[
        str, typer.Option(metavar="INSTANT", help="Ask over time, from here; an hour before the end.")
    ] = "",
    end: Annotated[str, typer.Option(metavar="INSTANT", help="Ask over time, up to here; now by default.")] = "",
    step: Annotated[str, typer.Option(metavar="DURATION", help="Distance of the points over time.")] = "",
    resolution: Annotated[
        Resolution, typer.Option(help="Coarsest buckets to answer from; raw for samples alone.")
    ] = Resolution.AUTO,
    data: Data = DEFAULT_DATA,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Ask PromQL: a table for an instant, a plot over time.

    An INSTANT is Unix seconds, RFC 3339 (2026-11-22T03:00:00Z), or a duration: so long ago (90m).
    Without a running desk the data folder itself is read.

    Examples:
        nightdesk query cpu_usage
        nightdesk query 'rate(node_network_receive_bytes_total[5m])' --start 6h
        nightdesk query 'max_over_time(memory_usage[1d])' --json
    """
    from nightdesk.cli.paint.answer import print_answer, print_plot
    from nightdesk.cli.paint.paint import console, print_json
    from nightdesk.cli.source import source_of

    over_time = bool(start or end or step)
    if time and over_time:
        raise Refused("--time asks at one instant, --start, --end and --step over time: give one or the other")
    now = wall.time_ns() // 1_000_000
    with option_words(), source_of(data.expanduser()) as source:
        if over_time:
            last = instant_of(end, now)
            first = instant_of(start, now) if start else last - HOUR
            width = parse_duration(step) if step else max(SECOND, (last - first) // _POINTS // SECOND * SECOND)
            answer = source.range(expr, first, last, width, resolution.asked)
        else:
            answer = source.instant(expr, instant_of(time, now), resolution.asked)
    if json:
        print_json(answer.as_json())
    elif answer.kind == "matrix" and over_time:
        columns = shutil.get_terminal_size().columns
        print_plot(console(no_color=no_color), answer, first, last, width, columns)
    else:
        print_answer(console(no_color=no_color), answer, now)
