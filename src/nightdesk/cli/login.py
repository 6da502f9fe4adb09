"""`nightdesk login`: a one-time address that logs the page in."""

import webbrowser
from typing import Annotated

import typer

from nightdesk.cli.options import DEFAULT_DATA, Data
from nightdesk.cli.reach import RunningDesk


def login(
    *,
    data: Data = DEFAULT_DATA,
    open_page: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Print an address that logs the page in.

    It works once, within ten minutes. Whoever can read the data folder can log in: the desk's token is in it.

    Examples:
        nightdesk login
        nightdesk login --open
    """
    desk = RunningDesk.needed_on(data.expanduser())
    address = desk.url + desk.post("/api/desk/login")["path"]
    typer.echo(address)
    if open_page:
        webbrowser.open(address)
