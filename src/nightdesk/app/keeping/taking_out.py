"""Taking a snapshot out of the data folder, to where a person wants it."""

import shutil
from pathlib import Path

from nightdesk.errors import Refused
from nightdesk.store.snapshot import Progress, take_snapshot
from nightdesk.store.sqlite import in_our_words


def move_snapshot(made: Path, target: Path, progress: Progress) -> Path:
    """Move a finished snapshot to `target`: by its name on one file system, by copying to another; return `target`.

    Raises:
        Refused: something lies at `target`; the snapshot stays where it is.
        DataFolderFull: there is no room at the other file system.
    """
    if target.exists():
        raise Refused(f"{target} is there already; the snapshot is {made}")
    with in_our_words(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        is_near = target.parent.stat().st_dev == made.stat().st_dev
        if is_near:
            made.rename(target)
    if not is_near:
        take_snapshot(made, target, progress)
        shutil.rmtree(made)
    return target
