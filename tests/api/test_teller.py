"""What followers hear while a part of the desk hangs."""

import asyncio
import threading
from typing import Any

import pytest

from nightdesk.app.live.broadcast import EventKind
from nightdesk.app.telling import teller
from nightdesk.app.telling.teller import Teller


def test_the_status_is_told_while_the_disk_hangs(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Vitals are read from the disk and may not come; a page must not take the desk for lost because of that."""
    monkeypatch.setattr(teller, "VITALS_SECONDS", 0.05)
    hangs = threading.Event()
    rig.chores.submit(lambda: hangs.wait(30))

    async def scenario() -> EventKind:
        listener = rig.desk.broadcast.join()
        telling = asyncio.ensure_future(Teller(rig.desk, rig.clock, 1.0).run())
        event = await listener.next(10)
        telling.cancel()
        return EventKind(event.kind)

    told = asyncio.run(scenario())
    hangs.set()
    assert told is EventKind.STATUS
