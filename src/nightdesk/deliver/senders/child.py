"""The sender process: reads jobs from its standard input, answers on its standard output, one at a time.

It is started on demand, may hang in any step of a conversation, and is ended from outside when a deadline is over. At
the end of its input it finishes the message in hand and leaves, so a desk that was killed leaves nothing behind.
"""

import os
import signal
import sys
from typing import Final

from nightdesk.deliver.outcome import Outcome, code_forms, redacted
from nightdesk.deliver.senders.table import deliver
from nightdesk.deliver.senders.wire import Job, dump_outcome, load_job
from nightdesk.model.notice import FailureReason

_SHARE_OF_A_STEP: Final = 0.8
"""A single step that takes this share of the deadline is given up here, where it is known which step it was."""
_GRACE_SECONDS: Final = 2.0


def main() -> None:
    """Serve jobs until the input ends."""
    # The terminal's Ctrl-C is for the desk, which finishes what is in hand and then closes our input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while line := sys.stdin.buffer.readline():
        job = load_job(line)
        _end_by_itself_after(job.seconds + _GRACE_SECONDS)
        outcome = attempt(job)
        _end_by_itself_after(0)
        try:
            os.write(sys.stdout.fileno(), dump_outcome(outcome))
        except BrokenPipeError:
            return  # the desk has gone; its next start sends this message again, under the same key


def attempt(job: Job) -> Outcome:
    """Carry a job out; a bug of ours is an outcome too, and neither a secret nor a test's code is in what it says."""
    try:
        outcome = deliver(job.settings, job.notice, job.place, job.seconds * _SHARE_OF_A_STEP)
    except Exception as error:  # noqa: BLE001 - the border of the process: the desk must learn why
        outcome = Outcome(FailureReason.CRASHED, f"{type(error).__name__}: {error}")
    secrets = (*job.settings.secrets(), *code_forms(job.notice.code))
    return Outcome(outcome.failure, redacted(outcome.detail, secrets), outcome.retry_after)


def _end_by_itself_after(seconds: float) -> None:
    """Have the system end this process (0: no longer): with the desk dead, nobody else ends a hung conversation."""
    if hasattr(signal, "setitimer"):  # Windows has none
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main()
