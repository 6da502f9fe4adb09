"""`nightdesk down`: stop the desk that runs on a data folder."""

import os
import signal
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from nightdesk.cli.options import DEFAULT_DATA, Data
from nightdesk.errors import DataFolderBusy
from nightdesk.store.folder import DataFolder

_POLL_SECONDS: Final = 0.05


def down(
    *,
    data: Data = DEFAULT_DATA,
    timeout: Annotated[float, typer.Option(min=0.1, max=600.0, metavar="SECONDS", help="How long to wait.")] = 15.0,
) -> None:
    """Stop the desk of a data folder.

    Waits until it has let go of the folder. No running desk is no error: the exit code is 0 once none runs, and 4
    when it still holds the folder.

    Examples:
        nightdesk down
        nightdesk down --data .desk
    """
    folder = data.expanduser()
    holder = DataFolder.holder(folder)
    if holder is None:
        typer.echo(f"no desk is running on {folder}")
        return
    os.kill(holder, signal.SIGTERM)
    if not _gone(folder, timeout):
        raise DataFolderBusy(f"the desk with process id {holder} still holds {folder} after {timeout:g} s")
    typer.echo(f"stopped the desk on {folder}")


def _gone(folder: Path, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while DataFolder.holder(folder) is not None:
        if time.monotonic() > until:
            return False
        time.sleep(_POLL_SECONDS)
    return True
