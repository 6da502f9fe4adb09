"""The console: one line an alert on the standard error stream that the sender process shares with the desk."""

import os
import sys
from typing import Final

from nightdesk.deliver.outcome import TAKEN, Outcome
from nightdesk.deliver.render import Place, lines
from nightdesk.deliver.settings.channels import ConsoleSettings
from nightdesk.model.alert import Severity
from nightdesk.model.notice import FailureReason, Notice, NoticeReason

_PLAIN: Final = "\x1b[0m"
_COLOUR: Final = {Severity.CRITICAL: "\x1b[1;31m", Severity.WARNING: "\x1b[33m", Severity.INFO: "\x1b[36m"}
_RESOLVED: Final = "\x1b[32m"


def deliver(settings: ConsoleSettings, notice: Notice, place: Place, seconds: float) -> Outcome:  # noqa: ARG001 - the shape of a channel
    """Print the notice; a terminal that takes no more bytes is the deadline's business."""
    text = "".join(f"{line}\n" for line in painted(notice, place, colour=_wants_colour()))
    try:
        _write(text.encode("utf-8", "replace"))
    except OSError as error:
        return Outcome(FailureReason.UNREACHABLE, f"standard error cannot be written: {error.strerror}")
    return TAKEN


def painted(notice: Notice, place: Place, *, colour: bool) -> list[str]:
    """Return the lines, in the colour of the severity; whatever came in labels has lost its control characters."""
    if not colour:
        return lines(notice, place)
    paint = _RESOLVED if notice.reason is NoticeReason.RESOLVED else _COLOUR[notice.severity]
    return [f"{paint}{line}{_PLAIN}" for line in lines(notice, place)]


def _wants_colour() -> bool:
    return not os.environ.get("NO_COLOR") and os.isatty(sys.__stderr__.fileno() if sys.__stderr__ else 2)


def _write(data: bytes) -> None:
    """Write all, past Python's buffers, so that an error shows here and not at exit."""
    while data:
        data = data[os.write(2, data) :]
