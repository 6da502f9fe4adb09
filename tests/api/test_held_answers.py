"""Whole answers wait for their clients within one bound."""

import asyncio
from typing import Any

import pytest

from nightdesk.api import held
from nightdesk.api.held import MOST_HELD, HeldAnswers
from nightdesk.api.message import PIECE, Response
from nightdesk.errors import Overloaded

LARGE = Response(200, b"x" * (MOST_HELD // 2))


def test_a_large_answer_goes_out_whole_and_piece_by_piece(rig: Any) -> None:
    """The client gets every byte, its length said before; no piece is large."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    body = bytes(range(256)) * 10_000
    waiting = HeldAnswers(rig.desk)
    asyncio.run(waiting.send(Response(200, body), send))
    assert dict(sent[0]["headers"])[b"content-length"] == str(len(body)).encode()
    assert b"".join(message["body"] for message in sent[1:]) == body
    assert [message.get("more_body", False) for message in sent[1:]] == [True] * (len(sent) - 2) + [False]
    assert max(len(message["body"]) for message in sent[1:]) <= PIECE
    assert waiting.bytes == 0


def test_clients_that_do_not_read_hold_no_more_than_the_bound(rig: Any) -> None:
    """Past it the next large answer is refused; what was taken counts no longer."""

    async def crowd() -> None:
        waiting, leave, taken = HeldAnswers(rig.desk), asyncio.Event(), list[Any]()

        async def never_taken(message: Any) -> None:
            if message["type"] == "http.response.body":
                await leave.wait()

        async def send(message: Any) -> None:
            taken.append(message)

        slow = [asyncio.ensure_future(waiting.send(LARGE, never_taken)) for _ in range(2)]
        await asyncio.sleep(0)
        assert waiting.bytes == MOST_HELD
        with pytest.raises(Overloaded):
            await waiting.send(LARGE, send)
        assert taken == []
        leave.set()
        await asyncio.gather(*slow)
        await waiting.send(LARGE, send)
        assert waiting.bytes == 0

    asyncio.run(crowd())


def test_an_answer_that_is_not_taken_is_cut_off(rig: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that takes a piece now and then holds it no longer than the deadline; that is counted."""
    monkeypatch.setattr(held, "SECONDS", 0.05)

    async def never_taken(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def ask() -> None:
        waiting = HeldAnswers(rig.desk)
        await waiting.send(LARGE, never_taken)
        assert waiting.bytes == 0

    asyncio.run(ask())
    assert rig.desk.answers_cut == 1
