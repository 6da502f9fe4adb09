"""Opening: what the journal holds goes back into the head; a damaged journal is set aside, loudly."""

import contextlib
import os
import shutil
from pathlib import Path

import numpy as np

from nightdesk.errors import CorruptData, DataFolderFull
from nightdesk.model.instant import DAY, SECOND
from nightdesk.model.series import Batch, Refs
from nightdesk.store.samples.damage import Damage, unsealed_days
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.deletion.tombstones import Tombstones
from nightdesk.store.samples.head.head import Head
from nightdesk.store.samples.head.registry import Registry
from nightdesk.store.samples.journal.journal import JOURNAL, Journal
from nightdesk.store.samples.upkeep.sealing import seal_generation
from nightdesk.store.samples.upkeep.steps import run_to_end
from nightdesk.store.set_aside import name_aside
from nightdesk.store.sqlite import move_database
from nightdesk.store.sqlite_header import mended


def recover(path: Path, registry: Registry, head: Head, days: Days, damage: Damage, tombstones: Tombstones) -> Journal:
    """Open the journal and replay it; what could be read of a malformed one is sealed before it is set aside.

    What was deleted of it stays out.

    Raises:
        DataFolderFull: no room to make a journal or to seal; nothing is lost, and the next start tries again.
    """
    unsealed = unsealed_days(path)  # before it is opened, for that may write to it
    try:
        journal = _opened(path, damage)
    except CorruptData as error:
        return _renewed(path, damage, tombstones, error, unsealed)
    try:
        _tell_what_is_missing(journal, path, damage, unsealed)
        tombstones.agree_with(journal.last_number())
        _replay(journal, registry, head, damage, tombstones, unsealed)
    except CorruptData as error:
        journal.close()
        _save(registry, head, days)
        return _renewed(path, damage, tombstones, error, unsealed)
    return journal


def _opened(path: Path, damage: Damage) -> Journal:
    """Open the journal; damage to its header, of which every byte is known, costs nothing."""
    try:
        return Journal(path)
    except CorruptData as error:
        wrong = mended(path, JOURNAL)
        if not wrong:
            raise
        damage.note(path.name, f"{error}; bytes {wrong} of its header were wrong and are mended, no sample is lost")
    return Journal(path)


def _tell_what_is_missing(journal: Journal, path: Path, damage: Damage, unsealed: range) -> None:
    """Notice the end of the log that was damaged or cut off, and keep what there is of it."""
    missing = journal.missing()
    log = path.with_name(f"{path.name}-wal")
    if missing:
        kept = name_aside(log)
        with contextlib.suppress(OSError):  # the copy is for whoever wants to look
            shutil.copyfile(log, kept)
        damage.note(log.name, f"its last {missing} entries are gone, samples not yet sealed may be lost", unsealed)
        journal.accept_loss()


def _save(registry: Registry, head: Head, days: Days) -> None:
    """Seal what the head holds, and leave it empty."""
    head.freeze(head.current.born)
    for generation in head.frozen:
        run_to_end(seal_generation(generation, registry, days))
        head.drop(generation)
    registry.keep_live(head.current.references())


def _replay(
    journal: Journal, registry: Registry, head: Head, damage: Damage, tombstones: Tombstones, unsealed: range
) -> None:
    series = list(journal.series())
    used = _used(journal, {ref for ref, _ in series})
    # A row that fails its check may have any number.
    known = np.zeros(max((ref for ref, labels in series if labels is not None), default=0) + 1, dtype=np.bool_)
    forgotten: list[int] = []
    for ref, labels in series:
        if labels is None:
            if ref not in used:
                forgotten.append(ref)
            damage.note(f"journal series {ref}", "its labels fail their check; its samples are left out", unsealed)
        elif ref in used:
            registry.restore(ref, labels)
            known[ref] = True
        else:
            forgotten.append(ref)
    without_deleted = tombstones.journal_filter(registry)
    for number, batch in journal.entries():
        if batch is None:
            damage.note(f"journal entry {number}", "it fails its check; its samples are left out", unsealed)
            continue
        # What lost its labels must not come back under those of a new series.
        registry.reserve(int(batch.refs.max(initial=-1)) + 1)
        named = without_deleted(number, _named(batch, known))
        if len(named):
            head.append(named)
        head.current.journal_end = number
    with contextlib.suppress(DataFolderFull):  # tidying can wait, and a full disk must not keep the desk from starting
        journal.forget_series(forgotten)
    journal.measure()


def _used(journal: Journal, all_series: set[int]) -> set[int]:
    """Return the series that entries name; all of them where a malformed page hides some entries."""
    try:
        return journal.references()
    except CorruptData:
        return all_series


def _named(batch: Batch, known: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Batch:
    """Leave out samples whose series lost its labels."""
    refs: Refs = batch.refs
    kept = (refs < len(known)) & known[np.minimum(refs, len(known) - 1)]
    return batch if kept.all() else Batch(refs[kept], batch.times[kept], batch.values[kept])


def _renewed(path: Path, damage: Damage, tombstones: Tombstones, error: CorruptData, unsealed: range) -> Journal:
    """Set a damaged journal aside and start an empty one."""
    aside = name_aside(path)
    move_database(path, aside)
    if unsealed:
        with contextlib.suppress(OSError):  # the day of what is lost, for later starts: looking may have touched it
            os.utime(aside, (aside.stat().st_atime, unsealed[-1] * DAY // SECOND))
    tombstones.agree_with(0)
    damage.note(path.name, f"{error}; kept as {aside.name}, samples not yet sealed may be lost", unsealed)
    journal = Journal(path)
    journal.accept_loss()  # the mark is that of the old one
    return journal
