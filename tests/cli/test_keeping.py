"""Deleting, snapshots and verifying by command, with a desk running on the data folder and without."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nightdesk.testing.desk import DeskProcess

NOW = time.time_ns() // 1_000_000
JOBS = ("sim", "live", "paper")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskProcess]:
    """Run a desk that holds two hours of three series, one sample a minute."""
    with DeskProcess(tmp_path, "--no-collect") as running:
        write(running, NOW - 7_200_000, 120)
        yield running


def write(desk: DeskProcess, first: int, minutes: int) -> None:
    """Import samples from `first` ms on."""
    lines = [f'price{{job="{job}"}} {step} {first + step * 60_000}\n' for job in JOBS for step in range(minutes)]
    headers = {"Content-Type": "text/plain", "Authorization": f"Bearer {desk.token()}"}
    answer = desk.request("/api/v1/import/prometheus", "".join(lines).encode(), headers)
    assert answer[0] == 204, answer


def counted(desk: DeskProcess) -> dict[str, int]:
    """Return how many samples of the last day each job has."""
    answer = desk.query("count_over_time(price[1d])")
    return {each["metric"]["job"]: int(each["value"][1]) for each in answer}


def run(desk: DeskProcess, *words: str) -> str:
    """Run a command that must go well and return what it printed."""
    done = desk.command(*words)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_a_deletion_by_command_holds_over_a_kill(desk: DeskProcess) -> None:
    """The command shows the series and deletes them; after kill -9 they are still gone, and new samples are kept."""
    told = run(desk, "samples", "delete", '{job="sim"}', "--yes")
    assert "all samples of 1 series" in told
    assert counted(desk) == {"live": 120, "paper": 120}
    os.kill(desk.pid, signal.SIGKILL)
    desk.kill()
    desk.start()
    assert counted(desk) == {"live": 120, "paper": 120}
    write(desk, NOW - 7_200_000, 10)
    assert counted(desk) == {"sim": 10, "live": 120, "paper": 120}


def test_a_script_that_does_not_say_yes_deletes_nothing(desk: DeskProcess) -> None:
    """With nobody to answer the question nothing is deleted, and the sentence says what to write."""
    done = desk.command("samples", "delete", "--match", '{job="sim"}')
    assert (done.returncode, done.stderr) == (
        2,
        "nightdesk: nothing was deleted, for nobody answered; scripts say --yes\n",
    )
    assert counted(desk)["sim"] == 120


def test_a_selector_that_is_none_is_refused_with_an_example(desk: DeskProcess) -> None:
    """In words of the command, not of the API it asks; what would choose everything is told how to be meant."""
    for wrong, told in (("up{", "unexpected end of input"), ("up[5m]", 'unexpected "["'), ("{}", '{__name__!=""}')):
        refused = desk.command("samples", "delete", "--match", wrong, "--yes")
        assert (refused.returncode, told in refused.stderr) == (2, True), refused.stderr
        assert '{job="sim"}' in refused.stderr
        assert "match[]" not in refused.stderr


def test_a_resolution_is_one_of_four(desk: DeskProcess) -> None:
    """Samples alone can be asked for; what is no resolution is refused with those that are."""
    assert "120" in run(desk, "query", 'count_over_time(price{job="sim"}[1d])', "--resolution", "raw")
    for wrong in ("foo", "10m"):
        refused = desk.command("query", "price", "--resolution", wrong)
        assert (refused.returncode, "'auto', 'raw', '5m', '1h'" in refused.stderr) == (2, True), refused.stderr


def test_prometheus_clients_delete_by_form_and_need_the_token(desk: DeskProcess) -> None:
    """An interval of two selectors goes; without the token nothing does, and without a selector neither."""
    path = "/api/v1/admin/tsdb/delete_series"
    form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Bearer {desk.token()}"}
    body = f"match[]=%7Bjob%3D%22live%22%7D&match[]=price%7Bjob%3D%22paper%22%7D&start={(NOW - 3_600_000) / 1000}"
    assert desk.request(path, body.encode(), {**form, "Authorization": "Bearer wrong"})[0] == 401
    assert desk.request(path, b"start=0", form)[0] == 400
    assert counted(desk) == dict.fromkeys(JOBS, 120)
    assert desk.request(path, body.encode(), form)[0] == 204
    assert counted(desk) == {"sim": 120, "live": 60, "paper": 60}
    assert desk.request("/api/v1/admin/tsdb/clean_tombstones", b"", form)[0] == 204
    assert counted(desk) == {"sim": 120, "live": 60, "paper": 60}
    assert "nightdesk_store_deletions_pending 0" in desk.request("/metrics")[1].decode()


def test_a_snapshot_beside_a_desk_opens_as_a_desk(desk: DeskProcess, tmp_path: Path) -> None:
    """What a snapshot of a running desk holds is all there in a second desk, and it verifies."""
    target = tmp_path / "monday" / "data"
    assert str(target) in run(desk, "snapshot", str(target))
    told = json.loads(run(desk, "verify", str(target), "--json"))
    assert told["damaged"] == 0
    assert sum(each["samples"] or 0 for each in told["files"]) >= 360
    with DeskProcess(target.parent, "--no-collect") as second:
        assert counted(second) == dict.fromkeys(JOBS, 120)


def test_a_snapshot_that_was_broken_off_is_cleared(desk: DeskProcess) -> None:
    """By the next start of a desk, and by the next snapshot of a command."""
    left = desk.data / "snapshots" / "20260101T000000Z-0badcafe.part" / "samples"
    left.mkdir(parents=True)
    desk.kill()
    desk.start()
    assert not left.parent.exists()
    desk.stop()
    left.mkdir(parents=True)
    run(desk, "snapshot")
    assert [path.suffix for path in left.parent.parent.iterdir()] == [""]


def test_a_folder_that_no_desk_holds_is_kept_by_the_same_commands(desk: DeskProcess, tmp_path: Path) -> None:
    """Deletion, snapshot and verification without a desk; the exit code of a damaged folder is 1."""
    desk.stop()
    target = tmp_path / "offline" / "data"
    end = f"{(NOW - 5_400_001) / 1000:.3f}"
    run(desk, "samples", "delete", "--match", '{job=~"sim|live"}', "--end", end, "--yes")
    assert "nothing to delete" in run(desk, "samples", "delete", "--match", '{job="nobody"}')
    run(desk, "snapshot", str(target))
    assert "none damaged" in run(desk, "verify")
    with DeskProcess(target.parent, "--no-collect") as second:
        assert counted(second) == {"sim": 90, "live": 90, "paper": 120}
    journal = target / "samples" / "journal.db"
    journal.write_bytes(b"SQLite format 3\0" + bytes(5_000))
    damaged = desk.command("verify", "--snapshot", str(target))
    assert damaged.returncode == 1
    assert "damaged" in damaged.stdout
    assert "journal.db" in damaged.stdout
