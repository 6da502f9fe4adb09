"""`nightdesk samples`: delete samples by selector."""

from enum import Enum
from typing import Annotated

import typer

from nightdesk.cli.options import DEFAULT_DATA, Data
from nightdesk.errors import Refused


class Action(Enum):
    """What to do."""

    DELETE = "delete"


def samples(
    _action: Annotated[Action, typer.Argument(metavar="ACTION", help="delete.")],
    selectors: Annotated[
        list[str], typer.Argument(metavar="[SELECTOR]...", help="Which series.", show_default=False)
    ] = [],  # noqa: B006 - typer copies it
    *,
    match: Annotated[list[str], typer.Option("--match", metavar="SELECTOR", help="The same as SELECTOR.")] = [],  # noqa: B006 - typer copies it
    start: Annotated[str, typer.Option(metavar="INSTANT", help="From here on; from the beginning by default.")] = "",
    end: Annotated[str, typer.Option(metavar="INSTANT", help="Up to here; to the end by default.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Delete samples for good: those of every series that matches, between two instants.

    It shows which series are meant and asks. Once it has answered no query sees them any more; their room on the disk
    is given back by and by. Samples that arrive afterwards are kept. An INSTANT is Unix seconds, RFC 3339, or a
    duration: so long ago (90m). Without a running desk the data folder itself is changed.

    Examples:
        nightdesk samples delete '{job="sim"}'
        nightdesk samples delete cpu_usage --start 2h --end 1h --yes
    """
    match = [*selectors, *match]
    if not match:
        raise Refused("say which series: nightdesk samples delete '{job=\"sim\"}'")
    from nightdesk.app.selectors import selector_of
    from nightdesk.cli.deleting import Interval, deleter_of

    for each in match:
        selector_of(each)  # so that a person hears of it in the words of the command, whoever deletes
    interval = Interval.of(start, end)
    with deleter_of(data.expanduser()) as deleter:
        found = deleter.series(match, interval)
        if not found:
            typer.echo("no series matches: nothing to delete")
            return
        if not yes:
            _show(found, interval)
            if not _agreed():
                typer.echo("nothing was deleted")
                raise typer.Exit(1)
        deleter.delete(match, interval)
    typer.echo(f"deleted {interval} of {len(found)} series")


def _agreed() -> bool:
    """Ask. Raises Refused where nobody is there to answer."""
    try:
        return typer.confirm("Delete them for good?")
    except typer.Abort:
        typer.echo()
        raise Refused("nothing was deleted, for nobody answered; scripts say --yes") from None


def _show(found: list[str], interval: object) -> None:
    most = 10
    typer.echo(f"{len(found)} series {'loses' if len(found) == 1 else 'lose'} {interval}:")
    for each in found[:most]:
        typer.echo(f"  {each}")
    if len(found) > most:
        typer.echo(f"  and {len(found) - most} more")
