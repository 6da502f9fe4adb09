"""Instants as people give them on the command line."""

import re
from typing import Final

from nightdesk.errors import BadInstant
from nightdesk.model.instant import parse_duration, parse_instant

_AGO: Final = re.compile(r"[0-9]+[a-z][0-9a-z]*")


def instant_of(text: str, now: int) -> int:
    """Read an instant (Unix seconds or RFC 3339), or a duration: so long before `now` (ms); the empty string is now.

    Raises:
        BadInstant, BadDuration: it is neither; the message says what would be right.
    """
    if not text:
        return now
    if _AGO.fullmatch(text):
        return now - parse_duration(text)
    try:
        return parse_instant(text)
    except BadInstant as error:
        raise BadInstant(text, "a duration: so long ago (90m)") from error
