"""`nightdesk alerts`: what fires or is about to, and the story of what did."""

import time
from typing import Annotated

import typer

from nightdesk.cli.options import DEFAULT_DATA, Data, Json, NoColor
from nightdesk.cli.reach import RunningDesk
from nightdesk.model.instant import parse_duration, parse_instant


def alerts(
    *,
    history: Annotated[bool, typer.Option("--history", help="Tell the story: changes and messages, in order.")] = False,
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="How far the story goes back: a duration, or an instant.")
    ] = "1d",
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Most changes in the story.")] = 200,
    data: Data = DEFAULT_DATA,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """List alerts, or tell their story.

    The list has what fires or is pending, worst first; the story (--history) every change and every message with its
    fate. Without a running desk the history is read from the data folder itself.

    Examples:
        nightdesk alerts
        nightdesk alerts --history --since 12h
    """
    from nightdesk.cli.alerts_paint import print_alerts, print_history
    from nightdesk.cli.paint import console, print_json

    folder, now = data.expanduser(), time.time_ns() // 1_000_000
    if history:
        start = (
            parse_instant(since) if "T" in since or since.replace(".", "").isdigit() else now - parse_duration(since)
        )
        desk = RunningDesk.on(folder)
        if desk is None:
            from nightdesk.cli.history import read_history

            answer = read_history(folder, start, limit)
        else:
            answer = desk.get("/api/desk/alerts/history", since=start, limit=limit)
    else:
        answer = RunningDesk.needed_on(folder).get("/api/desk/alerts")
    if json:
        print_json(answer)
    elif history:
        print_history(console(no_color=no_color), answer, now)
    else:
        print_alerts(console(no_color=no_color), answer["alerts"], now)
