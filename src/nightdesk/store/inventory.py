"""What lies in a data folder: by its path alone, which kind a file is, whether it ever changes, and its format."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path, PurePath
from typing import Final

from nightdesk.store.ledger.schema import LEDGER
from nightdesk.store.records.schema import STATE
from nightdesk.store.samples.day_names import day_of_file, is_whole_name
from nightdesk.store.samples.deletion.tombstones import TOMBSTONES
from nightdesk.store.samples.journal.journal import JOURNAL
from nightdesk.store.samples.packed.pack_format import PACKED
from nightdesk.store.set_aside import ASIDE
from nightdesk.store.sqlite import FileFormat
from nightdesk.store.tiers.files.periods import FOLDERS
from nightdesk.store.tiers.files.tier_format import TIER_FILE

SNAPSHOTS: Final = "snapshots"
"""Where snapshots lie in a data folder."""
TIERS: Final = "tiers"
"""Where tiers lie among the samples."""


class Kind(Enum):
    """What a file of a data folder is, named by what a sentence calls it."""

    STATE = "state file"
    LEDGER = "ledger"
    JOURNAL = "journal"
    DELETIONS = "file of deletions"
    WHOLE_DAY = "whole day"
    SUPPLEMENT = "supplement"
    TIER = "tier file"
    ASIDE = "file set aside"
    """Found damaged once; kept for whoever wants to look, and read by nobody."""
    OTHER_DATABASE = "database"
    OTHER = "file"
    PASSING = "passing file"
    """A lock, a log, what is unfinished or thrown away: nothing of it belongs to a copy of the folder."""

    @property
    def never_changes(self) -> bool:
        """It is replaced by another or unlinked, never written again: a link to it is a copy."""
        return self in (Kind.WHOLE_DAY, Kind.TIER, Kind.ASIDE)

    @property
    def format(self) -> FileFormat | None:
        """What it has to be as a database, None where that is not ours to say."""
        return _FORMATS.get(self)

    @property
    def is_database(self) -> bool:
        """It is to be read through SQLite."""
        return self is Kind.OTHER_DATABASE or self in _FORMATS


_FORMATS: Final = {
    Kind.STATE: STATE,
    Kind.LEDGER: LEDGER,
    Kind.JOURNAL: JOURNAL,
    Kind.DELETIONS: TOMBSTONES,
    # One application id: format 1 is that of rows.
    Kind.WHOLE_DAY: PACKED,
    Kind.SUPPLEMENT: PACKED,
    Kind.TIER: TIER_FILE,
}
_BY_NAME: Final = {
    "state.db": Kind.STATE,
    "ledger.db": Kind.LEDGER,
    "samples/journal.db": Kind.JOURNAL,
    "samples/deletions.db": Kind.DELETIONS,
}
_PASSING_NAMES: Final = frozenset({"ballast", "desk.lock", "desk.json", "desk.sock"})
_PASSING_ENDS: Final = (".part", "-wal", "-shm", "-journal")


def kind_of(name: PurePath) -> Kind:
    """Return what a file is; `name` is relative to the data folder."""
    if name.name in _PASSING_NAMES or name.name.endswith(_PASSING_ENDS):
        return Kind.PASSING
    if name.parts[0] == SNAPSHOTS or ".trash" in name.parts:
        return Kind.PASSING
    if ASIDE in name.name:
        return Kind.ASIDE
    if name.suffix != ".db":
        return Kind.OTHER
    folders = name.parts[:-1]
    if folders == ("samples", "days") and day_of_file(Path(name.name)) is not None:
        return Kind.WHOLE_DAY if is_whole_name(name.name) else Kind.SUPPLEMENT
    if folders[:2] == ("samples", TIERS) and folders[2:] and folders[2] in FOLDERS.values():
        return Kind.TIER
    return _BY_NAME.get(name.as_posix(), Kind.OTHER_DATABASE)


def files_of(data: Path) -> Iterator[tuple[PurePath, Kind]]:
    """Yield what lies in a data folder, sorted, passing files left out; names are relative to it."""
    for path in sorted(_walked(data)):
        name = path.relative_to(data)
        kind = kind_of(name)
        if kind is not Kind.PASSING:
            yield name, kind


def _walked(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in (SNAPSHOTS, ".trash"):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walked(path)
        elif path.is_file():
            yield path
