"""Days and the names of their files: a day is the number of UTC days since 1970-01-01."""

import datetime as dt
from pathlib import Path
from typing import Final

from nightdesk.model.instant import DAY

_EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()
FIRST_DAY: Final = 1 - _EPOCH_ORDINAL
LAST_DAY: Final = dt.date.max.toordinal() - _EPOCH_ORDINAL


def day_name(day: int) -> str:
    """Return the date of a day number, as its file is called: 0 is 1970-01-01."""
    return dt.date.fromordinal(day + _EPOCH_ORDINAL).isoformat()


def whole_name(day: int) -> str:
    """Return the name of a day's whole file: `2026-11-22.db`."""
    return f"{day_name(day)}.db"


def supplement_name(day: int, number: int) -> str:
    """Return the name of one of a day's supplements: `2026-11-22.7.db`."""
    return f"{day_name(day)}.{number}.db"


def is_whole_name(name: str) -> bool:
    """Tell the name of a whole file from that of a supplement."""
    return name.count(".") == 1


def day_of_file(path: Path) -> int | None:
    """Return the day number that a file's name begins with, None for other names."""
    try:
        return dt.date.fromisoformat(path.name.split(".")[0]).toordinal() - _EPOCH_ORDINAL
    except ValueError:
        return None


def day_bounds(day: int) -> tuple[int, int]:
    """Return the first and the last millisecond of a day."""
    return day * DAY, (day + 1) * DAY - 1
