"""The one way in for samples: a bounded queue before one thread that appends many jobs and commits them together."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from nightdesk.clock import Clock
from nightdesk.errors import NightdeskError, Overloaded
from nightdesk.model.series import Appended, Batch
from nightdesk.seams.samples import SampleWriter
from nightdesk.workers import awaitable

Job = Callable[[SampleWriter], Batch]
Maintenance = Callable[[], bool]
"""One short step of housekeeping; True while there is more to do at once."""

MAX_JOBS: Final = 4_096
MAX_BYTES: Final = 64 * 1024 * 1024
_JOBS_A_COMMIT: Final = 256
"""More than this and the first job's answer would wait on the last's append."""
_IDLE_SECONDS: Final = 1.0
"""How often housekeeping is asked for when no job comes."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IngestCounts:
    """What the ingest thread has done since it started."""

    jobs: int = 0
    failed: int = 0
    """Jobs that ended with an error of their own, or whose commit failed."""
    samples: int = 0
    commits: int = 0
    overloaded: int = 0
    """Jobs refused because the queue was full."""


@dataclass(frozen=True, slots=True, eq=False)
class _Queued:
    job: Job
    size: int
    at: float
    future: "Future[Appended]"


class IngestThread:
    """An Intake: jobs run in order on one thread; a job's error reaches its own future and nobody else's."""

    def __init__(
        self,
        writer: SampleWriter,
        clock: Clock,
        *,
        maintenance: Maintenance | None = None,
        max_jobs: int = MAX_JOBS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """Take the writer, which belongs to this thread from `start` to `stop`, and the bounds of the queue."""
        self._writer, self._clock, self._maintenance = writer, clock, maintenance
        self._max_jobs, self._max_bytes = max_jobs, max_bytes
        self._queue: deque[_Queued] = deque()
        self._bytes = 0
        self._running: _Queued | None = None
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._counts = IngestCounts()

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="nightdesk-ingest", daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 10.0) -> bool:
        """Take no more jobs, finish the queued ones, and end; False if that took longer than `seconds`.

        Jobs that the deadline cut off end with Overloaded: they were never acknowledged.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(seconds)
        with self._changed:
            left, self._bytes = list(self._queue), 0
            self._queue.clear()
        for queued in left:
            if queued.future.set_running_or_notify_cancel():
                queued.future.set_exception(Overloaded("the desk is stopping; send again once it is back"))
        return self._thread is None or not self._thread.is_alive()

    def submit(self, job: Job, size: int) -> "Future[Appended]":
        """Queue a job of about `size` bytes; its future resolves once its batch is durable, or with the job's error.

        Raises:
            Overloaded: the queue is full by count or by bytes, or the desk is stopping; nothing was taken.
        """
        queued = _Queued(job, size, self._clock.boot(), Future())
        with self._changed:
            full = len(self._queue) >= self._max_jobs or (self._queue and self._bytes + size > self._max_bytes)
            if full or self._stopping:
                self._count(overloaded=1)
                raise Overloaded(f"{len(self._queue)} writes ({self._bytes} bytes) wait to be stored; send again later")
            self._queue.append(queued)
            self._bytes += size
            self._changed.notify()
        return queued.future

    @property
    def depth(self) -> int:
        """How many jobs wait."""
        return len(self._queue)

    @property
    def lag_seconds(self) -> float:
        """Age of the oldest job that is not yet durable; 0 with none."""
        with self._changed:
            oldest = self._running or (self._queue[0] if self._queue else None)
            return 0.0 if oldest is None else max(0.0, self._clock.boot() - oldest.at)

    @property
    def counts(self) -> IngestCounts:
        """What was done since the start."""
        return self._counts

    def _run(self) -> None:
        more_housekeeping = False
        while (taken := self._take(0.0 if more_housekeeping else _IDLE_SECONDS)) is not None:
            if taken:
                self._store(taken)
            more_housekeeping = self._keep_house()

    def _take(self, wait_seconds: float) -> list[_Queued] | None:
        """Return the jobs of one commit, none after a quiet wait, None once stopping with nothing left."""
        with self._changed:
            if not self._queue and not self._stopping:
                self._changed.wait(wait_seconds)
            if not self._queue:
                return None if self._stopping else []
            taken = [self._queue.popleft() for _ in range(min(len(self._queue), _JOBS_A_COMMIT))]
            self._running = taken[0]
            self._bytes -= sum(queued.size for queued in taken)
            return taken

    def _store(self, taken: list[_Queued]) -> None:
        """Append every job's batch, commit once, and answer each job; the answers come only after the commit."""
        answers: list[tuple[_Queued, Appended]] = []
        for queued in taken:
            if not queued.future.set_running_or_notify_cancel():
                continue  # whoever asked has gone before its turn came: nothing is taken
            try:
                answers.append((queued, self._writer.append(queued.job(self._writer))))
            except Exception as error:  # noqa: BLE001 - whatever a job raises belongs to its caller
                self._fail(queued, error)
        try:
            self._writer.commit()
        except Exception as error:  # noqa: BLE001 - none of these is durable: each caller must hear of it
            for queued, _ in answers:
                self._fail(queued, error)
        else:
            for queued, appended in answers:
                queued.future.set_result(appended)
            self._count(jobs=len(answers), samples=sum(appended.accepted for _, appended in answers), commits=1)
        with self._changed:
            self._running = None

    def _fail(self, queued: _Queued, error: Exception) -> None:
        if not isinstance(error, NightdeskError):
            _log.error("a write failed unexpectedly", exc_info=error)
        queued.future.set_exception(awaitable(error))
        self._count(jobs=1, failed=1)

    def _keep_house(self) -> bool:
        if self._maintenance is None:
            return False
        try:
            return self._maintenance()
        except NightdeskError as error:
            # A full disk or a damaged file must not end the way in; the store counts and reports it.
            _log.warning("housekeeping of the sample store failed: %s", error)
        except Exception:  # noqa: BLE001 - without this thread no sample would come in at all
            _log.exception("housekeeping of the sample store failed unexpectedly")
        return False

    def _count(
        self, *, jobs: int = 0, failed: int = 0, samples: int = 0, commits: int = 0, overloaded: int = 0
    ) -> None:
        with self._changed:
            was = self._counts
            self._counts = IngestCounts(
                was.jobs + jobs,
                was.failed + failed,
                was.samples + samples,
                was.commits + commits,
                was.overloaded + overloaded,
            )
