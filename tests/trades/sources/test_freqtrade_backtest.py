"""A freqtrade back-test as JSON or packed: each strategy's trades, its first balance, what cannot be read set aside."""

import json
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nightdesk.errors import BadPayload
from nightdesk.model.ledger import StartingBalance
from nightdesk.model.trade import Direction, Trade
from nightdesk.testing.trade_files import read, written
from nightdesk.trades.sources.reading import Stated


def a_result(**changes: Any) -> dict[str, Any]:
    """Build one trade of a back-test."""
    return {
        "pair": "BTC/USDT",
        "amount": 2.0,
        "open_date": "2024-01-01 00:00:00+00:00",
        "close_date": "2024-01-02 00:00:00+00:00",
        "open_rate": 100.0,
        "close_rate": 110.0,
        "fee_open": 0.001,
        "fee_close": 0.001,
        "profit_ratio": 0.0978,
        "profit_abs": 0.30000000000000004,
        "is_short": False,
        **changes,
    }


def told(*trades: dict[str, Any], **strategies: list[dict[str, Any]]) -> str:
    """Write a result of the strategy `Maker`, and of others."""
    named = {"Maker": list(trades), **strategies}
    return json.dumps(
        {
            "strategy": {
                name: {"trades": rows, "stake_currency": "USDT", "starting_balance": 1000}
                for name, rows in named.items()
            }
        }
    )


def test_trades_of_each_strategy(tmp_path: Path) -> None:
    """A strategy is a bot; its P&L is net money to the digit; the balance is its own word; all of it is back-test."""
    file = written(tmp_path, told(a_result(), Taker=[a_result(is_short=True)]), "backtest-result.json")
    entries, aside, _ = read(file)
    balances = [entry for entry in entries if isinstance(entry, StartingBalance)]
    maker, taker = [entry for entry in entries if isinstance(entry, Trade)]
    assert aside == []
    assert (maker.pnl, maker.fees, maker.currency) == (Decimal("0.30000000000000004"), Decimal("0.42"), "USDT")
    assert (maker.origin.portfolio.bot, maker.origin.portfolio.mode) == ("Maker", "backtest")
    assert (taker.origin.portfolio.bot, taker.direction) == ("Taker", Direction.SHORT)
    assert [balance.amount for balance in balances] == [Decimal(1000), Decimal(1000)]


def test_a_zip_holds_the_results_among_other_files(tmp_path: Path) -> None:
    """The member with the strategies is taken, not the bot's settings beside it."""
    file = tmp_path / "backtest-result.zip"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("backtest-result_config.json", '{"strategy": "Maker"}')
        packed.writestr("backtest-result_Maker.py", "class Maker: ...")
        packed.writestr("backtest-result.json", told(a_result()))
    assert len(read(file)[0]) == 2


def test_json_and_table_of_one_back_test_are_the_same_trades(tmp_path: Path) -> None:
    """A trade has one identity in both forms, so that importing both doubles nothing."""
    table = "pair,amount,open_date,close_date,open_rate,close_rate,fee_open,fee_close,profit_ratio,profit_abs,is_short,"
    row = "BTC/USDT,2,2024-01-01 00:00:00+00:00,2024-01-02 00:00:00+00:00,100,110,0.001,0.001,0.0978,0.3,False,,roi"
    header = table + "enter_tag,exit_reason"
    (_, of_json), _, _ = read(written(tmp_path, told(a_result()), "a.json"))
    (of_table,), _, _ = read(written(tmp_path, f"{header}\n{row}\n"), Stated(bot="Maker"))
    assert of_json.origin == of_table.origin


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"profit_abs": None}, "profit_abs is empty"),
        ({"open_rate": "x"}, "open_rate: 'x' is not a number"),
        ({"amount": 0.0}, "amount is 0.0"),
        ({"open_date": "2024-01-03 00:00:00+00:00"}, "close_date lies before open_date"),
        ({"close_date": 7}, "close_date is empty"),
    ],
)
def test_a_trade_that_cannot_be_is_set_aside(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    """Its number and reason are kept, the others are read."""
    entries, aside, _ = read(written(tmp_path, told(a_result(), a_result(**change)), "a.json"))
    assert len(entries) == 2
    assert [(row.row, row.reason.startswith(reason)) for row in aside] == [(2, True)]


@pytest.mark.parametrize("text", ["{", '{"latest_backtest": "a.json"}', '{"strategy": {}}', '{"strategy": []}'])
def test_other_json_is_refused(tmp_path: Path, text: str) -> None:
    """What is no result of a back-test says so."""
    with pytest.raises(BadPayload, match="back-test"):
        read(written(tmp_path, text, "a.json"))
