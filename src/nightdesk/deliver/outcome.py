"""What became of one attempt inside a channel, before it has an instant."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nightdesk.deliver.render import plain
from nightdesk.model.notice import FailureReason

_LONGEST_DETAIL: Final = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """Taken by the other side where `failure` is None; `retry_after` in milliseconds, 0 where nothing was asked."""

    failure: FailureReason | None = None
    detail: str = ""
    retry_after: int = 0


TAKEN: Final = Outcome()


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a detail as one short line in which every secret is struck out, also where a server repeats it."""
    # The longest first: an address is struck out whole before the token in it is.
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return plain(text, _LONGEST_DETAIL)
