"""Prometheus' HTTP API over a desk of fakes: parameters, shapes, errors."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from nightdesk.errors import (
    DataFolderFull,
    NightdeskError,
    Overloaded,
    QueryError,
    QueryLimitExceeded,
    QuerySyntaxError,
)
from nightdesk.model.labels import Labels
from nightdesk.query.answer import Answer
from nightdesk.seams.samples import Budget


def test_an_instant_query_is_read_from_the_address_or_a_form(rig: Any) -> None:
    """GET and form POST mean the same; a field of the form wins over one of the address; time defaults to now."""
    assert rig.ask("GET", "/api/v1/query?query=up&time=1.5").status_code == 200
    assert rig.ask("POST", "/api/v1/query?query=no", data={"query": "up", "time": "1970-01-01T00:00:02Z"}).is_success
    assert rig.ask("GET", "/api/v1/query?query=up").is_success
    assert rig.engine.asked == [("up", 1500), ("up", 2000), ("up", rig.at)]


def test_a_range_query_is_read_in_seconds_and_durations(rig: Any) -> None:
    """start, end and step become milliseconds."""
    assert rig.ask("GET", "/api/v1/query_range?query=up&start=0&end=60.5&step=1m").is_success
    assert rig.ask("GET", "/api/v1/query_range?query=up&start=0&end=60&step=0.5").is_success
    assert rig.engine.asked == [("up", 0, 60_500, 60_000), ("up", 0, 60_000, 500)]


def test_the_most_steps_are_those_of_the_settings(make_rig: Callable[..., Any]) -> None:
    """A desk that allows more than Prometheus does answers more; one that allows less refuses with its own bound."""
    path = "/api/v1/query_range?query=up&start=0&end=20000&step=1"
    assert make_rig(query_steps=20_000).ask("GET", path).is_success
    answer = make_rig(query_steps=5_000).ask("GET", path)
    assert (answer.status_code, answer.json()["errorType"]) == (400, "bad_data")
    assert "5,000 points" in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "part"),
    [
        (
            "query?query=up&time=soon",
            'invalid parameter "time": Invalid time value for \'time\': cannot parse "soon" to a valid timestamp',
        ),
        ("query?query=up&timeout=x", 'invalid parameter "timeout": cannot parse "x" to a valid duration'),
        ("query?query=up&limit=-1", 'invalid parameter "limit"'),
        ("query_range?query=up&end=1&step=1", 'invalid parameter "start"'),
        (
            "query_range?query=up&start=2&end=1&step=1",
            'invalid parameter "end": end timestamp must not be before start',
        ),
        ("query_range?query=up&start=1&end=2&step=0", 'invalid parameter "step": zero or negative'),
        ("query_range?query=up&start=0&end=20000&step=1", "exceeded maximum resolution of 11,000 points"),
        ("query_range?query=up&start=0&end=1&step=1e300", "overflows int64"),
        ("series", "no match[] parameter provided"),
        ("series?match[]=up[5m]", 'invalid parameter "match[]": 1:3: parse error: unexpected "["'),
        ("series?match[]={", 'invalid parameter "match[]"'),
        (
            "series?" + "&".join(f'match[]={{a=~".{{1000}}.{{1000}}.{{1000}}{number}"}}' for number in range(20)),
            'invalid parameter "match[]": regular expressions have more than 200000 instructions together',
        ),
        ("labels?start=5&end=1", "end timestamp must not be before start"),
    ],
)
def test_a_bad_parameter_is_named(rig: Any, path: str, part: str) -> None:
    """400, bad_data, and a sentence that names the parameter; the engine is not asked."""
    answer = rig.ask("GET", f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["errorType"]) == (400, "bad_data")
    assert part in answer.json()["error"]
    assert rig.engine.asked == []


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (QuerySyntaxError("1:1: parse error"), 400, "bad_data"),
        (QueryError("many-to-many"), 422, "execution"),
        (QueryLimitExceeded("too many samples"), 422, "execution"),
        (DataFolderFull("full"), 503, "unavailable"),
        (NightdeskError("odd"), 500, "internal"),
        (ZeroDivisionError("a fault of ours"), 500, "internal"),
    ],
)
def test_errors_have_the_codes_of_prometheus(rig: Any, error: Exception, status: int, kind: str) -> None:
    """Each error of the engine is answered with its status and type; a fault of ours tells nothing of the inside."""

    def fail(_: Budget) -> Answer:
        raise error

    rig.engine.does = fail
    answer = rig.ask("GET", "/api/v1/query?query=up")
    assert (answer.status_code, answer.json()["errorType"]) == (status, kind)
    assert ("fault of ours" in answer.text) is False


def test_labels_series_and_values_are_listed(rig: Any) -> None:
    """Names, values and label sets, all or of those that match, cut by `limit` with a warning."""
    assert rig.ask("GET", "/api/v1/labels").json()["data"] == ["__name__", "job"]
    assert rig.ask("GET", "/api/v1/label/job/values").json()["data"] == ["bot", "node"]
    assert rig.ask("GET", '/api/v1/label/job/values?match[]=up{job="bot"}').json()["data"] == ["bot"]
    assert rig.ask("POST", "/api/v1/series", data={"match[]": "up"}).json()["data"] == [
        {"__name__": "up", "job": "bot"},
        {"__name__": "up", "job": "node"},
    ]
    cut = rig.ask("GET", "/api/v1/series?match[]=up&limit=1").json()
    assert (len(cut["data"]), cut["warnings"]) == (1, ["results truncated due to limit"])


def test_alerts_have_prometheus_shape(rig: Any) -> None:
    """Labels, annotations, state, activeAt and the value as text."""
    (alert,) = rig.ask("GET", "/api/v1/alerts").json()["data"]["alerts"]
    assert alert == {
        "labels": {"alertname": "Hot", "severity": "critical"},
        "annotations": {"summary": "Hot is not well"},
        "state": "firing",
        "activeAt": "2023-11-14T22:13:20.000Z",
        "value": "1",
    }


def test_a_large_answer_is_packed_where_the_client_takes_it(rig: Any) -> None:
    """Packed for those who accept it, plain for others, and nothing small."""
    rig.answers(*[(Labels.of("m", n=str(n)), float(n)) for n in range(1000)])
    packed = rig.ask("GET", "/api/v1/query?query=m", headers={"accept-encoding": "gzip"})
    plain = rig.ask("GET", "/api/v1/query?query=m", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    rig.answers()
    assert "content-encoding" not in rig.ask("GET", "/api/v1/query?query=m").headers


def test_a_third_query_waits_and_a_fourth_is_told_to_come_later(rig: Any) -> None:
    """Two queries run, one waits (the rig's bound), the next hears 503 with Retry-After; all others are answered."""
    running, go = threading.Semaphore(0), threading.Event()

    def hold(_: Budget) -> Answer:
        running.release()
        assert go.wait(10)
        return Answer("string", _one_step(rig), text="done")

    rig.engine.does = hold

    async def four() -> list[tuple[int, dict[str, str], bytes]]:
        headers = {"host": "localhost"}
        first = [asyncio.ensure_future(rig.call("GET", "/api/v1/query", headers)) for _ in range(3)]
        await _until(lambda: rig.executor.waiting == 1 and rig.executor.running == 2)
        refused = await rig.call("GET", "/api/v1/query", headers)
        go.set()
        return [refused, *await asyncio.gather(*first)]

    refused, *others = asyncio.run(four())
    assert (refused[0], refused[1]["retry-after"]) == (503, "5")
    assert [status for status, _, _ in others] == [200, 200, 200]


async def _until(condition: Callable[[], bool]) -> None:
    """Give the threads their turns until a condition holds, within ten seconds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is awaited happens on another thread
            await asyncio.sleep(0.001)


def _one_step(rig: Any) -> Any:
    rig.answers()
    return rig.engine.answer.steps


def test_a_query_ends_when_its_client_leaves(rig: Any) -> None:
    """The budget of a query whose client has gone refuses the next look, and its slot is free again."""
    ended = threading.Event()

    def spin(budget: Budget) -> Answer:
        try:
            while True:
                budget.check()
        finally:
            ended.set()

    rig.engine.does = spin

    async def leave() -> None:
        messages = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Any:
            if messages:
                return messages.pop()
            await _until(lambda: rig.executor.running == 1)
            return {"type": "http.disconnect"}

        sent: list[Any] = []
        scope = {"type": "http", "method": "GET", "path": "/api/v1/query", "query_string": b"query=up"}
        await rig.front({**scope, "headers": [(b"host", b"localhost")]}, receive, sent.append)
        assert sent == []
        await _until(lambda: rig.executor.running == 0)

    asyncio.run(leave())
    assert ended.is_set()
    assert rig.desk.answers[499] == 1


def test_a_query_past_its_timeout_is_answered_as_prometheus_does(rig: Any) -> None:
    """503, timeout; the parameter shortens the desk's own limit."""

    def spin(budget: Budget) -> Answer:
        while True:
            budget.check()

    rig.engine.does = spin
    answer = rig.ask("GET", "/api/v1/query?query=up&timeout=50ms")
    assert (answer.status_code, answer.json()["errorType"]) == (503, "timeout")


@pytest.mark.parametrize("make", [Overloaded, DataFolderFull], ids=lambda each: each.__name__)
def test_a_write_that_cannot_be_kept_is_to_be_sent_again(rig: Any, make: Callable[[str], Exception]) -> None:
    """503 with Retry-After while the queue or the disk is full."""
    rig.intake.error = make("not now")
    answer = rig.ask("POST", "/api/v1/write", content=b"\0", headers={"authorization": f"Bearer {rig.token}"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
