"""The front door over a desk of fakes: bodies, sessions, actions, pages, write, stream."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightdesk.api import front, pages
from nightdesk.errors import SettingsError
from nightdesk.model.alert import AlertState
from nightdesk.model.series import Appended, AppendRefusal
from nightdesk.testing.builders import an_alert


def _bearer(rig: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {rig.token}"}


# ------------------------------------------------------------------ bodies


def test_a_body_over_its_cap_is_refused_while_it_streams(make_rig: Callable[..., Any]) -> None:
    """413 as soon as the cap is passed, whatever Content-Length claims; the rest is never read."""
    rig = make_rig(most_body=1000)
    given = 0

    async def endless() -> Any:
        nonlocal given
        given += 1
        return {"type": "http.request", "body": b"x" * 400, "more_body": True}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/write",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"content-length", b"5"),
            (b"authorization", f"Bearer {rig.token}".encode()),
        ],
    }
    asyncio.run(rig.front(scope, endless, send))
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]
    assert given == 3
    assert rig.intake.bodies == 0


def test_a_form_has_a_cap_of_its_own(make_rig: Callable[..., Any]) -> None:
    """A query of more than a megabyte is no query."""
    rig = make_rig(most_body=2**24)
    assert rig.ask("POST", "/api/v1/query", content=b"query=" + b"x" * 2**20).status_code == 413


def test_a_form_of_very_many_fields_is_refused(rig: Any) -> None:
    """A thousand fields are enough for any query."""
    answer = rig.ask("POST", "/api/v1/query", data={f"f{n}": "1" for n in range(1100)})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/nope", {}), ("/api/v1/write", {}), ("/api/v1/write", {"host": "evil.example"})],
    ids=["no route", "no credential", "no host of ours"],
)
def test_a_refused_body_is_not_waited_for_long(
    rig: Any, path: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small one is passed over; with a large one, or one that drips, the connection ends: it holds none."""
    assert "connection" not in rig.ask("POST", path, content=b"x", headers=headers).headers
    large = b"x" * (front.PASSED_OVER_BYTES + 1)
    assert rig.ask("POST", path, content=large, headers=headers).headers["connection"] == "close"
    monkeypatch.setattr(front, "PASSED_OVER_SECONDS", 0.01)
    given: list[Any] = [{"type": "http.request", "body": b"x", "more_body": True}]
    sent: list[Any] = []

    async def dripping() -> Any:
        return given.pop() if given else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    named = [(b"host", headers.get("host", "localhost").encode()), (b"content-length", b"2")]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": named}
    asyncio.run(rig.front(scope, dripping, send))
    assert (b"connection", b"close") in sent[0]["headers"]


# ------------------------------------------------------------------ write


def test_a_write_is_acknowledged_only_once_it_is_durable(rig: Any) -> None:
    """204 comes after the intake's future is done, never before."""
    rig.intake.held = []

    async def write() -> int:
        asked = asyncio.ensure_future(rig.call("POST", "/api/v1/write", {"host": "localhost", **_bearer(rig)}, b"\0"))
        async with asyncio.timeout(10):
            while not rig.intake.held:  # noqa: ASYNC110 - the request takes its turns on this loop
                await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        assert not asked.done()
        rig.intake.held[0].set_result(Appended(1))
        return int((await asked)[0])

    assert asyncio.run(write()) == 204


def test_refused_samples_are_told_with_their_reasons(rig: Any) -> None:
    """400 tells the sender not to repeat what was refused for good, and how much was taken."""
    rig.intake.answer = Appended(3, {AppendRefusal.TOO_OLD: 2})
    answer = rig.ask("POST", "/api/v1/write", content=b"\0", headers=_bearer(rig))
    assert answer.status_code == 400
    assert "3 samples are stored" in answer.json()["error"]
    assert "2 too_old" in answer.json()["error"]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-encoding": "zstd"}, b"x", 415),
        ({"content-type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"}, b"x", 415),
        ({"content-type": "application/json"}, b"x", 415),
        ({"content-encoding": "snappy", "content-type": "application/x-protobuf"}, b"bad", 400),
    ],
)
def test_other_protocols_and_bad_bodies_are_refused(
    rig: Any, headers: dict[str, str], body: bytes, status: int
) -> None:
    """What is not remote write 1.0 in snappy gets a sentence, not a guess."""
    assert rig.ask("POST", "/api/v1/write", content=body, headers={**headers, **_bearer(rig)}).status_code == status


