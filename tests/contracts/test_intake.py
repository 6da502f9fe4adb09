"""The socket Intake, on the inline fake and on the ingest thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from nightdesk.clock import SystemClock
from nightdesk.model.series import Batch
from nightdesk.seams.samples import Intake, SampleWriter
from nightdesk.store.ingest import IngestThread
from nightdesk.testing.contracts.intake import IntakeContract, one_sample
from nightdesk.testing.intake import InlineIntake
from nightdesk.testing.samples import MemorySamples


class TestInlineIntake(IntakeContract):
    @contextmanager
    def make(self, samples: MemorySamples) -> Iterator[Intake]:
        yield InlineIntake(samples)

    def fill(self, intake: Intake) -> None:
        assert isinstance(intake, InlineIntake)
        intake.full = True


class TestIngestThread(IntakeContract):
    @contextmanager
    def make(self, samples: MemorySamples) -> Iterator[Intake]:
        self.let_go = threading.Event()
        thread = IngestThread(samples, SystemClock(), max_jobs=64)
        thread.start()
        yield thread
        self.let_go.set()
        assert thread.stop()

    def fill(self, intake: Intake) -> None:
        running = threading.Event()

        def hold(writer: SampleWriter) -> Batch:
            running.set()
            self.let_go.wait(10)
            return one_sample(0)(writer)

        intake.submit(hold, 10)
        assert running.wait(10)
        for _ in range(64):
            intake.submit(one_sample(1), 10)
