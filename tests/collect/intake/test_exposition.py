"""The text format: what Prometheus accepts is read, what is broken is named by its line, and nothing else happens."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nightdesk.collect.intake.exposition import LINES_ALWAYS_READ, ExpositionReader, parse
from nightdesk.errors import BadPayload, CollectError, PayloadTooLarge
from nightdesk.model.labels import Labels, quote


@pytest.mark.parametrize(
    ("line", "labels", "value", "time"),
    [
        (b"up 1", Labels.of("up"), 1.0, None),
        (b'up{job="a"} 0', Labels.of("up", job="a"), 0.0, None),
        (b'up{job="a",} 1.5e3 -5', Labels.of("up", job="a"), 1500.0, -5),
        (b'  up\t{ job = "a b" , x="" }\t+2\t7  \r', Labels.of("up", job="a b"), 2.0, 7),
        (b'up{a="}{,\\" \\\\ \\n"} 1', Labels.of("up", a='}{," \\ \n'), 1.0, None),
        (b'{"my.metric", "a.b"="c"} 1', Labels([("__name__", "my.metric"), ("a.b", "c")]), 1.0, None),
        ('höhe{x="ü"} 1'.encode(), None, 0.0, None),
        ('up{x="ü"} 1'.encode(), Labels.of("up", x="ü"), 1.0, None),
        (b"up +Inf", Labels.of("up"), math.inf, None),
        (b"up -Inf", Labels.of("up"), -math.inf, None),
        (b"a:b:c{} 1", Labels.of("a:b:c"), 1.0, None),
        (b"up", None, 0.0, None),
        (b"up one", None, 0.0, None),
        (b"up 1_000", None, 0.0, None),
        (b"up 1 2 3", None, 0.0, None),
        (b"up 1#2", None, 0.0, None),
        (b"up 1 #2", Labels.of("up"), 1.0, None),
        (b"up 1 1.5", None, 0.0, None),
        (b"up 1 99999999999999999999", None, 0.0, None),
        (b"up 1 1_000", None, 0.0, None),
        (b'up{job="a" 1', None, 0.0, None),
        (b"up{job=a} 1", None, 0.0, None),
        (b'up{job="a"x="b"} 1', None, 0.0, None),
        (b'up{job="a",job="b"} 1', None, 0.0, None),
        (b'{job="a"} 1', None, 0.0, None),
        (b"1up 1", None, 0.0, None),
        (b'up{job="\xff"} 1', None, 0.0, None),
    ],
)
def test_one_line(line: bytes, labels: Labels | None, value: float, time: int | None) -> None:
    """A good line gives its series, value and timestamp; a bad one is refused by its number, its body with it."""
    body = b"# HELP up text\nfirst 1\n" + line + b"\n"
    reader = ExpositionReader()
    reader.read(b"up 5\n", 0)  # a name seen before changes nothing
    if labels is None:
        with pytest.raises(BadPayload, match=r"^line 3: "):
            parse(body)
        with pytest.raises(BadPayload, match=r"^line 3: "):
            reader.read(body, 1000)
        return
    readings = parse(body, at=1000)
    assert list(reader.read(body, 1000).labels) == list(readings.labels)
    assert (readings.labels[1], readings.values[1]) == (labels, value)
    assert (
        readings.times is None
        if time is None
        else readings.times is not None and readings.times.tolist() == [1000, time]
    )


def test_a_repeated_body_carries_the_same_tuple() -> None:
    """The same series in the same order give the same tuple of labels, with the new values."""
    reader = ExpositionReader()
    first = reader.read(b'# TYPE a counter\na 1\nb{x="1"} 2\n', 0)
    second = reader.read(b'# TYPE a counter\na 3\nb{x="1"} NaN\n', 1)
    assert second.labels is first.labels
    assert second.values[0] == 3
    assert math.isnan(second.values[1])


def test_a_bad_value_in_a_known_body_is_still_named() -> None:
    """The quick way gives up where a value is not one, and the careful way says where."""
    reader = ExpositionReader()
    reader.read(b"a 1\nb 2\n", 0)
    with pytest.raises(BadPayload, match=r"^line 2: not a number: '2_0'"):
        reader.read(b"a 1\nb 2_0\n", 1)


def test_finishing_is_done_once_a_series() -> None:
    """`finish` sees each new series once, whatever is scraped how often."""
    seen: list[str] = []

    def finish(labels: Labels) -> Labels:
        seen.append(labels.name)
        return labels.with_(job="x")

    reader = ExpositionReader(finish)
    for body in (b"a 1\nb 2\n", b"a 1\nb 2\n", b"b 2\na 1 5\nc 3\n"):
        readings = reader.read(body, 0)
    assert seen == ["a", "b", "c"]
    assert readings.labels[1] == Labels.of("a", job="x")


OPEN_METRICS = (
    b"# TYPE requests counter\n# UNIT requests things\n"
    b'requests_total{a="b"} 17.0 1520879607.789 # {trace_id="x y"} 0.67 1520879606\n'
    b"requests_created 1.6e9\n# TYPE moon gauge\nmoon_created 5\n# EOF\n"
)


def test_openmetrics_basics() -> None:
    """Timestamps are seconds; exemplars and the `_created` of counters are left out, a gauge of that name is not."""
    readings = parse(OPEN_METRICS, at=7, open_metrics=True)
    assert [each.name for each in readings.labels] == ["requests_total", "moon_created"]
    assert readings.times is not None
    assert readings.times.tolist() == [1_520_879_607_789, 7]


def test_an_openmetrics_body_that_was_cut_short_is_refused() -> None:
    """Without its end mark a body is half a body."""
    with pytest.raises(BadPayload, match="cut short"):
        parse(OPEN_METRICS[:-6], open_metrics=True)


def test_only_samples_count_against_the_most() -> None:
    """Comments and empty lines are no samples; one sample more than allowed and none is taken."""
    body = b"# x\n\na 1\nb 2\n# y\nc 3"
    assert len(ExpositionReader().read(body, 0, most=3)) == 3
    with pytest.raises(CollectError, match="gives 3 samples, its sample_limit is 2"):
        ExpositionReader().read(body, 0, most=2)


def test_a_body_of_empty_lines_is_refused_before_it_is_cut_apart() -> None:
    """Lines are bounded by the samples a body may hold, far above what any exporter writes."""
    lines = b"\n" * (LINES_ALWAYS_READ - 1)
    assert len(ExpositionReader().read(b"a 1\n" + lines, 0, most=1)) == 1
    with pytest.raises(PayloadTooLarge, match="lines"):
        ExpositionReader().read(b"a 1\n\n" + lines, 0, most=1)


_NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=8)
_SERIES = st.builds(
    lambda name, pairs: Labels([("__name__", name), *((key, value) for key, value in pairs if key != "__name__")]),
    st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,8}", fullmatch=True),
    st.lists(st.tuples(_NAMES, st.text(st.characters(codec="utf-8"), max_size=8)), max_size=4),
)


def _written(labels: Labels) -> str:
    inside = ",".join(f"{quote(name)}={quote(value)}" for name, value in labels if name != "__name__")
    return f"{labels.name}{{{inside}}}"


@given(st.lists(st.tuples(_SERIES, st.floats(allow_nan=False)), min_size=1, max_size=6), st.booleans())
def test_what_is_written_is_read_back(samples: list[tuple[Labels, float]], timed: bool) -> None:
    """Any series and value, written in the format, come back the same; the second reading by the quick way too."""
    body = "".join(f"{_written(labels)} {value!r}{' 5' if timed else ''}\n" for labels, value in samples).encode()
    reader = ExpositionReader()
    for at in (1, 2):
        readings = reader.read(body, at)
        assert list(readings.labels) == [labels for labels, _ in samples]
        assert readings.values.tolist() == [value for _, value in samples]


@given(st.binary(max_size=200) | st.text('ab{}=",\\ \n\t#1.eE+-_:NaInf', max_size=80).map(str.encode), st.booleans())
@example(b"a 1\n", True)
def test_any_bytes_are_read_or_refused(body: bytes, open_metrics: bool) -> None:
    """Whatever comes, the answer is readings or BadPayload, and the second time the same."""
    reader = ExpositionReader()
    outcomes = []
    for _ in range(2):
        try:
            readings = reader.read(body, 0, open_metrics=open_metrics)
            outcomes.append((list(readings.labels), readings.values.tobytes()))
        except BadPayload as error:
            outcomes.append(([], str(error).encode()))
    assert outcomes[0] == outcomes[1]
