"""Bad requests to a desk and to Prometheus 2.42: the same status, kind of error and sentence, for clients show them."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

import pytest

from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.servers.prometheus_server import PrometheusServer

pytestmark = pytest.mark.peer

INSTANT: Final = "1700000000"
RANGE: Final = {"query": "up", "start": INSTANT, "end": "1700000600", "step": "60"}
LISTS: Final = ("series?match[]=up&", "labels?", "label/job/values?")


class Apart(Enum):
    """Why the two answer otherwise, and how far they may."""

    SAME = "to the letter"
    NAMED = "3 names the parameter where 2.42 does not"
    ANCHORED = "2.42 shows the pattern with the anchors that it put around it"
    SETTING = "we name the setting that is the bound"
    CHECKED = "2.42 does not know the parameter, or does not look at it"
    PLAIN = "2.42 answers in plain text"


SAME, NAMED, ANCHORED, CHECKED = Apart.SAME, Apart.NAMED, Apart.ANCHORED, Apart.CHECKED
CASES: Final[tuple[tuple[str, dict[str, str], Apart], ...]] = (
    ("query", {}, SAME),
    ("query", {"query": "up{"}, SAME),
    ("query", {"query": "{}"}, SAME),
    ("query", {"query": '{job=~".*"}'}, SAME),
    ("query", {"query": "nope(up)"}, SAME),
    ("query", {"query": "rate(up)"}, SAME),
    ("query", {"query": "foo bar"}, SAME),
    ("query", {"query": "up{1a='b'}"}, SAME),
    ("query", {"query": 'label_replace(up, "a", "b", "c", "(")'}, SAME),
    ("query", {"query": 'up{job=~"*"}'}, SAME),
    ("query", {"query": 'up{job=~"x(?=y)"}'}, SAME),
    ("query", {"query": 'up{job=~"a{2000}"}'}, SAME),
    ("query", {"query": 'up{job=~"[b-a]"}'}, SAME),
    ("query", {"query": r'up{job=~"\\8"}'}, SAME),
    ("query", {"query": 'up{job=~"("}'}, ANCHORED),
    ("query", {"query": 'up{job=~"a)"}'}, ANCHORED),
    ("query", {"query": "up", "time": "yesterday"}, SAME),
    ("query", {"query": "up", "timeout": "soon"}, SAME),
    ("query", {"query": "up", "limit": "-1"}, CHECKED),
    ("query", {"query": "up", "limit": "x"}, CHECKED),
    ("query", {"query": "up", "lookback_delta": "x"}, CHECKED),
    ("query_range", {"query": "up"}, SAME),
    ("query_range", {"query": "up", "start": INSTANT, "end": INSTANT}, SAME),
    ("query_range", {**RANGE, "start": "x"}, SAME),
    ("query_range", {**RANGE, "end": ""}, SAME),
    ("query_range", {**RANGE, "start": "2023-11-14"}, SAME),
    ("query_range", {**RANGE, "end": "1600000000"}, SAME),
    ("query_range", {**RANGE, "step": "x"}, SAME),
    ("query_range", {**RANGE, "step": "0"}, SAME),
    ("query_range", {**RANGE, "step": "-5"}, SAME),
    ("query_range", {**RANGE, "step": "1e300"}, SAME),
    ("query_range", {**RANGE, "timeout": "x"}, SAME),
    ("query_range", {**RANGE, "step": "0.001"}, Apart.SETTING),
    ("query_range", {**RANGE, "query": ""}, NAMED),
    ("query_range", {**RANGE, "query": "up{"}, NAMED),
    ("query_range", {**RANGE, "query": "up[5m]"}, NAMED),
    ("series", {}, SAME),
    ("series", {"match": "up"}, SAME),
    ("series", {"match[]": ""}, SAME),
    ("series", {"match[]": "{}"}, SAME),
    ("series", {"match[]": '{job=~".*"}'}, SAME),
    ("series", {"match[]": "up{"}, SAME),
    ("series", {"match[]": "rate(up[5m])"}, SAME),
    ("series", {"match[]": "up[5m]"}, SAME),
    ("series", {"match[]": "up offset 5m"}, SAME),
    ("series", {"match[]": "1"}, SAME),
    ("series", {"match[]": '{job=~"("}'}, ANCHORED),
    *((f"{path}{name}=x", {}, SAME) for path in LISTS for name in ("start", "end")),
    *((f"{path}limit=-1", {}, CHECKED) for path in LISTS),
    ("labels", {"match[]": "{}"}, NAMED),
    ("label/job/values", {"match[]": "sum(up)"}, NAMED),
    ("query_exemplars", {"query": "up{"}, NAMED),
    ("query_exemplars", {"query": "up", "start": "x"}, SAME),
    ("metadata", {"limit": "x"}, SAME),
    ("targets/metadata", {"limit": "x"}, SAME),
    ("targets/metadata", {"match_target": "{"}, SAME),
    ("rules", {"type": "nope"}, SAME),
    ("format_query", {"query": "up{"}, SAME),
    ("nope", {}, Apart.PLAIN),
)  # fmt: skip


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DeskProcess, PrometheusServer]]:
    """Run both, without a sample."""
    folder = tmp_path_factory.mktemp("bad")
    with (
        PrometheusServer(folder, "global: {}\n") as prometheus,
        DeskProcess(folder, "--no-collect", "--no-auth") as desk,
    ):
        yield desk, prometheus


def asked(server: DeskProcess | PrometheusServer, path: str, parameters: dict[str, str]) -> tuple[int, Any]:
    """GET a path and return the status, and the answer: parsed where it is JSON."""
    url = f"{server.url}/api/v1/{path}" + (f"?{urllib.parse.urlencode(parameters)}" if parameters else "")
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            status, body = refusal.code, refusal.read()
    return status, json.loads(body) if body.startswith(b"{") else body


def bare(told: str) -> str:
    """Return a sentence without the parameter's name, and a pattern without what Prometheus puts around it."""
    return re.sub(r"`\^\(\?:(.*)\)\$`$", r"`\1`", re.sub(r'^invalid parameter "[^"]*": ', "", told))


@pytest.mark.parametrize(("path", "parameters", "apart"), CASES)
def test_a_bad_request_is_refused_alike(
    servers: tuple[DeskProcess, PrometheusServer], path: str, parameters: dict[str, str], apart: Apart
) -> None:
    """Status, `errorType` and `error`; where the two are apart only so far as the kind says."""
    desk, prometheus = servers
    (status, ours), (their_status, theirs) = (asked(each, path, parameters) for each in (desk, prometheus))
    assert ours["status"] == "error"
    assert ours["error"]
    if apart is Apart.CHECKED:
        assert (status, their_status, ours["errorType"]) == (400, 200, "bad_data")
        return
    assert status == their_status
    if apart is Apart.PLAIN:
        assert not isinstance(theirs, dict)
        return
    assert ours["errorType"] == theirs["errorType"]
    if apart is Apart.SAME:
        assert ours["error"] == theirs["error"]
    elif apart is Apart.SETTING:
        assert ours["error"].startswith(theirs["error"])
    else:
        assert ours["error"] != theirs["error"]
        assert bare(ours["error"]) == bare(theirs["error"])