# ------------------------------------------------------------------ sessions


def test_a_code_opens_one_session(rig: Any) -> None:
    """The cookie is HttpOnly and SameSite=Strict, lets its holder write, and the code works once."""
    code = rig.keys.make_code()
    answer = rig.ask("POST", "/api/desk/session", json={"code": code})
    cookie = answer.headers["set-cookie"]
    assert answer.json() == {"authenticated": True, "reads_need_token": False}
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert rig.ask("POST", "/api/desk/session", json={"code": code}).status_code == 401
    held = {"cookie": cookie.partition(";")[0]}
    assert rig.ask("GET", "/api/desk/session", headers=held).json()["authenticated"] is True
    assert rig.ask("POST", "/-/seal", headers=held).is_success
    assert rig.ask("DELETE", "/api/desk/session", headers={**held, "content-type": "application/json"}).is_success
    assert rig.ask("GET", "/api/desk/session", headers=held).json()["authenticated"] is False


def test_a_code_is_good_for_ten_minutes(rig: Any) -> None:
    """After that it opens nothing."""
    code = rig.keys.make_code()
    rig.clock.jump(601)
    assert rig.ask("POST", "/api/desk/session", json={"code": code}).status_code == 401


def test_the_token_makes_a_new_login(rig: Any) -> None:
    """Whoever holds the token gets a path whose code opens a session."""
    path = rig.ask("POST", "/api/desk/login", json={}, headers=_bearer(rig)).json()["path"]
    assert path.startswith("/#login=")
    assert rig.ask("POST", "/api/desk/session", json={"code": path.removeprefix("/#login=")}).is_success


