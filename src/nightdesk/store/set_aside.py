"""Setting damaged files aside: under what name they stay for whoever wants to look."""

import itertools
from pathlib import Path
from typing import Final

ASIDE: Final = ".damaged"
"""What follows the name of a file that was set aside; a number follows where that name was taken."""


def name_aside(file: Path) -> Path:
    """Return a name for a damaged file that no file has yet: `*.damaged`, then `*.damaged-2` and so on."""
    first = file.with_name(f"{file.name}{ASIDE}")
    others = (file.with_name(f"{first.name}-{number}") for number in itertools.count(2))
    return next(name for name in itertools.chain((first,), others) if not name.exists())
