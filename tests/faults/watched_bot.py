"""A bot in a process of its own: works in a loop, and writes down how long the client's calls held it up at worst."""

import json
import sys
import time
from pathlib import Path

from nightdesk import client
from nightdesk.client import flusher

SPAN = 0.01
flusher.PUSH_SECONDS = 2.0
"""So that a test need not wait for five: what the deadline does is the same."""


def main(data: str, state: Path) -> None:
    """Work until the file `stop` stands beside the state; write the state twice a second."""
    desk = client.connect(data, bot="watched")
    worst, rounds, written = 0.0, 0, 0.0

    @desk.track("work")
    def work() -> None:
        time.sleep(SPAN)

    while not state.with_name("stop").exists():
        work()
        begun = time.perf_counter()
        desk.beat("loop", every="1s", stage="working", cursor=rounds)
        desk.counter("rounds_total").add()
        desk.gauge("depth").set(rounds % 7)
        if rounds % 20 == 0:
            desk.fill("BTC/USD", "buy", "0.001", "64250.1", currency="USD", id=f"fill-{rounds // 20}")
        worst = max(worst, time.perf_counter() - begun)
        rounds += 1
        if time.monotonic() - written > 0.5:
            written = time.monotonic()
            unfinished = state.with_suffix(".part")
            unfinished.write_text(json.dumps({"worst": worst, "rounds": rounds, "lost": desk.lost}))
            unfinished.replace(state)
            if state.with_name("measure anew").exists():
                state.with_name("measure anew").unlink()
                worst = 0.0
    done = desk.flush(10)
    state.write_text(json.dumps({"worst": worst, "rounds": rounds, "lost": desk.lost, "flushed": done}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
