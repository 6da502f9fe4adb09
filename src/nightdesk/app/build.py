"""Which build of the page this desk serves."""

from importlib.resources import files
from typing import Final

from nightdesk import __version__

DIGITS: Final = 12


def build_id() -> str:
    """Return the release and the digest of the page's sources; pages that were loaded from another build reload.

    Where no page was built the release alone.
    """
    stamp = files("nightdesk") / "static" / ".stamp"
    return f"{__version__}+{stamp.read_text(encoding='ascii').strip()[:DIGITS]}" if stamp.is_file() else __version__
