"""What takes long with thousands of alerts is done off the event loop, and once."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from nightdesk.app.live.broadcast import Event, EventKind
from nightdesk.model.alert import Alert, AlertState
from nightdesk.testing.builders import an_alert


class Watched(list[Alert]):
    """Alerts that note which threads walk over them, and how often."""

    def __init__(self) -> None:
        """Hold one alert."""
        super().__init__([an_alert("Hot", AlertState.FIRING)])
        self.walks: list[str] = []

    def __iter__(self) -> Iterator[Alert]:
        self.walks.append(threading.current_thread().name)
        return super().__iter__()


@pytest.mark.parametrize("path", ["/api/desk/alerts", "/api/desk/status", "/api/v1/alerts", "/api/v1/rules"])
def test_alerts_are_never_walked_on_the_event_loop(rig: Any, path: str) -> None:
    """JSON of ten thousand alerts takes half a second: scrapes and the courier do not wait for it."""
    rig.live = Watched()
    assert rig.ask("GET", path).is_success
    assert set(rig.live.walks) == {"scribe-0"}


def test_an_event_is_written_once_however_many_follow(rig: Any) -> None:
    """Thirty-two followers cost what one does."""
    rig.live = Watched()

    async def follow() -> set[bytes]:
        event = Event(EventKind.ALERTS, 5, rig.desk.alerts_now)
        return set(await asyncio.gather(*(rig.desk.written(event) for _ in range(32))))

    (text,) = asyncio.run(follow())
    assert b"Hot" in text
    assert rig.live.walks == ["scribe-0"]