def test_guessing_is_slowed_but_the_right_token_always_passes(rig: Any) -> None:
    """The eleventh wrong credential of a minute hears 429, the trader's own never; a minute later it is 401 again."""
    wrong = {"authorization": "Bearer " + "x" * 43}
    statuses = [rig.ask("POST", "/-/seal", headers=wrong).status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    assert rig.ask("POST", "/-/seal", headers=_bearer(rig)).is_success
    rig.clock.jump(61)
    assert rig.ask("POST", "/-/seal", headers=wrong).status_code == 401


# ------------------------------------------------------------------ own routes


def test_status_vitals_and_alerts_have_their_shapes(rig: Any) -> None:
    """The words that the page and the command line read."""
    status = rig.ask("GET", "/api/desk/status").json()
    assert status["state"] == "critical"
    assert status["firing"] == {"critical": 1, "warning": 0, "info": 0}
    assert status["warnings"] == [
        {"code": "no_off_machine_channel", "text": "Critical alerts cannot reach you away from this machine."}
    ]
    (cpu,) = rig.ask("GET", "/api/desk/vitals").json()["vitals"]
    assert (cpu["name"], cpu["value"], cpu["reason"], cpu["level"]) == ("cpu_usage", 12.5, None, "ok")
    assert cpu["thresholds"] == {"warning": 85.0, "critical": 95.0, "direction": "above"}
    (alert,) = rig.ask("GET", "/api/desk/alerts").json()["alerts"]
    assert (alert["name"], alert["state"], alert["evidence"]) == ("Hot", "firing", "true")


def test_a_value_that_is_no_number_is_null(rig: Any) -> None:
    """NaN and infinities never reach JSON."""
    rig.live[:] = [an_alert("Odd", AlertState.FIRING)]
    object.__setattr__(rig.live[0], "value", float("nan"))
    assert rig.ask("GET", "/api/desk/alerts").json()["alerts"][0]["value"] is None


def test_history_is_bounded(rig: Any) -> None:
    """A limit beyond a thousand is refused, not silently cut."""
    assert rig.ask("GET", "/api/desk/alerts/history").json() == {"transitions": [], "deliveries": []}
    assert rig.ask("GET", "/api/desk/alerts/history?limit=100000").status_code == 400


def test_a_login_without_a_code_is_refused(rig: Any) -> None:
    """A body that is no JSON, or no code, gets a sentence."""
    for body in (b"", b"{", b"{}", b'{"code": 5}', b"[" * 10_000):
        answer = rig.ask("POST", "/api/desk/session", content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, "nightdesk up" in answer.text) == (400, True)


def test_a_bad_reload_is_told_and_a_good_one_done(rig: Any) -> None:
    """400 with the sentence that names file and line."""
    assert rig.ask("POST", "/-/reload", headers=_bearer(rig)).json() == {
        "status": "success",
        "data": {"waiting": ["retention.bytes"]},
    }
    rig.reload_error = SettingsError("no such key", file="desk.toml", line=3)
    answer = rig.ask("POST", "/-/reload", headers=_bearer(rig))
    assert (answer.status_code, answer.json()["error"]) == (400, "desk.toml:3: no such key")


def test_ready_says_when_it_is_not(rig: Any) -> None:
    """503 before the doors open and once they close."""
    assert rig.ask("GET", "/-/ready").status_code == 200
    rig.desk.ready = False
    assert rig.ask("GET", "/-/ready").status_code == 503
    assert rig.ask("GET", "/-/healthy").status_code == 200


# ------------------------------------------------------------------ pages


def test_the_page_and_its_files(rig: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is asked for anew each time, hashed files are kept for ever, nothing outside the folder is served."""
    monkeypatch.setattr(pages, "STATIC", tmp_path / "static")
    assert "not built" in rig.ask("GET", "/").text
    (tmp_path / "static" / "assets").mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text("<!doctype html>")
    (tmp_path / "static" / "assets" / "app-1a2b.js").write_text("1")
    (tmp_path / "static" / ".stamp").write_text("secret")
    (tmp_path / "token").write_text("secret")
    assert rig.ask("GET", "/").headers["cache-control"] == "no-cache"
    script = rig.ask("GET", "/assets/app-1a2b.js")
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-type"].startswith("text/javascript")
    for path in (
        "/.stamp",
        "/..%2ftoken",
        "/assets/..%2f..%2ftoken",
        "/%2e%2e/token",
        "/assets/%2e%2e%2findex.html/x",
        "/%00",
        "/assets/a%00.js",
        "/" + "a" * 300,
    ):
        assert rig.ask("GET", path).status_code == 404, path


# ------------------------------------------------------------------ stream


def test_the_stream_tells_what_stands_and_forgets_who_left(rig: Any) -> None:
    """A follower hears the live alerts at once, as server-sent events that no cache keeps; leaving ends it."""
    sent: list[Any] = []
    left = asyncio.Event()
    heard = asyncio.Event()

    async def send(message: Any) -> None:
        sent.append(message)
        if b"event:" in message.get("body", b""):
            heard.set()

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/desk/stream",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"accept-encoding", b"gzip")],
    }

    async def follow() -> None:
        first = True

        async def once() -> Any:
            nonlocal first
            if first:
                first = False
                return {"type": "http.request", "body": b"", "more_body": False}
            await left.wait()
            return {"type": "http.disconnect"}

        following = asyncio.ensure_future(rig.front(scope, once, send))
        async with asyncio.timeout(10):
            await heard.wait()
            assert len(rig.desk.broadcast) == 1
            left.set()
            await following
        assert len(rig.desk.broadcast) == 0

    asyncio.run(follow())
    headers = dict(sent[0]["headers"])
    assert headers[b"content-type"] == b"text/event-stream"
    assert headers[b"cache-control"] == b"no-store"
    assert b"content-encoding" not in headers
    event = next(message["body"] for message in sent if b"event:" in message.get("body", b"")).decode()
    kind, number, data = event.strip().split("\n")
    assert (kind, number) == ("event: alerts", f"id: {rig.at}")
    assert json.loads(data.removeprefix("data: "))["alerts"][0]["name"] == "Hot"
