"""Answers as Prometheus' JSON."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.api.prometheus.encode import instant_parts, metrics_json, range_parts
from nightdesk.api.prometheus.numbers import value_text
from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE
from nightdesk.query.answer import Answer
from nightdesk.seams.samples import Budget
from nightdesk.testing.builders import FreeBudget, a_series

AT = 1_700_000_000_000


def _instant(answer: Answer, budget: Budget, limit: int = 0) -> bytes:
    return b"".join(instant_parts(answer, budget, limit))


def _range(answer: Answer, budget: Budget) -> bytes:
    return b"".join(range_parts(answer, budget))


def _steps(count: int = 1) -> Any:
    return AT + 15_000 * np.arange(count, dtype=np.int64)


def test_a_vector_has_one_sample_a_series() -> None:
    """An instant vector keeps the engine's order, since sort and topk mean theirs."""
    labels = [Labels.of("b", job='quo"te'), Labels.of("a")]
    answer = Answer("vector", _steps(), labels, np.array([[2.5], [math.inf]]), np.ones((2, 1), dtype=np.bool_))
    assert json.loads(_instant(answer, FreeBudget())) == {
        "status": "success",
        "data": {
            "resultType": "vector",
            "result": [
                {"metric": {"__name__": "b", "job": 'quo"te'}, "value": [1700000000, "2.5"]},
                {"metric": {"__name__": "a"}, "value": [1700000000, "+Inf"]},
            ],
        },
    }


def test_scalar_and_string_are_single_samples() -> None:
    """They carry the instant of the query."""
    scalar = Answer("scalar", _steps(), [Labels()], np.array([[3.0]]), np.ones((1, 1), dtype=np.bool_))
    assert json.loads(_instant(scalar, FreeBudget()))["data"] == {
        "resultType": "scalar",
        "result": [1700000000, "3"],
    }
    string = Answer("string", _steps(), text="a\n")
    assert json.loads(_instant(string, FreeBudget()))["data"] == {
        "resultType": "string",
        "result": [1700000000, "a\n"],
    }


def test_a_range_selector_keeps_its_own_instants_and_loses_stale_markers() -> None:
    """Raw samples come with their timestamps; the end of a series is no value; a series of nothing else is left out."""
    raw = [
        a_series(Labels.of("a"), (1_000, 1.0), (1_500, STALE), (2_000, math.nan)),
        a_series(Labels.of("b"), (1_000, STALE)),
    ]
    answer = Answer("matrix", _steps(), series=raw)
    assert json.loads(_instant(answer, FreeBudget()))["data"] == {
        "resultType": "matrix",
        "result": [{"metric": {"__name__": "a"}, "values": [[1, "1"], [2, "NaN"]]}],
    }


def test_warnings_and_infos_stand_beside_the_data() -> None:
    """Notes of the engine reach the client; a cut by `limit` is one more warning."""
    labels = [Labels.of("a"), Labels.of("b")]
    answer = Answer(
        "vector", _steps(), labels, np.ones((2, 1)), np.ones((2, 1), dtype=np.bool_), warnings=["w"], infos=["i"]
    )
    told = json.loads(_instant(answer, FreeBudget(), limit=1))
    assert told["warnings"] == ["w", "results truncated due to limit"]
    assert told["infos"] == ["i"]
    assert len(told["data"]["result"]) == 1


def test_bytes_that_are_no_utf8_do_not_break_the_answer() -> None:
    """A label value that came in as broken UTF-8 is shown with replacement characters."""
    labels = [Labels.of("a", path=b"caf\xe9".decode("utf-8", "surrogateescape"))]
    answer = Answer("vector", _steps(), labels, np.ones((1, 1)), np.ones((1, 1), dtype=np.bool_))
    assert json.loads(_instant(answer, FreeBudget()))["data"]["result"][0]["metric"]["path"] == "caf\ufffd"


@given(st.lists(st.lists(st.none() | st.floats(), min_size=4, max_size=4), max_size=5))
def test_the_interleaved_matrix_says_what_a_plain_one_would(rows: list[list[float | None]]) -> None:
    """Each present cell of the grid is there once with its instant, absent ones are not, empty series are left out."""
    values = np.array([[0.0 if each is None else each for each in row] for row in rows]).reshape(len(rows), 4)
    present = np.array([[each is not None for each in row] for row in rows], dtype=np.bool_).reshape(len(rows), 4)
    labels = [Labels.of("m", row=str(number)) for number in range(len(rows))]
    told = json.loads(_range(Answer("matrix", _steps(4), labels, values, present), FreeBudget()))["data"]["result"]
    expected = []
    for number, row in enumerate(rows):
        samples = [(1700000000 + 15 * step, each) for step, each in enumerate(row) if each is not None]
        if samples:
            expected.append((str(number), samples))
    seen = [(row["metric"]["row"], [(at, float(text)) for at, text in row["values"]]) for row in told]
    assert repr(seen) == repr(expected)


