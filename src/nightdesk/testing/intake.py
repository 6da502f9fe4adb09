"""An intake without a queue: the fake of Intake."""

from collections.abc import Callable
from concurrent.futures import Future

from nightdesk.errors import Overloaded
from nightdesk.model.series import Appended, Batch
from nightdesk.seams.samples import SampleWriter


class InlineIntake:
    """Runs each job at once on the caller's thread and commits it; `full` makes it refuse."""

    def __init__(self, writer: SampleWriter) -> None:
        """Write to `writer`."""
        self._writer = writer
        self.full = False

    def submit(self, job: Callable[[SampleWriter], Batch], size: int) -> "Future[Appended]":
        """Run the job; the future is done when this returns. Raises Overloaded while `full`."""
        if self.full:
            raise Overloaded(f"a write of {size} bytes finds the queue full")
        future: Future[Appended] = Future()
        try:
            appended = self._writer.append(job(self._writer))
            self._writer.commit()
        except Exception as error:  # noqa: BLE001 - whatever a job raises belongs to its future
            future.set_exception(error)
        else:
            future.set_result(appended)
        return future
