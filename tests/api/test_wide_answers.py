"""Wide answers go out in parts: the same bytes, bounded memory, an end when the client leaves."""

import asyncio
import gzip
from collections.abc import Iterator
from typing import Any

import cramjam
import numpy as np
import orjson
import pytest

from nightdesk.api.encodings import chosen, pack
from nightdesk.api.message import PIECE, Parts, Request, Response
from nightdesk.api.prometheus.answers import WIDE_BYTES
from nightdesk.api.prometheus.encode import instant_parts, range_parts, range_rows
from nightdesk.api.refusals import answer_error
from nightdesk.api.wide import MOST_AT_ONCE, WideAnswers
from nightdesk.clock import Deadline
from nightdesk.errors import QueryTimeout
from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE
from nightdesk.query.answer import Answer
from nightdesk.query.limits import Limits, QueryBudget
from nightdesk.testing.builders import FreeBudget, a_series
from nightdesk.testing.clock import ManualClock

AT = 1_700_000_000_000
STEPS = 5_000
PATH = "/api/v1/query_range"
QUERY = "query=m&start=0&end=4999&step=1"


def _wide(series: int = 100) -> Answer:
    """Return a matrix with holes, one series of which is empty."""
    values = np.random.default_rng(3).normal(size=(series, STEPS))
    present = np.ones(values.shape, dtype=np.bool_)
    present[1] = False
    present[2, ::2] = False
    labels = [Labels.of("m", n=f"{row:04}") for row in range(series)]
    return Answer("matrix", np.arange(STEPS) * 1000, labels, values, present, warnings=["w"])


@pytest.mark.parametrize("limit", [0, 3, 70])
@pytest.mark.parametrize("encoding", ["identity", "gzip", "zstd"])
def test_a_wide_answer_says_what_a_small_one_would(rig: Any, encoding: str, limit: int) -> None:
    """Byte for byte what one body would hold, packed or not, cut or not."""
    answer = rig.engine.answer = _wide()
    told = rig.ask("GET", f"{PATH}?{QUERY}&limit={limit}", headers={"accept-encoding": encoding})
    assert told.status_code == 200
    assert ("content-length" in told.headers) is (limit == 3), "what a limit leaves may be small"
    assert told.headers.get("content-encoding", "identity") == encoding
    body = bytes(cramjam.zstd.decompress(told.content)) if encoding == "zstd" else told.content
    assert body == b"".join(range_parts(answer, FreeBudget(), limit))
    assert ("results truncated due to limit" in orjson.loads(body)["warnings"]) is (limit > 0)


def test_pieces_stay_small(rig: Any) -> None:
    """No piece has more than the bound and one series, however wide the answer is."""
    rig.engine.answer = _wide()
    sent = _pieces(rig)
    assert len(sent) > 5
    assert max(map(len, sent)) < PIECE + 30 * STEPS


