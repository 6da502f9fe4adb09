"""Series that came and went: they are retired, however many there are, and nothing of them is lost or mixed up."""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import SeriesLimitExceeded
from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT, SECOND
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import EMPTY_REFS, Batch, Refs
from nightdesk.store.samples.head.registry import RETIRE_SECONDS, SLACK, TEXT_BYTES_ALWAYS, Registry
from nightdesk.store.samples.matching import match
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock

NOW = 1_700_000_000_000
CAP = 400


@pytest.fixture
def clock() -> ManualClock:
    """A clock under the test's hand."""
    return ManualClock(NOW)


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[SampleStore]:
    """A store of at most four hundred live series."""
    opened = SampleStore(tmp_path, clock=clock, retention_ms=30 * DAY, max_series=CAP)
    yield opened
    opened.close()


def refs_of(store: SampleStore, name: str, count: int) -> Refs:
    """Return references of some series."""
    return np.array([store.reference(Labels.of(name, sid=str(each))) for each in range(count)], dtype=np.int64)


def live_through(store: SampleStore, clock: ManualClock, lives: int, steady: Refs) -> Refs:
    """Let generations of 200 series come, be sealed and go, beside series that stay; return the steady references."""
    era = store.era
    for life in range(lives):
        if store.era != era:
            steady, era = refs_of(store, "steady", len(steady)), store.era
        for _ in range(2):
            clock.jump(RETIRE_SECONDS / 2 + 1)
            refs = np.concatenate((steady, refs_of(store, f"life_{life}", 200)))
            store.append(Batch.at(refs, clock.now(), refs.astype(np.float64)))
            store.commit()
        store.seal()
    return steady


def test_series_may_come_and_go_for_ever(store: SampleStore, clock: ManualClock) -> None:
    """Thirty times more series than the cap: none is refused, all can be read, steady ones have every sample."""
    live_through(store, clock, 30, refs_of(store, "steady", 50))
    assert store.era > 20
    assert {len(each.times) for each in store.select(named("steady"), MIN_INSTANT, MAX_INSTANT, FreeBudget())} == {60}
    lives = store.select([Matcher("__name__", MatchOp.REGEX, "life_.*")], MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert len(lives) == 30 * 200
    assert {len(each.times) for each in lives} == {2}


def test_a_series_that_comes_back_is_the_same_series(store: SampleStore, clock: ManualClock) -> None:
    """Under another reference, before and after a start."""
    live_through(store, clock, 5, refs_of(store, "steady", 5))
    old = store.era
    (ref,) = refs_of(store, "life_0", 1)
    store.append(Batch.at(np.array([ref]), clock.now() + SECOND, np.array([7.0])))
    store.commit()
    assert store.era == old
    (found,) = store.select([*named("life_0"), Matcher("sid", MatchOp.EQUAL, "0")], 0, MAX_INSTANT, FreeBudget())
    assert len(found.times) == 3
    assert found.values[-1] == 7.0


def test_a_reference_of_an_earlier_era_is_refused_loudly(store: SampleStore, clock: ManualClock) -> None:
    """It is never taken for another series, and never taken silently."""
    (ref,) = refs_of(store, "gone", 1)
    store.append(Batch.at(np.array([ref]), clock.now(), np.ones(1)))
    store.seal()
    live_through(store, clock, 4, refs_of(store, "steady", 5))
    with pytest.raises(LookupError):
        store.append(Batch.at(np.array([ref]), clock.now(), np.ones(1)))


def test_no_reference_is_given_twice_over_starts(tmp_path: Path, clock: ManualClock) -> None:
    """What waits in the journal under a reference keeps it."""
    for _ in range(3):
        store = SampleStore(tmp_path, clock=clock, retention_ms=30 * DAY, max_series=CAP)
        live_through(store, clock, 3, refs_of(store, "steady", 20))
        refs = refs_of(store, "waiting", 20)
        store.append(Batch.at(refs, clock.now(), np.arange(20.0)))
        store.commit()
        store.close()
    store = SampleStore(tmp_path, clock=clock, retention_ms=30 * DAY, max_series=CAP)
    waiting = store.select(named("waiting"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert {(each.labels.get("sid"), value) for each in waiting for value in each.values.tolist()} == {
        (str(number), float(number)) for number in range(20)
    }
    store.close()


def test_postings_stay_true_whatever_is_retired() -> None:
    """A random life of a registry beside a plain dictionary: after each round both choose the same series."""
    chance = random.Random(11)
    registry, truth = Registry(200), dict[Labels, int]()
    boot = 0.0
    for number in range(3_000):
        labels = Labels.of(chance.choice("abc"), job=chance.choice("xyz"), sid=str(number))
        truth[labels] = registry.reference(labels)
        if registry.live >= 150:
            live = np.array(sorted(chance.sample(sorted(truth.values()), 20)), dtype=np.int64)
            registry.keep_live(live)
            boot += RETIRE_SECONDS
            gone = set(registry.retire(boot).tolist())
            truth = {labels: ref for labels, ref in truth.items() if ref not in gone}
            for name, value in (("__name__", "a"), ("job", "y"), ("sid", str(number))):
                found = match(registry, [Matcher(name, MatchOp.EQUAL, value)]).tolist()
                assert found == sorted(ref for labels, ref in truth.items() if labels.get(name) == value)
            assert registry.all_series().tolist() == sorted(truth.values())
            assert all(registry.labels(ref) == labels for labels, ref in truth.items())
    assert registry.era > 5


def test_few_ended_series_are_left_in_peace() -> None:
    """No era ends for what costs little: whoever holds references is not disturbed."""
    registry = Registry(CAP)
    refs = [registry.reference(Labels.of("up", sid=str(number))) for number in range(CAP // SLACK)]
    registry.keep_live(np.array(refs[:1], dtype=np.int64))
    assert len(registry.retire(1e9)) == 0
    assert registry.era == 0


def fill(registry: Registry, series: Iterable[Labels]) -> None:
    """Give one series after the other a reference."""
    for labels in series:
        registry.reference(labels)


def test_the_texts_of_labels_are_bounded_as_the_number_of_series_is() -> None:
    """Labels of 30 KB are refused long before the number of series is; a pair counts once, and once gone no more."""
    registry = Registry(1_000)
    fat = [Labels.of("fat", **{f"l{place:02}": f"{row}.{place:01000}" for place in range(30)}) for row in range(1_000)]
    with pytest.raises(SeriesLimitExceeded, match="shorten their values"):
        fill(registry, fat)
    taken = registry.all_series().tolist()
    assert TEXT_BYTES_ALWAYS <= registry.text_bytes < TEXT_BYTES_ALWAYS + 40_000
    assert registry.refused == 1
    assert registry.reference(fat[0]) == taken[0], "what is known goes on"
    registry.keep_live(EMPTY_REFS)
    assert len(registry.retire(0.0)) == len(taken)
    assert registry.text_bytes == 0
    assert registry.reference(fat[0]) == taken[-1] + 1


def test_texts_that_series_share_count_once() -> None:
    """Ordinary series, of which only one label differs, reach their number first."""
    registry = Registry(CAP)
    long = "x" * 1_000
    with pytest.raises(SeriesLimitExceeded, match="are live"):
        fill(registry, (Labels.of("usual", job=long, instance=long, sid=str(row)) for row in range(CAP + 1)))
    assert registry.text_bytes < 10_000
