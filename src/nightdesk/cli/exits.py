"""What each exit code of `nightdesk` means; scripts rely on them."""

from collections.abc import Mapping
from typing import Final

from nightdesk.errors import DeskUnreachable, Exceeded, NightdeskError, Refused, StoreError

FOUND: Final = 1
"""The command did its work, and what it found is bad news: `check` and `doctor`."""

_CODES: Final[Mapping[type[NightdeskError], int]] = {Refused: 2, DeskUnreachable: 3, StoreError: 4, Exceeded: 5}

MEANINGS: Final[Mapping[int, str]] = {
    0: "done",
    FOUND: "check or doctor found something wrong; or an error that is none of the following",
    2: "refused: the command line, a setting, a rule or a query is at fault, or unsafe",
    3: "no desk answers",
    4: "the data folder is at fault: busy, full, damaged or of a newer release",
    5: "a bound was reached: ask for less, or later",
    130: "interrupted",
}


def exit_code(error: NightdeskError) -> int:
    """Return the exit code for an error of ours."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), 1)
