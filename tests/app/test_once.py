"""Work whose result several wait for."""

import asyncio

from nightdesk.app.live.once import Once


def test_work_is_done_once_for_all_who_wait() -> None:
    """The second asker gets the result of the first one's work, even when the first has left meanwhile."""
    begun: list[int] = []

    async def scenario() -> None:
        once, go = Once[str](), asyncio.Event()

        async def work(number: int) -> str:
            begun.append(number)
            await go.wait()
            return f"by {number}"

        first = asyncio.ensure_future(once.of(work(1)))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(once.of(work(2)))
        await asyncio.sleep(0)
        first.cancel()
        go.set()
        assert await second == "by 1"
        assert await once.of(work(3)) == "by 1"

    asyncio.run(scenario())
    assert begun == [1]
