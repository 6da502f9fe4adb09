"""Answering selectors and functions from buckets, and saying so: what was asked for and what it is worth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nightdesk.model.buckets import Buckets, BucketsWanted, Column, Kept
from nightdesk.model.instant import MAX_INSTANT, SECOND, format_duration, format_instant
from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel, panels_of
from nightdesk.model.series import STALE, Series, Times, Values
from nightdesk.model.sketch import RELATIVE_ERROR
from nightdesk.query.buckets.folds import BucketFold
from nightdesk.query.buckets.windows import BucketWindows
from nightdesk.query.grid import Grid, side_by_side
from nightdesk.query.language.position import Span
from nightdesk.query.notes import Notes
from nightdesk.query.selecting.resolution import LONG, SAMPLES, Look, choose, is_partly_gone
from nightdesk.query.selecting.select import Selected
from nightdesk.seams.samples import BucketReader, Budget

_LAST = frozenset({Column.COUNT, Column.ENDED, Column.LAST, Column.LAST_TIME})


@dataclass(frozen=True, slots=True)
class Share:
    """Which steps are answered from buckets: the first `steps` of them, at `resolution`."""

    resolution: int
    steps: int


@dataclass(frozen=True, slots=True, eq=False)
class BucketAnswers:
    """The tiers as one query sees them."""

    reader: BucketReader
    kept: Kept
    asked: int | None
    """The coarsest resolution a person will have, 0 for samples alone; None leaves it to what there is."""
    budget: Budget
    notes: Notes

    def share(self, look: Look, starts: Times, matchers: Sequence[Matcher]) -> Share | None:
        """Choose for windows that begin at `starts` (rising); None where samples answer all of it."""
        kept = self._kept_of(look, matchers)
        resolution = choose(look, kept, self.asked)
        if resolution is None:
            return None
        since = kept.samples_since
        if self.asked is not None or since is None or look.last - max(look.first, since) > LONG:
            return Share(resolution, len(starts))
        # What has its samples is answered from them, and so without any rounding.
        return Share(resolution, int(starts.searchsorted(since)) or len(starts))

    def over(
        self,
        fold: BucketFold,
        matchers: Sequence[Matcher],
        start: Times,
        end: Times,
        resolution: int,
        wanted: Values | None,
        span: Span,
    ) -> Grid:
        """Fold buckets over the windows (start[j], end[j]]; names are kept."""
        first, last = int(start[0]), int(end[-1])
        asked = BucketsWanted(matchers, first, last, resolution, fold.columns, fold.sketches)
        exact, is_rounded, parts = last, False, []
        for buckets in self.reader.buckets(asked, self.budget):
            self.budget.check()
            exact, windows = buckets.exact_since, BucketWindows.of(buckets, start, end, resolution)
            is_rounded |= bool((windows.start != start).any() or (windows.end != end).any())
            with np.errstate(all="ignore"):
                values = fold.compute(windows, wanted)
            present = windows.counts >= fold.minimum
            parts.append(Grid.of(list(buckets.labels), np.where(present, values, 0.0), present))
        self._say(resolution, span, is_rounded=is_rounded, exact=exact, last=last, sketches=fold.sketches)
        return _below_each_other(parts, len(end))

    def latest(self, matchers: Sequence[Matcher], at: Times, lookback: int, resolution: int, span: Span) -> Selected:
        """Take each series' latest sample in (at - lookback, at], both rounded down to the resolution."""
        reach = -(-lookback // resolution) * resolution
        first, last = int(at[0]) - reach, int(at[-1])
        exact, is_rounded, parts, instants = last, False, [], []
        for buckets in self.reader.buckets(BucketsWanted(matchers, first, last, resolution, _LAST), self.budget):
            self.budget.check()
            exact, windows = buckets.exact_since, BucketWindows.of(buckets, at - reach, at, resolution)
            is_rounded |= bool((windows.end != at).any())
            last_held = windows.last
            taken = windows.instants(Column.LAST_TIME, last_held)
            present = (windows.counts > 0) & (taken > windows.end - lookback) & ~_ended(windows)
            values = windows.at(Column.LAST, last_held)
            parts.append(Grid.of(list(buckets.labels), np.where(present, values, 0.0), present))
            instants.append(taken / SECOND)
        self._say(resolution, span, is_rounded=is_rounded, exact=exact, last=last, sketches=False)
        times = np.concatenate(instants) if instants else np.zeros((0, len(at)))
        return Selected(_below_each_other(parts, len(at)), times)

    def with_last_samples(
        self, panels: Sequence[Panel], matchers: Sequence[Matcher], first: int, last: int, span: Span
    ) -> Sequence[Panel]:
        """Put beside samples in [first, last] the last one of each bucket from the time of which samples are gone."""
        look = Look(first - 1, last, last - first + 1)
        kept = self._kept_of(look, matchers)
        if self.asked == SAMPLES or not is_partly_gone(look, kept):
            return panels
        since = kept.samples_since
        until = last if since is None else min(last, since - 1)
        series: dict[Labels, Series] = {}
        resolution = min(kept.tiers_since, key=kept.tiers_since.__getitem__)
        wanted = BucketsWanted(matchers, look.first, -(-until // resolution) * resolution, resolution, _LAST)
        for buckets in self.reader.buckets(wanted, self.budget):
            series.update((one.labels, one) for one in _last_samples(buckets, first, until))
        self._say_last(resolution, until, span)
        for panel in panels:
            for one in panel.series():
                told = series.get(one.labels)
                series[one.labels] = one if told is None else _beside_samples(told, one, resolution)
        return panels_of(series.values())

    def _kept_of(self, look: Look, matchers: Sequence[Matcher]) -> Kept:
        """Return what is kept of some series in an interval; asked for where samples of others at least are gone."""
        if self.asked == SAMPLES or self.kept.samples_since is None or not is_partly_gone(look, self.kept):
            return self.kept
        since = self.reader.samples_since(matchers, look.first, look.last, self.budget)
        return replace(self.kept, samples_since=since)

    def _say(self, resolution: int, span: Span, *, is_rounded: bool, exact: int, last: int, sketches: bool) -> None:
        size = format_duration(resolution)
        told = f"answered from buckets of {size}"
        if is_rounded:
            before = f" before {format_instant(exact)}" if exact < last else ""
            told += f"; edges of windows{before} are rounded down to {size}"
        if sketches:
            told += f"; values are within {RELATIVE_ERROR:.0%}"
        self.notes.inform(told, span)

    def _say_last(self, resolution: int, until: int, span: Span) -> None:
        size, before = format_duration(resolution), format_instant(until + 1)
        told = f"samples before {before} are gone, all or some: of them the last of each {size} is looked at"
        self.notes.inform(told, span)


def earlier_and_later(earlier: Grid, later: Grid) -> Grid:
    """Put grids of earlier and later steps beside each other, rows in the order of their labels."""
    rows = sorted({*earlier.labels, *later.labels}, key=lambda labels: labels.pairs)
    return side_by_side((earlier, later), LabelRows(rows))


def beside(older: Selected, newer: Selected) -> Selected:
    """Put what was selected at earlier and at later steps beside each other."""
    grid = earlier_and_later(older.grid, newer.grid)
    if older.sample_times is None or newer.sample_times is None:
        return Selected(grid, None)
    grids = (
        Grid.of(one.grid.labels, one.sample_times, one.grid.present)
        for one in (older, newer)
        if one.sample_times is not None
    )
    return Selected(grid, earlier_and_later(*grids).values)


def _below_each_other(parts: Sequence[Grid], steps: int) -> Grid:
    if not parts:
        return Grid.empty(steps)
    rows = LabelRows(labels for part in parts for labels in part.labels)
    return Grid.of(rows, np.concatenate([p.values for p in parts]), np.concatenate([p.present for p in parts]))


def _ended(windows: BucketWindows) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Tell which windows end with a stale marker."""
    ended = np.asarray(windows.buckets[Column.ENDED]) > 0
    places = np.where(windows.held | ended, np.arange(ended.shape[1]), -1)
    last = np.maximum.accumulate(places, axis=1).take(np.maximum(windows.high - 1, 0), axis=1)
    return np.take_along_axis(ended, np.maximum(last, 0), axis=1) & (last >= windows.low)


def _last_samples(buckets: Buckets, first: int, last: int) -> list[Series]:
    """Return the last sample of each bucket; where that is a stale marker, it follows it by a millisecond."""
    found = []
    counts, ended, values, times = (np.asarray(buckets[column]) for column in (
        Column.COUNT, Column.ENDED, Column.LAST, Column.LAST_TIME))  # fmt: skip
    for row, labels in enumerate(buckets.labels):
        held, over = counts[row] > 0, ended[row] > 0
        # A bucket that holds a stale marker alone: it came at any time after the bucket before.
        began = np.where(held, times[row], np.concatenate([buckets.ends[:1] - 1, buckets.ends[:-1]]))[over]
        own = np.concatenate([times[row][held], began + 1])
        told = np.concatenate([values[row][held].astype(np.float64), np.full(len(began), STALE)])
        own, first_of_equals = np.unique(own, return_index=True)
        told = told[first_of_equals]
        inside = (own >= first) & (own <= last)
        if inside.any():
            found.append(Series(labels, own[inside], told[inside]))
    return found


def _beside_samples(told: Series, samples: Series, resolution: int) -> Series:
    """Put last samples of buckets among samples, less those whose buckets end with samples that are there."""
    following = samples.times.searchsorted(told.times)
    after = np.append(samples.times, MAX_INSTANT)[following]
    alone = after > -(-told.times // resolution) * resolution
    times = np.concatenate([told.times[alone], samples.times])
    values = np.concatenate([told.values[alone], samples.values])
    order = times.argsort(kind="stable")
    return Series(samples.labels, times[order], values[order])
