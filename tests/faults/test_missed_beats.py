"""Whose beat is missed: real bots beside a real desk, dead, silent, stopped on purpose and alive, over its restart."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until

BOT = """
import sys, time
from nightdesk import client
data, name, truth = sys.argv[1:]
how = name
desk = client.connect(data, bot=name)
until = time.monotonic() + 120

@desk.track("work")
def work(number):
    time.sleep(0.01 + 0.001 * (number % 10))
    if number % 10 == 0:
        raise ValueError("as planned")

number, took = 0, []
while time.monotonic() < until:
    number += 1
    if how != "silent" or number < 100:
        desk.beat("loop", every="1s", stage=how)
        desk.beat("inference", every="1h")
    if number > 400:
        time.sleep(0.05)
        continue
    begun = time.perf_counter()
    try:
        work(number)
    except ValueError:
        pass
    took.append(time.perf_counter() - begun)
    if number == 400:
        desk.flush(10)
        with open(truth, "w") as file:
            file.write(str(sorted(took)[379]))
    if how == "announced" and number == 100:
        desk.stopping("the weekend")
        break
    if how == "ended" and number == 100:
        desk.end_beat("loop")
        desk.flush(5)
        break
"""


@pytest.fixture
def bots(desk_of_bots: DeskProcess) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """One bot of each kind, each in a process of its own."""
    started = {
        how: subprocess.Popen([sys.executable, "-c", BOT, str(desk_of_bots.data), how, f"{desk_of_bots.folder}/{how}"])
        for how in ("alive", "silent", "dead", "announced", "ended")
    }
    yield started
    for process in started.values():
        process.kill()
        process.wait(10)


@pytest.fixture
def desk_of_bots(tmp_path: Path) -> Iterator[DeskProcess]:
    """A desk with the shipped rules alone."""
    with DeskProcess(tmp_path, "--no-collect") as desk:
        yield desk


def firing(desk: DeskProcess) -> dict[str, str]:
    """Return the summaries of missed beats by bot."""
    alerts = desk.json("/api/v1/alerts")["data"]["alerts"]
    return {
        alert["labels"]["bot"]: alert["annotations"]["summary"]
        for alert in alerts
        if alert["labels"]["alertname"] == "BotBeatMissed" and alert["state"] == "firing"
    }


def test_real_bots_are_known_for_what_they_do(
    desk_of_bots: DeskProcess, bots: dict[str, "subprocess.Popen[bytes]"]
) -> None:
    """Five at once: p95 and errors as their own watches say, and a beat that is heard.

    Who of them is missed is tried on a manual clock in `tests/app/bots`; the campaign waits for it here.
    """
    _until_all_have_worked(desk_of_bots, bots)


@pytest.mark.campaign
def test_exactly_those_are_missed_who_are_missing(
    desk_of_bots: DeskProcess, bots: dict[str, "subprocess.Popen[bytes]"]
) -> None:
    """A dead process and one that is alive and silent; neither who said goodbye nor who lives, nor who ended it."""
    _until_two_are_missed(desk_of_bots, bots)


@pytest.mark.campaign
def test_nobody_is_accused_of_the_desks_own_absence(
    desk_of_bots: DeskProcess, bots: dict[str, "subprocess.Popen[bytes]"]
) -> None:
    """Kill the desk, let time pass, start it: nothing is told twice, and who lives is not missed."""
    desk = desk_of_bots
    _until_two_are_missed(desk, bots)
    before = told(desk)
    desk.kill()
    until = time.monotonic() + 6
    wait_until(lambda: time.monotonic() > until, 10, "some beats that the desk does not hear")
    desk.start()
    until = time.monotonic() + 25
    while time.monotonic() < until:
        assert set(firing(desk)) <= {"dead", "silent"}
        time.sleep(0.5)
    assert set(firing(desk)) == {"dead", "silent"}
    assert told(desk) == before


def _until_all_have_worked(desk: DeskProcess, bots: dict[str, "subprocess.Popen[bytes]"]) -> None:
    """Let all bots work, and measure one."""
    assert len(bots) == 5
    wait_until(lambda: len(desk.json("/api/desk/bots")["bots"]) == 5, 20, "all bots at the desk")
    truth = desk.folder / "alive"
    wait_until(lambda: truth.exists() and truth.read_text(), 60, "400 calls")
    # The bot's own watch says how long its calls took; one of ten raises.
    [p95] = desk.query('histogram_quantile(0.95, bot_call_duration_seconds_bucket{bot="alive"})')
    assert float(p95["value"][1]) == pytest.approx(float(truth.read_text()), rel=0.15)
    [share] = desk.query(
        'bot_call_errors_total{bot="alive"} / on (bot, operation) bot_call_duration_seconds_count{bot="alive"}'
    )
    assert float(share["value"][1]) == pytest.approx(0.1, abs=0.005)
    assert desk.query('time() - bot_beat_timestamp_seconds{bot="alive",beat="loop"} < 7')


def _until_two_are_missed(desk: DeskProcess, bots: dict[str, "subprocess.Popen[bytes]"]) -> None:
    """Let all bots work, end one, and wait until the right two are missed."""
    _until_all_have_worked(desk, bots)
    bots["dead"].kill()
    found = wait_until(lambda: len(firing(desk)) >= 2 and firing(desk), 60, "two missed beats")
    assert set(found) == {"dead", "silent"}
    assert 'Bot silent: no beat "loop" for ' in found["silent"]
    assert found["silent"].endswith("expected every 1s")


def told(desk: DeskProcess) -> list[tuple[str, str]]:
    """Return who began to fire or was resolved, newest first: what people were told."""
    changes = [(each["alert"]["labels"], each["alert"]["state"]) for each in history(desk)]
    return [(labels["bot"], state) for labels, state in changes if "beat" in labels and state in ("firing", "resolved")]


def history(desk: DeskProcess) -> list[Any]:
    """Return all changes of alerts."""
    changes: list[Any] = desk.json("/api/desk/alerts/history")["transitions"]
    return changes
