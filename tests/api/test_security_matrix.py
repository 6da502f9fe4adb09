"""Host x Origin x site x token over every route of the table: a browser attacker and a stranger get nothing."""

import asyncio
import inspect
import pkgutil
from collections.abc import Callable
from importlib import import_module
from itertools import product
from typing import Any

import pytest

from nightdesk import api
from nightdesk.api.message import Request
from nightdesk.api.routes import SAFE_METHODS, Kind, Route
from nightdesk.api.security import SECURITY_HEADERS, Policy, host_name
from nightdesk.api.table import ROUTES

HOSTS = {
    "127.0.0.1:9977": True,
    "localhost:9977": True,
    "[::1]:9977": True,
    "evil.example": False,
    "127.0.0.1.evil.example": False,
}
ORIGINS = {"": True, "same": True, "http://evil.example": False, "null": False, "http://localhost:1": False}
SITES = {"": True, "same-origin": True, "none": True, "cross-site": False, "same-site": False}
CREDENTIALS = ("", "wrong", "token", "cookie")
GUARDED = (Kind.ACTION, Kind.PROTOCOL)

OPERATIONS = [(route, method) for route in ROUTES if route.streamer is None for method in sorted(route.methods)]
"""Every route and method but the stream, which never ends when it is let in; it has a test of its own."""


def _path(route: Route) -> str:
    return route.path.replace("{name}", "job")


def _headers(host: str, origin: str, site: str, credential: str, rig: Any) -> dict[str, str]:
    headers = {"host": host, "content-type": "application/json"}
    if origin:
        headers["origin"] = f"http://{host}" if origin == "same" else origin
    if site:
        headers["sec-fetch-site"] = site
    if credential == "cookie":
        headers["cookie"] = f"nightdesk_session={rig.keys.redeem(rig.keys.make_code())}"
    elif credential:
        headers["authorization"] = f"Bearer {rig.token if credential == 'token' else 'x' * 43}"
    return headers


def _expected(
    route: Route, method: str, host: str, origin: str, site: str, credential: str, policy: Policy
) -> set[int]:
    """Say what must come of a request, from the table's kinds alone; an empty set means "let in"."""
    if not HOSTS[host]:
        return {421}
    if method in SAFE_METHODS:
        if not SITES[site]:
            return {403}
    elif not SITES[site] or (not site and not ORIGINS[origin]):
        return {403}
    needed = route.kind in GUARDED or (route.kind is Kind.READ and policy.reads_need_token)
    if needed and policy.auth and credential in ("", "wrong"):
        return {401, 429}
    return set()


POLICIES = {
    "loopback": Policy(),
    "no-auth": Policy(auth=False),
    "remote": Policy(reads_need_token=True),
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
@pytest.mark.parametrize(("route", "method"), OPERATIONS, ids=lambda value: getattr(value, "path", value))
def test_every_route_refuses_strangers_and_foreign_pages(
    make_rig: Callable[..., Any], policy: Policy, route: Route, method: str
) -> None:
    """Every combination is answered as the kind of the route demands, and no refused one has had an effect."""
    rig = make_rig(policy=policy)

    async def judge_all() -> None:
        for case in product(HOSTS, ORIGINS, SITES, CREDENTIALS):
            await _judge(rig, route, method, case, policy)

    asyncio.run(judge_all())


async def _judge(rig: Any, route: Route, method: str, case: tuple[str, str, str, str], policy: Policy) -> None:
    rig.calls.clear()
    before = rig.intake.bodies
    status, headers, body = await rig.call(method, _path(route), _headers(*case, rig), b"{}")
    expected = _expected(route, method, *case, policy)
    place = (method, route.path, case, status, body)
    if expected:
        assert status in expected, place
        assert rig.calls == [], place
        assert rig.intake.bodies == before, place
    else:
        # A missing file, a missing parameter or a wrong login code are the handler's own answers.
        own = {401, 429} if route.kind is Kind.LOGIN else set()
        assert status in {200, 204, 400, 404, 415, 422, *own}, place
    assert "access-control-allow-origin" not in headers, place
    for name, value in SECURITY_HEADERS:
        assert headers[name.decode()] == value.decode(), place


@pytest.mark.parametrize(
    ("path", "mode", "dest", "status"),
    [
        ("/", "navigate", "document", 200),
        ("/", "navigate", "iframe", 403),
        ("/", "no-cors", "image", 403),
        ("/-/healthy", "no-cors", "empty", 403),
        ("/api/v1/query?query=up", "navigate", "document", 403),
        ("/api/v1/query?query=up", "navigate", "iframe", 403),
        ("/api/desk/status", "navigate", "document", 403),
    ],
)
def test_a_link_of_another_site_leads_to_the_page_and_nowhere_else(
    rig: Any, path: str, mode: str, dest: str, status: int
) -> None:
    """A foreign page can send a person here, but not make the desk work in a frame, an image or a tab."""
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode, "sec-fetch-dest": dest}
    assert rig.ask("GET", path, headers=headers).status_code == status
    assert rig.engine.asked == []


