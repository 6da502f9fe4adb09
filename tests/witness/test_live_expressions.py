"""A desk and the Prometheus 2.42 that forwards to it are asked the same expressions and say the same."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest

from nightdesk.testing.differential.compare import difference
from nightdesk.testing.differential.expressions import Asked, chosen, generated, is_ordered, is_ranked
from nightdesk.testing.differential.pair import LOOKBACK, Pair, running_pair

pytestmark = pytest.mark.peer

SEED = 2_42
WINDOWS = "windows are open on the left"


def _seconds(millis: int) -> str:
    return f"{millis / 1000:.3f}"


def _differences(pair: Pair, expressions: Iterable[Asked], instants: list[int], step: str = "0.35") -> list[str]:
    """Ask each at the instants and over a range between the first and the last; name what is answered otherwise."""
    found = []
    for asked in expressions:
        ranked, ordered = is_ranked(asked.ours), is_ordered(asked.ours)
        for at in instants:
            answers = pair.ask(
                "/api/v1/query", asked.theirs, query=asked.ours, time=_seconds(at), lookback_delta=LOOKBACK
            )
            told = difference(*answers, ranked=ranked, ordered=ordered)
            found += [f"{asked.ours} at {at}: {told}"] if told else []
        extent = {"start": _seconds(instants[0]), "end": _seconds(instants[-1]), "step": step}
        answers = pair.ask("/api/v1/query_range", asked.theirs, query=asked.ours, **extent, lookback_delta=LOOKBACK)
        told = difference(*answers, ranked=ranked)
        found += [f"{asked.ours} over a range: {told}"] if told else []
    return found


def test_expressions_are_answered_alike(pair: Pair) -> None:
    """Every part of the language, at instants and over a range, with errors, resets, gaps and series that ended."""
    found = _differences(pair, [*chosen(pair.shift)[::2], *generated(20, SEED, pair.shift)], pair.between([0.4, 0.95]))
    assert not found, "\n".join(found)


def _values(answer: Any) -> list[str]:
    if answer["status"] != "success":
        return [answer["errorType"]]
    return sorted(f"{sorted(row['metric'].items())} {row['value'][1]}" for row in answer["data"]["result"])


@pytest.mark.parametrize(
    ("kind", "ours", "theirs"),
    [
        (WINDOWS, "sum_over_time(plain[1s])", "sum_over_time(plain[999ms])"),
        ("the dot of a regex matches a newline", 'text{line=~"a.b"}', 'text{line=~"a\\nb"}'),
        ("names stand in quotes", '{"plain"}', "plain"),
        ("numbers are durations", "sum_over_time(plain[0.999])", "sum_over_time(plain[999ms])"),
        (
            "holt_winters has a telling name",
            "double_exponential_smoothing(temperature[3s], 0.5, 0.5)",
            "holt_winters(temperature[2999ms], 0.5, 0.5)",
        ),
        (
            "one NaN deviates by NaN",
            'stddev(ln(odd{kind="negative",job="a"}))',
            'sum(ln(odd{kind="negative",job="a"}))',
        ),
        ("atan2 drops the name", "count by (__name__) (temperature atan2 1)", "count by (nothing) (temperature)"),
    ],
)
def test_what_3_says_otherwise_is_known(pair: Pair, kind: str, ours: str, theirs: str) -> None:
    """What differs between 2.42 and 3 is answered as 3 does: 2.42 says the same once it is asked in its own words."""
    at = next(at for at in pair.sampled() if at > (pair.first + pair.last) // 2)
    told, other = pair.ask("/api/v1/query", theirs, query=ours, time=_seconds(at))
    assert _values(told) == _values(other) != []
    same_words = pair.prometheus.ask("/api/v1/query", query=ours, time=_seconds(at))
    # A window differs only where a sample lies on its edge to the millisecond.
    assert _values(same_words) != _values(told) or kind == WINDOWS


def _increase(samples: list[tuple[float, float]], start: float, end: float, *, to_zero_first: bool) -> float | None:
    """Return what `increase` says of a counter without resets, by the formula of 3, or of 2.42 (to zero first)."""
    inside = [(at, value) for at, value in samples if start < at <= end]
    if len(inside) < 2:
        return None
    (first, low), (last, high) = inside[0], inside[-1]
    change = high - low + sum(one for (_, one), (_, two) in pairwise(inside) if two < one)
    average = (last - first) / (len(inside) - 1)
    to_start, to_end = first - start, end - last
    to_zero = (last - first) * low / change if change > 0 else to_start
    if to_zero_first:
        to_start = min(to_start, to_zero)
    to_start = to_start if to_start < 1.1 * average else average / 2
    to_start = min(to_start, to_zero) if not to_zero_first else to_start
    to_end = to_end if to_end < 1.1 * average else average / 2
    return change * (last - first + to_start + to_end) / (last - first)


def test_a_counter_that_begins_late_is_extrapolated_as_by_3(pair: Pair) -> None:
    """3 goes back half an interval at most before it looks at zero, 2.42 to zero first: each by its formula."""
    start, end = pair.between([0.3, 0.95])
    raw = pair.prometheus.ask("/api/v1/query", query='late_total{job="b"}[1h]', time=_seconds(pair.last))
    samples = [(float(at), float(value)) for at, value in raw["data"]["result"][0]["values"]]
    extent = {"start": _seconds(start), "end": _seconds(end), "step": "0.05"}
    answers = pair.ask("/api/v1/query_range", query='increase(late_total{job="b"}[1500ms])', **extent)
    told = [dict(answer["data"]["result"][0]["values"]) for answer in answers]
    kinds = Counter[bool]()
    for at in told[1]:
        ours, theirs = (_increase(samples, at - 1.5, at, to_zero_first=first) for first in (False, True))
        assert float(told[0][at]) == pytest.approx(ours, rel=1e-6)
        assert float(told[1][at]) == pytest.approx(theirs, rel=1e-6)
        kinds[ours == theirs] += 1
    assert kinds[True] > 0
    assert kinds[False] > 0


@pytest.mark.campaign
@pytest.mark.timeout(1800)
def test_three_thousand_expressions_are_answered_alike(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Chosen and generated ones, a thousand of each seed, at five instants and over a range with an odd step."""
    with running_pair(tmp_path_factory.mktemp("long"), 200) as long:
        instants = long.between([0.1, 0.3, 0.5, 0.72, 0.97])
        found = _differences(long, chosen(long.shift), instants)
        for seed, step in ((SEED, "0.35"), (21, "0.45"), (22, "1.15")):
            found += _differences(long, generated(1000, seed, long.shift), instants, step)
    assert not found, "\n".join(found)
