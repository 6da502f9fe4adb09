"""Logging of a desk: one line an event on standard error, in UTC, with levels of other libraries kept down."""

import logging
import time
from typing import Final

LINE: Final = "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(name)s: %(message)s"
QUIET: Final = ("httpx", "httpcore", "urllib3", "asyncio", "uvicorn", "apprise")
"""Libraries whose lower levels print addresses, headers or tokens (measured), or say what we say ourselves."""


def set_up_logs(level: int = logging.INFO) -> None:
    """Log to standard error from `level` on; other libraries from WARNING on, whatever the level."""
    handler = logging.StreamHandler()
    formatter = logging.Formatter(LINE, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
