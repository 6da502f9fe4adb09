"""A plain asyncio bot that tells its desk how it is doing: `python asyncio_bot.py DATA_FOLDER`."""

import asyncio
import sys
from decimal import Decimal

from nightdesk import client


async def trade(desk: client.Client, rounds: int) -> None:
    """Fetch, decide, send, again and again."""

    @desk.track("fetch_price")
    async def fetch_price() -> Decimal:
        await asyncio.sleep(0.02)
        return Decimal("64250.10")

    @desk.track("decide")
    def decide(price: Decimal) -> bool:
        return price > 60_000

    for number in range(rounds):
        desk.beat("loop", every="5s", stage="fetching", cursor=number)
        price = await fetch_price()
        if decide(price):
            with desk.timer("send_order", venue="kraken"):
                await asyncio.sleep(0.01)
            desk.counter("orders_sent_total", venue="kraken").add()
            desk.fill("BTC/USD", "buy", "0.001", price, currency="USD", fee="0.05", id=f"example-{number}")
        desk.gauge("position_btc").set(0.001 * (number + 1))


def main() -> None:
    """Trade a little, say goodbye."""
    with client.connect(sys.argv[1], bot="example", mode="paper") as desk:
        asyncio.run(trade(desk, rounds=20))
        desk.event("done for today", kind="shutdown")
        desk.stopping("the example is over")


if __name__ == "__main__":
    main()
