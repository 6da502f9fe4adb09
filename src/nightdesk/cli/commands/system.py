"""`nightdesk system`: how fast requests were, how many failed, how long targets were up."""

import time
from typing import Annotated, Any

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.options import DEFAULT_DATA, Data, Json, NoColor


def system(
    *,
    hours: Annotated[float, typer.Option(metavar="HOURS", help="How far back.", min=0.01, max=8784)] = 24.0,
    data: Data = DEFAULT_DATA,
    json: Json = False,
    no_color: NoColor = False,
) -> None:
    """Say how the system did: response times of what bots timed, errors, utilization, uptime of every target.

    Mean and p95 are of every request, never of probes. Time in which nobody looked is told apart and is never up; so
    is the time in which the desk itself did not run. It works with a desk running on the data folder and without.

    Examples:
        nightdesk system
        nightdesk system --hours 168 --json
    """
    from nightdesk.cli.paint.paint import console, print_json
    from nightdesk.cli.paint.system import print_system

    folder = data.expanduser()
    desk = RunningDesk.on(folder)
    told: dict[str, Any]
    if desk is not None:
        told = desk.get("/api/desk/system", hours=hours)
    else:
        # Opening a folder takes numpy, SQLite and the query engine; a running desk spares it (docs/decisions/0061).
        from nightdesk.cli.system_folder import system_in

        told = system_in(folder, hours, time.time_ns() // 1_000_000)
    if json:
        print_json(told)
    else:
        print_system(console(no_color=no_color), told)
