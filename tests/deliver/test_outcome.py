"""What a server says of a failure is told without what must stay unsaid."""

import pytest

from nightdesk.deliver.outcome import code_forms, redacted

CODE = "K7M4-9QXC"


@pytest.mark.parametrize(
    "said",
    [
        f"no: nightdesk channels confirm {CODE} (on web1)",
        "no: k7m4-9qxc",
        "no: K7M49QXC",
        "no: K7M4%2D9QXC, K7M4 9QXC",
        "no: confirm K7M4-9Q",
        "no: confirm K7M4-9Q…",
        "no: confirm K7",
        f"{'x' * 295}{CODE}",
    ],
)
def test_a_code_that_a_gateway_repeats_is_struck_out(said: str) -> None:
    """Whole, without its hyphen, in small letters, or cut where the detail ends."""
    told = redacted(said, code_forms(CODE)).upper()
    assert "***" in told
    assert not any(told.count(part) for part in ("K7", "9Q", "M4-"))


def test_a_secret_cut_at_the_end_is_struck_out() -> None:
    """A channel cuts a long answer in the middle of a token; what merely ends alike in one letter stays."""
    assert redacted("no such token: sk-12345", ["sk-1234567890"]) == "no such token: ***"
    assert redacted("no luck: tasks", ["sk-1234567890"]) == "no luck: tasks"


def test_no_code_strikes_nothing_out() -> None:
    """Alerts have none."""
    assert redacted("451 try later", code_forms("")) == "451 try later"
