"""Bodies on their way in: what the desk asks of a job that the intake runs."""

import asyncio
from collections import Counter
from concurrent.futures import Future
from contextlib import suppress
from typing import Final, Protocol

from nightdesk.errors import Overloaded
from nightdesk.model.instant import format_instant
from nightdesk.model.series import Appended, AppendRefusal, Batch, OutOfTime
from nightdesk.seams.samples import SampleWriter

_UNIT: Final = "; is it in another unit? text/plain and remote write have milliseconds, OpenMetrics has seconds"
_THOUSAND: Final = 1_000
_YEAR_2000: Final = 946_684_800_000
"""In ms: samples of computers are younger, and seconds read as milliseconds lie in January 1970."""
_END_OF_DATES: Final = 253_402_300_800_000
"""The year 10,000 in ms, which no calendar writes."""


class WriteJob(Protocol):
    """A body on its way in: a job for the intake that remembers what it had to leave out."""

    @property
    def size(self) -> int:
        """Bytes it takes once unpacked, as a queue should count it."""
        ...

    @property
    def told(self) -> tuple[Counter[AppendRefusal], str]:
        """Samples left out by reason, and the first refusal as a sentence."""
        ...

    def __call__(self, writer: SampleWriter) -> Batch:
        """Return the samples."""
        ...


class DecodeText(Protocol):
    """Makes the job for a body of text."""

    def __call__(self, body: bytes, encoding: str, at: int, *, open_metrics: bool) -> WriteJob:
        """Return the job; `at` (ms) is for lines without a timestamp, which OpenMetrics has in seconds."""
        ...


async def acknowledged(writing: "Future[Appended]", seconds: float) -> Appended:
    """Return what became of a write once it is durable; the end of this coroutine takes it back while it still waits.

    One future of the loop and one timer: that of `asyncio.wrap_future` inside `asyncio.timeout` cost an eighth of a
    small write. Raises Overloaded after `seconds`, and what the write raises.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Appended] = loop.create_future()

    def settle() -> None:
        if answer.done():
            return
        error = writing.exception()
        if error is None:
            answer.set_result(writing.result())
        else:
            answer.set_exception(error)

    def told(_: "Future[Appended]") -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle)

    writing.add_done_callback(told)
    deadline = loop.call_later(seconds, _give_up, answer)
    try:
        return await answer
    finally:
        deadline.cancel()
        writing.cancel()


def _give_up(answer: "asyncio.Future[Appended]") -> None:
    if not answer.done():
        answer.set_exception(Overloaded("the samples did not become durable in time: send them again"))


def untimely(out: OutOfTime) -> str:
    """Say which instant was not taken, beyond which bound it lies, and whether it looks like another unit of time."""
    if out.instant < out.earliest:
        bound = f"is older than {format_instant(out.earliest)}, as far back as desk.retention reaches"
        in_another_unit = [out.instant * _THOUSAND]
    else:
        bound = f"lies further ahead than {format_instant(out.latest)}, a day from now"
        in_another_unit = [out.instant // _THOUSAND, out.instant // _THOUSAND**2]
    is_likely = any(_YEAR_2000 <= each <= out.latest for each in in_another_unit)
    return f"{_named(out.instant)} {bound}{_UNIT if is_likely else ''}"


def _named(instant: int) -> str:
    return format_instant(instant) if 0 <= instant < _END_OF_DATES else f"the instant {instant} ms"
