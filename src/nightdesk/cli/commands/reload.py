"""`nightdesk reload`: let the desk that runs on a data folder read its settings and rules again."""

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.options import DEFAULT_DATA, Data


def reload(*, data: Data = DEFAULT_DATA) -> None:
    """Read settings and rules again.

    All of it or nothing: where something is wrong the old ones go on, the sentence says file and line, and the exit
    code is 2. A SIGHUP does the same and leaves the sentence in the desk's log.

    Examples:
        nightdesk reload
        nightdesk reload --data /var/lib/nightdesk
    """
    desk = RunningDesk.needed_on(data.expanduser())
    desk.post("/-/reload")
    typer.echo("settings and rules were read again")
