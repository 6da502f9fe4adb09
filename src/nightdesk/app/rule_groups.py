"""Which rules a desk judges: the shipped ones, the thresholds of the settings, and the files that they name."""

import logging
from dataclasses import replace
from typing import Final

from nightdesk.app.settings.rule_paths import find_rule_files, unmatched
from nightdesk.app.settings.settings import Settings
from nightdesk.errors import RuleFileError
from nightdesk.model.direction import Direction
from nightdesk.model.rule import AlertRule, RuleGroup
from nightdesk.rules.forms.files import load
from nightdesk.rules.forms.lint import texts
from nightdesk.rules.rulebook import shipped
from nightdesk.rules.thresholds import Threshold, compile_thresholds, with_defaults

log = logging.getLogger(__name__)
OF_OTHERS: Final = frozenset({"probes", "bots"})
"""Shipped groups about what is asked or told, not about the machine the desk runs on."""


def thresholds_of(settings: Settings) -> tuple[Threshold, ...]:
    """Return the levels of the vitals: those written, and the usual ones of the rest where the host is measured."""
    written = [
        Threshold(name, level.warning, level.critical, level.for_, Direction(level.direction))
        for name, level in settings.thresholds.items()
    ]
    return with_defaults(written) if settings.desk.collect else tuple(written)


def rule_groups_of(settings: Settings) -> list[RuleGroup]:
    """Return every group, in the order in which they are judged: what records vitals stands before what judges them.

    Raises:
        RuleFileError, SettingsError: a file cannot be used; file, line and what would be right.
    """
    interval = settings.desk.interval
    groups = own_groups_of(settings)
    for pattern in unmatched(settings.rules.files):
        log.warning("[rules] files: %s matches no file, so nothing is judged for it", pattern)
    for file in find_rule_files(settings.rules.files):
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RuleFileError(f"cannot be read: {error}", file=str(file)) from error
        loaded = load(text, str(file), desk_interval=interval)
        for hint in texts(loaded):
            log.warning("%s", hint)
        groups += loaded
    return groups


def own_groups_of(settings: Settings) -> list[RuleGroup]:
    """Return the groups that are in no file of the settings: the shipped ones and the thresholds."""
    return _shipped(settings) + compile_thresholds(thresholds_of(settings), settings.desk.interval)


def _shipped(settings: Settings) -> list[RuleGroup]:
    """Return the shipped groups; without collecting, those of this machine record nothing: there are no series of it.

    What probes, access logs, watched connections and bots tell is recorded all the same.
    """
    if not settings.rules.shipped:
        return []
    groups = shipped(settings.desk.interval)
    if settings.desk.collect:
        return groups
    judging = [
        group
        if group.name in OF_OTHERS
        else replace(group, rules=tuple(rule for rule in group.rules if isinstance(rule, AlertRule)))
        for group in groups
    ]
    return [group for group in judging if group.rules]
