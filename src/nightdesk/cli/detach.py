"""Starting a desk in the background: the same command without `--detach`, awaited until it is ready."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from nightdesk.cli.reach import RunningDesk
from nightdesk.errors import DeskUnreachable
from nightdesk.store.folder import DataFolder

READY_SECONDS: Final = 30.0
LOG_FILE: Final = "desk.log"
_POLL_SECONDS: Final = 0.05


def start_detached(data: Path) -> str:
    """Start this command again in a session of its own and return the desk's address once it is ready.

    A desk that runs on the folder already is left alone.

    Raises:
        DeskUnreachable: it ended, or was not ready in time; the message holds what it printed.
    """
    url = _ready_url(data)
    if url:
        return url
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = data / LOG_FILE
    command = [sys.executable, "-m", "nightdesk", *(word for word in sys.argv[1:] if word != "--detach")]
    with log.open("wb") as output:
        desk = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        url = _ready_url(data)
        if url:
            return url
        if desk.poll() is not None:
            raise DeskUnreachable(f"the desk ended with code {desk.returncode}:\n{log.read_text(errors='replace')}")
        time.sleep(_POLL_SECONDS)
    raise DeskUnreachable(f"the desk was not ready after {READY_SECONDS:g} s; see {log}")


def _ready_url(data: Path) -> str:
    """Return the address of the desk on a folder once it is ready, or the empty string."""
    url = DataFolder.read_address(data)
    return url if url and RunningDesk.at(data, url).is_ready() else ""
