"""HTTP probes against real servers: well, wrong, slow, untrusted and gone."""

import gzip
import socket
import threading
import time
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.clock import SystemClock
from nightdesk.collect.intake.http_answer import HttpAnswer
from nightdesk.collect.probes.http import MOST_BODY, HttpProbe
from nightdesk.collect.probes.http_expectation import HttpExpectation
from nightdesk.collect.probes.probe import ProbeFailure
from nightdesk.errors import Unsafe
from nightdesk.testing.asking import asked, points_of
from nightdesk.testing.desk import free_port
from nightdesk.testing.servers.raw_server import RawServer, breaking_off, hanging_up, silent
from nightdesk.testing.servers.scripted_mail import a_certificate
from nightdesk.testing.servers.web_server import Page, WebServer

CLOCK = SystemClock()
JSON = b'{"data": {"orders": [{"state": "open", "free": 12.5}], "ok": true, "none": null}}'


def test_a_good_answer_has_its_phases() -> None:
    """The whole time is the sum of its phases, and a little more."""
    with WebServer({"/": Page()}) as server:
        probed = asked(HttpProbe(server.url + "/", CLOCK))
    points = points_of(probed)
    phases = {name.split(":")[1]: value for name, value in points.items() if name.startswith("probe_http_duration")}
    assert probed.failure is None
    assert points["probe_http_status_code"] == 200
    assert set(phases) == {"dns", "tcp", "first_byte", "transfer"}
    assert probed.seconds is not None
    assert sum(phases.values()) <= probed.seconds < sum(phases.values()) + 0.1


@pytest.mark.parametrize(
    ("page", "expectation", "failure"),
    [
        (Page(status=500), HttpExpectation(), ProbeFailure.STATUS),
        (Page(status=404), HttpExpectation(frozenset({404})), None),
        (Page(b"closed"), HttpExpectation(keyword="open"), ProbeFailure.KEYWORD),
        (Page(b"we are open"), HttpExpectation(keyword="open"), None),
        (Page(gzip.compress(b"open"), headers={"Content-Encoding": "gzip"}), HttpExpectation(keyword="open"), None),
        (Page(b"x", headers={"Content-Encoding": "gzip"}), HttpExpectation(keyword="x"), ProbeFailure.BAD_ANSWER),
        (Page(gzip.compress(bytes(MOST_BODY + 1)), headers={"Content-Encoding": "gzip"}), HttpExpectation(keyword="x"),
         ProbeFailure.TOO_LARGE),
        (Page(bytes(MOST_BODY + 1)), HttpExpectation(), ProbeFailure.TOO_LARGE),
        (Page(JSON), HttpExpectation(json_path="data.orders.0.state", json_value="open"), None),
        (Page(JSON), HttpExpectation(json_path="data.orders.0.free", json_value=12.5), None),
        (Page(JSON), HttpExpectation(json_path="data.orders.1.state"), ProbeFailure.JSON),
        (Page(JSON), HttpExpectation(json_path="data.none"), ProbeFailure.JSON),
        (Page(JSON), HttpExpectation(json_path="data.ok", json_value=1), ProbeFailure.JSON),
        (Page(b"<html>"), HttpExpectation(json_path="data"), ProbeFailure.BAD_ANSWER),
    ],
)  # fmt: skip
def test_an_answer_is_judged(page: Page, expectation: HttpExpectation, failure: ProbeFailure | None) -> None:
    """Status, keyword and JSON value each fail by their own reason, with the time of the answer."""
    with WebServer({"/": page}) as server:
        probed = asked(HttpProbe(server.url + "/", CLOCK, expectation=expectation))
    assert probed.failure is failure
    assert (probed.detail == "") is (failure is None)
    assert (probed.seconds is None) is (len(page.body) > MOST_BODY)


def test_a_number_in_the_json_is_told() -> None:
    """What stands at json_path becomes a series where it is a number."""
    with WebServer({"/": Page(JSON)}) as server:
        probe = HttpProbe(server.url + "/", CLOCK, expectation=HttpExpectation(json_path="data.orders.0.free"))
        assert points_of(asked(probe))["probe_http_json_value"] == 12.5


def dripping(connection: socket.socket, closing: threading.Event) -> None:
    """Begin a good answer, and go on with a byte now and then."""
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while not closing.wait(0.1):
        connection.sendall(b".")


@pytest.mark.parametrize("script", [silent, dripping])
def test_a_server_that_hangs_or_drips_counts_as_its_deadline(script: object) -> None:
    """The deadline is total: a byte now and then does not move it."""
    with RawServer(script) as server:  # type: ignore[arg-type] # one of the scripts
        begun = time.monotonic()
        probed = asked(HttpProbe(f"http://127.0.0.1:{server.port}/", CLOCK), timeout=0.6)
        assert time.monotonic() - begun < 2
    assert (probed.seconds, probed.failure) == (0.6, ProbeFailure.DEADLINE)


@pytest.mark.parametrize("script", [breaking_off, hanging_up])
def test_a_connection_that_breaks_is_unreachable(script: object) -> None:
    """A server that hangs up without an answer gave none."""
    with RawServer(script) as server:  # type: ignore[arg-type] # one of the scripts
        assert asked(HttpProbe(f"http://127.0.0.1:{server.port}/", CLOCK)).failure is ProbeFailure.UNREACHABLE


