"""What became of one attempt inside a channel, before it has an instant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nightdesk.deliver.render import plain
from nightdesk.model.instant import MINUTE, SECOND
from nightdesk.model.notice import FailureReason

_LONGEST_DETAIL: Final = 300
_LONGEST_RETRY_AFTER: Final = 15 * MINUTE
_STRUCK: Final = "***"
_LEAST_CUT: Final = 2
"""A single letter at the end gives nothing away, and would strike out the ends of words."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Taken by the other side where `failure` is None; `retry_after` in milliseconds, 0 where nothing was asked."""

    failure: FailureReason | None = None
    detail: str = ""
    retry_after: int = 0


TAKEN: Final = Outcome()


def retry_after(text: str) -> int:
    """Read seconds into milliseconds; a date or nonsense asks for nothing, our own schedule is slow enough."""
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return min(seconds * SECOND, _LONGEST_RETRY_AFTER)


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a detail as one short line in which every secret is struck out, also where a server repeats it.

    Letters count alike in both cases. A channel cuts what a server says: the beginning of a secret at the very end is
    struck out as well.
    """
    # The longest first: an address is struck out whole before the token in it is.
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = re.sub(re.escape(secret), _STRUCK, text, flags=re.IGNORECASE)
        if "://" not in secret:  # an address begins with its schema; what is secret in it is a piece of its own
            text = _without_cut(text, secret)
    return plain(text, _LONGEST_DETAIL)


def code_forms(code: str) -> tuple[str, ...]:
    """Return what gives the code of a test away: the whole, and each of its groups, however they are joined."""
    return (code, *code.split("-")) if code else ()


def _without_cut(text: str, secret: str) -> str:
    end = text.rstrip("…. ")
    for length in range(min(len(secret) - 1, len(end)), _LEAST_CUT - 1, -1):
        if end[-length:].lower() == secret[:length].lower():
            return end[:-length] + _STRUCK
    return text
