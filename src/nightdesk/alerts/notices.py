"""Notices out of changes: alerts that changed together, for one channel and one reason, travel as one message."""

from collections.abc import Iterable
from typing import Final

from nightdesk.model.alert import AlertState, Transition
from nightdesk.model.notice import Notice, NoticeReason

ALERTS_PER_NOTICE: Final = 50
"""More alerts than a person reads in one message go into the next one."""


def notices_for(told: Iterable[tuple[Transition, tuple[str, ...]]], at: int) -> list[Notice]:
    """Return the notices of changes, each with the channels that are told of it.

    Firing alerts make a FIRED notice, resolved ones a RESOLVED notice; other changes are told to nobody.
    """
    bundles: dict[tuple[str, NoticeReason], list[Transition]] = {}
    for transition, channels in told:
        reason = _REASONS.get(transition.alert.state)
        if reason is not None:
            for channel in channels:
                bundles.setdefault((channel, reason), []).append(transition)
    return [
        _notice(channel, reason, bundle[first : first + ALERTS_PER_NOTICE], at)
        for (channel, reason), bundle in bundles.items()
        for first in range(0, len(bundle), ALERTS_PER_NOTICE)
    ]


_REASONS: Final = {AlertState.FIRING: NoticeReason.FIRED, AlertState.RESOLVED: NoticeReason.RESOLVED}


def _notice(channel: str, reason: NoticeReason, bundle: list[Transition], at: int) -> Notice:
    ids = tuple(transition.id for transition in bundle)
    alerts = tuple(transition.alert for transition in bundle)
    return Notice(Notice.key_for(channel, reason, ids), channel, reason, alerts, at)
