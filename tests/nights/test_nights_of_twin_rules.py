"""Nights with rules whose alerts bear the same labels: one breach, one message, one end."""

import pytest

from nightdesk.model.notice import NoticeReason
from nightdesk.model.rule import RuleGroup
from nightdesk.rules.forms.files import load
from nightdesk.testing.nights import Night

RULE = "  - {{alert: TargetDown, expr: up == 0, for: {for_}, labels: {{severity: critical}}}}\n"
GROUP = "groups:\n- name: g\n  interval: 10s\n  rules:\n"


def at_once_and_late(*, files: int) -> list[RuleGroup]:
    """Write the same alert with `for: 0s` and `for: 5m`, in one group or in two files."""
    at_once, late = RULE.format(for_="0s"), RULE.format(for_="5m")
    if files == 1:
        return list(load(GROUP + at_once + late, "a.yml"))
    return [*load(GROUP + at_once, "a.yml"), *load(GROUP + late, "b.yml")]


@pytest.mark.parametrize("files", [1, 2])
@pytest.mark.parametrize("restarts", [0, 3])
def test_twin_rules_tell_once(files: int, restarts: int) -> None:
    """The impatient rule's message goes out at once, the patient one's adds none, and the end comes once."""
    night = Night(at_once_and_late(files=files))
    night.at("22:00").series('up{job="x"}', "1x20 0x40 1x20")
    for minute in range(restarts):
        night.at(f"22:0{6 + minute}").restart(seconds=20)
    night.play(until="22:25")
    night.expect_delivery("console", "TargetDown", between=("22:05", "22:05:30"))
    night.expect_silence("console", between=("22:05:31", "22:15"))
    night.expect_delivery("console", "TargetDown", between=("22:15", "22:15:45"), reason=NoticeReason.RESOLVED)
    night.expect_silence("console", between=("22:15:46", "22:25"))