@given(
    st.lists(st.integers(-20_000, 20_000) | st.integers(AT, AT + 20_000), min_size=1, max_size=30, unique=True),
    st.integers(1, 1_000),
)
def test_instants_of_any_length_stand_before_their_values(instants: list[int], unit: int) -> None:
    """Whole seconds, milliseconds and times before 1970 are written alike, be their texts of one length or not."""
    times = np.unique(np.array(instants, dtype=np.int64) // unit * unit)
    values = np.arange(2.0 * len(times)).reshape(2, len(times)) / 3
    labels = [Labels.of("m", row="0"), Labels.of("m", row="1")]
    told = _range(Answer("matrix", times, labels, values, np.ones(values.shape, dtype=np.bool_)), FreeBudget())
    rows = [row["values"] for row in json.loads(told)["data"]["result"]]
    assert rows == [
        [[at / 1000, str(value)] for at, value in zip(times.tolist(), row, strict=True)] for row in _texts(values)
    ]


def test_rows_are_written_alike_in_blocks_and_alone() -> None:
    """A wide answer is written block by block; a gap in one series moves nothing in another."""
    values = np.arange(12_000.0).reshape(40, 300) / 7
    labels = [Labels.of("m", row=f"{row:02}") for row in range(40)]
    present = np.ones(values.shape, dtype=np.bool_)
    present[5, 7] = present[31, :] = False
    wide = json.loads(_range(Answer("matrix", _steps(300), labels, values, present), FreeBudget()))["data"]["result"]
    assert len(wide) == 39
    alone = []
    for row in range(40):
        cut = slice(row, row + 1)
        answer = Answer("matrix", _steps(300), labels[cut], values[cut], present[cut])
        alone += json.loads(_range(answer, FreeBudget()))["data"]["result"]
    assert wide == alone


def _texts(values: Any) -> list[list[str]]:
    return [[value_text(value).decode() for value in row] for row in values.tolist()]


class Looks(FreeBudget):
    """A budget that counts how often it is looked at."""

    looks = 0

    def check(self) -> None:
        """Count."""
        self.looks += 1


def test_what_a_limit_cuts_off_is_not_written() -> None:
    """One row beyond it at most is, in turn with whether there is one: an answer may be cut from gigabytes to one."""
    written = []

    class Told(Labels):
        def as_dict(self) -> dict[str, str]:
            written.append(self)
            return super().as_dict()

    rows: list[Labels] = [Told((("n", str(number)),)) for number in range(1_000)]
    answer = Answer("vector", _steps(), rows, np.ones((1_000, 1)), np.ones((1_000, 1), dtype=np.bool_))
    assert json.loads(_instant(answer, FreeBudget(), limit=1))["warnings"] == ["results truncated due to limit"]
    assert len(written) == 2
    whole = json.loads(_instant(answer, FreeBudget(), limit=1_000))
    assert "warnings" not in whole
    assert len(whole["data"]["result"]) == 1_000


def test_json_of_long_labels_is_not_kept() -> None:
    """What a list of label sets remembers is short; longer text is written anew each time, and never held whole."""
    short, long = (LabelRows(Labels.of("m", n=f"{row:0{width}}") for row in range(1_000)) for width in (9, 20_000))
    for rows, kept in ((short, True), (long, False)):
        assert json.loads(b"[%s]" % b",".join(metrics_json(rows))) == [dict(row) for row in rows]
        assert all((a is b) is kept for a, b in zip(metrics_json(rows), metrics_json(rows), strict=True))


def test_the_budget_is_looked_at_while_an_answer_is_written() -> None:
    """Every ten thousand samples or so, below what makes an answer wide too: instants in ms, holes, raw samples."""
    steps, rows = 6_000, 40
    values = np.ones((rows, steps))
    holes = values > 0
    holes[:, 7] = False
    labels = [Labels.of("m", n=str(row)) for row in range(rows)]
    raw = a_series(Labels.of("m"), *((AT + n, 1.0) for n in range(rows * 1_000)))
    written: list[tuple[int, Callable[[Looks], bytes]]] = [
        (rows * steps, lambda looks: _range(Answer("matrix", _steps(steps), labels, values, values > 0), looks)),
        (rows * steps, lambda looks: _range(Answer("matrix", _steps(steps), labels, values, holes), looks)),
        (rows * steps, lambda looks: _range(Answer("matrix", _steps(steps) // 7, labels, values, holes), looks)),
        (rows * 1_000, lambda looks: _instant(Answer("matrix", _steps(), series=[raw]), looks)),
    ]
    for samples, write in written:
        looks = Looks()
        assert write(looks)
        assert looks.looks >= samples / 10_000
