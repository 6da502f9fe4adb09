"""`nightdesk verify`: read every file of a data folder and work out every checksum."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightdesk.cli.exits import FOUND
from nightdesk.cli.options import DEFAULT_DATA, Data, Json
from nightdesk.errors import StoreError

if TYPE_CHECKING:
    from nightdesk.store.verify import Verified


def verify(
    *,
    snapshot: Annotated[
        Path | None,
        typer.Option("--snapshot", metavar="DIR", help="Verify this snapshot instead of the data folder."),
    ] = None,
    data: Data = DEFAULT_DATA,
    json: Json = False,
) -> None:
    """Read every file of the data folder, or of a snapshot, and check all that is in it; nothing is changed.

    A desk that runs on the folder goes on meanwhile. The exit code is 1 where something is damaged.

    Examples:
        nightdesk verify
        nightdesk verify --snapshot /backup/desk-monday
    """
    from nightdesk.store.verify import verify as verify_folder

    folder = (snapshot or data).expanduser()
    if not (folder / "format").is_file():
        raise StoreError(f"{folder} is not a data folder of Nightdesk, nor a snapshot of one")
    found = []
    for each in verify_folder(folder):
        found.append(each)
        if not json:
            samples = "" if each.samples is None else f", {each.samples:,} samples"
            state = "damaged" if each.damage else "sound"
            typer.echo(f"{state:8}{each.file} ({each.size / 2**20:.1f} MiB{samples})")
            for sentence in each.damage:
                typer.echo(f"        {sentence}")
            sys.stdout.flush()
    damaged = sum(1 for each in found if each.damage)
    if json:
        _print_json(found)
    else:
        typer.echo(f"{len(found)} files, {damaged or 'none'} damaged")
    if damaged:
        raise typer.Exit(FOUND)


def _print_json(found: list["Verified"]) -> None:
    from nightdesk.cli.paint.paint import print_json

    rows = [
        {"file": each.file, "bytes": each.size, "samples": each.samples, "damage": list(each.damage)} for each in found
    ]
    print_json({"files": rows, "damaged": sum(1 for each in found if each.damage)})
