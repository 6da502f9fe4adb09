"""The small curves of `nightdesk status`."""

from nightdesk.cli.answers import QueryAnswer, Row
from nightdesk.cli.commands.status import TREND_POINTS, trends_of

NOW = 1_700_000_000_000


class TwoMachines:
    """A source that holds the memory of two machines."""

    def instant(self, expr: str, at: int, resolution: str = "auto") -> QueryAnswer:  # noqa: ARG002
        """Answer nothing."""
        return QueryAnswer("vector")

    def range(self, expr: str, start: int, end: int, step: int, resolution: str = "auto") -> QueryAnswer:  # noqa: ARG002
        """Answer the first and the last step of each, this machine last."""
        values = {"web9": [90.0, 97.0], "box": [10.0, 20.0]}
        rows = [Row({"__name__": "memory_usage", "instance": name}, [start, end], own) for name, own in values.items()]
        return QueryAnswer("matrix", rows)


def test_a_curve_is_that_of_the_machine_whose_value_stands_beside_it() -> None:
    """Whichever series the answer has last; where nothing was measured there is a gap."""
    vital = {"name": "memory_usage", "labels": {"instance": "web9"}}
    (trend,) = trends_of([vital], NOW, TwoMachines()).values()
    assert trend == [90.0, *[None] * (TREND_POINTS - 2), 97.0]
    assert trends_of([{"name": "cpu_usage", "labels": {}}], NOW, TwoMachines()) == {}
