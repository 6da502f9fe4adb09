"""Nothing dies unseen."""

import asyncio

import pytest

from nightdesk.app.supervisor import Supervisor
from nightdesk.testing.clock import ManualClock, settle


def test_a_crashed_task_is_logged_counted_and_started_again(caplog: pytest.LogCaptureFixture) -> None:
    """Pauses double from half a second; a task that ended by itself is started again as well."""

    async def scenario() -> None:
        clock = ManualClock()
        supervisor = Supervisor(clock)
        runs: list[float] = []

        async def task() -> None:
            runs.append(clock.boot())
            if len(runs) == 1:
                raise ValueError("on purpose")

        keeping = asyncio.ensure_future(supervisor.keep("collect", task))
        await clock.advance(0.5)
        assert [round(at - runs[0], 3) for at in runs] == [0.0, 0.5]
        await clock.advance(1.0)
        assert len(runs) == 3
        assert supervisor.crashes["collect"] == 3
        keeping.cancel()
        await settle()
        assert keeping.cancelled()

    asyncio.run(scenario())
    assert "task collect crashed" in caplog.text
    assert "on purpose" in caplog.text
    assert "ended by itself" in caplog.text
