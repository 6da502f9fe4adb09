"""`nightdesk login`: a one-time address that logs the page in."""

from typing import Annotated

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.options import DEFAULT_DATA, Data


def login(
    *,
    data: Data = DEFAULT_DATA,
    opens_page: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Print an address that logs the page in.

    It works once, within ten minutes. Whoever can read the data folder can log in: the desk's token is in it.

    Examples:
        nightdesk login
        nightdesk login --open
    """
    folder = data.expanduser()
    address = RunningDesk.needed_on(folder).login()
    typer.echo(address)
    if opens_page:
        from nightdesk.cli.browser import open_page

        open_page(folder, address)
