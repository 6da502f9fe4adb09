"""What collecting costs: lines of text a second, remote write samples a second, CPU of one host collection.

    python benchmarks/intake.py [--seconds 1.0]

Prints a table and one line of JSON. Figures are the best of many passes: what the code can do, not what else the
machine was doing.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable

import cramjam

from nightdesk.collect.host.collector import HostCollector
from nightdesk.collect.intake.exposition import ExpositionReader
from nightdesk.collect.intake.remote_write import RemoteWriteDecoder
from nightdesk.model.labels import Labels
from nightdesk.testing.remote_write import label_block, time_series
from nightdesk.testing.samples import MemorySamples

NOW = 1_700_000_000_000
SERIES = 2_000


def best_seconds(work: Callable[[], object], seconds: float) -> float:
    """Return the CPU seconds of the quickest pass, over passes that fill `seconds`."""
    best, until = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < until:
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def _series() -> list[Labels]:
    names = ("node_cpu_seconds_total", "node_network_receive_bytes_total", "orders_placed_total", "feed_age_seconds")
    return [
        Labels.of(names[n % 4], cpu=str(n), mode="idle", instance="trading-box-1.example:9100", job="node")
        for n in range(SERIES)
    ]


def exposition(seconds: float) -> dict[str, float]:
    """Measure the text format: a body seen before, and one never seen."""
    lines = [f"{str(labels).replace(', ', ',')} {n * 1.25}\n" for n, labels in enumerate(_series())]
    body = ("# HELP x text\n# TYPE x counter\n" + "".join(lines)).encode()
    reader = ExpositionReader()
    reader.read(body, NOW)
    warm = best_seconds(lambda: [reader.read(body, NOW) for _ in range(10)], seconds) / 10
    cold = best_seconds(lambda: ExpositionReader().read(body, NOW), seconds)
    return {"exposition_lines_per_s": SERIES / warm, "exposition_lines_per_s_unseen": SERIES / cold}


def remote_write(seconds: float, samples: int) -> dict[str, float]:
    """Measure remote write, unpacking included, with so many samples a series: seen before, and never seen."""
    stamps = [(NOW + 15_000 * n, n * 1.25 + 1) for n in range(samples)]
    raw = b"".join(time_series(label_block(labels), stamps) for labels in _series())
    body = bytes(cramjam.snappy.compress_raw(raw))
    store, decoder = MemorySamples(), RemoteWriteDecoder()
    decoder(body)(store)
    warm = best_seconds(lambda: decoder(body)(store), seconds)
    cold = best_seconds(lambda: RemoteWriteDecoder()(body)(store), seconds)
    suffix = f"_{samples}_per_series"
    return {
        f"remote_write_samples_per_s{suffix}": SERIES * samples / warm,
        f"remote_write_samples_per_s_unseen{suffix}": SERIES * samples / cold,
    }


def host(seconds: float) -> dict[str, float]:
    """Measure the host collector: mean CPU of all its threads a collection, slow families included at their share."""

    async def collect() -> dict[str, float]:
        collector = HostCollector(1.0)
        readings = await collector.collect(NOW)
        began, count, until = time.process_time(), 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            readings = await collector.collect(NOW)
            count += 1
        spent = time.process_time() - began
        slow = best_seconds(collector._slow.read, seconds)
        collector.close()
        return {
            "host_series": float(len(readings)),
            "host_quick_cpu_ms": 1000 * spent / count,
            "host_slow_cpu_ms": 1000 * slow,
        }

    return asyncio.run(collect())


def main() -> None:
    """Run all and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="time for each figure")
    seconds = parser.parse_args().seconds
    figures = {**exposition(seconds), **remote_write(seconds, 1), **remote_write(seconds, 100), **host(seconds)}
    for name, value in figures.items():
        sys.stdout.write(f"{name:52} {value:14,.2f}\n")
    sys.stdout.write(json.dumps({name: round(value, 3) for name, value in figures.items()}) + "\n")


if __name__ == "__main__":
    main()
