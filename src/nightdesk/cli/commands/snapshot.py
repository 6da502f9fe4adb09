"""`nightdesk snapshot`: a copy of a data folder as it is now, with a desk running on it or without."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from nightdesk.app.reach import RunningDesk
from nightdesk.cli.options import DEFAULT_DATA, Data


def snapshot(
    to: Annotated[
        Path | None,
        typer.Argument(metavar="[TO]", help="The folder to make; without it one in snapshots/ of the data folder."),
    ] = None,
    *,
    data: Data = DEFAULT_DATA,
) -> None:
    """Take a snapshot of the data folder: samples, alerts, history, ledger and keys as they are now.

    A desk that runs goes on meanwhile, and nothing that it acknowledged before is missing. Files that never change
    are linked, not copied, where TO is on the same file system. Run a desk on a copy of it, so that it stays as it is:
    cp -a TO COPY, then nightdesk up --data COPY.

    Examples:
        nightdesk snapshot
        nightdesk snapshot /backup/desk-monday
    """
    from nightdesk.app.keeping.desk import snapshot_name
    from nightdesk.app.keeping.offline import snapshot_of_folder
    from nightdesk.app.keeping.taking_out import move_snapshot
    from nightdesk.store.snapshot import FOLDER, demand_place

    folder = data.expanduser()
    if to is not None:
        demand_place(folder, to.expanduser())
    desk = RunningDesk.on(folder)
    if desk is not None:
        made = folder / FOLDER / str(desk.ask_for_snapshot())
        target = made if to is None else move_snapshot(made, to.expanduser(), _show)
    else:
        target = to.expanduser() if to is not None else folder / FOLDER / snapshot_name(time.time_ns() // 1_000_000)
        snapshot_of_folder(folder, target, _show)
    typer.echo(f"the snapshot is {target}")


def _show(done: int, whole: int) -> None:
    """Show how far it came, on a terminal alone."""
    if sys.stderr.isatty():
        ending = "\n" if done >= whole else ""
        typer.echo(f"\r{done / 2**20:,.0f} of {whole / 2**20:,.0f} MiB{ending}", nl=False, err=True)
