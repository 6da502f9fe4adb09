"""Whose beat is missed, by the shipped rule on a manual clock: dead, silent, stopped on purpose, ended and alive."""

import asyncio
import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
import yaml

from nightdesk.client import Client
from nightdesk.collect.clients.job import PushJob
from nightdesk.collect.clients.repeater import Repeater
from nightdesk.collect.clients.roster import Roster
from nightdesk.query.engine import Engine
from nightdesk.query.limits import Limits, QueryBudget
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.intake import InlineIntake
from nightdesk.testing.samples import MemorySamples

NOW = 1_700_000_000_000
ALL = ("alive", "announced", "dead", "ended", "silent")


class Town:
    """Bots whose clients push at instants of a manual clock, beside what the desk does of itself."""

    def __init__(self) -> None:
        """Start with five bots that each gave one beat."""
        self.clock, self.samples, self.roster = ManualClock(NOW), MemorySamples(), Roster()
        self.repeater = Repeater(self.roster, InlineIntake(self.samples), self.clock)
        [self.rule] = [
            rule
            for rule in yaml.safe_load((files("nightdesk.rulebook") / "bots.yml").read_text())["desk_rules"]
            if rule["name"] == "BotBeatMissed"
        ]
        self.sequence = 0

    def push(self, bot: str, **told: Any) -> None:
        """Let a bot speak."""
        self.sequence += 1
        head = {"version": 1, "bot": bot, "run": bot, "age": 1, "sequence": self.sequence}
        job = PushJob(json.dumps({**head, **told}).encode(), self.roster, self.clock.now())
        self.samples.append(job(self.samples))

    def beat(self, bot: str) -> None:
        """Let a bot speak with a beat of now."""
        self.push(bot, beats=[["loop", self.sequence + 1, 0.0, 1.0, "", ""]])

    def missed_for(self, seconds: int, each_second: Callable[[], None]) -> set[str]:
        """Let time pass, and return whose beat the rule missed without a break in the latest fifteen seconds."""
        seen: list[set[str]] = []
        for second in range(seconds):
            each_second()
            if second % 5 == 0:
                self.repeater.turn()
            asyncio.run(self.clock.advance(1))
            seen.append(self._missed())
        return set.intersection(*seen[-15:])

    def _missed(self) -> set[str]:
        budget = QueryBudget(Limits(), self.clock)
        answer = Engine(self.samples, self.clock).instant(self.rule["expr"], self.clock.now(), budget)
        return {labels.get("bot") for labels, there in zip(answer.labels, answer.present[:, 0], strict=True) if there}


@pytest.fixture
def town() -> Town:
    """Five bots that have just given their first beat."""
    made = Town()
    for bot in ALL:
        made.beat(bot)
    return made


def test_exactly_those_are_missed_who_are_missing(town: Town) -> None:
    """A dead process and one that lives and is silent; neither who said goodbye nor who lives, nor who ended it."""
    town.push("announced", stopping="the weekend")
    town.push("ended", ended=["loop"])

    def speak() -> None:
        town.beat("alive")
        town.push("silent")

    assert town.rule["for"] == "15s"
    assert town.missed_for(20, speak) == {"dead", "silent"}


def test_nobody_is_missed_of_whom_the_client_knows_no_interval(town: Town) -> None:
    """A beat whose interval is none is counted as lost, and made by nobody's guess."""
    client = Client(None, bot="guessed")
    client.beat("loop", every=0)
    town.push("guessed", **client._registry.push(whole=True).body)
    assert client.lost == {"bad_value": 1}
    assert "guessed" not in town.missed_for(200, lambda: None)
