"""`nightdesk alerts`: what fires or is about to, and the story of what did."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.moments import instant_of
from nightdesk.cli.options import DEFAULT_DATA, Data, Json, NoColor


def alerts(
    *,
    history: Annotated[bool, typer.Option("--history", help="Tell the story: changes and messages, in order.")] = False,
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="How far the story goes back: a duration, or an instant.")
    ] = "1d",
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Most changes in the story.")] = 200,
    release: Annotated[
        str, typer.Option(metavar="FINGERPRINT", help="End an alert that is held because its data do not come back.")
    ] = "",
    data: Data = DEFAULT_DATA,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """List alerts, or tell their story.

    The list has what fires or is pending, worst first; the story (--history) every change and every message with its
    fate. Without a running desk the history is read from the data folder itself. An alert that is held for want of
    data shows its fingerprint; --release ends it with the next judgement of its group.

    Examples:
        nightdesk alerts
        nightdesk alerts --history --since 12h
        nightdesk alerts --release 0123456789abcdef
    """
    from nightdesk.cli.paint.alerts import print_alerts, print_history
    from nightdesk.cli.paint.paint import console, print_json, printable

    folder, now = data.expanduser(), time.time_ns() // 1_000_000
    begin = instant_of(since, now)
    if release:
        answer = RunningDesk.needed_on(folder).post("/api/desk/alerts/release", fingerprint=release)
    elif history:
        answer = _history(folder, begin, limit)
    else:
        answer = RunningDesk.needed_on(folder).get("/api/desk/alerts")
    if json:
        print_json(answer)
    elif release:
        typer.echo(f"{printable(answer['name'])} ends with the next judgement of its group")
    elif history:
        print_history(console(no_color=no_color), answer, now)
    else:
        print_alerts(console(no_color=no_color), answer["alerts"], now)


def _history(data: Path, since: int, limit: int) -> dict[str, Any]:
    """Return changes and messages since an instant, from the desk or from the folder it left."""
    desk = RunningDesk.on(data)
    if desk is not None:
        answer: dict[str, Any] = desk.get("/api/desk/alerts/history", since=since, limit=limit)
    else:
        from nightdesk.cli.history import read_history

        answer = read_history(data, since, limit)
    # The newest messages come whatever their age.
    recent = [each for each in answer["deliveries"] if (each["last"] or {"at": each["created_at"]})["at"] >= since]
    return {**answer, "deliveries": recent}
