"""What a rule's query leaves out changes none of its values."""

import numpy as np
import pytest

from nightdesk.model.labels import Labels
from nightdesk.model.series import Series
from nightdesk.query.engine import Engine
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.samples import MemorySamples


class CountingSamples(MemorySamples):
    """Counts how often it is read."""

    reads = 0

    def select(self, *asked: object) -> list[Series]:
        """Count, and read."""
        self.reads += 1
        return super().select(*asked)  # type: ignore[arg-type]  # handed on as it came


def _samples() -> CountingSamples:
    samples = CountingSamples()
    for name, value in (("here", 1.0), ("there", 2.0)):
        samples.put(Labels.of(name, a="1"), (0, value))
    return samples


@pytest.mark.parametrize(
    "expr",
    [
        "gone * here",
        "gone > 1",
        "gone and here",
        "gone unless here",
        "gone or here",
        "here or gone",
        "here * gone",
        "gone * on (a) group_left () here / there",
        "gone + on () fill_left (0) here",
        "absent(gone) * 2",
        "sum(gone) > sum(here)",
        "(here > 5) * there",
        "gone == bool 1 or vector(3)",
    ],
)
def test_values_are_the_same(expr: str) -> None:
    """With and without, rows, values and what was refused are equal."""
    plain, short = (Engine(_samples(), ManualClock(), short_circuits=each).instant(expr, 0) for each in (False, True))
    assert plain.labels == short.labels
    assert np.array_equal(plain.values, short.values, equal_nan=True)
    assert plain.rejected == short.rejected


def test_the_right_side_of_nothing_is_not_read() -> None:
    """A rule about accelerators costs one look where there are none."""
    samples = _samples()
    assert Engine(samples, ManualClock(), short_circuits=True).instant("gone * here + there", 0).labels == []
    assert samples.reads == 1
