"""`nightdesk up`: start a desk."""

from pathlib import Path
from typing import Annotated

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.options import DEFAULT_DATA, Config


def up(
    *,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            envvar="NIGHTDESK_DATA",
            help="The data folder; made when it is not there.",
            file_okay=False,
            show_default=str(DEFAULT_DATA),
        ),
    ] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes a free one.", show_default="9977")] = None,
    bind: Annotated[str, typer.Option(help="The address to listen on.", show_default="127.0.0.1")] = "",
    config: Config = None,
    interval: Annotated[
        str, typer.Option(metavar="DURATION", help="How often the host is measured.", show_default="1s")
    ] = "",
    retention: Annotated[
        str, typer.Option(metavar="DURATION", help="How long samples are kept.", show_default="30d")
    ] = "",
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Let everybody on this machine write; refused beyond loopback.")
    ] = False,
    no_collect: Annotated[bool, typer.Option("--no-collect", help="Do not measure this machine.")] = False,
    opens_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser, logged in.")] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Run in the background: return once the desk is ready.")
    ] = False,
) -> None:
    """Start a desk.

    It collects, stores, judges, alerts and shows until it is told to stop. What is given here has precedence over
    the settings file. With --detach a desk that runs on the folder already is
    left alone, and its address is printed.

    Examples:
        nightdesk up
        nightdesk up --data /var/lib/nightdesk --config /etc/nightdesk.toml
        nightdesk up --detach --open --interval 5s --retention 1y
    """
    options: dict[str, object] = {
        name: value
        for name, value in {"port": port, "bind": bind, "interval": interval, "retention": retention}.items()
        if value is not None and value != ""
    }
    options |= ({"auth": False} if no_auth else {}) | ({"collect": False} if no_collect else {})
    from nightdesk.app.settings.invocation import Invocation

    invocation = Invocation(data.expanduser().absolute() if data else None, config, options)
    settings = invocation.read()
    if detach:
        from nightdesk.cli.detach import start_detached

        _tell(start_detached(settings.desk.data), settings.desk.data, opens_page=opens_page)
        return
    from nightdesk.app.process.logs import set_up_logs
    from nightdesk.app.process.service import run
    from nightdesk.cli.announce import Announcer

    set_up_logs()
    raise typer.Exit(run(settings, invocation.read, Announcer(settings.desk.data, opens_page=opens_page)))


def _tell(desk: RunningDesk, data: Path, *, opens_page: bool) -> None:
    """Print the address for programs, and beside it, on the standard error, a login for the person who started it."""
    from nightdesk.cli.browser import open_page

    typer.echo(desk.url)
    address = desk.login()
    typer.echo(f"log in: {address}", err=True)
    if opens_page:
        open_page(data, address)
