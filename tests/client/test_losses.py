"""What is lost, and why: each loss has its own reason, and nothing is made of what cannot be used."""

from tests.client.test_calls import told

from nightdesk import client as client_package
from nightdesk.client import Client
from nightdesk.client.registry import MOST_VALUES


def test_each_loss_has_its_own_reason(quiet: Client) -> None:
    """What could not be made is counted at each use, by why it could not: a bad name is no lack of room."""
    bad = quiet.gauge("error_rate")
    bad.set(1)
    bad.add(1)
    assert quiet.lost == {"bad_name": 2}
    quiet.timer("1st").observe(1)
    assert quiet.lost == {"bad_name": 3}
    for number in range(MOST_VALUES + 1):
        quiet.counter("orders_total", number=number).add()
    assert quiet.lost == {"bad_name": 3, "series_limit": 1}


def test_a_row_with_fields_missing_travels(quiet: Client) -> None:
    """The desk sets it aside with its reason; the bot goes on."""
    quiet.fill()
    quiet.order(side="buy")
    assert [(row["kind"], row.get("side"), "quantity" in row) for row in quiet._ledger.oldest()] == [
        ("fill", None, False),
        ("order", "buy", False),
    ]


def test_an_interval_that_is_none_makes_no_beat(quiet: Client) -> None:
    """It is counted; a beat that is there keeps the interval it had."""
    quiet.beat("loop", every=0)
    quiet.beat("tiny", every=1e-9)
    assert told(quiet)["beats"] == []
    quiet.beat("loop", every="5s")
    quiet.beat("loop", every="soon")
    assert [(row[0], row[1], row[3]) for row in told(quiet)["beats"]] == [("loop", 2, 5.0)]
    assert quiet.lost == {"bad_value": 3}


def test_the_package_shows_what_bots_use() -> None:
    """Nothing of the inside; each name is there."""
    assert sorted(dir(client_package)) == sorted(client_package.__all__)
    assert {"Client", "connect", "counter", "fill"} <= set(client_package.__all__)
    assert not {"Registry", "Push", "Losses", "BOUNDS"} & set(client_package.__all__)
    assert all(getattr(client_package, name) is not None for name in client_package.__all__)
