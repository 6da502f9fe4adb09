"""The cookie of a session among those of other programs: a browser keeps one jar for all ports of a machine."""

from collections.abc import Callable
from typing import Any

import pytest

from nightdesk.api.face import policy_of
from nightdesk.api.security import Policy, sessions_of
from nightdesk.app.settings.settings import Settings


@pytest.mark.parametrize(
    "others",
    [
        "",
        "theme=dark; ",
        'prefs={"a":[1,2]}; ',
        'x="unclosed; ',
        "naïve=ä; ",
        "=; ;; a b=c; ",
        "path=/; $Version=1; ",
        "nightdesk_session_1=of-another-desk; ",
        "nightdesk_session=forged; ",
        "nightdesk_session=; ",
    ],
)
def test_no_cookie_of_others_logs_anybody_out(rig: Any, others: str) -> None:
    """However odd the neighbours, before or behind, the session is found."""
    session = f"nightdesk_session={rig.keys.redeem(rig.keys.make_code())}"
    for text in (others + session, f"{session}; {others}"):
        answer = rig.ask("GET", "/api/desk/session", headers=[(b"cookie", text.encode())])
        assert answer.json()["authenticated"] is True, text


def test_values_are_read_as_they_stand() -> None:
    """Name and value are cut at the first sign of equality; what has another name is passed over."""
    assert sessions_of("a=1; s=x=y ;s = z; ss=1", "s") == ["x=y", "z"]


def test_each_desk_has_a_cookie_of_its_own(make_rig: Callable[..., Any]) -> None:
    """Two desks on one machine do not log each other out: the port is part of the name."""
    assert policy_of(Settings(), 9978).cookie == "nightdesk_session_9978"
    rig = make_rig(policy=Policy(cookie="nightdesk_session_9978"))
    answer = rig.ask("POST", "/api/desk/session", json={"code": rig.keys.make_code()})
    assert answer.headers["set-cookie"].startswith("nightdesk_session_9978=")
    held = {"cookie": f"nightdesk_session_9977=other; {answer.headers['set-cookie'].partition(';')[0]}"}
    assert rig.ask("POST", "/-/seal", headers=held).is_success
    gone = rig.ask("DELETE", "/api/desk/session", headers={**held, "content-type": "application/json"})
    assert gone.headers["set-cookie"].startswith("nightdesk_session_9978=; Max-Age=0")
    assert rig.ask("GET", "/api/desk/session", headers=held).json()["authenticated"] is False
