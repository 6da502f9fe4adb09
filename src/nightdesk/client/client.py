"""The client as the bot holds it: every call returns at once, and none raises, whatever it is given."""

from __future__ import annotations

import os
import sys

from nightdesk.client.identity import Identity
from nightdesk.client.losses import Loss, Losses
from nightdesk.client.lost import LostCounter, LostGauge, LostHistogram
from nightdesk.client.mailbox import MOST_ENTRIES, MOST_EVENTS, Mailbox
from nightdesk.client.metrics import Counter, Gauge
from nightdesk.client.names import clean_labels, clean_word
from nightdesk.client.process import follow, leave
from nightdesk.client.registry import Registry
from nightdesk.client.rows import event_row, instant, row
from nightdesk.client.timing import Timer

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs a bot seven milliseconds of its start
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any, Self

    from nightdesk.client.flusher import Flusher
    from nightdesk.client.rows import Moment, Number
    from nightdesk.client.sender import Transport

EXIT_SECONDS = 1.0
"""How long the end of the process may wait for the last push."""


class Client:
    """One bot's line to the desk. Make it with `connect`, or with a transport of your own.

    Every method but `flush` and `close` returns within microseconds and raises nothing, whatever values it is given (a
    keyword that a method does not have is a mistake in the program, and Python's own TypeError). What could not be kept
    is counted by kind (`lost`), logged once a kind, and told to the desk as `bot_client_dropped_total`.
    """

    def __init__(
        self,
        transport: Transport | None,
        *,
        bot: str,
        account: str = "main",
        mode: str = "live",
        labels: Mapping[str, object] | None = None,
    ) -> None:
        """Start the flusher; without a transport everything is counted in memory and told to nobody."""
        self._losses = Losses()
        self._registry = Registry(self._losses)
        self._counters, self._gauges = self._registry.known[Counter], self._registry.known[Gauge]
        self._ledger = Mailbox(self._losses, MOST_ENTRIES)
        self._events = Mailbox(self._losses, MOST_EVENTS)
        self._account, self._mode = clean_word(account), clean_word(mode)
        self._identity = Identity(clean_word(bot), dict(clean_labels(dict(labels or {}), self._losses)))
        self._transport, self._is_closed = transport, False
        self._flusher = self._new_flusher()
        follow(self)

    # ------------------------------------------------------------ count and measure

    def counter(self, name: str, **labels: object) -> Counter:
        """Return a counter; keep it, or ask again each time: both cost well below two microseconds.

        >>> client.counter("orders_sent_total", venue="kraken").add()
        """
        found: Counter | None
        try:
            found = self._counters.get((name, *labels.items()))
            return found or self._registry.counter(name, labels)
        except Exception:  # noqa: BLE001 - never raise into the bot; it is counted
            return LostCounter(name, self._losses, Loss.BAD_LABEL)

    def gauge(self, name: str, **labels: object) -> Gauge:
        """Return a gauge.

        >>> client.gauge("queue_depth").set(12)
        """
        found: Gauge | None
        try:
            found = self._gauges.get((name, *labels.items()))
            return found or self._registry.gauge(name, labels)
        except Exception:  # noqa: BLE001 - never raise into the bot; it is counted
            return LostGauge(name, self._losses, Loss.BAD_LABEL)

    def timer(self, name: str, **labels: object) -> Timer:
        """Return a timer, kept as the histogram `<name>_seconds`; decorates functions and coroutines, or times a block.

        >>> with client.timer("features"):
        ...     compute()
        """
        try:
            return Timer(self._registry.histogram(f"{name}_seconds", labels))
        except Exception:  # noqa: BLE001 - never raise into the bot; it is counted
            return Timer(LostHistogram(name, self._losses, Loss.BAD_LABEL))

    def track(self, operation: str) -> Timer:
        """Return a timer of an operation that counts what it raises as well.

        Its p50 and p95, errors and calls stand on the desk without any further word, and feed the vital `error_rate`.

        >>> @client.track("fetch_candles")
        ... async def fetch_candles(): ...
        """
        try:
            return Timer(*self._registry.calls(operation))
        except Exception:  # noqa: BLE001 - never raise into the bot; it is counted
            return Timer(LostHistogram(operation, self._losses, Loss.BAD_NAME))

    def error(self, kind: str = "error") -> None:
        """Count an error that the bot noticed itself, as `bot_errors_total{kind}`."""
        self._guarded(lambda: self._registry.errors(kind).add())

    # ------------------------------------------------------------ live and stop

    def beat(self, name: str, every: object = None, stage: object = None, cursor: object = None) -> None:
        """Say that some work goes on; the desk wakes somebody when two of the intervals `every` pass without it.

        >>> client.beat("loop", every="30s", stage="decided", cursor="BTC/USD 12:00")
        """
        try:
            self._registry.beat(name, every, stage, cursor)
            if self._flusher is not None and not self._flusher.is_running:
                self._flusher.start()
        except Exception:  # noqa: BLE001 - never raise into the bot; it is counted
            self._losses.note(Loss.FAULT, name)

    def end_beat(self, name: str) -> None:
        """Say that the work a beat stood for is done: nobody is to miss it."""
        self._guarded(lambda: self._registry.end_beat(clean_word(name)))

    def stopping(self, reason: str = "stopping") -> None:
        """Say that the bot stops on purpose: nobody is woken for its beats until it is started again.

        The desk is told at once, and again at the exit; nobody waits for it here.
        """
        self._identity.stopping = clean_word(reason, "stopping")
        if self._flusher is not None:
            self._flusher.hurry()

    # ------------------------------------------------------------ tell what happened

    def event(self, text: object, kind: str = "event", **labels: object) -> None:
        """Keep a line of text at the desk; counted as `bot_events_total{kind}`."""

        def keep() -> None:
            word = clean_word(kind, "event")
            self._registry.events(word).add()
            self._events.put(event_row(text, word, labels))

        self._guarded(keep)

    def order(
        self,
        symbol: str | None = None,
        side: str | None = None,
        quantity: Number | None = None,
        *,
        id: str = "",  # noqa: A002 - the word of the field
        status: str = "open",
        at: Moment = None,
        kind: str = "",
        limit_price: Number | None = None,
        filled: Number = 0,
        average_price: Number | None = None,
        filled_at: Moment = None,
        tag: str = "",
        account: str | None = None,
        mode: str | None = None,
    ) -> None:
        """Keep an order as it stands now; the same `id` again replaces what was known of it.

        A row without symbol, side or quantity is set aside at the desk with its reason.
        Numbers may be `Decimal`, text, int or float; text and `Decimal` arrive exactly as they are.
        """
        told = {
            "symbol": symbol,
            "side": side,
            "quantity": quantity,
            "id": id,
            "status": status,
            "type": kind,
            "limit_price": limit_price,
            "filled": filled,
            "average_price": average_price,
            "tag": tag,
        }
        moments = {"at": at} if filled_at is None else {"at": at, "filled_at": filled_at}
        self._put("order", account, mode, moments, told)

    def fill(
        self,
        symbol: str | None = None,
        side: str | None = None,
        quantity: Number | None = None,
        price: Number | None = None,
        *,
        currency: str = "",
        id: str = "",  # noqa: A002 - the word of the field
        at: Moment = None,
        fee: Number = 0,
        fee_currency: str = "",
        order_id: str = "",
        sequence: int = 0,
        tag: str = "",
        account: str | None = None,
        mode: str | None = None,
    ) -> None:
        """Keep a fill. With the venue's own `id` it is taken exactly once, even when a restarted bot tells it again.

        >>> client.fill("BTC/USD", "buy", "0.25", "64250.1", currency="USD", fee="4.02", id="TX-77")
        """
        told = {
            "symbol": symbol,
            "side": side,
            "quantity": quantity,
            "price": price,
            "currency": currency,
            "id": id,
            "fee": fee,
            "fee_currency": fee_currency,
            "order_id": order_id,
            "sequence": sequence,
            "tag": tag,
        }
        self._put("fill", account, mode, {"at": at}, told)

    # ------------------------------------------------------------ end

    def flush(self, seconds: float = EXIT_SECONDS) -> bool:
        """Wait until the desk has everything told so far; False when it does not within `seconds`."""
        try:
            return self._flusher is not None and self._flusher.flush(seconds)
        except Exception:  # noqa: BLE001 - never raise into the bot; it is counted
            self._losses.note(Loss.FAULT, "flush")
            return False

    def close(self, seconds: float = EXIT_SECONDS) -> bool:
        """Send what is left within `seconds` and end; later calls count in memory and reach nobody.

        It announces no stop: a bot that closes and is not started again is missed, unless it said `stopping`.
        """
        self._is_closed = True
        try:
            leave(self)
            flusher, self._flusher = self._flusher, None
            return flusher is not None and flusher.stop(seconds)
        except Exception:  # noqa: BLE001 - never raise into the bot; it is counted
            self._losses.note(Loss.FAULT, "close")
            return False

    @property
    def lost(self) -> dict[str, int]:
        """What did not reach the desk so far, by kind; empty in health."""
        return self._losses.counts()

    def after_fork(self) -> None:
        """Be a process of its own, with totals and a line of its own; called in a forked child."""
        try:
            self._registry.start_anew()
            self._ledger.start_anew()
            self._events.start_anew()
            self._identity.start_anew()
            self._transport = getattr(self._transport, "another", lambda: self._transport)()
            self._flusher = self._new_flusher()
        except Exception as error:  # noqa: BLE001 - a child that cannot be watched still has its work to do
            self._losses.note(Loss.FAULT, error)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------ inside

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - never raise into the bot; it is counted
            self._losses.note(Loss.BAD_VALUE, error)

    def _put(
        self, kind: str, account: str | None, mode: str | None, moments: dict[str, Moment], told: dict[str, Any]
    ) -> None:
        def keep() -> None:
            times = {name: instant(moment) for name, moment in moments.items()}
            portfolio = {"account": account or self._account, "mode": mode or self._mode}
            self._ledger.put(row(kind, {**portfolio, **times, **told}))

        self._guarded(keep)

    def _new_flusher(self) -> Flusher | None:
        """Start a flusher; None where there is nobody to tell."""
        if self._transport is None or self._is_closed:
            return None
        from nightdesk.client.flusher import Flusher

        flusher = Flusher(self._identity, self._registry, self._ledger, self._events, self._transport)
        flusher.start()
        return flusher


