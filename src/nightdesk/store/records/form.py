"""The JSON form of alerts, transitions and notices: in state.db, and on the wire to the sender process.

Pure ASCII by the standard library's `json`, not orjson: lone surrogates, which may stand in labels, survive; the sender
process starts 25 ms sooner; and numbers that JSON lacks are written as words, so that they come back as they were.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from nightdesk.errors import CorruptData
from nightdesk.model.alert import Alert, AlertState, Evidence, Transition
from nightdesk.model.labels import Labels
from nightdesk.model.notice import Notice, NoticeReason

FORM: Final = 1
"""Version of the form, in every body; a reader refuses one it does not know."""

Form = dict[str, Any]


def dump(form: Mapping[str, Any]) -> str:
    """Write a form as one line of ASCII."""
    return json.dumps(form, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def load(text: str) -> Form:
    """Read one line back.

    Raises:
        CorruptData: it is no form of a version known here.
    """
    try:
        form = json.loads(text)
    except ValueError as error:
        raise CorruptData(f"a stored record cannot be read: {error}") from error
    if not isinstance(form, dict) or form.get("form") != FORM:
        raise CorruptData(f"a stored record is not of form {FORM}")
    return form


def alert_form(alert: Alert) -> Form:
    """Return the form of an alert."""
    return {
        "form": FORM,
        "labels": list(alert.labels.pairs),
        "annotations": list(alert.annotations),
        "state": alert.state.value,
        "value": _number_form(alert.value),
        "active_at": alert.active_at,
        "fired_at": alert.fired_at,
        "ended_at": alert.ended_at,
        "judged_at": alert.judged_at,
        "true_at": alert.true_at,
        "evidence": alert.evidence.value,
        "rule": alert.rule,
        "quiet_at": alert.quiet_at,
        "told": list(alert.told),
        "changes": alert.changes,
    }


def alert_from(form: Form) -> Alert:
    """Build the alert that a form describes. Raises CorruptData."""
    try:
        return Alert(
            labels=Labels([(name, value) for name, value in form["labels"]]),
            annotations=tuple((name, value) for name, value in form["annotations"]),
            state=AlertState(form["state"]),
            value=float(form["value"]),
            active_at=form["active_at"],
            fired_at=form["fired_at"],
            ended_at=form["ended_at"],
            judged_at=form["judged_at"],
            true_at=form["true_at"],
            evidence=Evidence(form["evidence"]),
            rule=form["rule"],
            quiet_at=form["quiet_at"],
            told=tuple(form["told"]),
            changes=form["changes"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptData(f"a stored alert cannot be read: {error!r}") from error


def transition_form(transition: Transition) -> Form:
    """Return the form of a change of state."""
    return {
        "form": FORM,
        "alert": alert_form(transition.alert),
        "previous": transition.previous.value if transition.previous else None,
        "at": transition.at,
        "number": transition.number,
    }


def transition_from(form: Form) -> Transition:
    """Build the change of state that a form describes. Raises CorruptData."""
    try:
        previous = AlertState(form["previous"]) if form["previous"] is not None else None
        return Transition(alert_from(form["alert"]), previous, form["at"], form["number"])
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptData(f"a stored transition cannot be read: {error!r}") from error


def notice_form(notice: Notice) -> Form:
    """Return the form of a notice."""
    return {
        "form": FORM,
        "key": notice.key,
        "channel": notice.channel,
        "reason": notice.reason.value,
        "alerts": [alert_form(alert) for alert in notice.alerts],
        "created_at": notice.created_at,
        "instead_of": notice.instead_of,
        "code": notice.code,
    }


def notice_from(form: Form) -> Notice:
    """Build the notice that a form describes. Raises CorruptData."""
    try:
        alerts = tuple(alert_from(each) for each in form["alerts"])
        # A message of format 2 and before has neither of the last two.
        stand_in, code = str(form.get("instead_of", "")), str(form.get("code", ""))
        reason = NoticeReason(form["reason"])
        return Notice(form["key"], form["channel"], reason, alerts, form["created_at"], stand_in, code)
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptData(f"a stored notice cannot be read: {error!r}") from error


def storable(text: str) -> str:
    """Return text that SQLite takes: a lone surrogate is no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _number_form(number: float) -> float | str:
    """Return a finite number as it is (17 digits bring it back exactly), the others as a word that `float` reads."""
    return number if math.isfinite(number) else repr(number)
