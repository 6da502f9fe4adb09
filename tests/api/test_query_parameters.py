"""What a query may say beside its expression, and what an answer may tell beside its values."""

from typing import Any

import numpy as np
import pytest

from nightdesk.api.prometheus.catalogue import unescaped
from nightdesk.model.labels import Labels
from nightdesk.query.answer import Answer


def test_a_query_may_have_its_own_lookback(rig: Any) -> None:
    """`lookback_delta` reaches the engine in ms; nothing, or nothing above zero, means the desk's own."""
    for text in ("90s", "2.5", "0", ""):
        assert rig.ask("GET", f"/api/v1/query?query=up&time=1&lookback_delta={text}").is_success
    assert rig.ask("POST", "/api/v1/query_range", data={
        "query": "up", "start": "0", "end": "1", "step": "1", "lookback_delta": "1m"}).is_success  # fmt: skip
    assert rig.engine.asked == [*[("up", 1000)] * 4, ("up", 0, 1000, 1000)]
    assert [each.lookback for each in rig.engine.askings] == [90_000, 2_500, None, None, 60_000]
    refused = rig.ask("GET", "/api/v1/query?query=up&lookback_delta=soon")
    assert (refused.status_code, refused.json()["errorType"]) == (400, "bad_data")


def test_a_query_may_say_how_coarse_its_buckets_may_be(rig: Any) -> None:
    """`max_source_resolution` is the coarsest tier allowed; `auto`, as nothing, leaves it to the desk."""
    for text in ("0s", "5m", "3600", "7m", "auto", ""):
        assert rig.ask("GET", f"/api/v1/query?query=up&time=1&max_source_resolution={text}").is_success
    assert [each.resolution for each in rig.engine.askings] == [0, 300_000, 3_600_000, 300_000, None, None]
    refused = rig.ask("GET", "/api/v1/query?query=up&max_source_resolution=coarse")
    assert (refused.status_code, refused.json()["errorType"]) == (400, "bad_data")
    assert refused.json()["error"].endswith("write 0s for samples alone, 5m, 1h or auto")


def test_a_form_in_parts_is_refused_by_its_name(rig: Any) -> None:
    """`curl -F query=up` is told how to send it, not that there is no query."""
    for path in ("/api/v1/query", "/api/v1/query_range", "/api/v1/format_query"):
        refused = rig.ask("POST", path, files={"query": (None, "up")})
        assert (refused.status_code, refused.json()["errorType"]) == (400, "bad_data")
        assert refused.json()["error"].endswith("send application/x-www-form-urlencoded, not multipart/form-data")
    assert rig.engine.asked == []


def test_stats_have_prometheus_shape(rig: Any) -> None:
    """Asked for, timings and samples come inside the data, with `all` step by step; else nothing of it."""
    told = rig.ask("GET", "/api/v1/query?query=up&time=1&stats=true").json()["data"]["stats"]
    assert set(told["timings"]) == {
        "evalTotalTime", "resultSortTime", "queryPreparationTime", "innerEvalTime", "execQueueTime", "execTotalTime",
    }  # fmt: skip
    assert told["samples"] == {"totalQueryableSamples": 1, "peakSamples": 0}
    told = rig.ask("GET", "/api/v1/query?query=up&time=1&stats=all").json()["data"]["stats"]
    assert told["samples"]["totalQueryableSamplesPerStep"] == [[1_700_000_000, 1]]
    assert "stats" not in rig.ask("GET", "/api/v1/query?query=up&time=1").json()["data"]


def test_more_than_ten_notes_are_counted(rig: Any) -> None:
    """Ten warnings and ten infos are told, then how many more there were, as Prometheus does."""
    steps, values = np.array([0]), np.ones((1, 1))
    notes = [f"note {number}" for number in range(13)]
    rig.engine.answer = Answer("vector", steps, [Labels.of("m")], values, values > 0, warnings=notes, infos=notes[:10])
    told = rig.ask("GET", "/api/v1/query?query=m").json()
    assert told["warnings"] == [*notes[:10], "3 more warning annotations omitted"]
    assert told["infos"] == notes[:10]


@pytest.mark.parametrize(
    ("escaped", "name"),
    [
        ("U__a_2e_b", "a.b"),
        ("U__a__b", "a_b"),
        ("U___1f600_", "\N{GRINNING FACE}"),
        ("plain_name", "plain_name"),
        ("U__broken_", "U__broken_"),
        ("U__a_d800_b", "U__a_d800_b"),
        ("U__a_zz_b", "U__a_zz_b"),
        ("U__", ""),
    ],
)
def test_escaped_label_names_are_read(escaped: str, name: str) -> None:
    """`U__` names any name in plain letters; what is not well formed stands for itself."""
    assert unescaped(escaped) == name


def test_head_has_no_body_and_other_methods_are_named(rig: Any) -> None:
    """HEAD is answered where GET is; 405 says what a path takes."""
    assert rig.ask("HEAD", "/api/v1/query?query=up").status_code == 200
    assert rig.ask("POST", "/api/v1/metadata").headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("parameters", "word"),
    [
        ("query=1&time=%201", "valid timestamp"),
        ("query=1&time=1_0", "valid timestamp"),
        ("query=1&time=1&lookback_delta=1e10", "overflows"),
        ("query=1&time=1&lookback_delta=%201", "valid duration"),
        ("query=%22%ff%22", "invalid UTF-8"),
        ("query=1;time=5", "semicolon"),
        ("query=1%", "escape"),
    ],
)
def test_what_prometheus_does_not_read_is_refused(rig: Any, parameters: str, word: str) -> None:
    """A blank before an instant, more than 292 years, no UTF-8, and pairs that Go leaves out."""
    refused = rig.ask("GET", f"/api/v1/query?{parameters}")
    assert (refused.status_code, refused.json()["errorType"]) == (400, "bad_data")
    assert word in refused.json()["error"]
