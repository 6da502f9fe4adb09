"""Channels are tested and confirmed: codes for one use and a day, confirmations for the settings of that time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from nightdesk.app.channels.desk import ChannelDesk, ChannelState
from nightdesk.app.channels.proofs import CODE_LETTERS, Proofs, new_code, plain_code
from nightdesk.app.standing.standing import UNCONFIRMED, WarningCode
from nightdesk.app.tokens import WRONG_ALLOWED
from nightdesk.deliver.reporter import ChannelHealth
from nightdesk.deliver.settings.channels import (
    AppriseSettings,
    ChannelSettings,
    ConsoleSettings,
    DesktopSettings,
    MailSettings,
    Secret,
    SmsSettings,
    WebhookSettings,
)
from nightdesk.errors import Exceeded, Refused
from nightdesk.model.confirmation import Confirmation
from nightdesk.model.instant import HOUR
from nightdesk.model.notice import Attempt, DeliveryState, FailureReason, NoticeReason
from nightdesk.testing.channels import CHANNELS, a_channel_desk, confirmations_in_memory
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.delivery import AtOnce
from nightdesk.testing.records import MemoryRecords

Asked = Callable[[], Awaitable[Any]]


class Rig:
    """The use cases over memory; `deliver` plays the courier."""

    def __init__(self, channels: Mapping[str, ChannelSettings] = CHANNELS) -> None:
        self.clock, self.records = ManualClock(), MemoryRecords()
        self.channels: dict[str, ChannelSettings] = dict(channels)
        self.desk: ChannelDesk = a_channel_desk(self.records, self.clock, AtOnce(), self.channels)

    def ask(self, question: Asked) -> Any:
        """Run one coroutine."""

        async def run() -> Any:
            return await question()

        return asyncio.run(run())

    def test(self, channel: str = "phone") -> str:
        """Test a channel, let the test arrive, and return its code."""
        self.ask(lambda: self.desk.test(channel))
        return self.deliver()

    def confirm(self, code: str) -> Confirmation:
        """Give a code back."""
        return asyncio.run(self._confirm(code))

    async def _confirm(self, code: str) -> Confirmation:
        return await self.desk.confirm(code)

    def deliver(self, failure: FailureReason | None = None) -> str:
        """Settle what waits and return its code."""
        (entry,) = self.records.lease(self.clock.now(), 1, 1_000)
        self.records.mark(entry.id, Attempt(self.clock.now(), failure, "why" if failure else ""), None)
        return entry.notice.code

    def state(self, channel: str = "phone") -> ChannelState:
        """Return what is known of a channel."""
        found: dict[str, ChannelState] = {each.name: each.state for each in self.ask(self.desk.standings)}
        return found[channel]

    def warned(self) -> bool:
        """Return whether the desk says that it cannot reach anybody away."""
        return UNCONFIRMED in self.desk.warnings([])


def test_a_code_that_comes_back_ends_the_warning() -> None:
    """From the test to the confirmation; in whatever way the code is typed."""
    rig = Rig()
    assert (rig.state(), rig.warned()) == (ChannelState.UNCONFIRMED, True)
    code = rig.test()
    assert rig.warned()
    confirmed = rig.confirm(f" {code.lower().replace('-', ' ')} ")
    assert (confirmed.channel, confirmed.at) == ("phone", rig.clock.now())
    assert (rig.state(), rig.warned()) == (ChannelState.CONFIRMED, False)


def test_a_code_is_good_once() -> None:
    """Used, it is as unknown as any."""
    rig = Rig()
    code = rig.test()
    rig.confirm(code)
    with pytest.raises(Refused, match="unknown, used, or older"):
        rig.confirm(code)


@pytest.mark.parametrize("jump", [24 * HOUR + 1, -24 * HOUR - 1])
def test_a_code_lasts_for_a_day(jump: int) -> None:
    """Not longer, in whichever direction the wall clock went."""
    rig = Rig()
    code = rig.test()
    rig.clock.step_wall(jump)
    with pytest.raises(Refused):
        rig.confirm(code)


def test_the_code_of_a_test_that_failed_confirms_nothing() -> None:
    """A gateway that refuses a message may repeat it where the desk shows it: that is no person who read it."""
    rig = Rig()
    rig.ask(lambda: rig.desk.test("phone"))
    code = rig.deliver(FailureReason.SERVER)
    for _ in range(WRONG_ALLOWED + 1):
        with pytest.raises(Refused, match="the test of phone failed"):
            rig.confirm(code)
    assert (rig.state(), rig.warned()) == (ChannelState.UNCONFIRMED, True)
    assert rig.confirm(rig.test()).channel == "phone"


def test_guessing_is_braked() -> None:
    """After ten wrong codes within a minute even the right one waits."""
    rig = Rig()
    code = rig.test()
    for _ in range(WRONG_ALLOWED):
        with pytest.raises(Refused):
            rig.confirm("AAAA-AAAA")
    with pytest.raises(Exceeded, match="too many wrong codes"):
        rig.confirm(code)
    rig.clock.jump(61)
    assert rig.confirm(code).channel == "phone"


def test_other_settings_need_another_confirmation() -> None:
    """A new token is a new way; going back to the confirmed one is the way that was confirmed."""
    rig = Rig()
    rig.confirm(rig.test())
    before = rig.channels["phone"]
    rig.channels["phone"] = WebhookSettings(Secret("http://127.0.0.1:9/other"))
    assert (rig.state(), rig.warned()) == (ChannelState.CHANGED, True)
    rig.channels["phone"] = before
    assert (rig.state(), rig.warned()) == (ChannelState.CONFIRMED, False)


def test_a_test_of_settings_that_changed_since_confirms_nothing() -> None:
    """What arrived was sent the old way."""
    rig = Rig()
    code = rig.test()
    rig.channels["phone"] = WebhookSettings(Secret("http://127.0.0.1:9/other"))
    with pytest.raises(Refused, match="have changed since this test"):
        rig.confirm(code)
    assert rig.warned()


def test_a_confirmed_screen_of_this_machine_ends_no_warning() -> None:
    """Console and desktop are told here; nobody away hears them, whoever confirms."""
    rig = Rig()
    rig.confirm(rig.test("console"))
    assert (rig.state("console"), rig.warned()) == (ChannelState.LOCAL, True)


def test_a_confirmed_channel_that_critical_alerts_do_not_take_ends_no_warning() -> None:
    """Knowing that a way works is of no use where nothing critical goes."""
    rig = Rig({**CHANNELS, "spare": WebhookSettings(Secret("http://127.0.0.1:9/spare"))})
    rig.confirm(rig.test("spare"))
    assert (rig.state("spare"), rig.warned()) == (ChannelState.CONFIRMED, True)


def test_what_becomes_of_a_test_can_be_asked() -> None:
    """It goes the way of every message, once; a failure has its reason; meanwhile there is no second one."""
    rig = Rig()
    standing = rig.ask(lambda: rig.desk.test("phone"))
    assert standing.tested.state is DeliveryState.QUEUED
    assert standing.tested.notice.reason is NoticeReason.TEST
    with pytest.raises(Refused, match="on its way"):
        rig.ask(lambda: rig.desk.test("phone"))
    rig.deliver(FailureReason.AUTH)
    (_, phone) = rig.ask(rig.desk.standings)
    assert (phone.tested.state, phone.tested.last.failure) == (DeliveryState.UNDELIVERABLE, FailureReason.AUTH)
    assert rig.ask(lambda: rig.desk.test("phone")).tested.state is DeliveryState.QUEUED


def test_an_unknown_channel_is_refused_with_those_there_are() -> None:
    """The sentence says what would be right."""
    with pytest.raises(Refused, match="write one of console, phone"):
        Rig().test("fax")


def test_the_severities_of_a_channel_are_told() -> None:
    """By the general routes, the highest first."""
    rig = Rig()
    (console, phone) = rig.ask(rig.desk.standings)
    assert [severity.value for severity in phone.severities] == ["critical", "warning", "info"]
    assert (console.off_machine, phone.off_machine) == (False, True)


def test_a_desktop_that_shows_nothing_is_named() -> None:
    """The warning says why, and that the console is told instead; of others the reason is enough."""
    rig = Rig({**CHANNELS, "screen": DesktopSettings()})
    failed = Attempt(5, FailureReason.UNREACHABLE, "no session bus")
    health = [ChannelHealth(name, 0, (), 0, False, failed, None) for name in ("phone", "screen")]
    told = [each.text for each in rig.desk.warnings(health) if each.code is WarningCode.CHANNEL_FAILS]
    assert told == [
        "The last message to phone failed: unreachable.",
        "Desktop notifications cannot be shown: no session bus; they are told on the console.",
    ]


def test_confirmations_outlive_the_process_and_hold_no_secret() -> None:
    """Read back by a desk with the same key; one with another key believes none of them."""
    stored, channels = confirmations_in_memory(), dict(CHANNELS)
    proofs = Proofs(stored, "k" * 43, lambda: channels)
    proofs.confirm(proofs.begin("phone", 1).code, 2)
    assert Proofs(stored, "k" * 43, lambda: channels).confirmed_at("phone") == 2
    assert Proofs(stored, "o" * 43, lambda: channels).confirmed_at("phone") is None
    kept = repr([*stored.confirmations().values(), *stored.last_tests().values()])
    assert "hook" not in kept


MAIL = MailSettings("h", "a@b.c", ("d@e.f",), user="u", password=Secret("one"))
CHANGES: list[tuple[ChannelSettings, ChannelSettings]] = [
    (MAIL, replace(MAIL, password=Secret("two"))),
    (MAIL, replace(MAIL, to=("x@e.f",))),
    (SmsSettings(Secret("seven://k/1")), SmsSettings(Secret("seven://k/2"))),
    (SmsSettings(Secret("seven://k/1")), AppriseSettings(Secret("seven://k/1"))),
    (ConsoleSettings(), DesktopSettings()),
]


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_every_change_of_settings_is_seen(before: ChannelSettings, after: ChannelSettings) -> None:
    """Also that of a secret alone, and of the kind alone."""
    channels = {"phone": before}
    proofs = Proofs(confirmations_in_memory(), "k" * 43, lambda: channels)
    proofs.confirm(proofs.begin("phone", 1).code, 2)
    assert proofs.confirmed_at("phone") == 2
    channels["phone"] = after
    assert proofs.confirmed_at("phone") is None


def test_codes_are_random_and_can_be_read_aloud() -> None:
    """40 bits, two groups, no letter that is taken for another; what is mistyped all the same is understood."""
    codes = {new_code() for _ in range(1_000)}
    assert len(codes) == 1_000
    assert all(len(code) == 9 and set(code) <= {*CODE_LETTERS, "-"} for code in codes)
    assert plain_code("o1iL-abcd ") == "0111ABCD"
