"""Loose samples: sorted and merged as they come, whoever reads meanwhile."""

import numpy as np

from nightdesk.model.series import Batch
from nightdesk.store.samples.head.runs import Runs


def test_readers_between_small_batches_leave_few_runs() -> None:
    """However often somebody reads, the runs stay few and hold every sample once."""
    runs = Runs()
    for time in range(2_000):
        runs.append(Batch.at(np.array([3, 1]), time, np.array([time, -time], dtype=np.float64)))
        assert len(runs.all()) <= 32
    wanted = np.array([1, 3])
    found = [panel for run in runs.all() for panel in run.panels(wanted, 0, 2_000)]
    for series, sign in ((1, -1.0), (3, 1.0)):
        times = np.concatenate([panel.times for panel in found if series in panel.ids])
        values = np.concatenate([panel.values[panel.ids == series][0] for panel in found if series in panel.ids])
        assert times.tolist() == list(range(2_000))
        assert values.tolist() == (sign * np.arange(2_000)).tolist()