@pytest.mark.parametrize(("host", "site", "status"), [("evil.example", "", 421), ("127.0.0.1", "cross-site", 403)])
def test_the_stream_refuses_foreign_pages(rig: Any, host: str, site: str, status: int) -> None:
    """The stream, too, is closed to rebound names and other sites."""
    assert rig.ask("GET", "/api/desk/stream", headers={"host": host, "sec-fetch-site": site}).status_code == status


def test_the_stream_needs_the_token_beyond_loopback(make_rig: Callable[..., Any]) -> None:
    """Where others can connect, nobody follows without a credential."""
    assert make_rig(policy=POLICIES["remote"]).ask("GET", "/api/desk/stream").status_code == 401


def test_no_answer_is_missing_from_the_table() -> None:
    """Every public coroutine of the rooms that answer stands in the table: the matrix has seen all there is."""
    rooms = [import_module(found.name) for found in pkgutil.walk_packages(api.__path__, "nightdesk.api.")]
    answering = {
        function
        for room in rooms
        for name, function in vars(room).items()
        if inspect.iscoroutinefunction(function)
        and function.__module__ == room.__name__
        and name[0] != "_"
        and next(iter(inspect.signature(function).parameters.values())).annotation is Request
    }
    assert answering == {route.handler or route.streamer for route in ROUTES}


def test_no_get_changes_state() -> None:
    """A row that would change state by GET cannot be written."""
    for kind in (Kind.LOGIN, Kind.ACTION, Kind.PROTOCOL):
        with pytest.raises(ValueError, match="no GET changes state"):
            Route("/x", frozenset({"GET"}), kind, handler=ROUTES[0].handler)


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "TRACE", "DELETE"])
def test_other_methods_are_refused_and_no_preflight_is_granted(rig: Any, method: str) -> None:
    """A preflight of another site gets no permission, an unknown method 405 with what is allowed."""
    answer = rig.ask(method, "/api/v1/query", headers={"access-control-request-method": "POST"})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("kind", "status"),
    [("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("application/json; x=y", 200)],
)
def test_actions_demand_json(rig: Any, kind: str, status: int) -> None:
    """What a plain form of another page can send is refused even with a credential."""
    headers = {"authorization": f"Bearer {rig.token}", "content-type": kind}
    assert rig.ask("POST", "/api/desk/login", headers=headers, content=b"{}").status_code == status


def test_two_hosts_are_refused(rig: Any) -> None:
    """A second Host header cannot smuggle a foreign one in."""
    headers = [("host", "127.0.0.1:9977"), ("host", "evil.example")]
    assert rig.ask("GET", "/api/desk/status", headers=headers).status_code == 421


@pytest.mark.parametrize(
    ("authority", "name"),
    [
        ("localhost", "localhost"),
        ("LocalHost.:9977", "localhost"),
        ("[::1]:9977", "::1"),
        ("evil.com@localhost", ""),
        ("localhost/x", ""),
        ("localhost#.evil.com", ""),
        ("localhost?x", ""),
        ("localhost:abc", ""),
        ("localhost:1:2", ""),
        ("local host", ""),
        ("::1", ""),
        ("", ""),
    ],
)
def test_a_host_is_a_name_and_a_port_and_nothing_else(authority: str, name: str) -> None:
    """What a browser or proxy could read as another host than we do is none of ours."""
    assert host_name(authority) == name