def _pieces(rig: Any) -> list[bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(rig.front(_scope(), _receiver(), send))
    assert sent[-1] == {"type": "http.response.body", "body": b""}
    return [message["body"] for message in sent[1:]]


def _scope(more: str = "") -> dict[str, Any]:
    scope = {"type": "http", "method": "GET", "path": PATH, "query_string": (QUERY + more).encode()}
    return {**scope, "headers": [(b"host", b"localhost")]}


def _receiver(leave: asyncio.Event | None = None) -> Any:
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await (leave or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    return receive


def test_it_ends_when_the_client_leaves(rig: Any) -> None:
    """After the client has gone no further series is written."""
    rig.engine.answer = _wide()
    sent: list[Any] = []

    async def leave_early() -> None:
        leave = asyncio.Event()

        async def send(message: Any) -> None:
            sent.append(message)
            if len(sent) == 3:
                leave.set()
                await asyncio.sleep(0)

        await rig.front(_scope(), _receiver(leave), send)

    asyncio.run(leave_early())
    assert 3 <= len(sent) <= 5
    assert len(_pieces(rig)) > 8, "the next client is served"


def test_clients_that_do_not_read_hold_few_answers(rig: Any) -> None:
    """Past the bound the next wide answer is refused with 503, small ones are still given."""
    rig.engine.answer = _wide()

    async def crowd() -> list[Any]:
        leave, sent = asyncio.Event(), list[Any]()

        async def never_taken(message: Any) -> None:
            if message["type"] == "http.response.body":
                await leave.wait()

        async def send(message: Any) -> None:
            sent.append(message)

        # One after the other: two queries run at a time and one may wait.
        slow = []
        for number in range(MOST_AT_ONCE):
            slow.append(asyncio.ensure_future(rig.front(_scope(), _receiver(leave), never_taken)))
            async with asyncio.timeout(20):
                while rig.front.wide_answers <= number:  # noqa: ASYNC110 - what is awaited happens on another thread
                    await asyncio.sleep(0.001)
        await rig.front(_scope(), _receiver(), send)
        leave.set()
        await asyncio.gather(*slow)
        return sent

    refused = asyncio.run(crowd())
    assert refused[0]["status"] == 503
    assert dict(refused[0]["headers"])[b"retry-after"] == b"5"
    assert rig.front.wide_answers == 0


def test_a_wide_answer_ends_with_its_deadline(rig: Any) -> None:
    """A client that does not take its answer is cut off when the time of its question is over; that is counted."""
    rig.engine.answer = _wide()
    sent: list[Any] = []

    async def taken_once(message: Any) -> None:
        sent.append(message)
        if len(sent) > 2:
            await asyncio.Event().wait()

    async def ask() -> None:
        async with asyncio.timeout(20):
            await rig.front(_scope("&timeout=2s"), _receiver(), taken_once)

    asyncio.run(ask())
    assert [message.get("more_body") for message in sent[1:]] == [True, True], "never ended as if it were whole"
    assert rig.desk.answers_cut == 1
    assert rig.front.wide_answers == 0


def test_the_deadline_covers_the_writing(rig: Any) -> None:
    """Once it has passed no further piece is made, though the client takes whatever comes."""
    clock = ManualClock(0)
    budget = QueryBudget(Limits(seconds=8), clock)
    answer = _wide()

    def passing() -> Iterator[bytes]:
        for number, row in enumerate(range_rows(answer, budget)):
            clock.jump(1.0 if number else 0.0)
            yield row

    sent = _told(rig, Parts(passing(), budget.deadline))
    assert sent[-1]["more_body"], "it is cut"
    assert sum(message["body"].count(b"metric") for message in sent[1:]) == 9
    assert rig.desk.answers_cut == 1


def test_past_the_deadline_before_the_first_byte_it_is_refused(rig: Any) -> None:
    """A question whose time is over before anything was sent is refused as any other: nothing is on its way."""
    clock = ManualClock(0)
    budget = QueryBudget(Limits(seconds=8), clock)
    rows = range_rows(_wide(), budget)
    clock.jump(9)
    with pytest.raises(QueryTimeout):
        _told(rig, Parts(rows, budget.deadline))
    assert rig.desk.answers_cut == 0
    assert answer_error(QueryTimeout("late")).status == 503


def test_wide_answers_take_turns(rig: Any) -> None:
    """One piece of each in turn: a short one is whole long before a long one that came first."""
    made: list[str] = []

    def pieces(name: str, count: int) -> Iterator[bytes]:
        for _ in range(count):
            made.append(name)
            yield b"x" * PIECE

    async def both() -> None:
        wide = WideAnswers(rig.desk)

        def going(name: str, count: int) -> Any:
            parts = Parts(pieces(name, count), Deadline(rig.clock, 60))
            return wide.send(parts, Response(200, parts=parts), Request("GET", PATH), _receiver(), _taken)

        await asyncio.gather(going("long", 50), going("short", 5))

    asyncio.run(both())
    assert made.index("short") <= 2
    assert len(made[: len(made) - made[::-1].index("short")]) <= 12


def _told(rig: Any, parts: Parts) -> list[Any]:
    """Send parts to a client that takes all of them; return what it was sent."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def tell() -> None:
        wide = WideAnswers(rig.desk)
        await wide.send(parts, Response(200, parts=parts), Request("GET", PATH), _receiver(), send)

    asyncio.run(tell())
    return sent


async def _taken(message: Any) -> None:
    """Take whatever is sent."""


def test_a_wide_vector_goes_out_in_parts(rig: Any) -> None:
    """An instant vector of many series says what one body would, and so do raw samples of a long series."""
    count = WIDE_BYTES // 40
    vector = Answer(
        "vector",
        np.array([AT]),
        [Labels.of("m", n=str(row)) for row in range(count)],
        np.arange(count, dtype=np.float64)[:, None],
        np.arange(count)[:, None] % 3 > 0,
    )
    series = a_series(
        Labels.of("m"), *((AT + 500 * n, STALE if n % 7 == 3 else n / 3) for n in range(WIDE_BYTES // 20))
    )
    for answer in (vector, Answer("matrix", np.array([AT]), series=[series])):
        rig.engine.answer = answer
        told = rig.ask("GET", "/api/v1/query?query=m", headers={"accept-encoding": "identity"})
        assert "content-length" not in told.headers
        assert told.content == b"".join(instant_parts(answer, FreeBudget()))
        assert orjson.loads(told.content)["status"] == "success"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0, gzip;q=0.8", "gzip"),
        ("gzip;q=0.0", ""),
        ("identity", ""),
        ("*", ""),
        ("", ""),
    ],
)
def test_the_encoding_is_one_that_the_client_takes(accepted: str, encoding: str) -> None:
    """Zstd before gzip; what has weight 0 is refused by the client."""
    assert chosen(accepted) == encoding


def test_packing_loses_nothing() -> None:
    """Both packings give the bytes back."""
    body = b"a body " * 10_000
    assert gzip.decompress(pack(body, "gzip")) == body == bytes(cramjam.zstd.decompress(pack(body, "zstd")))
