"""A store with tiers that a test fills day by day."""

from pathlib import Path

import numpy as np

from nightdesk.model.buckets import BucketsWanted, Column
from nightdesk.model.instant import DAY
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.retention import Retention
from nightdesk.store.tiers.cells.laying import laid_out
from nightdesk.store.tiers.making.bucketing import coarser
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.tiers.tiers import Tiers
from nightdesk.store.unbounded import UNBOUNDED
from nightdesk.testing.buckets import MemoryBuckets
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.samples import MemorySamples

FIRST_DAY = 20_089
"""2025-01-01."""
START = FIRST_DAY * DAY
EVERYTHING = (Matcher("i", MatchOp.REGEX, ".+"),)


class TieredLake:
    """A store, its tiers and beside them the same samples in memory."""

    def __init__(
        self,
        path: Path,
        keep: KeepTiers | None = None,
        retention_ms: int = 10_000 * DAY,
        memory: MemorySamples | None = None,
        retention: Retention | None = None,
    ) -> None:
        """Open what lies below `path`, of which `memory` holds the samples where some lie there already."""
        self.path, self.keep, self.retention_ms = path, keep or KeepTiers(), retention_ms
        self.retention = retention or Retention()
        self.clock = ManualClock(START)
        self.memory = memory or MemorySamples()
        self._open()

    def _open(self) -> None:
        self.store = SampleStore(
            self.path / "samples",
            clock=self.clock,
            retention_ms=self.retention_ms,
            retention=self.retention,
        )
        self.tiers = Tiers(self.path / "tiers", self.store, self.clock, self.keep)
        self.store.attach(self.tiers)

    def restart(self) -> None:
        """Close everything and open it again."""
        self.close()
        self._open()

    def close(self) -> None:
        """Close everything."""
        self.tiers.close()
        self.store.close()

    def go_to(self, now: int) -> None:
        """Let the clock stand at an instant."""
        self.clock.jump((now - self.clock.now()) / 1000)

    def keep_house(self, hours: int) -> None:
        """Let time pass, and do all there is to do every twenty minutes of it."""
        for _ in range(hours * 3):
            self.clock.jump(20 * 60)
            more = True
            while more:
                more = self.store.maintain() or self.tiers.maintain()

    def put(self, times: "np.ndarray[tuple[int], np.dtype[np.int64]]", seed: int, series: int = 3) -> None:
        """Take samples of some series at some instants, sealed to files; most fall as counters do, far."""
        values = np.random.default_rng(seed).lognormal(4.0, 2.0, (series, len(times))).round(2)
        for number in range(series):
            labels = Labels.of("m", i=str(number))
            ref = self.store.reference(labels)
            self.store.append(Batch(np.full(len(times), ref), times, values[number]))
            self.memory.put(labels, *zip(times.tolist(), values[number].tolist(), strict=True))
        self.store.commit()
        self.store.seal()

    def fill(self, days: int) -> None:
        """Take a sample every five minutes and a bit for some days, the clock half a day behind them."""
        for day in range(days):
            begin = START + day * DAY
            self.go_to(begin + DAY + DAY // 2)
            self.put(np.arange(begin, begin + DAY, 97_000, dtype=np.int64), day)

    def assert_agree(self, resolution: int, end: int, columns: frozenset[Column] = frozenset(Column)) -> None:
        """Compare all buckets up to `end` with those of the samples in memory."""
        wanted = BucketsWanted(EVERYTHING, START - DAY, end, resolution, columns, sketches=True)
        told, expected = (
            coarser(
                laid_out([[part] for part in reader.buckets(wanted, UNBOUNDED)], columns, sketches=True), resolution
            )
            if isinstance(reader, Tiers)
            else laid_out([list(reader.buckets(wanted, UNBOUNDED))], columns, sketches=True)
            for reader in (self.tiers, MemoryBuckets(self.memory, START, None))
        )
        assert list(told.labels) == list(expected.labels)
        here = np.isin(expected.ends, told.ends)
        assert not np.asarray(expected[Column.COUNT])[:, ~here].any()
        places = told.ends.searchsorted(expected.ends[here])
        held = np.asarray(expected[Column.COUNT])[:, here] > 0
        for column in columns:
            ours, theirs = (np.asarray(one)[held] for one in (told[column][:, places], expected[column][:, here]))
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, err_msg=column.name)
        assert told.sketches is not None
        assert expected.sketches is not None
        assert told.sketches.codes.tolist() == expected.sketches.codes.tolist()
        assert told.sketches.weights.tolist() == expected.sketches.weights.tolist()
