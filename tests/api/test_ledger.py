"""The routes of the ledger over HTTP: rows in with the token, each once; trades, positions, holdings out."""

import json
from typing import Any

import pytest

from nightdesk.app.shapes.ledger import LedgerRows, rows_json
from nightdesk.model.instant import to_millis
from nightdesk.model.ledger import LedgerEntry, PriceMark, Selection, SetAside
from nightdesk.testing.ledger_rows import DAY, T0, a_fill, a_trade, in_portfolio, origin

ROWS: list[LedgerEntry] = [
    a_trade("1"),
    a_trade("2", "-1.25", closed_at=T0 + DAY),
    a_trade("3", closed_at=None),
    a_fill("f", quantity="0.1", portfolio=in_portfolio(bot="taker")),
    PriceMark(origin("p"), "GOOG", a_trade("3").entry_price + 2, "USD", T0),
]


ORIGIN = b'{"portfolio": {"account": "a", "bot": "", "mode": "live"}, "source": "s", "id": "1"}'


def post(rig: Any, body: bytes) -> Any:
    """Hand rows in, with the token."""
    headers = {"authorization": f"Bearer {rig.token}", "content-type": "application/json"}
    return rig.ask("POST", "/api/desk/ledger", headers=headers, content=body)


def test_rows_go_in_once_and_come_out_exactly(rig: Any) -> None:
    """What is sent twice is known; trades come newest first, money as number and as text."""
    aside = SetAside("a.csv", 2, "price is empty", "x,,1")
    body = rows_json(LedgerRows.of(ROWS, [aside]))
    assert post(rig, body).json() == {"added": 5, "known": 0, "corrected": 0, "set_aside": 1}
    assert post(rig, body).json() == {"added": 0, "known": 5, "corrected": 0, "set_aside": 1}
    assert rig.ledger.trades(Selection()) == ROWS[:3]
    answer = rig.ask("GET", "/api/desk/trades?limit=1").json()
    assert [(each["id"], each["pnl"], each["pnl_text"]) for each in answer["trades"]] == [("2", -1.25, "-1.25")]
    assert (answer["total"], answer["last_trade_at"]) == (2, to_millis(T0 + DAY))
    assert [each["bot"] for each in answer["open_trades"]] == ["maker", "taker"]
    assert rig.ask("GET", "/api/desk/ledger/set-aside").json()["rows"][0]["reason"] == "price is empty"
    assert [each["trades"] for each in rig.ask("GET", "/api/desk/ledger/holdings").json()["holdings"]] == [3, 0]


def test_a_selection_narrows(rig: Any) -> None:
    """Account, bot, mode and the interval [start, end) in ms count."""
    post(rig, rows_json(LedgerRows.of(ROWS, [])))
    end = to_millis(T0 + DAY)
    assert rig.ask("GET", f"/api/desk/trades?start={to_millis(T0)}&end={end}").json()["total"] == 1
    assert rig.ask("GET", "/api/desk/trades?mode=paper").json()["total"] == 0
    assert rig.ask("GET", "/api/desk/trades?bot=").json()["total"] == 0
    assert rig.ask("GET", "/api/desk/trades?bot=maker&account=main").json()["total"] == 2


def test_a_position_says_why_it_has_no_unrealised_pnl(rig: Any) -> None:
    """Where a price is known there is a figure, else null and the reason."""
    post(rig, rows_json(LedgerRows.of(ROWS, [])))
    priced, unpriced = rig.ask("GET", "/api/desk/positions").json()["positions"]
    assert (priced["unrealised_pnl_text"], priced["reason"]) == ("2", None)
    assert unpriced["unrealised_pnl"] is None
    assert "price" in unpriced["reason"]


def fill(**changes: Any) -> bytes:
    """Write one fill as JSON with something changed."""
    row = json.loads(rows_json(LedgerRows.of([a_fill("1")], [])))["fills"][0]
    return json.dumps({"fills": [{**row, **changes}]}).encode()


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"{", "JSON"),
        (b'{"fils": []}', "fils"),
        (fill(price="x"), "fills.0.price"),
        (fill(price="NaN"), "fills.0.price"),
        (fill(quantity="0"), "quantity"),
        (fill(side="hold"), "fills.0.side"),
        (fill(at=2**70), "at lies outside"),
        (b'{"return_marks": [{"origin": %s, "at": 1, "value": "NaN"}]}' % ORIGIN, "value"),
        (fill(origin={"portfolio": {"account": "a", "bot": "", "mode": "real"}, "source": "s", "id": "1"}), "mode"),
        (fill(origin={"portfolio": {"account": "", "bot": "", "mode": "live"}, "source": "s", "id": "1"}), "account"),
    ],
)
def test_rows_that_cannot_be_are_refused_whole(rig: Any, body: bytes, word: str) -> None:
    """A body with one impossible row is answered 400 with the place, and nothing of it is kept."""
    answer = post(rig, body)
    assert answer.status_code == 400
    assert word in answer.json()["error"]
    assert rig.ledger.holdings() == []


@pytest.mark.parametrize("query", ["mode=real", "start=x", "end=99999999999999999"])
def test_a_parameter_at_fault_is_named(rig: Any, query: str) -> None:
    """A question that cannot be read is refused with the parameter's name."""
    answer = rig.ask("GET", f"/api/desk/trades?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["error"]
