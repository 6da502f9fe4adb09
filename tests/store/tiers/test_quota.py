"""The quota and the tiers: buckets never push out all samples while hours can stand for some of them."""

from pathlib import Path

import numpy as np

from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, BucketsWanted, Column
from nightdesk.model.instant import DAY, HOUR
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.unbounded import UNBOUNDED
from nightdesk.testing.tiered import EVERYTHING, FIRST_DAY, START, TieredLake

OLD = range(0, 31, 2)
"""Days of January."""


def _lake(path: Path) -> TieredLake:
    """A month whose samples have gone, and two days of the next whose samples are there."""
    lake = TieredLake(path, KeepTiers(after=DAY))
    for day in [*OLD, 31, 32]:
        begin = START + day * DAY
        lake.go_to(begin + DAY + DAY // 2)
        lake.put(np.arange(begin + 1, begin + DAY, HOUR, dtype=np.int64), day)
    lake.go_to(START + 40 * DAY)
    lake.tiers.build()
    for number in OLD:
        lake.store.raw.days.remove(FIRST_DAY + number)
    return lake


def _hours(lake: TieredLake, end: int = START + 31 * DAY) -> int:
    wanted = BucketsWanted(EVERYTHING, START - DAY, end, ONE_HOUR, frozenset({Column.COUNT}))
    return sum(int(np.asarray(part[Column.COUNT]).sum()) for part in lake.tiers.buckets(wanted, UNBOUNDED))


def test_a_month_that_hours_tell_goes_before_samples_where_tiers_take_most(tmp_path: Path) -> None:
    """Its 5 m go, the younger days of samples and every other bucket stay, and hours tell the same."""
    lake = _lake(tmp_path)
    before = _hours(lake)
    quota = lake.store._quota
    quota.bytes = quota.occupied().all - 1
    assert quota.occupied().derived > quota.bytes // 2
    assert quota.enforce_bytes(lake.clock.now()) == 0
    assert [tier.files for tier in lake.tiers.stats()] == [2, 1]
    assert len(lake.store.raw.numbers()) == 2
    assert _hours(lake) == before == len(OLD) * 24 * 3
    quota.bytes = quota.occupied().all - 1
    assert quota.enforce_bytes(lake.clock.now()) == 1, "nothing is to spare any more"
    lake.close()


def test_below_half_of_the_bound_samples_go_first(tmp_path: Path) -> None:
    """Tiers that are the smaller part of the bound stay whole."""
    lake = _lake(tmp_path)
    quota = lake.store._quota
    quota.bytes = 2 * quota.occupied().derived + 2
    wanted = quota.bytes - quota.occupied().all + 1
    assert quota.enforce_bytes(lake.clock.now(), wanted) >= 1
    assert [tier.files for tier in lake.tiers.stats()] == [18, 1]
    lake.close()


def test_what_comes_late_to_such_a_month_hides_none_of_its_hours(tmp_path: Path) -> None:
    """No 5 m are made of it, which would stand for the whole month; it counts beside the hours, in a file too."""
    lake = _lake(tmp_path)
    assert lake.tiers.thin() > 0
    assert lake.tiers.thin() == 0
    before, built = _hours(lake), lake.tiers.keeping.built
    labels, at = Labels.of("m", i="0"), START + 10 * DAY + HOUR // 2
    lake.store.append(Batch(np.array([lake.store.reference(labels)]), np.array([at]), np.array([1.0])))
    lake.store.commit()
    assert _hours(lake) == before + 1
    lake.put(np.array([START + 11 * DAY + HOUR // 2], dtype=np.int64), 1, series=1)
    assert _hours(lake) == before + 2
    lake.tiers.build()
    assert lake.tiers.keeping.built == built
    assert not lake.tiers.wants(FIRST_DAY + 10)
    assert _hours(lake) == before + 2
    lake.close()


def test_what_comes_late_to_such_a_month_makes_no_edge_exact(tmp_path: Path) -> None:
    """Hours go on being rounded down, and the answer says from when on they are not."""
    lake = _lake(tmp_path)
    assert lake.tiers.thin() > 0
    at = START + 20 * DAY + HOUR // 2
    before = _hours(lake, at)
    lake.put(np.array([START + 10 * DAY + HOUR // 2], dtype=np.int64), 1, series=1)
    assert lake.tiers.exact_since(at, ONE_HOUR) > at
    assert lake.tiers.exact_since(START + 34 * DAY, ONE_HOUR) >= START + 31 * DAY
    assert _hours(lake, at) == before + 1
    lake.close()


def test_five_minutes_begin_after_the_last_month_that_hours_alone_tell(tmp_path: Path) -> None:
    """Those of older months are left out of what is said of the tier, so that nobody looks for all in them."""
    lake = _lake(tmp_path)
    assert lake.tiers.kept().tiers_since == {FIVE_MINUTES: START, ONE_HOUR: START}
    assert lake.tiers.thin() > 0
    assert lake.tiers.kept().tiers_since == {FIVE_MINUTES: START + 31 * DAY, ONE_HOUR: START}
    older = START - 20 * DAY
    lake.put(np.arange(older, older + DAY, HOUR, dtype=np.int64), 1)
    lake.tiers.build()
    assert lake.tiers.kept().tiers_since == {FIVE_MINUTES: START + 31 * DAY, ONE_HOUR: START - 31 * DAY}
    lake.close()
