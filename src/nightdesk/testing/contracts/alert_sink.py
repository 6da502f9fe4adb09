"""What every `AlertSink` must do."""

from dataclasses import replace

from nightdesk.model.alert import AlertState
from nightdesk.seams.alerts import AlertSink
from nightdesk.testing.builders import an_alert

AT = 1_700_000_000_000


class AlertSinkContract:
    """Derive, and say in `make` how to build an empty sink."""

    def make(self) -> AlertSink:
        """Return an empty sink."""
        raise NotImplementedError

    def test_first_sight_is_a_change(self) -> None:
        """An alert that was not known is a change from nothing, at the instant it was judged."""
        (change,) = self.make().accept([an_alert(state=AlertState.PENDING)], AT)
        assert (change.previous, change.alert.state, change.at) == (None, AlertState.PENDING, AT)

    def test_same_standing_is_no_change(self) -> None:
        """The same state reported again changes nothing."""
        sink = self.make()
        sink.accept([an_alert()], AT)
        assert list(sink.accept([replace(an_alert(), value=2.0)], AT + 1000)) == []

    def test_life_of_an_alert(self) -> None:
        """Pending, firing and resolved are three changes; their numbers rise and their identities differ."""
        sink = self.make()
        changes = [
            change
            for step, state in enumerate((AlertState.PENDING, AlertState.FIRING, AlertState.RESOLVED))
            for change in sink.accept([an_alert(state=state, at=AT)], AT + step * 1000)
        ]
        assert [change.previous for change in changes] == [None, AlertState.PENDING, AlertState.FIRING]
        assert [change.number for change in changes] == [1, 2, 3]
        assert len({change.id for change in changes}) == 3

    def test_end_of_the_unknown_is_no_news(self) -> None:
        """The end of an alert that was not known to live is no change."""
        assert list(self.make().accept([an_alert(state=AlertState.RESOLVED)], AT)) == []

    def test_silence_says_nothing(self) -> None:
        """An alert that a round does not mention stays as it was."""
        sink = self.make()
        sink.accept([an_alert("One"), an_alert("Two")], AT)
        sink.accept([an_alert("One")], AT + 1000)
        assert [change.alert.name for change in sink.accept([an_alert("Two", AlertState.RESOLVED)], AT + 2000)] == [
            "Two"
        ]

    def test_several_changes_in_one_round(self) -> None:
        """Alerts that differ in one label are different alerts."""
        changes = self.make().accept([an_alert(mountpoint="/"), an_alert(mountpoint="/home")], AT)
        assert {change.alert.labels.get("mountpoint") for change in changes} == {"/", "/home"}
