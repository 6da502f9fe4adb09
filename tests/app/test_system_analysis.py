"""The figures of the system against the truth of a load generator, through the real store, with the desk stopped."""

import math
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.app.system_analysis import SystemAnalyst
from nightdesk.client.bounds import BOUNDS
from nightdesk.errors import Refused
from nightdesk.model.instant import DAY, HOUR, MINUTE, SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock

NOW = 1_763_856_000_000
START = NOW - DAY
STOP = (START + 20 * HOUR, START + 20 * HOUR + 15 * MINUTE)
RESTART = START + 10 * HOUR
"""When the bot's process was replaced: its counters begin anew."""
STEP = 30 * SECOND


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SampleStore]:
    """An empty store whose clock stands at the end of the day."""
    opened = SampleStore(tmp_path / "samples", clock=ManualClock(NOW), retention_ms=30 * DAY)
    yield opened
    opened.close()


def _write(store: SampleStore, labels: Labels, times: "np.typing.NDArray[np.int64]", values: object) -> None:
    """Store one series."""
    given = np.broadcast_to(np.asarray(values, dtype=np.float64), times.shape)
    refs = np.full(len(times), store.reference(labels), dtype=np.int64)
    taken = store.append(Batch(refs, times, np.ascontiguousarray(given)))
    assert taken.accepted == len(times)
    store.commit()


class Load:
    """A generator of calls that knows the truth: instants and durations of a day, and which failed."""

    def __init__(self, calls: int, seed: int) -> None:
        chance = np.random.default_rng(seed)
        self.at = np.sort(chance.integers(START + STEP, NOW - STEP, calls))
        self.seconds = np.clip(chance.lognormal(math.log(0.05), 0.8, calls), 2e-4, 90)
        self.failed = chance.random(calls) < 0.03

    def write(self, store: SampleStore, bot: str) -> None:
        """Tell it as a client does: totals of the process at each push, none while the desk is stopped."""
        pushes = np.arange(START, NOW, STEP, dtype=np.int64)
        pushes = pushes[(pushes < STOP[0]) | (pushes >= STOP[1])]
        buckets = np.array([bisect_left(BOUNDS, each) for each in self.seconds])
        about = {"job": "bot", "bot": bot, "operation": "decide"}
        for number, bound in enumerate([*BOUNDS, math.inf]):
            le = "+Inf" if math.isinf(bound) else repr(bound)
            self._tell(store, pushes, Labels.of("bot_call_duration_seconds_bucket", **about, le=le), buckets <= number)
        every = np.ones(len(self.at), dtype=bool)
        self._tell(store, pushes, Labels.of("bot_call_duration_seconds_count", **about), every)
        self._tell(store, pushes, Labels.of("bot_call_duration_seconds_sum", **about), every, self.seconds)
        self._tell(store, pushes, Labels.of("bot_call_errors_total", **about), self.failed)

    def _tell(
        self,
        store: SampleStore,
        pushes: "np.typing.NDArray[np.int64]",
        labels: Labels,
        chosen: "np.typing.NDArray[np.bool_]",
        weights: "np.typing.NDArray[np.float64] | None" = None,
    ) -> None:
        values = np.zeros(len(pushes))
        for life in (self.at < RESTART, self.at >= RESTART):
            # A process tells all it counted with its last push before it goes.
            amounts = np.where(chosen & life, 1.0 if weights is None else weights, 0.0)
            totals = np.concatenate(([0.0], np.cumsum(amounts)))
            mine = pushes >= RESTART if life[-1] else pushes < RESTART
            values[mine] = totals[np.searchsorted(self.at, pushes[mine], side="right")]
        last_before = np.flatnonzero(pushes < RESTART)[-1]
        amounts = np.where(chosen & (self.at < RESTART), 1.0 if weights is None else weights, 0.0)
        values[last_before] = amounts.sum()
        _write(store, labels, pushes, values)


def _desk_and_probe(store: SampleStore) -> None:
    """The desk's own sign of life every 5 s, and a probe every 15 s that found its target down for ten minutes."""
    own = np.arange(START, NOW, 5 * SECOND, dtype=np.int64)
    probes = np.arange(START, NOW, 15 * SECOND, dtype=np.int64)
    own, probes = (each[(each < STOP[0]) | (each >= STOP[1])] for each in (own, probes))
    _write(store, Labels.of("up", job="nightdesk", instance="box"), own, 1.0)
    _write(store, Labels.of("up", job="node", instance="box"), own, 1.0)
    is_down = (probes >= START + 5 * HOUR) & (probes < START + 5 * HOUR + 10 * MINUTE)
    _write(store, Labels.of("probe_success", job="probe", probe="broker", kind="http"), probes, ~is_down)
    count = np.arange(len(probes), dtype=np.float64)
    _write(store, Labels.of("probe_attempts_total", job="probe", probe="broker"), probes, count)
    _write(store, Labels.of("probe_failures_total", job="probe", probe="broker"), probes, np.cumsum(is_down))


