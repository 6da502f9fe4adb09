"""Whatever made samples go, the engine answers as if all that was taken were there, with edges as it says."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import CorruptData
from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR
from nightdesk.model.instant import DAY, HOUR, MINUTE
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.query.answer import Answer
from nightdesk.query.asking import Asking
from nightdesk.query.engine import Engine
from nightdesk.store.samples.upkeep.retention import Removal, Retention, RetentionClass
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.testing.tiered import FIRST_DAY, TieredLake

FIRST = FIRST_DAY + 27
"""Of the days that are filled: four of January, and four of February."""
DAYS = 8
SERIES = [Labels.of("m", i=str(number)) for number in range(3)]
SHORT = Retention(classes=(RetentionClass((Matcher("i", MatchOp.EQUAL, "0"),), 5 * DAY),))
FUNCTIONS = ("count", "sum", "min", "max", "first", "last", "avg", "present")
"""Which tell exactly what buckets are made of, wherever late samples lie among them."""
WINDOWS = (HOUR, 6 * HOUR, DAY, 25 * HOUR, 8 * DAY)


class Desk:
    """A store that loses samples, its tiers, and in `lake.memory` all that was ever taken."""

    def __init__(self, path: Path, seed: int) -> None:
        """Take eight days and let them be rolled up; 5 m stay no longer than they have to."""
        self.chance = np.random.default_rng(seed)
        keep = KeepTiers(after=DAY, five_minutes=2 * DAY)
        self.lake = TieredLake(path, keep, retention=SHORT)
        self.taken: dict[Labels, set[int]] = {labels: set() for labels in SERIES}
        for day in range(FIRST, FIRST + DAYS):
            self.lake.go_to((day + 1) * DAY + DAY // 2)
            for labels in SERIES:
                self.put(labels, np.arange(day * DAY + int(self.chance.choice([0, 7])), (day + 1) * DAY, 40 * MINUTE))
            self.lake.store.seal()
        self.lake.go_to((FIRST + DAYS + 2) * DAY)
        self.lake.keep_house(2)
        assert [tier.days for tier in self.lake.tiers.stats()] == [DAYS, 31]

    def put(self, labels: Labels, times: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> None:
        """Take samples at those instants of which there is none yet."""
        fresh = np.array(sorted(set(times.tolist()) - self.taken[labels]), dtype=np.int64)
        values = self.chance.integers(0, 1_000, len(fresh)).astype(np.float64)
        self.lake.store.append(Batch(np.full(len(fresh), self.lake.store.reference(labels)), fresh, values))
        self.lake.store.commit()
        self.lake.memory.put(labels, *zip(fresh.tolist(), values.tolist(), strict=True))
        self.taken[labels].update(fresh.tolist())

    def something_happens(self) -> str:
        """Let one thing happen; what no bucket tells of yet, late samples that go at once, is spared."""
        lake, day = self.lake, FIRST + int(self.chance.integers(0, DAYS))
        match int(self.chance.integers(0, 9)):
            case 0 | 1:
                labels = SERIES[int(self.chance.integers(0, len(SERIES)))]
                at = day * DAY + self.chance.choice([0, 1, DAY - 1, *self.chance.integers(0, DAY, 3)], 2)
                self.put(labels, at)
                return f"late samples of {labels} at {at}"
            case 2:
                lake.store.seal()
                return "sealed"
            case 3:
                if self._is_told(day):
                    lake.store._quota._remove(day, Removal.BYTES)
                return f"the quota took day {day - FIRST}"
            case 4:
                for older in range(FIRST, day):
                    if self._is_told(older):
                        lake.store._quota._remove(older, Removal.BYTES)
                return f"the quota took the days before {day - FIRST}"
            case 5:
                files = lake.store.raw.days.files_of(day)
                if len(files) == 1 and self._is_told(day):
                    lake.store.raw.days.set_aside(files[0], CorruptData("a bit flipped"))
                return f"day {day - FIRST} was damaged"
            case 6:
                return f"thinned by {lake.tiers.thin()} bytes"
            case 7:
                lake.restart()
                return "restarted"
            case _:
                lake.keep_house(int(self.chance.integers(1, 6)))
                return "hours passed"

    def _is_told(self, day: int) -> bool:
        """Tell whether 5 m tell of all samples of a day; those that come late to hours alone are told by no bucket."""
        return self.lake.tiers.tells_of(day) and not self.lake.tiers.wants(day)

    def ask(self) -> str:
        """Ask a question at an edge that is hard, or at none; compare the answer, and return the question."""
        edge = int(self.chance.choice([-1, 0, 1, -FIVE_MINUTES, HOUR // 2, *self.chance.integers(0, DAY, 3)]))
        at = (FIRST + int(self.chance.integers(0, DAYS + 2))) * DAY + edge
        function, window = str(self.chance.choice(FUNCTIONS)), int(self.chance.choice(WINDOWS))
        resolution = None if self.chance.random() < 0.7 else ONE_HOUR
        query = f"{function}_over_time(m[{window}ms])"
        tiered = Engine(self.lake.store, self.lake.clock, tiers=self.lake.tiers)
        told = tiered.instant(query, at, asking=Asking(resolution=resolution))
        start, end = (self._rounded(told, edge, at) for edge in (at - window, at))
        expected: dict[Labels, float] = {}
        if start < end:
            memory = Engine(self.lake.memory, self.lake.clock)
            expected = _values(memory.instant(f"{function}_over_time(m[{end - start}ms])", end))
        question = f"{query} at {at} ({(at - FIRST * DAY) / DAY} d), resolution {resolution}, {told.infos}"
        assert _values(told) == pytest.approx(expected, rel=1e-12), question
        return question

    def ask_on_the_hour(self) -> str:
        """Ask for steps at full hours, where buckets and samples agree whichever answer a step; return the question."""
        start = (FIRST * 24 + int(self.chance.integers(0, DAYS * 24))) * HOUR
        step, steps = int(self.chance.choice([HOUR, 6 * HOUR])), int(self.chance.integers(2, 28))
        query = str(self.chance.choice(["m", "count_over_time(m[6h])", "max_over_time(m[1d])", "sum_over_time(m[1h])"]))
        told, expected = (
            engine.range(query, start, start + steps * step, step, asking=Asking(lookback=HOUR))
            for engine in (
                Engine(self.lake.store, self.lake.clock, tiers=self.lake.tiers),
                Engine(self.lake.memory, self.lake.clock),
            )
        )
        question = f"{query} from {(start - FIRST * DAY) / DAY} d on, {steps} steps of {step} ms, {told.infos}"
        assert list(told.labels) == list(expected.labels), question
        assert told.present.tolist() == expected.present.tolist(), question
        assert told.values[told.present].tolist() == expected.values[expected.present].tolist(), question
        return question

    def _rounded(self, told: Answer, edge: int, at: int) -> int:
        """Return where an edge of the window is, as the answer says that it was rounded."""
        for text, size in (("buckets of 1h", ONE_HOUR), ("buckets of 5m", FIVE_MINUTES)):
            if any(text in info for info in told.infos):
                return edge if edge >= self.lake.tiers.exact_since(at, size) else edge - edge % size
        return edge


def _values(answer: Answer) -> dict[Labels, float]:
    return dict(zip(answer.labels, answer.values[:, 0].tolist(), strict=True))


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """Eight days of two months, rolled up, of which nothing is gone yet."""
    made = Desk(tmp_path, request.param)
    yield made
    made.lake.close()


@pytest.mark.parametrize(
    "desk", [*range(4), *(pytest.param(seed, marks=pytest.mark.campaign) for seed in range(4, 40))], indirect=True
)
def test_no_answer_lacks_what_was_taken(desk: Desk) -> None:
    """Late samples, a class, the quota, damage, hours alone, restarts: from samples, from buckets, or some of each."""
    happened: list[str] = []
    for _ in range(14):
        happened.append(desk.something_happens())
        for ask in (desk.ask, desk.ask, desk.ask, desk.ask_on_the_hour) * 2:
            try:
                ask()
            except AssertionError as error:
                error.add_note(f"after {happened}")
                raise
