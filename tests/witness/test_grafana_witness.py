"""The calls of Grafana's Prometheus data source, made to a desk and to Prometheus 2.42: the same answers in one shape.

`tests/api/test_grafana.py` says what the calls are for; here Prometheus says what they are to be answered with.
"""

import gzip
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from nightdesk.testing.differential.compare import difference
from nightdesk.testing.differential.pair import LOOKBACK, Pair

pytestmark = pytest.mark.peer

HEADERS: Final = {
    "Accept-Encoding": "gzip",
    "User-Agent": "Grafana/11.3.0",
    "X-Grafana-Org-Id": "1",
    "X-Datasource-Uid": "a1",
    "X-Dashboard-Uid": "b2",
    "X-Panel-Id": "3",
    "X-Panel-Plugin-Id": "timeseries",
    "X-Query-Group-Id": "c4",
    "X-Grafana-From-Expr": "false",
}
Parameters = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Told:
    """What a server answered."""

    status: int
    kind: str
    body: Any

    @property
    def shape(self) -> Any:
        """The fields and the types of what was answered, without the values."""
        return _shape(self.body)


def _shape(value: Any) -> Any:
    """Return types for values; the items of a list have one shape, that of all their fields together."""
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items()}
    if isinstance(value, list):
        shapes = [_shape(each) for each in value]
        if shapes and all(isinstance(each, dict) for each in shapes):
            return [{name: shape for each in shapes for name, shape in each.items()}]
        return shapes[:2]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _lacks(ours: Any, theirs: Any, where: str = "") -> list[str]:
    """List the fields of Prometheus' answer that ours lacks or has in another shape; more fields are no fault."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return [
            fault
            for name, shape in theirs.items()
            for fault in (_lacks(ours[name], shape, f"{where}.{name}") if name in ours else [f"{where}.{name} lacks"])
        ]
    if isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [fault for place, sides in pairs for fault in _lacks(*sides, f"{where}[{place}]")]
    return [] if ours == theirs else [f"{where}: {ours} / {theirs}"]


def _ask(url: str, path: str, parameters: Parameters, *, form: bool) -> Told:
    text = urllib.parse.urlencode(parameters)
    address = url + path + (f"?{text}" if text and not form else "")
    headers = {**HEADERS, "Content-Type": "application/x-www-form-urlencoded"} if form else HEADERS
    request = urllib.request.Request(address, text.encode() if form else None, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return _told(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return _told(refusal.code, refusal.headers, refusal.read())


def _told(status: int, headers: Any, data: bytes) -> Told:
    text = gzip.decompress(data) if headers.get("content-encoding") == "gzip" else data
    return Told(status, headers.get_content_type(), json.loads(text))


@dataclass(frozen=True, slots=True)
class Call:
    """One call, with START, END, MIDDLE and ISO in place of instants."""

    path: str
    parameters: Parameters = field(default_factory=list)
    form: bool = False

    def __str__(self) -> str:
        return f"{'POST' if self.form else 'GET'} {self.path} {dict(self.parameters)}"

    def of(self, pair: Pair) -> tuple[Told, Told]:
        """Make it to both."""
        start, middle, end = (at / 1000 for at in pair.between([0.1, 0.6, 0.95]))
        iso = f"{_iso(middle)}Z"
        words = {"START": f"{start:.3f}", "END": f"{end:.3f}", "MIDDLE": f"{middle:.3f}", "ISO": iso}
        given = [(name, words.get(value, value)) for name, value in self.parameters]
        return (
            _ask(pair.desk.url, self.path, given, form=self.form),
            _ask(pair.prometheus.url, self.path, given, form=self.form),
        )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")


SPAN: Final = [("start", "START"), ("end", "END")]
BACK: Final = ("lookback_delta", LOOKBACK)
SAMPLES: Final = [
    Call("/api/v1/query", [("query", "1+1"), ("time", "MIDDLE")], form=True),
    Call("/api/v1/query", [("query", "temperature"), ("time", "MIDDLE"), BACK], form=True),
    Call("/api/v1/query", [("query", "temperature"), ("time", "ISO"), BACK]),
    Call("/api/v1/query", [("query", "plain[2s]"), ("time", "MIDDLE"), BACK], form=True),
    Call("/api/v1/query", [("query", '"text"'), ("time", "MIDDLE")], form=True),
    Call("/api/v1/query", [("query", "nothing"), ("time", "MIDDLE")], form=True),
    *(
        Call("/api/v1/query_range", [("query", query), *SPAN, ("step", step), ("timeout", "60s"), BACK], form=True)
        for query in ("sum by (code) (rate(requests_total[1s]))", "odd", "nothing", "vector(1)")
        for step in ("0.25", "1", "15s", "1m0s")
    ),
    Call("/api/v1/query_range", [("query", 'ALERTS{alertstate="firing"}'), *SPAN, ("step", "60")]),
]
"""Panels, tables, annotations: their values are compared, too."""
NAMES: Final = [
    Call("/api/v1/labels", SPAN),
    Call("/api/v1/labels", [*SPAN, ("match[]", '{__name__="temperature"}')], form=True),
    Call("/api/v1/labels", [*SPAN, ("match[]", "plain"), ("match[]", 'odd{kind="nan"}')]),
    Call("/api/v1/label/__name__/values", SPAN),
    Call("/api/v1/label/__name__/values", [*SPAN, ("match[]", '{job="a"}')]),
    Call("/api/v1/label/room/values", [*SPAN, ("match[]", 'temperature{floor!="0"}')]),
    Call("/api/v1/label/nothing/values", SPAN),
    Call("/api/v1/series", [*SPAN, ("match[]", "temperature")], form=True),
    Call("/api/v1/series", [*SPAN, ("match[]", 'requests_total{code=~"4.."}'), ("match[]", "plain")]),
    Call("/api/v1/series", [*SPAN, ("match[]", "nothing")]),
]
"""The query builder and variables: the same names, values and series."""
SHAPES: Final = [
    Call("/api/v1/status/buildinfo"),
    Call("/api/v1/metadata", [("limit", "5000")]),
    Call("/api/v1/metadata", [("metric", "requests_total")]),
    Call("/api/v1/metadata", [("metric", "nothing")]),
    Call("/api/v1/query_exemplars", [("query", "requests_total"), *SPAN]),
    Call("/api/v1/query_exemplars", [("query", "requests_total"), *SPAN], form=True),
    Call("/api/v1/rules"),
    Call("/api/v1/rules", [("type", "alert")]),
    Call("/api/v1/alerts"),
    Call("/api/v1/alertmanagers"),
    Call("/api/v1/format_query", [("query", "sum( up )")]),
]
"""The rest: every field that Prometheus has is there, and of its type."""
FAULTS: Final = [
    Call("/api/v1/query", [("query", "sum(up")], form=True),
    Call("/api/v1/query", [("query", "up"), ("time", "yesterday")], form=True),
    Call("/api/v1/query", [("query", "requests_total * on (path) requests_total"), ("time", "MIDDLE")], form=True),
    Call("/api/v1/query", [("query", "up"), ("timeout", "soon")], form=True),
    Call("/api/v1/query_range", [("query", "up"), *SPAN, ("step", "0")], form=True),
    Call("/api/v1/query_range", [("query", "up"), *SPAN, ("step", "-1")], form=True),
    Call("/api/v1/query_range", [("query", "up"), ("start", "0"), ("end", "END"), ("step", "1")], form=True),
    Call("/api/v1/query_range", [("query", "up"), ("start", "END"), ("end", "START"), ("step", "1")], form=True),
    Call("/api/v1/query_range", [("query", "up[5m]"), *SPAN, ("step", "1")], form=True),
    Call("/api/v1/query_range", [("query", "up"), ("end", "END"), ("step", "1")], form=True),
    Call("/api/v1/series", SPAN),
    Call("/api/v1/series", [("match[]", "{")]),
    Call("/api/v1/series", [("match[]", '{a=""}')]),
    Call("/api/v1/labels", [("start", "soon")]),
    Call("/api/v1/label/room/values", [("match[]", "temperature{")]),
    Call("/api/v1/metadata", [("limit", "many")]),
    Call("/api/v1/query_exemplars", [("query", "("), *SPAN]),
    Call("/api/v1/format_query", [("query", "sum(")]),
    Call("/api/v1/rules", [("type", "wrong")]),
]
"""What Grafana shows to whoever mistyped: the status, the kind, the sentence."""


@pytest.mark.parametrize("call", SAMPLES, ids=str)
def test_samples_are_the_same(pair: Pair, call: Call) -> None:
    """Instants as seconds and as ISO 8601, steps as floats and durations, as a form and in the address."""
    ours, theirs = call.of(pair)
    assert (ours.status, ours.kind) == (theirs.status, theirs.kind) == (200, "application/json")
    assert _lacks(ours.shape, theirs.shape) == []
    assert difference(ours.body, theirs.body) == ""


@pytest.mark.parametrize("call", NAMES, ids=str)
def test_names_are_the_same(pair: Pair, call: Call) -> None:
    """The same labels, values and series, whatever the order of the series."""
    ours, theirs = call.of(pair)
    assert (ours.status, ours.kind) == (theirs.status, theirs.kind) == (200, "application/json")
    if call.path.endswith("series"):
        mine, other = (sorted(map(str, (sorted(row.items()) for row in each.body["data"]))) for each in (ours, theirs))
        assert mine == other
    else:
        assert ours.body["data"] == theirs.body["data"]


@pytest.mark.parametrize("call", SHAPES, ids=str)
def test_no_field_is_missing(pair: Pair, call: Call) -> None:
    """Status, type of content, and every field with its type."""
    ours, theirs = call.of(pair)
    assert (ours.status, ours.kind) == (theirs.status, theirs.kind)
    assert _lacks(ours.shape, theirs.shape) == []


@pytest.mark.parametrize("call", FAULTS, ids=str)
def test_faults_are_told_alike(pair: Pair, call: Call) -> None:
    """The status and the kind of error are the same, and the sentence is of one beginning."""
    ours, theirs = call.of(pair)
    assert (ours.status, ours.kind) == (theirs.status, theirs.kind), (ours, theirs)
    assert ours.body.get("errorType") == theirs.body.get("errorType"), (ours, theirs)
    assert _sentence(ours)[:24] == _sentence(theirs)[:24]


def _sentence(told: Told) -> str:
    """Return what is wrong without the name of the parameter, which 3 says more often than 2.42."""
    return re.sub(r'^invalid parameter "[^"]*": ', "", told.body.get("error") or "")