def test_targets_that_cannot_be_reached_say_why() -> None:
    """Refused, no such name, and addresses that are never asked."""
    assert asked(HttpProbe(f"http://127.0.0.1:{free_port()}/", CLOCK)).failure is ProbeFailure.UNREACHABLE
    # A machine whose resolver answers nobody needs some twenty seconds to know.
    assert asked(HttpProbe("http://no.such.name.invalid/", CLOCK), timeout=60).failure is ProbeFailure.DNS
    assert asked(HttpProbe("http://169.254.169.254/latest", CLOCK)).failure is ProbeFailure.FORBIDDEN_ADDRESS
    assert asked(HttpProbe("http://[::ffff:a9fe:a9fe]/", CLOCK)).failure is ProbeFailure.FORBIDDEN_ADDRESS


@pytest.mark.parametrize("url", ["ftp://x/", "http:///", "http://u:p@x/", "http://x:99999/", "http://[::1/"])
def test_urls_that_may_not_be_asked_are_refused(url: str) -> None:
    """Another scheme, no host, a password, no valid port."""
    with pytest.raises(Unsafe):
        HttpProbe(url, CLOCK)


def test_redirects_are_followed_within_bounds() -> None:
    """Up to the limit, relative ones too; each hop's address is judged; a loop ends."""
    pages = {
        "/": Page(status=302, headers={"Location": "/next"}),
        "/next": Page(b"there"),
        "/loop": Page(status=301, headers={"Location": "/loop"}),
        "/metadata": Page(status=302, headers={"Location": "http://169.254.169.254/"}),
        "/file": Page(status=302, headers={"Location": "file:///etc/passwd"}),
        "/none": Page(status=302),
    }
    with WebServer(pages) as server:
        followed = asked(HttpProbe(server.url + "/", CLOCK, expectation=HttpExpectation(keyword="there")))
        assert (followed.failure, points_of(followed)["probe_http_redirects"]) == (None, 1)
        assert asked(HttpProbe(server.url + "/", CLOCK, redirects=0)).failure is ProbeFailure.STATUS
        for path, failure in {
            "/loop": ProbeFailure.REDIRECT,
            "/metadata": ProbeFailure.FORBIDDEN_ADDRESS,
            "/file": ProbeFailure.REDIRECT,
        }.items():
            assert asked(HttpProbe(server.url + path, CLOCK)).failure is failure
        assert asked(HttpProbe(server.url + "/none", CLOCK)).failure is ProbeFailure.REDIRECT


def test_a_token_stays_with_the_host_it_is_for() -> None:
    """A redirect to another origin is asked without the token."""
    with WebServer({"/": Page()}) as other:
        pages = {"/": Page(status=302, headers={"Location": other.url + "/"}), "/own": Page()}
        with WebServer(pages) as server:
            asked(HttpProbe(server.url + "/", CLOCK, headers={"Authorization": "Bearer secret"}))
        assert server.seen[0][2]["Authorization"] == "Bearer secret"
        assert "Authorization" not in other.seen[0][2]


def test_head_and_post() -> None:
    """HEAD does not wait for the body that its answer announces; POST sends its own."""
    with WebServer({"/": Page(b"x" * 100)}) as server:
        assert asked(HttpProbe(server.url + "/", CLOCK, method="HEAD"), timeout=2).failure is None
        assert asked(HttpProbe(server.url + "/", CLOCK, method="POST", body="{}"), timeout=2).failure is None
    assert [(method, headers.get("Content-Length")) for method, _, headers in server.seen] == [
        ("HEAD", None),
        ("POST", "2"),
    ]


def test_certificates_are_checked(tmp_path: Path) -> None:
    """A certificate that nobody vouches for is refused; with it as `ca_file` it is trusted and its end is told."""
    certificate = a_certificate(tmp_path)
    with WebServer({"/": Page()}, tls=certificate) as server:
        refused = asked(HttpProbe(server.url + "/", CLOCK))
        assert (refused.failure, refused.seconds) == (ProbeFailure.TLS, None)
        url = server.url.replace("127.0.0.1", "localhost") + "/"
        trusted = asked(HttpProbe(url, CLOCK, ca_file=str(certificate.certificate)))
    points = points_of(trusted)
    assert trusted.failure is None
    assert points["probe_http_duration_seconds:tls"] > 0
    assert 0 < points["probe_ssl_earliest_cert_expiry"] - time.time() < 2 * 86_400


def test_tls_with_a_server_that_speaks_none() -> None:
    """Plain HTTP behind an https URL is a failure of TLS, not a hang."""
    with WebServer({"/": Page()}) as server:
        assert asked(HttpProbe(f"https://127.0.0.1:{server.port}/", CLOCK)).failure is ProbeFailure.TLS


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_body_is_judged(body: bytes, path: str) -> None:
    """Whatever comes as a body, and whatever path is asked of it: an answer, never an exception."""
    expectation = HttpExpectation(keyword="", json_path=path or "x", json_value="y")
    assert expectation.judge(HttpAnswer(200), body).failure in (ProbeFailure.BAD_ANSWER, ProbeFailure.JSON, None)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(JSON_VALUES, st.text("ab01.", min_size=1, max_size=6))
def test_any_json_is_judged(value: object, path: str) -> None:
    """A path that leads nowhere fails by its reason; one that leads somewhere leads to what is there."""
    judged = HttpExpectation(json_path=path).judge(HttpAnswer(200), orjson.dumps(value))
    assert judged.failure in (None, ProbeFailure.JSON)


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=1, max_size=200))
def test_any_answer_has_a_reason(answer: bytes) -> None:
    """A server may send any bytes: the probe fails by a reason that is not a fault of ours, or it is well."""

    def script(connection: socket.socket, _: threading.Event) -> None:
        connection.recv(65_536)
        connection.sendall(answer)

    with RawServer(script) as server:
        probed = asked(HttpProbe(f"http://127.0.0.1:{server.port}/", CLOCK), timeout=2)
    assert probed.failure is not ProbeFailure.CRASHED
