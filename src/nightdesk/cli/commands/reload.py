"""`nightdesk reload`: let the desk that runs on a data folder read its settings and rules again."""

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.options import DEFAULT_DATA, Data


def reload(*, data: Data = DEFAULT_DATA) -> None:
    """Read settings and rules again.

    All of it or nothing: where something is wrong the old ones go on, the sentence says file and line, and the exit
    code is 2. Changed settings that hold from the next start on are named. A SIGHUP does the same and leaves the
    sentences in the desk's log.

    Examples:
        nightdesk reload
        nightdesk reload --data /var/lib/nightdesk
    """
    desk = RunningDesk.needed_on(data.expanduser())
    waiting = desk.post("/-/reload")["data"]["waiting"]
    typer.echo("settings and rules were read again")
    if waiting:
        typer.echo(f"these changed settings hold from the next start on: {', '.join(waiting)}", err=True)
