"""Measure the sample store alone: CPU per million samples, bytes a sample, stalls and reads.

    python benchmarks/store_ingest.py [--hours 4] [--batch 500] [--synthetic PATH_TO_GEN]

Without --synthetic it makes its own mix of series: constants, counters, rounded gauges and full-entropy floats.
With it, the module at that path gives the data: `values(series, hours) -> (labels, times, values)`.
"""

import argparse
import importlib.util
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nightdesk.clock import SystemClock
from nightdesk.model.instant import DAY, HOUR, YEAR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.builders import FreeBudget

STEP_MS = 15_000
END = 1_795_305_600_000 + DAY

Data = tuple[list[Labels], NDArray[np.int64], NDArray[np.float64]]


def own_data(series: int, hours: float) -> Data:
    """Make 30 % constants, 40 % counters, 29 % gauges with two decimals and 1 % noise."""
    chance = np.random.default_rng(1)
    rows = int(hours * HOUR // STEP_MS)
    values = np.empty((rows, series))
    for column in range(series):
        kind = column % 100
        if kind < 30:
            values[:, column] = column
        elif kind < 70:
            values[:, column] = np.cumsum(chance.poisson(10.0 ** chance.uniform(-2, 3), rows))
        elif kind < 99:
            values[:, column] = np.round(50 + np.cumsum(chance.normal(0, 0.2, rows)), 2)
        else:
            values[:, column] = chance.normal(size=rows)
    labels = [
        Labels.of(f"metric_{column % 50}", job="sim", instance=f"host-{column % 4}", sid=f"s{column:05}")
        for column in range(series)
    ]
    return labels, END - STEP_MS * np.arange(rows, 0, -1), values


def given_data(path: Path, series: int, hours: float) -> Data:
    """Take the data of another program's generator."""
    spec = importlib.util.spec_from_file_location("generator", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    described, times, values = module.values(series, hours)
    return [Labels.from_mapping(label_set) for label_set, _ in described], times, values


def ingest(store: SampleStore, data: Data, batch: int) -> None:
    """Append and commit in batches, with a step of housekeeping after each scrape; print cost and stalls."""
    labels, times, values = data
    refs = np.array([store.reference(each) for each in labels])
    commits: list[float] = []
    steps: list[float] = []
    cpu = time.process_time()
    for row, instant in enumerate(times.tolist()):
        for low in range(0, len(refs), batch):
            began = time.perf_counter()
            store.append(Batch.at(refs[low : low + batch], instant, values[row, low : low + batch]))
            store.commit()
            commits.append(time.perf_counter() - began)
        began = time.perf_counter()
        store.maintain()
        steps.append(time.perf_counter() - began)
    print(f"ingest, {batch} samples a commit: {(time.process_time() - cpu) / values.size * 1e6:.3f} CPU s per million")
    print(f"  a commit:              {spread(commits)}")
    print(f"  a housekeeping step:   {spread(steps)}")


def seal(store: SampleStore, samples: int) -> None:
    """Seal and print the cost."""
    cpu, began = time.process_time(), time.perf_counter()
    store.seal()
    spent = (time.process_time() - cpu) / samples * 1e6
    print(f"seal and compact: {spent:.3f} CPU s per million, {time.perf_counter() - began:.2f} s")


def read(store: SampleStore, where: str, end: int) -> None:
    """Time the usual questions."""
    everything = [Matcher("job", MatchOp.EQUAL, "sim")]
    one = [Matcher("sid", MatchOp.EQUAL, "s00700")]
    fifty = [Matcher("sid", MatchOp.REGEX, "s007[0-4].")]
    questions: Sequence[tuple[str, list[Matcher], int, int]] = (
        ("1 series, 1 h", one, HOUR, 50),
        ("1 series, 24 h", one, DAY, 50),
        ("50 series, 1 h", fifty, HOUR, 20),
        ("2,000 series, 1 h", everything, HOUR, 10),
    )
    for name, matchers, span, repeats in questions:
        spent = []
        for _ in range(repeats):
            began = time.perf_counter()
            store.select(matchers, end - span, end, FreeBudget())
            spent.append(time.perf_counter() - began)
        print(f"  {where:7} {name:18} {spread(spent)}")


def spread(seconds: Sequence[float]) -> str:
    """Return median, 99th percentile and maximum in milliseconds."""
    middle, high, top = np.percentile(seconds, [50, 99, 100]) * 1e3
    return f"p50 {middle:.2f} ms, p99 {high:.2f} ms, max {top:.2f} ms"


def main() -> None:
    """Run all of it in a temporary folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--series", type=int, default=2_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--synthetic", type=Path)
    chosen = parser.parse_args()
    data = (
        given_data(chosen.synthetic, chosen.series, chosen.hours)
        if chosen.synthetic
        else own_data(chosen.series, chosen.hours)
    )
    _, times, values = data
    folder = Path(tempfile.mkdtemp(prefix="nightdesk-bench-"))
    try:
        store = SampleStore(folder, clock=SystemClock(), retention_ms=100 * YEAR)
        ingest(store, data, chosen.batch)
        read(store, "head", int(times[-1]))
        seal(store, values.size)
        read(store, "sealed", int(times[-1]))
        store.close()
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        print(f"{values.size / 1e6:.2f} million samples, {size / values.size:.3f} bytes each, everything included")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
