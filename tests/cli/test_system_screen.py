"""The screen of `nightdesk system`: no figure is more exact than what is known."""

import io

from rich.console import Console

from nightdesk.analytics.system.figures import Operation, SystemAnalytics
from nightdesk.analytics.system.latency import latency
from nightdesk.app.shapes.system import SystemShape
from nightdesk.cli.paint.system import print_system


def _screen(found: SystemAnalytics) -> str:
    out = io.StringIO()
    print_system(Console(file=out, width=160, no_color=True), SystemShape.of(found).model_dump())
    return out.getvalue()


def test_a_quantile_outside_the_buckets_is_a_bound() -> None:
    """In the first bucket only its upper bound is known, beyond the last one only that; between them an estimate."""
    fast = latency({0.0001: 10.0, 0.001: 10.0, float("inf"): 10.0}, 1.7e-06, 10.0)
    slow = latency({0.0001: 0.0, 100.0: 0.0, float("inf"): 10.0}, 2000.0, 10.0)
    between = latency({0.1: 0.0, 0.2: 10.0, float("inf"): 10.0}, 1.5, 10.0)
    rows = tuple(Operation("maker", name, each, 0.0) for name, each in (("a", fast), ("b", slow), ("c", between)))
    assert fast.p95 is not None
    screen = _screen(SystemAnalytics(0, 1000, p95_response_time=fast.p95.value, latency=fast, operations=rows))
    headline, *lines = (line.split("  ") for line in screen.splitlines() if "p95 resp" in line or "maker" in line)
    assert "< 0.0001s" in [cell.strip() for cell in headline]
    assert [line[-1].strip() for line in lines] == ["< 0.0001s", "> 100s", "0.195s"]


def test_a_mean_of_an_accelerator_says_what_it_is_of() -> None:
    """Sleep is not in it: a device that computed for one hour of the day is told as busy as it was then."""
    assert "over the time it was awake and measured" in _screen(SystemAnalytics(0, 1000, avg_npu_utilization=80.0))
