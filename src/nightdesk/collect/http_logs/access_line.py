"""One line of an access log in the common or combined form of Apache and nginx."""

import re
from typing import Final

CODE_CLASSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx")

_STATUS: Final = re.compile(rb'[^"]*"(?:[^"\\]|\\.)*" ([1-5])\d\d(?: |$)')
"""Up to the first quote: host, user and time, in which servers escape quotes; then the request, with its own escapes;
then the status. No part can match in two ways, so it takes linear time on any line."""


def code_class(line: bytes) -> str | None:
    """Return the class of the status that a line tells of, `2xx` ...; None where it is no line of an access log."""
    found = _STATUS.match(line)
    return CODE_CLASSES[int(found.group(1)) - 1] if found else None
