"""Where samples are gone of some series, or of some days, buckets tell of them; where they are not, samples answer."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import CorruptData
from nightdesk.model.buckets import ONE_HOUR
from nightdesk.model.instant import DAY, HOUR, MINUTE
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.query.answer import Answer
from nightdesk.query.asking import Asking
from nightdesk.query.engine import Engine
from nightdesk.store.samples.upkeep.retention import Retention, RetentionClass
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.testing.tiered import FIRST_DAY, START, TieredLake

DAYS = 8
GONE = 5
"""So many of the first days have lost their samples."""
OTHER = Labels.of("other", job="backfill")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[TieredLake]:
    """Eight days, all rolled up, of which the samples of the last three are left."""
    made = TieredLake(tmp_path, KeepTiers(after=DAY))
    _fill(made)
    for day in range(GONE):
        made.store.raw.days.remove(FIRST_DAY + day)
    yield made
    made.close()


def _fill(lake: TieredLake) -> None:
    """Take a sample every ten minutes of three series, and roll them up."""
    for day in range(DAYS):
        begin = START + day * DAY
        lake.go_to(begin + DAY + DAY // 2)
        lake.put(np.arange(begin + 7, begin + DAY, 10 * MINUTE, dtype=np.int64), day)
    lake.go_to(START + (DAYS + 2) * DAY)
    lake.tiers.build()
    assert lake.tiers.stats()[0].days == DAYS


def _ask(lake: TieredLake, query: str, at: int) -> Answer:
    return Engine(lake.store, lake.clock, tiers=lake.tiers).instant(query, at)


def _counts(answer: Answer) -> dict[str, float]:
    return {labels.get("i"): value for labels, value in zip(answer.labels, answer.values[:, 0].tolist(), strict=True)}


def _put_late(lake: TieredLake, labels: Labels, at: int) -> None:
    lake.store.append(Batch(np.array([lake.store.reference(labels)]), np.array([at]), np.array([1.0])))
    lake.store.commit()


def _stages(lake: TieredLake) -> Iterator[None]:
    """Yield while what came late is in memory, in a file, after a restart, and once it is rolled up."""
    yield
    lake.store.seal()
    yield
    lake.restart()
    yield
    lake.keep_house(3)
    yield


def test_one_late_sample_of_another_series_hides_nothing(lake: TieredLake) -> None:
    """In memory, in a file, after a restart: what was rolled up behind it is told by buckets, and they say so."""
    query, at = "count_over_time(m[6h])", START + 3 * DAY
    before = _ask(lake, query, at)
    assert _counts(before) == {"0": 36.0, "1": 36.0, "2": 36.0}
    _put_late(lake, OTHER, START + DAY + HOUR)
    for _ in _stages(lake):
        told = _ask(lake, query, at)
        assert _counts(told) == _counts(before)
        assert any("answered from buckets" in info for info in told.infos)


def test_a_late_sample_stands_beside_the_buckets_of_its_series(lake: TieredLake) -> None:
    """A day whose samples are gone tells of one sample more, not of one."""
    at = START + 3 * DAY
    _put_late(lake, Labels.of("m", i="0"), at - 3 * HOUR + 11)
    for _ in _stages(lake):
        assert _counts(_ask(lake, "count_over_time(m[1d])", at)) == {"0": 145.0, "1": 144.0, "2": 144.0}


def test_a_window_without_buckets_on_a_day_that_has_changed_is_empty(tmp_path: Path) -> None:
    """Samples of the day lie outside of it, and one of them came late: no series is told of."""
    lake = TieredLake(tmp_path, KeepTiers(after=DAY))
    lake.go_to(START + DAY + DAY // 2)
    lake.put(np.arange(START + 7, START + HOUR, 10 * MINUTE, dtype=np.int64), 1)
    lake.go_to(START + 3 * DAY)
    lake.tiers.build()
    _put_late(lake, Labels.of("m", i="0"), START + 2 * HOUR)
    for function in ("first_over_time", "rate", "count_over_time"):
        told = Engine(lake.store, lake.clock, tiers=lake.tiers).instant(
            f"{function}(m[2h])", START + 20 * HOUR, asking=Asking(resolution=ONE_HOUR)
        )
        assert not told.labels
    lake.close()


def test_a_damaged_day_among_others_is_told_by_its_buckets(lake: TieredLake) -> None:
    """The days before and after it are answered from their samples, the day itself as it was."""
    (file,) = lake.store.raw.days.files_of(FIRST_DAY + 6)
    lake.store.raw.days.set_aside(file, CorruptData("a bit flipped"))
    for day in (5, 6, 7):
        told = _ask(lake, "count_over_time(m[6h])", START + day * DAY + 23 * HOUR)
        assert _counts(told) == {"0": 36.0, "1": 36.0, "2": 36.0}
        assert any("answered from buckets" in info for info in told.infos) == (day == 6)


def test_damage_that_the_look_itself_finds_fails_no_question(lake: TieredLake) -> None:
    """A file of samples that became another is looked into; where it cannot be read the day is told by buckets."""
    (file,) = lake.store.raw.days.files_of(FIRST_DAY + 6)
    sound = file.read_bytes()
    lake.restart()
    file.write_bytes(sound[:4096] + bytes(byte ^ 0x5A for byte in sound[4096:]))
    told = _ask(lake, "count_over_time(m[6h])", START + 6 * DAY + 23 * HOUR)
    assert _counts(told) == {"0": 36.0, "1": 36.0, "2": 36.0}
    assert any("answered from buckets" in info for info in told.infos)
    assert not lake.store.raw.days.files_of(FIRST_DAY + 6)


@pytest.fixture
def classed(tmp_path: Path) -> Iterator[TieredLake]:
    """Eight days, all rolled up, of which a class has taken the older samples of one series."""
    short = RetentionClass((Matcher("i", MatchOp.EQUAL, "0"),), 5 * DAY)
    made = TieredLake(tmp_path, KeepTiers(after=DAY), retention=Retention(classes=(short,)))
    _fill(made)
    made.keep_house(4)
    with made.store.raw.days.reading(FIRST_DAY) as (file,):
        assert {labels.get("i") for labels in file.labels(file.all_series()).values()} == {"1", "2"}
    yield made
    made.close()


def test_series_of_a_class_are_told_by_their_buckets(classed: TieredLake) -> None:
    """Where a question asks for them; for others samples answer, and nothing is rounded."""
    at = START + 2 * DAY + 11 * MINUTE
    told = _ask(classed, "count_over_time(m[6h])", at)
    assert _counts(told) == {"0": 36.0, "1": 36.0, "2": 36.0}
    assert any("answered from buckets" in info for info in told.infos)
    others = _ask(classed, 'count_over_time(m{i!="0"}[6h])', at)
    assert _counts(others) == {"1": 36.0, "2": 36.0}
    assert not others.infos


def test_of_samples_that_are_there_none_stands_twice_beside_buckets(classed: TieredLake) -> None:
    """What buckets do not tell is worked out of samples and last ones of buckets, in order, each instant once."""
    at = START + 2 * DAY + 10 * MINUTE
    told = _ask(classed, "changes(m[6h])", at)
    assert _counts(told) == {"0": 35.0, "1": 35.0, "2": 35.0}
    assert any("are gone, all or some" in info for info in told.infos)
    (last, *_) = _ask(classed, 'm{i="1"}[1h]', at).series
    assert last.times.tolist() == sorted(set(last.times.tolist()))


def test_young_questions_open_no_tier(classed: TieredLake, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies after the last day of which anything is gone is answered as if there were no tiers."""

    def refuse(*_arguments: object) -> int:
        raise AssertionError

    monkeypatch.setattr(type(classed.tiers), "samples_since", refuse)
    assert _counts(_ask(classed, "count_over_time(m[6h])", START + 7 * DAY)) == {"0": 36.0, "1": 36.0, "2": 36.0}
