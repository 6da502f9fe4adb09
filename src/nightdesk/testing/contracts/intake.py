"""What every intake guarantees."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np
import pytest

from nightdesk.errors import BadPayload, Overloaded
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.seams.samples import Intake, SampleWriter
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.samples import MemorySamples

SECONDS = 10.0
Job = Callable[[SampleWriter], Batch]


class IntakeContract(ABC):
    """Inherit, give `make` and `fill`."""

    @abstractmethod
    def make(self, samples: MemorySamples) -> AbstractContextManager[Intake]:
        """Open an intake that writes to `samples`."""

    @abstractmethod
    def fill(self, intake: Intake) -> None:
        """Bring the intake to where it has no room left."""

    def test_an_answered_job_is_stored_and_committed(self) -> None:
        """The future resolves after the commit, with what became of the batch."""
        samples = MemorySamples()
        with self.make(samples) as intake:
            appended = intake.submit(one_sample(1), 10).result(SECONDS)
            assert appended.accepted == 1
            assert samples.commits >= 1
            assert len(samples.select(named("up"), 0, 10, FreeBudget())) == 1

    def test_jobs_run_in_order(self) -> None:
        """Of two writes to one instant the later one wins."""
        samples = MemorySamples()
        with self.make(samples) as intake:
            futures = [intake.submit(one_sample(value), 10) for value in range(50)]
            for future in futures:
                future.result(SECONDS)
            (series,) = samples.select(named("up"), 0, 10, FreeBudget())
            assert series.values.tolist() == [49.0]

    def test_the_error_of_a_job_reaches_its_own_future_alone(self) -> None:
        """The jobs beside it are stored."""
        samples = MemorySamples()
        with self.make(samples) as intake:
            good, bad, other = (intake.submit(job, 10) for job in (one_sample(1), refused, one_sample(2)))
            with pytest.raises(BadPayload):
                bad.result(SECONDS)
            assert good.result(SECONDS).accepted == other.result(SECONDS).accepted == 1

    def test_a_full_queue_refuses_at_once(self) -> None:
        """Whoever sends hears of it and can send again."""
        with self.make(MemorySamples()) as intake:
            self.fill(intake)
            with pytest.raises(Overloaded):
                intake.submit(one_sample(1), 10)


def one_sample(value: float) -> Job:
    """Return a job that writes one sample at 1 ms."""

    def job(writer: SampleWriter) -> Batch:
        return Batch.at(np.array([writer.reference(Labels.of("up"))]), 1, np.array([float(value)]))

    return job


def refused(writer: SampleWriter) -> Batch:
    """Do what a job does that cannot read its body."""
    writer.reference(Labels.of("half_read"))
    raise BadPayload("it ends in the middle")