@pytest.mark.parametrize("calls", [400, 6_000])
def test_a_day_with_the_desk_stopped_for_a_quarter_of_an_hour(store: SampleStore, calls: int) -> None:
    """Mean, error rate and counts are the generator's own, p95 to its bucket, uptime with the stop told apart."""
    load = Load(calls, seed=calls)
    load.write(store, "maker")
    _desk_and_probe(store)
    npu = np.arange(START, START + 2 * HOUR, MINUTE, dtype=np.int64)
    _write(store, Labels.of("npu_utilization", instance="box"), npu, np.linspace(10, 50, len(npu)))

    found = SystemAnalyst(store).analyse(START, NOW, FreeBudget())

    assert found.latency.requests == calls
    assert found.avg_response_time == pytest.approx(load.seconds.mean(), rel=1e-9)
    truth = float(np.sort(load.seconds)[math.ceil(0.95 * calls) - 1])
    p95 = found.latency.p95
    assert p95 is not None
    assert p95.low <= truth <= p95.high
    assert found.p95_response_time == pytest.approx(truth, rel=0.13)
    (operation,) = found.operations
    failed = float(load.failed.sum())
    assert (operation.bot, operation.failed) == ("maker", failed)
    bots, probes = found.failures
    assert [bots.source, bots.attempts, bots.failed] == ["bots", calls, failed]
    assert [probes.source, probes.failed] == ["probes", 40]
    assert found.error_rate == pytest.approx((failed + 40) / (calls + probes.attempts))
    means = {"npu": found.avg_npu_utilization, "gpu": found.avg_gpu_utilization}
    assert means == {"npu": pytest.approx(30), "gpu": None}
    assert found.reasons["avg_gpu_utilization"]
    (target,) = found.targets
    assert target.down == 10 * MINUTE
    assert target.unmonitored == target.desk_stopped == 15 * MINUTE
    assert target.up + target.down + target.unmonitored == DAY
    assert found.uptime_percentage == pytest.approx(100 * (DAY - 25 * MINUTE) / (DAY - 15 * MINUTE))
    assert found.stops == (STOP,)
    assert found.desk_stopped_seconds == 900
    assert found.uptime_of == "probes and scrape targets"


def test_a_window_that_begins_in_the_stop(store: SampleStore) -> None:
    """What a bot counted before the window is not counted in it, though nobody looked for a while."""
    pushes = np.array([START, START + 10 * HOUR, NOW - 10 * MINUTE, NOW - SECOND], dtype=np.int64)
    for name, values in (("count", [0, 1_000, 1_200, 1_210]), ("sum", [0, 100, 120, 130])):
        labels = Labels.of(f"bot_call_duration_seconds_{name}", job="bot", bot="a", operation="x")
        _write(store, labels, pushes, values)
    found = SystemAnalyst(store).analyse(NOW - HOUR, NOW, FreeBudget())
    assert found.latency.requests == 210
    assert found.avg_response_time == pytest.approx(30 / 210)


def test_nothing_known(store: SampleStore) -> None:
    """An empty store has no figures and a sentence for each; the whole window is a stop, and nothing is up."""
    found = SystemAnalyst(store).analyse(START, NOW, FreeBudget())
    assert set(found.reasons) == {
        "avg_response_time", "p95_response_time", "avg_npu_utilization", "avg_gpu_utilization", "error_rate",
        "uptime_percentage",
    }  # fmt: skip
    assert found.stops == ((START, NOW),)
    assert (found.targets, found.operations) == ((), ())


def test_only_this_machine(store: SampleStore) -> None:
    """Where nothing else is watched the uptime is this machine's, while somebody looked."""
    times = np.arange(START + HOUR, NOW, 5 * SECOND, dtype=np.int64)
    for job in ("nightdesk", "node", "bots"):
        _write(store, Labels.of("up", job=job, instance="box"), times, 1.0)
    found = SystemAnalyst(store).analyse(START, NOW, FreeBudget())
    assert (found.uptime_of, found.uptime_percentage) == ("this machine", 100.0)
    assert [each.unmonitored for each in found.targets] == [HOUR]
    assert found.stops == ((START, START + HOUR),)


def test_a_node_exporter_elsewhere_is_a_target(store: SampleStore) -> None:
    """The same job on another instance is no source of the desk's own."""
    times = np.arange(START, NOW, MINUTE, dtype=np.int64)
    for job, instance in (("nightdesk", "box"), ("node", "box"), ("node", "other:9100")):
        _write(store, Labels.of("up", job=job, instance=instance), times, 1.0)
    found = SystemAnalyst(store).analyse(START, NOW, FreeBudget())
    assert [each.target.get("instance") for each in found.targets] == ["other:9100"]


@pytest.mark.parametrize("window", [(NOW, NOW), (NOW, START), (NOW - 400 * DAY, NOW)])
def test_a_window_is_bounded(store: SampleStore, window: tuple[int, int]) -> None:
    """Neither nothing nor for ever."""
    with pytest.raises(Refused):
        SystemAnalyst(store).analyse(*window, FreeBudget())
