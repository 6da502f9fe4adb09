"""Reads the rules that come with Nightdesk."""

from importlib.resources import files
from typing import Final

from nightdesk.model.rule import RuleGroup
from nightdesk.rules.forms.files import load

SHIPPED: Final = ("host.yml", "accelerators.yml", "desk.yml", "bots.yml", "forecast.yml", "probes.yml")
"""Files of the rulebook, in the order in which their groups are judged."""
PREFIX: Final = "rulebook/"


def shipped_text(name: str) -> str:
    """Return the text of a file of the rulebook: rules or their test."""
    return (files("nightdesk.rulebook") / name).read_text(encoding="utf-8")


def shipped(desk_interval: int) -> list[RuleGroup]:
    """Return the shipped groups; `desk_interval` in ms is how often the desk collects."""
    return [group for name in SHIPPED for group in load(shipped_text(name), PREFIX + name, desk_interval=desk_interval)]
