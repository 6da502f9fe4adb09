"""`nightdesk verify`: read every file of a data folder and work out every checksum."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightdesk.cli.exits import FOUND
from nightdesk.cli.options import DEFAULT_DATA, Data, Json
from nightdesk.errors import Refused, StoreError

if TYPE_CHECKING:
    from nightdesk.store.verify import Verified


def verify(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[SNAPSHOT]", help="Verify this snapshot instead of the data folder."),
    ] = None,
    *,
    snapshot: Annotated[
        Path | None,
        typer.Option("--snapshot", metavar="DIR", help="The same as SNAPSHOT."),
    ] = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Name every file, sound ones too.")] = False,
    data: Data = DEFAULT_DATA,
    json: Json = False,
) -> None:
    """Read every file of the data folder, or of a snapshot, and check all that is in it; nothing is changed.

    A desk that runs on the folder goes on meanwhile. Files that are damaged, were set aside or cannot be examined are
    named, the others counted; the exit code is 1 where there is one.

    Examples:
        nightdesk verify
        nightdesk verify /backup/desk-monday
    """
    from nightdesk.store.verify import verify as verify_folder

    if folder is not None and snapshot is not None:
        raise Refused("name one snapshot, as an argument or by --snapshot")
    folder = (folder or snapshot or data).expanduser()
    if not (folder / "format").is_file():
        raise StoreError(f"{folder} is not a data folder of Nightdesk, nor a snapshot of one")
    found, began = [], time.monotonic()
    for each in verify_folder(folder):
        found.append(each)
        if not json and (verbose or each.damage or each.obstacle or each.aside):
            _print_file(each)
    seconds = time.monotonic() - began
    if json:
        _print_json(found, seconds)
    else:
        typer.echo(_summary(found, seconds))
    if any(each.damage or each.obstacle or each.aside for each in found):
        raise typer.Exit(FOUND)


def _print_file(each: "Verified") -> None:
    samples = "" if each.samples is None else f", {each.samples:,} samples"
    state = "damaged" if each.damage else "set aside" if each.aside else "unknown" if each.obstacle else "sound"
    typer.echo(f"{state:10}{each.file} ({_size(each.size)}{samples})")
    for sentence in each.damage:
        typer.echo(f"          {sentence}")
    if each.obstacle:
        typer.echo(f"          it cannot be examined: {each.obstacle}")
    sys.stdout.flush()


def _summary(found: list["Verified"], seconds: float) -> str:
    damaged = sum(1 for each in found if each.damage)
    aside, unknown = sum(each.aside for each in found), sum(1 for each in found if each.obstacle)
    rest = (f", {aside} set aside before" if aside else "") + (f", {unknown} not examined" if unknown else "")
    size = _size(sum(each.size for each in found))
    return f"{len(found)} files ({size}) in {seconds:.1f} s: {damaged or 'none'} damaged{rest}"


def _size(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB" if size >= 2**20 else f"{size / 2**10:.1f} KiB"


def _print_json(found: list["Verified"], seconds: float) -> None:
    from nightdesk.cli.paint.paint import print_json

    rows = [
        {
            "file": each.file,
            "bytes": each.size,
            "samples": each.samples,
            "damage": list(each.damage),
            "obstacle": each.obstacle,
            "aside": each.aside,
        }
        for each in found
    ]
    print_json({"files": rows, "damaged": sum(1 for each in found if each.damage), "seconds": round(seconds, 3)})
