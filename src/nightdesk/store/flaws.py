"""What bytes that have passed no check yet can raise while they are read."""

import struct
from typing import Final

from nightdesk.errors import CorruptData

FLAWS: Final = (CorruptData, TypeError, ValueError, AttributeError, LookupError, ArithmeticError, struct.error)
"""SQLite keeps any type in any column, so before its checksum is known a field may be anything, NULL among it.

To be caught only around the reading of one row: further out they would hide our own bugs.
"""
