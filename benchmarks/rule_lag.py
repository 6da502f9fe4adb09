"""Lag of the rules while two people ask limit-size queries without a pause and 2,000 samples arrive each second.

    python benchmarks/rule_lag.py --seconds 60

Starts a desk of its own, collecting the host at 1 s with the shipped rules, loads two hours of 2,000 series, then asks
`nightdesk_rules_lag_seconds` (through `/api/desk/status`) each second. Prints p50, p99 and the worst.
"""

import argparse
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from nightdesk.model.labels import Labels
from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.remote_write import WRITE_HEADERS, label_block, snappy, time_series

SERIES = 2_000
BLOCKS = [label_block(Labels.of("load", i=f"{i:04d}", zone=f"z{i % 20:02d}")) for i in range(SERIES)]
STEP_MS = 5_000
BACKFILL = 2 * 3_600_000
QUERIES = (
    ("sum by (zone) (rate(load[5m]))", 3_600),
    ("quantile_over_time(0.9, load[10m])", 900),
)


def write(desk: DeskProcess, instants: list[int]) -> int:
    """Write every series at the given instants; return the status of the answer."""
    body = b"".join(time_series(block, [(at, at / 1e6 + n) for at in instants]) for n, block in enumerate(BLOCKS))
    return desk.request("/api/v1/write", snappy(body), WRITE_HEADERS, seconds=60)[0]


def backfill(desk: DeskProcess, now: int) -> None:
    """Load the past, a hundred instants a request."""
    instants = list(range(now - BACKFILL, now, STEP_MS))
    for start in range(0, len(instants), 100):
        status = write(desk, instants[start : start + 100])
        if status != 204:
            raise SystemExit(f"remote write answered {status}")


def ask(desk: DeskProcess, expr: str, span: int, over: threading.Event, answers: list[tuple[float, int]]) -> None:
    """Ask one range query again and again, and keep seconds and status."""
    while not over.is_set():
        end = int(time.time())
        body = f"query={expr.replace('+', '%2B')}&start={end - span}&end={end}&step=1".encode()
        begun = time.monotonic()
        status, _ = desk.request(
            "/api/v1/query_range", body, {"Content-Type": "application/x-www-form-urlencoded"}, seconds=120
        )
        answers.append((time.monotonic() - begun, status))


def feed(desk: DeskProcess, over: threading.Event, refused: list[int]) -> None:
    """Write 2,000 samples a second."""
    due = time.monotonic()
    while not over.wait(max(0.0, due - time.monotonic())):
        due += 1.0
        status = write(desk, [int(time.time() * 1000)])
        if status != 204:
            refused.append(status)


def measure(seconds: float) -> None:
    """Run the load and print the figures."""
    with tempfile.TemporaryDirectory() as folder, DeskProcess(Path(folder), "--no-auth", "--interval", "1s") as desk:
        backfill(desk, int(time.time() * 1000))
        over, refused, lags = threading.Event(), [0][:0], []
        answers: list[tuple[float, int]] = []
        threads = [threading.Thread(target=ask, args=(desk, *query, over, answers), daemon=True) for query in QUERIES]
        threads.append(threading.Thread(target=feed, args=(desk, over, refused), daemon=True))
        for thread in threads:
            thread.start()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(1)
            lags.append(desk.json("/api/desk/status")["lag"])
        over.set()
        for thread in threads:
            thread.join(130)
    report(lags, answers, refused)


def report(lags: list[dict[str, float]], answers: list[tuple[float, int]], refused: list[int]) -> None:
    """Print what was seen; the desk's own p99 covers its last rounds, so the worst of them covers the run."""
    took = np.array([seconds for seconds, _ in answers])
    print(
        f"queries: {len(answers)}, median {np.median(took):.2f} s, slowest {took.max():.2f} s, "
        f"statuses {sorted({status for _, status in answers})}; writes refused: {len(refused)}"
    )
    for name in sorted(lags[-1]):
        column = np.array([lag[name] or 0.0 for lag in lags])
        print(f"{name}: median {np.median(column):.1f}, worst {column.max():.1f}, last {column[-1]:.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    measure(parser.parse_args().seconds)
