"""The desk's own figures: listed, and written as Prometheus reads them."""

import asyncio

import pytest

from nightdesk.app.figures.catalogue import METRICS
from nightdesk.app.figures.gather import Figure, OwnCollector, exposition
from nightdesk.collect.intake.exposition import parse
from nightdesk.model.metric import MetricType
from nightdesk.workers import Workers


def test_counters_are_named_total() -> None:
    """By the name alone a reader knows whether to take its rate."""
    assert all(name.endswith("_total") == (each.type is MetricType.COUNTER) for name, each in METRICS.items())


def test_figures_are_written_so_that_they_read_back() -> None:
    """Families stay together, labels are quoted, and the desk's own parser gets every value."""
    figures = [
        Figure("nightdesk_alerts", 1.0, (("severity", 'a"b\\'), ("state", "firing"))),
        Figure("nightdesk_uptime_seconds", 1.5),
        Figure("nightdesk_alerts", 2.0, (("severity", "info"), ("state", "pending"))),
    ]
    text = exposition(figures)
    assert text.count(b"# TYPE nightdesk_alerts gauge") == 1
    read = parse(text)
    values = dict(zip(read.labels, read.values.tolist(), strict=True))
    assert sorted(values.values()) == [1.0, 1.5, 2.0]
    assert {labels.get("severity") for labels in values} == {"", 'a"b\\', "info"}


def test_a_figure_that_is_not_listed_cannot_be_written() -> None:
    """So that nothing is told that is not documented."""
    with pytest.raises(KeyError):
        exposition([Figure("nightdesk_secret", 1.0)])


def test_the_own_collector_keeps_its_labels_while_the_set_is_the_same() -> None:
    """The loop then spares all label work; a new series makes a new tuple."""
    figures = [Figure("nightdesk_uptime_seconds", 1.0)]
    chores = Workers("chores")
    collector = OwnCollector([lambda: figures], 5.0, "vm", chores)

    async def thrice() -> None:
        first, second = await collector.collect(1), await collector.collect(2)
        assert first.labels is second.labels
        assert first.labels[0].as_dict() == {
            "__name__": "nightdesk_uptime_seconds",
            "instance": "vm",
            "job": "nightdesk",
        }
        figures.append(Figure("nightdesk_rules_failing", 0.0))
        third = await collector.collect(3)
        assert (len(third), third.at) == (2, 3)

    asyncio.run(thrice())
    chores.stop()
