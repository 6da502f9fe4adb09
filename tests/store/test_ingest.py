"""The ingest thread: bounds, order of answer and commit, housekeeping between commits, a clean stop."""

import threading

import numpy as np
import pytest

from nightdesk.clock import SystemClock
from nightdesk.errors import CorruptData, DataFolderFull, Overloaded
from nightdesk.model.labels import Labels
from nightdesk.model.series import Appended, Batch
from nightdesk.seams.samples import SampleWriter
from nightdesk.store.ingest import IngestThread
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.contracts.intake import one_sample
from nightdesk.testing.samples import MemorySamples

SECONDS = 10.0


class Gate:
    """A job that waits until it is let go, so that a test can fill the queue behind it."""

    def __init__(self) -> None:
        """Start closed."""
        self.running, self.let_go = threading.Event(), threading.Event()

    def __call__(self, writer: SampleWriter) -> Batch:
        """Wait, then write one sample."""
        self.running.set()
        self.let_go.wait(SECONDS)
        return one_sample(0)(writer)


class FullDisk(MemorySamples):
    """A store whose commits find no room."""

    def commit(self) -> None:
        """Refuse."""
        raise DataFolderFull("no room")


class Watched(MemorySamples):
    """A store that writes down how many batches each commit covers."""

    def __init__(self) -> None:
        """Start with none."""
        super().__init__()
        self.batches = 0
        self.committed: list[int] = []

    def append(self, batch: Batch) -> Appended:
        """Count."""
        self.batches += 1
        return super().append(batch)

    def commit(self) -> None:
        """Write down the count."""
        super().commit()
        self.committed.append(self.batches)


def test_jobs_that_waited_share_one_commit() -> None:
    """A hundred jobs behind a slow one cost two commits, not a hundred."""
    store, gate = Watched(), Gate()
    thread = IngestThread(store, SystemClock())
    thread.start()
    first = thread.submit(gate, 1)
    assert gate.running.wait(SECONDS)
    futures = [thread.submit(one_sample(value), 1) for value in range(100)]
    gate.let_go.set()
    for future in [first, *futures]:
        future.result(SECONDS)
    assert store.committed == [1, 101]
    assert thread.counts.jobs == 101
    assert thread.counts.commits == 2
    assert thread.stop()


def test_the_queue_is_bounded_by_bytes() -> None:
    """A job that would pass the bound is refused; one of any size is taken by an empty queue."""
    gate = Gate()
    thread = IngestThread(MemorySamples(), SystemClock(), max_bytes=100)
    thread.start()
    thread.submit(gate, 1_000)
    assert gate.running.wait(SECONDS)
    last = thread.submit(one_sample(1), 60)
    with pytest.raises(Overloaded, match="send again"):
        thread.submit(one_sample(2), 60)
    assert (thread.depth, thread.counts.overloaded) == (1, 1)
    gate.let_go.set()
    assert last.result(SECONDS).accepted == 1
    assert thread.stop()


def test_a_commit_without_room_fails_every_job_of_it() -> None:
    """Nobody is told that a sample is safe when it is not."""
    thread = IngestThread(FullDisk(), SystemClock())
    thread.start()
    with pytest.raises(DataFolderFull):
        thread.submit(one_sample(1), 1).result(SECONDS)
    assert thread.counts.failed == 1
    assert thread.stop()


def test_a_job_whose_caller_has_gone_is_not_run() -> None:
    """A cancelled future keeps its sample out, and harms nobody else."""
    store, gate = MemorySamples(), Gate()
    thread = IngestThread(store, SystemClock())
    thread.start()
    thread.submit(gate, 1)
    assert gate.running.wait(SECONDS)
    gone = thread.submit(lambda writer: Batch.at(np.array([writer.reference(Labels.of("gone"))]), 1, np.ones(1)), 1)
    assert gone.cancel()
    after = thread.submit(one_sample(1), 1)
    gate.let_go.set()
    after.result(SECONDS)
    assert store.label_values("__name__", 0, 10, FreeBudget()) == ["up"]
    assert thread.stop()


def test_the_lag_is_the_age_of_the_oldest_job() -> None:
    """The job that runs counts too; an idle thread has none."""
    gate = Gate()
    thread = IngestThread(MemorySamples(), SystemClock())
    thread.start()
    assert thread.lag_seconds == 0.0
    future = thread.submit(gate, 1)
    assert gate.running.wait(SECONDS)
    first, second = thread.lag_seconds, thread.lag_seconds
    assert 0.0 < first < second
    gate.let_go.set()
    future.result(SECONDS)
    assert thread.stop()
    assert thread.lag_seconds == 0.0


def test_housekeeping_goes_on_at_once_while_it_has_more_and_survives_its_own_failures() -> None:
    """Steps follow each other without waiting for jobs; an error of one does not end the way in."""
    steps: list[int] = []
    done = threading.Event()

    def keep_house() -> bool:
        steps.append(len(steps))
        if len(steps) == 2:
            raise CorruptData("a day file is damaged")
        if len(steps) == 5:
            raise RuntimeError("a fault of ours")
        if len(steps) == 7:
            done.set()
        return True

    thread = IngestThread(MemorySamples(), SystemClock(), maintenance=keep_house)
    thread.start()
    for value in range(3):
        thread.submit(one_sample(value), 1).result(SECONDS)
    assert done.wait(SECONDS)
    assert thread.stop()


def test_a_stop_finishes_what_is_queued_and_takes_no_more() -> None:
    """Queued jobs are stored; later ones are refused."""
    store = MemorySamples()
    thread = IngestThread(store, SystemClock())
    futures = [thread.submit(one_sample(value), 1) for value in range(10)]
    thread.start()
    assert thread.stop()
    assert [future.result(SECONDS).accepted for future in futures] == [1] * 10
    with pytest.raises(Overloaded):
        thread.submit(one_sample(1), 1)


def test_a_stop_does_not_wait_for_ever() -> None:
    """A job that hangs costs its deadline; those behind it are told that nothing was taken."""
    gate = Gate()
    thread = IngestThread(MemorySamples(), SystemClock())
    thread.start()
    thread.submit(gate, 1)
    assert gate.running.wait(SECONDS)
    behind = thread.submit(one_sample(1), 1)
    assert not thread.stop(seconds=0.05)
    with pytest.raises(Overloaded):
        behind.result(SECONDS)
    gate.let_go.set()


def test_a_stop_iteration_of_a_job_comes_as_an_error_that_can_be_awaited() -> None:
    """A future of a loop, which most who write wait on, refuses StopIteration."""
    thread = IngestThread(MemorySamples(), SystemClock())
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="StopIteration"):
            thread.submit(lambda _writer: next(iter(())), 10).result(SECONDS)
    finally:
        assert thread.stop()
