"""The result of a freqtrade back-test, `backtest-result-*.json` or the .zip around it: trades of each strategy."""

import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any, Final

from nightdesk.errors import BadPayload
from nightdesk.model.ledger import SetAside, StartingBalance
from nightdesk.model.money import EXACT
from nightdesk.model.trade import Direction, Mode, Origin, Portfolio, Trade
from nightdesk.trades.sources.cells import Instant, exact_float, instants, zone_of
from nightdesk.trades.sources.reading import Item, Reading, RowFault, Stated

SOURCE: Final = "freqtrade-backtest"
ZIP_MAGIC: Final = b"PK\x03\x04"
MOST_BYTES: Final = 1 << 30
UNREADABLE: Final = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError)
"""What broken JSON and broken archives raise; the last for nesting too deep, an unknown packing, or a password."""
BALANCE_ID: Final = "starting-balance"


class FreqtradeBacktest:
    """One file of back-test results, of one strategy or several."""

    def recognises(self, file: Path) -> bool:
        """Tell JSON by its first brace, a zip by its first bytes."""
        try:
            with file.open("rb") as stream:
                head = stream.read(64)
        except OSError:
            return False
        return head.startswith(ZIP_MAGIC) or head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{")

    def open(self, file: Path, stated: Stated) -> Reading:
        """Read the whole file. Raises BadPayload where it is no result of a back-test."""
        try:
            told = json.loads(_text(file), parse_float=Decimal)
        except UNREADABLE as error:
            raise BadPayload(f"{file} cannot be read as a back-test of freqtrade: {error}") from error
        strategies = told.get("strategy") if isinstance(told, dict) else None
        if not isinstance(strategies, dict) or not strategies:
            raise BadPayload(
                f'{file} is no back-test of freqtrade: it has no "strategy"; take the backtest-result file'
            )
        return Reading(SOURCE, _items(strategies, stated, file.name))


def _text(file: Path) -> bytes:
    """Return the JSON text; of a zip, the member that holds the results."""
    if not zipfile.is_zipfile(file):
        if file.stat().st_size > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
        return file.read_bytes()
    with zipfile.ZipFile(file) as packed:
        results = [
            member
            for member in packed.infolist()
            if member.filename.endswith(".json") and not member.filename.endswith("_config.json")
        ]
        for member in sorted(results, key=lambda member: len(member.filename)):
            if member.file_size > MOST_BYTES:
                raise ValueError(f"{member.filename} in it is larger than {MOST_BYTES:,} bytes")
            text = packed.read(member)
            if b'"strategy"' in text:
                return text
    raise ValueError("no member of the zip holds results")


def _items(strategies: Mapping[str, Any], stated: Stated, name: str) -> Iterator[Item]:
    for strategy, result in strategies.items():
        portfolio = stated.portfolio(strategy, Mode.BACKTEST)
        reader = _ResultReader(result, portfolio, stated.currency)
        yield from reader.balance()
        for number, trade in enumerate(reader.trades, start=1):
            try:
                yield reader.trade(trade)
            except RowFault as fault:
                yield SetAside(name, number, str(fault), json.dumps(trade, default=str))


class _ResultReader:
    """Reads the trades of one strategy."""

    def __init__(self, result: Any, portfolio: Portfolio, currency: str) -> None:
        told = result if isinstance(result, dict) else {}
        self._told, self._portfolio = told, portfolio
        self._currency = currency or str(told.get("stake_currency") or "")
        trades = told.get("trades")
        self.trades: list[Any] = trades if isinstance(trades, list) else []
        self._instant: Instant = instants("iso", zone_of("UTC"))
        self._seen: Counter[str] = Counter()

    def balance(self) -> Iterator[StartingBalance]:
        """Give out the balance that the back-test started with, where it says so."""
        told = self._told.get("starting_balance", self._told.get("dry_run_wallet"))
        if isinstance(told, int | Decimal) and not isinstance(told, bool):
            yield StartingBalance(Origin(self._portfolio, SOURCE, BALANCE_ID), Decimal(told), self._currency)

    def trade(self, told: Any) -> Trade:
        """Read one trade. Raises RowFault."""
        if not isinstance(told, dict):
            raise RowFault("a trade has to be an object")
        symbol, opened = str(told.get("pair") or ""), self._time(told, "open_date")
        closed = self._time(told, "close_date")
        if closed < opened:
            raise RowFault("close_date lies before open_date")
        direction = Direction.SHORT if told.get("is_short") else Direction.LONG
        quantity, entry, leave = (self._money(told, name) for name in ("amount", "open_rate", "close_rate"))
        if quantity <= 0:
            raise RowFault(f"amount is {quantity}; it has to be above zero")
        with localcontext(EXACT):
            fees = quantity * (entry * self._rate(told, "fee_open") + leave * self._rate(told, "fee_close"))
        ratio = told.get("profit_ratio")
        return Trade(
            Origin(self._portfolio, SOURCE, self._identity(f"{opened}/{symbol}/{direction.value}")),
            symbol,
            direction,
            quantity,
            entry,
            opened,
            self._currency,
            exit_price=leave,
            closed_at=closed,
            pnl=self._money(told, "profit_abs"),
            fees=fees,
            return_ratio=None if ratio is None else float(self._money(told, "profit_ratio")),
            tag=str(told.get("enter_tag") or ""),
            exit_reason=str(told.get("exit_reason") or told.get("sell_reason") or ""),
        )

    def _identity(self, made: str) -> str:
        """The same as the table of the same back-test gets, so that a file imported in both forms is one."""
        self._seen[made] += 1
        return f"{made}#{self._seen[made]}"

    def _rate(self, told: Mapping[str, Any], name: str) -> Decimal:
        return Decimal(0) if told.get(name) is None else self._money(told, name)

    def _money(self, told: Mapping[str, Any], name: str) -> Decimal:
        value = told.get(name)
        if value is None:
            raise RowFault(f"{name} is empty")
        try:
            return exact_float(str(value) if isinstance(value, Decimal) else value)
        except RowFault as fault:
            raise RowFault(f"{name}: {fault}") from None

    def _time(self, told: Mapping[str, Any], name: str) -> int:
        value = told.get(name)
        if not isinstance(value, str):
            raise RowFault(f"{name} is empty")
        try:
            return self._instant(value)
        except RowFault as fault:
            raise RowFault(f"{name}: {fault}") from None
