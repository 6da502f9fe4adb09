"""What a sample store holds and has done, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass

from nightdesk.store.samples.upkeep.quota import Occupied


@dataclass(frozen=True, slots=True)
class StoreStats:
    """Counts since the start, unless they say what is held now."""

    series: int
    """Live series: those with samples in the head."""
    head_samples: int
    """Samples in memory, sealed ones no longer among them."""
    samples: int
    """Samples taken."""
    journal_bytes: int
    """Size of what waits in the journal."""
    day_files: int
    day_bytes: int
    """Size of all day files on disk."""
    seals: int
    compactions: int
    last_seal_seconds: float
    """How long the last seal took from its first step to its last, pauses included."""
    failed_commits: int
    """Commits that failed, mostly for want of room; their samples were not acknowledged."""
    failed_housekeeping: int
    """Seals, compactions and removals that failed; each is tried again."""
    clock_in_doubt: str
    """A sentence while the wall clock is not believed, after a step or at a start that does not fit what is held."""
    occupied: Occupied
    """Bytes on the disk by kind, logs included."""
    quota_bytes: int | None
    """The most that samples may take; None for no bound."""
    days_removed: Mapping[str, int]
    """Whole days removed since the start, by reason: time, bytes, class, deletion."""
    deletions_pending: int
    """Deletions whose samples still lie in files, where no read sees them."""
    days_held: tuple[int, int] | None
    """The first and the last day that may hold samples, in a file or in memory; None without any."""
    newest: int | None
    """The newest instant that was in memory since the start, sealed by now or not; None without any."""
    damaged: int
    """Damaged places met: chunks, files, journal entries; each is set aside."""
    damage: tuple[str, ...]
    """A sentence on each of them, the first 1,000."""
