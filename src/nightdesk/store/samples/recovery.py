"""Opening: what the journal holds goes back into the head; a damaged journal is set aside, loudly."""

import contextlib
import itertools
from pathlib import Path

import numpy as np

from nightdesk.errors import CorruptData, DataFolderFull
from nightdesk.model.series import Batch, Refs
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.head import Head
from nightdesk.store.samples.journal import Journal
from nightdesk.store.samples.registry import Registry
from nightdesk.store.sqlite import move_database


def recover(path: Path, registry: Registry, head: Head, damage: Damage) -> tuple[Journal, bool]:
    """Open the journal and replay it; return it and whether all that was read still stands in it.

    Where that is False the samples in the head came out of a damaged file and must be sealed before anything else.
    """
    try:
        journal = Journal(path)
    except CorruptData as error:
        return _renewed(path, damage, error), True
    try:
        _replay(journal, registry, head, damage)
    except CorruptData as error:
        journal.close()
        head.current.journal_end = 0
        return _renewed(path, damage, error), False
    return journal, True


def _replay(journal: Journal, registry: Registry, head: Head, damage: Damage) -> None:
    series = list(journal.series())
    used = _used(journal, {ref for ref, _ in series})
    known = np.zeros(series[-1][0] + 1 if series else 1, dtype=np.bool_)
    forgotten: list[int] = []
    for ref, labels in series:
        if labels is None:
            damage.note(f"journal series {ref}", "its labels fail their check; its samples are left out")
        elif ref in used:
            registry.restore(ref, labels)
            known[ref] = True
        else:
            forgotten.append(ref)
    for number, batch in journal.entries():
        if batch is None:
            damage.note(f"journal entry {number}", "it fails its check; its samples are left out")
            continue
        named = _named(batch, known)
        if len(named):
            head.append(named)
        head.current.journal_end = number
    with contextlib.suppress(DataFolderFull):  # tidying can wait, and a full disk must not keep the desk from starting
        journal.forget_series(forgotten)
    journal.measure()


def _used(journal: Journal, everyone: set[int]) -> set[int]:
    """Return the series that entries name; all of them where a malformed page hides some entries."""
    try:
        return journal.references()
    except CorruptData:
        return everyone


def _named(batch: Batch, known: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Batch:
    """Leave out samples whose series lost its labels."""
    refs: Refs = batch.refs
    kept = (refs < len(known)) & known[np.minimum(refs, len(known) - 1)]
    return batch if kept.all() else Batch(refs[kept], batch.times[kept], batch.values[kept])


def _renewed(path: Path, damage: Damage, error: CorruptData) -> Journal:
    """Set a damaged journal aside and start an empty one."""
    aside = next(
        name
        for attempt in itertools.count(1)
        if not (name := path.with_name(f"{path.name}.damaged-{attempt}")).exists()
    )
    move_database(path, aside)
    damage.note(path.name, f"{error}; kept as {aside.name}, samples not yet sealed may be lost")
    return Journal(path)
