"""When a message is tried again, and when it is given up."""

from dataclasses import dataclass

from nightdesk.model.instant import DAY, MINUTE, SECOND
from nightdesk.model.notice import LONGEST_WAIT, Attempt, NoticeReason, OutboxEntry


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits that double from `first` to `longest`, both in ms. One desk is no crowd, so there is no jitter."""

    first: int = 5 * SECOND
    longest: int = 5 * MINUTE
    give_up_after: int = DAY
    """Age of a message, in ms, from which a failure is its last."""
    refused_attempts: int = 6
    """A refusal that only a person can change is final after so many, 2.5 minutes from the first to the last: what
    answers 404 may be about to be installed anew."""
    least_attempts: int = 20
    """No message is given up before, so that a wall clock that jumps a day ahead gives up nothing."""

    def next_at(self, entry: OutboxEntry, attempt: Attempt) -> int | None:
        """Return when to try again after a failed attempt, None for never."""
        if attempt.failure is None or entry.notice.reason is NoticeReason.TEST:
            return None  # a person waits for a test, and repeats it when it suits them
        made = entry.attempts + 1
        if attempt.failure.is_final and made >= self.refused_attempts:
            return None
        if made >= self.least_attempts and attempt.at - entry.notice.created_at >= self.give_up_after:
            return None
        wait = min(self.first << min(made - 1, 30), self.longest)
        return attempt.at + min(max(wait, attempt.retry_after), LONGEST_WAIT)