def connect(
    data: str | os.PathLike[str] = "",
    *,
    url: str = "",
    token_file: str | os.PathLike[str] = "",
    bot: str = "",
    account: str = "",
    mode: str = "",
    labels: Mapping[str, object] | None = None,
) -> Client:
    """Open a line to the desk that keeps its data in `data`, or that answers at `url`; it need not run yet.

    What is left out comes from NIGHTDESK_DATA, NIGHTDESK_URL, NIGHTDESK_TOKEN_FILE, NIGHTDESK_BOT, NIGHTDESK_ACCOUNT
    and NIGHTDESK_MODE. A bot without a name gets that of its script. Account and mode (`live`, `paper`, `backtest`) are
    those of orders and fills that name none, `main` and `live` if nobody says.

    >>> client = connect("~/.local/share/nightdesk", bot="maker")
    """
    from nightdesk.client.address import Address
    from nightdesk.client.sender import Sender

    given = os.environ.get
    address = Address(
        os.fspath(data) or ("" if url else given("NIGHTDESK_DATA", "")),
        url or ("" if data else given("NIGHTDESK_URL", "")),
        os.fspath(token_file) or given("NIGHTDESK_TOKEN_FILE", ""),
    )
    return Client(
        Sender(address) if address.is_known else None,
        bot=bot or given("NIGHTDESK_BOT", "") or _script(),
        account=account or given("NIGHTDESK_ACCOUNT", "main"),
        mode=mode or given("NIGHTDESK_MODE", "live"),
        labels=labels,
    )


def _script() -> str:
    """Return the name of the running script without its ending."""
    last = sys.argv[0].replace("\\", "/").rpartition("/")[2] if getattr(sys, "argv", None) else ""
    return last.removesuffix(".py") or "bot"
