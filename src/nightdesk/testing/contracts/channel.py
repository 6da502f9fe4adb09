"""What every kind of channel guarantees: each answer of the other side has its reason, and no secret is ever shown."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final

import pytest

from nightdesk.deliver.outcome import Outcome
from nightdesk.deliver.render import Place
from nightdesk.deliver.senders.child import attempt
from nightdesk.deliver.senders.wire import Job, dump_job, load_job
from nightdesk.deliver.settings.channels import ChannelSettings
from nightdesk.model.notice import FailureReason, Notice
from nightdesk.testing.builders import an_alert
from nightdesk.testing.contracts.alert_records import a_notice

CANARY: Final = "c4nary-s3cret"
"""Every secret that the suite plants contains this."""
SECONDS: Final = 2.0

World = AbstractContextManager[ChannelSettings]
"""The other side while it is entered: gives the settings by which it is reached."""


class ChannelContract(ABC):
    """Inherit, name the class `Test...`, and put the kind's worlds into a table."""

    @abstractmethod
    def worlds(self) -> Mapping[str, tuple[World, FailureReason | None]]:
        """Return, for each way in which the other side can answer, a world and the reason it must be given."""

    @pytest.fixture
    def outcomes(self, caplog: pytest.LogCaptureFixture) -> dict[str, tuple[Outcome, FailureReason | None, str]]:
        """Deliver once into every world; keep the outcome, what it should be, and all that was shown on the way."""
        seen = {}
        for name, (world, expected) in self.worlds().items():
            caplog.clear()
            with caplog.at_level(logging.DEBUG), world as settings:
                outcome = attempt(Job(settings, a_message(), Place("desk1"), SECONDS))
            # What the mail server of the tests logs is the other side's.
            logged = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
            seen[name] = (outcome, expected, f"{outcome!r} {settings!r} {settings} {logged}")
        return seen

    def test_every_answer_has_its_reason_and_no_secret_is_shown(
        self, outcomes: dict[str, tuple[Outcome, FailureReason | None, str]]
    ) -> None:
        """The table holds, each failure says something on one short line, and canaries stay where they are."""
        assert {name: outcome.failure for name, (outcome, _, _) in outcomes.items()} == {
            name: expected for name, (_, expected, _) in outcomes.items()
        }
        for name, (outcome, _, shown) in outcomes.items():
            assert CANARY not in shown, name
            assert outcome.failure is None or (outcome.detail and len(outcome.detail) <= 300), name
            assert outcome.detail.isprintable(), name

    def test_settings_travel_to_the_process_whole(self) -> None:
        """Whatever the settings say arrives on the other side of the wire."""
        for world, _ in self.worlds().values():
            with world as settings:
                job = Job(settings, a_message(), Place("desk1", "https://desk.example.org"), SECONDS)
                assert load_job(dump_job(job)) == job

    def test_settings_that_cannot_work_are_refused_unsent(self) -> None:
        """A setting with a fault is the reason CONFIG, whatever the fault, and a sentence."""
        for settings in self.broken():
            outcome = attempt(Job(settings, a_message(), Place("desk1"), SECONDS))
            assert outcome.failure is FailureReason.CONFIG, settings
            assert outcome.detail

    def broken(self) -> Iterator[ChannelSettings]:
        """Yield settings that cannot work."""
        yield from ()


def a_message() -> Notice:
    """Build a critical message."""
    alert = an_alert("CpuBusy", instance="web1")
    return a_notice(replace(alert, labels=alert.labels.with_(severity="critical")))
