"""`nightdesk status`: how the desk and the machine stand, readable at three in the morning."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.exits import exit_code
from nightdesk.cli.options import DEFAULT_DATA, Data, Json, NoColor
from nightdesk.errors import DeskUnreachable
from nightdesk.model.instant import MINUTE

if TYPE_CHECKING:
    from nightdesk.cli.source import Source

TREND_MINUTES: Final = 15
TREND_POINTS: Final = 15


def status(*, data: Data = DEFAULT_DATA, json: Json = False, no_color: NoColor = False) -> None:
    """Show vitals, alerts and the desk's health.

    Each vital has its level or the reason why it has no value; standing warnings come first. The exit code is 0
    while a desk answers, whatever it has to say, and 3 while none does.

    Examples:
        nightdesk status
        nightdesk status --json | jq .status.state
    """
    from nightdesk.cli.paint.paint import console, print_json
    from nightdesk.cli.paint.status import print_status
    from nightdesk.cli.source import FromDesk

    folder = data.expanduser()
    desk = RunningDesk.on(folder)
    if desk is None:
        _say_no_desk(folder, json=json)
        return
    answer = {name: desk.get(f"/api/desk/{name}") for name in ("status", "vitals", "alerts")}
    if json:
        print_json(answer)
        return
    trends = trends_of(answer["vitals"]["vitals"], int(answer["vitals"]["at"]), FromDesk(desk))
    print_status(console(no_color=no_color), desk.url, answer, trends)


def _say_no_desk(data: Path, *, json: bool) -> None:
    missing = DeskUnreachable(f"no desk is running on {data}; start one with: nightdesk up --data {data}")
    if not json:
        raise missing
    from nightdesk.cli.paint.paint import print_json

    print_json({"status": None, "error": str(missing)})
    raise typer.Exit(exit_code(missing))


def trends_of(vitals: Sequence[Mapping[str, Any]], at: int, source: "Source") -> dict[str, list[float | None]]:
    """Return the last quarter of an hour of each vital, of the machine whose value it is; None where it had none."""
    step = TREND_MINUTES * MINUTE // TREND_POINTS
    end = at or time.time_ns() // 1_000_000
    start = end - (TREND_POINTS - 1) * step
    told = {vital["name"]: {"__name__": vital["name"], **vital["labels"]} for vital in vitals}
    trends: dict[str, list[float | None]] = {}
    for row in source.range('{__name__=~"' + "|".join(told) + '"}', start, end, step).rows:
        name = row.labels.get("__name__", "")
        if row.labels != told.get(name):
            continue
        points = trends[name] = [None] * TREND_POINTS
        for moment, value in zip(row.times, row.values, strict=True):
            points[round((moment - start) / step)] = value
    return trends
