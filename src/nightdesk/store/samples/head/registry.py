"""The series of the head: label sets to references and back, with the limits on both."""

import threading
from array import array
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import BadLabels, SeriesLimitExceeded
from nightdesk.model.labels import Labels
from nightdesk.model.series import EMPTY_REFS, Refs
from nightdesk.store.samples.matching import union

MAX_LABELS: Final = 32
MAX_NAME_BYTES: Final = 128
MAX_VALUE_BYTES: Final = 1_024
TEXT_BYTES_A_SERIES: Final = 320
"""What the texts of labels may take for each series of the cap, on average; a pair that several share counts once."""
TEXT_BYTES_ALWAYS: Final = 16 * 2**20
"""Bytes that they may take however low the cap is."""
REMEMBERED: Final = 2
"""So many times the cap of label sets are held, live or not; past it new ones are refused until some are retired."""
OWN_PLACES: Final = 1_000
"""Places, or a tenth of all if fewer, kept from what others push: for what the desk measures and judges itself."""
SLACK: Final = 8
"""Ended series are retired once there are more of them than the cap divided by this."""
RETIRE_SECONDS: Final = 300.0
"""Between two rounds of retiring. A read that found a series before the one still finds its labels until the next."""


class Registry:
    """Label sets, references and postings of the series in memory. Safe from several threads.

    The cap counts the series that the head holds, so that a series which has ended makes room for a new one once its
    samples are sealed. When many have ended they are retired: a new era begins, in which their references are worth
    nothing. A reference is never given twice; each that ever was costs some 20 bytes until the next start.
    """

    def __init__(self, max_series: int) -> None:
        """Hold at most `max_series` live series."""
        self._max_series = max_series
        self._max_text = max(TEXT_BYTES_ALWAYS, TEXT_BYTES_A_SERIES * max_series)
        self._turn = threading.Lock()
        self._refs: dict[Labels, int] = {}
        self._labels: list[Labels | None] = []
        self._postings: dict[str, dict[str, _Posting]] = {}
        self._is_live: NDArray[np.bool_] = np.zeros(1_024, dtype=np.bool_)
        self._retired = EMPTY_REFS
        """Retired in the last round: no read finds them any more, and reads from before still need their labels."""
        self._next_round = 0.0
        self.text_bytes = 0
        """Of all label pairs that are held, each once."""
        self.live = 0
        """How many series count against the cap."""
        self.refused = 0
        """How often a new series was refused over a bound."""
        self.era = 0
        """Counts the rounds: whoever holds references of an earlier era resolves the labels again."""

    def __len__(self) -> int:
        return len(self._refs)

    @property
    def end(self) -> int:
        """One past the highest reference."""
        return len(self._labels)

    def reference(self, labels: Labels, *, pushed: bool = False) -> int:
        """Return the reference of a series, made on first sight; `pushed` ones leave the last places free.

        Raises:
            BadLabels: names or sizes out of bounds.
            SeriesLimitExceeded: a new series over the cap.
        """
        known = self._refs.get(labels)
        if known is not None:
            return known
        _check(labels)
        self._demand_place(min(OWN_PLACES, self._max_series // 10) if pushed else 0)
        with self._turn:
            ref = len(self._labels)
            self._labels.append(None)
            self._enter(ref, labels)
            return ref

    def restore(self, ref: int, labels: Labels) -> None:
        """Give a series the reference that the journal knows it by; references come in rising order."""
        with self._turn:
            self._labels.extend([None] * (ref + 1 - len(self._labels)))
            self._enter(ref, labels)

    def reserve(self, end: int) -> None:
        """Give no reference below `end` to a new series: the journal may still hold samples under it."""
        with self._turn:
            self._labels.extend([None] * (end - len(self._labels)))
            self._cover(end)

    def labels(self, ref: int) -> Labels:
        """Return the label set behind a reference."""
        labels = self._labels[ref]
        if labels is None:
            raise KeyError(ref)
        return labels

    def mark_live(self, refs: Refs) -> Refs:
        """Count series that get samples as live again; return those that had ended and would exceed the cap.

        Raises:
            LookupError: a reference was retired, and whoever holds it has missed that an era ended.
        """
        ended = refs[~self._is_live[refs]]
        if not len(ended):
            return ended
        if self.era and any(self._refs.get(self.labels(ref)) != ref for ref in np.unique(ended).tolist()):
            raise LookupError("a reference was retired with its series: resolve the labels again")
        revived, over = np.split(np.unique(ended), [max(0, self._max_series - self.live)])
        self._is_live[revived] = True
        self.live += len(revived)
        self.refused += len(over)
        return over

    def retire(self, boot: float) -> Refs:
        """Forget the series that have ended, if they are many; return them. Right only between two batches.

        `boot` is the boot clock, in seconds.
        """
        if (len(self._refs) - self.live) * SLACK <= self._max_series or boot < self._next_round:
            return EMPTY_REFS
        with self._turn:
            all_series = np.fromiter(self._refs.values(), dtype=np.int64, count=len(self._refs))
            retired = all_series[~self._is_live[all_series]]
            for ref in self._retired.tolist():
                self._labels[ref] = None
            self._withdraw(retired)
            self._retired, self._next_round = retired, boot + RETIRE_SECONDS
            self.era += 1
        return retired

    def keep_live(self, live: Refs) -> None:
        """Count just these series from now on: the others have ended, as far as the head knows."""
        self._is_live[:] = False
        self._is_live[live] = True
        self.live = len(live)

    def all_series(self) -> Refs:
        """Return all references, sorted."""
        with self._turn:
            return np.array(sorted(self._refs.values()), dtype=np.int64)

    def names(self) -> list[str]:
        """Return all label names."""
        with self._turn:
            return list(self._postings)

    def values(self, name: str) -> list[str]:
        """Return the values that a label has."""
        with self._turn:
            return list(self._postings.get(name, ()))

    def with_values(self, name: str, values: Iterable[str]) -> Refs:
        """Return the series whose label has one of the values, sorted."""
        with self._turn:
            postings = self._postings.get(name, {})
            return union([postings[value].all() for value in values if value in postings])

    def _demand_place(self, kept: int) -> None:
        """Refuse one more series where number or text leave no place beside those `kept` for others."""
        most = self._max_series - kept
        if self.live >= most:
            self.refused += 1
            kept_for = f" less the {kept} kept for the desk's own" if kept else ""
            raise SeriesLimitExceeded(f"{self.live} series are live, the most that [limits] series allows{kept_for}")
        if self.text_bytes >= self._max_text * most // max(1, self._max_series):
            self.refused += 1
            raise SeriesLimitExceeded(
                f"the labels of {len(self._refs)} series take {self.text_bytes} bytes, the most that [limits] series"
                f" allows ({TEXT_BYTES_A_SERIES} for each): shorten their values"
            )
        if len(self._refs) >= REMEMBERED * self._max_series:
            self.refused += 1
            raise SeriesLimitExceeded(
                f"{len(self._refs)} series came and went within minutes, the most that are remembered:"
                " find what makes new ones all the time"
            )

    def _enter(self, ref: int, labels: Labels) -> None:
        """Take a series in under `ref`, whose place is free; its pairs become those that others have too."""
        pairs = []
        for pair in labels:
            postings = self._postings.setdefault(pair[0], {})
            posting = postings.get(pair[1])
            if posting is None:
                postings[pair[1]] = _Posting(pair, ref)
                self.text_bytes += _pair_bytes(pair)
            else:
                posting.add(ref)
                pair = posting.pair
            pairs.append(pair)
        labels = Labels.from_sorted(tuple(pairs))
        self._labels[ref] = labels
        self._refs[labels] = ref
        self._cover(ref)
        self._is_live[ref] = True
        self.live += 1

    def _withdraw(self, retired: Refs) -> None:
        """Take series out of all but their own labels."""
        is_retired = np.zeros(len(self._labels), dtype=np.bool_)
        is_retired[retired] = True
        touched: dict[tuple[str, str], None] = {}
        for ref in retired.tolist():
            labels = self.labels(ref)
            del self._refs[labels]
            touched.update(dict.fromkeys(labels.pairs))
        for name, value in touched:
            postings = self._postings[name]
            if not postings[value].keep(is_retired):
                self.text_bytes -= _pair_bytes(postings.pop(value).pair)
            if not postings:
                del self._postings[name]

    def _cover(self, ref: int) -> None:
        if ref >= len(self._is_live):
            self._is_live = np.append(self._is_live, np.zeros(ref + 1, dtype=np.bool_))


class _Posting:
    """The series that have one label pair, rising; one alone, as with most values, is kept without an array."""

    __slots__ = ("_refs", "pair")

    def __init__(self, pair: tuple[str, str], ref: int) -> None:
        self.pair = pair
        """The one object for this pair: label sets share it, which is most of what a series would cost."""
        self._refs: int | array[int] = ref

    def add(self, ref: int) -> None:
        """Add a series with a higher reference."""
        if isinstance(self._refs, int):
            self._refs = array("q", (self._refs,))
        self._refs.append(ref)

    def all(self) -> Refs:
        """Return a copy of the references."""
        return np.array([self._refs] if isinstance(self._refs, int) else self._refs, dtype=np.int64)

    def keep(self, is_retired: NDArray[np.bool_]) -> bool:
        """Leave out retired series; return whether any is left."""
        refs = self.all()
        kept = refs[~is_retired[refs]]
        self._refs = int(kept[0]) if len(kept) == 1 else array("q", kept.tobytes())
        return len(kept) > 0


def _check(labels: Labels) -> None:
    """Refuse what would make every later step pay: too many labels, endless names and values."""
    if not labels:
        raise BadLabels("a series needs at least one label, e.g. a metric name")
    if len(labels) > MAX_LABELS:
        raise BadLabels(f"{len(labels)} labels on {labels.name or 'a series'}; at most {MAX_LABELS} are taken")
    for name, value in labels:
        if not name:
            raise BadLabels(f"an empty label name on {labels.name or 'a series'}")
        if _size(name) > MAX_NAME_BYTES:
            raise BadLabels(f"label name {name[:40]!r}... is over {MAX_NAME_BYTES} bytes")
        if _size(value) > MAX_VALUE_BYTES:
            raise BadLabels(f"the value of label {name!r} is over {MAX_VALUE_BYTES} bytes: {value[:40]!r}...")


def _pair_bytes(pair: tuple[str, str]) -> int:
    """Return about what the text of a label pair takes: a value, and its name, which others share as a rule."""
    return len(pair[0]) + len(pair[1])


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))
