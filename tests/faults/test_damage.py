"""Damage to stored samples is set aside, told to people, and serves no wrong sample."""

from pathlib import Path

from nightdesk.model.instant import DAY
from nightdesk.model.labels import Labels
from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.remote_write import WRITE_HEADERS, write_body
from nightdesk.testing.tiered import START, TieredLake

FIRST = 1_700_000_000_000
SAMPLES = 600
PAGE = 4_096


def test_a_damaged_day_file_is_told_and_serves_nothing_wrong(tmp_path: Path) -> None:
    """Bytes flipped in the middle of a sealed day: the desk starts, warns, and answers right or not at all."""
    desk = DeskProcess(tmp_path, "--no-auth", "--no-collect", "--retention", "100y")
    truth = {FIRST // 1000 + step: step * 1.37 for step in range(SAMPLES)}
    body = write_body([(Labels.of("held"), [(instant * 1000, value) for instant, value in truth.items()])])
    with desk:
        assert desk.request("/api/v1/write", body, WRITE_HEADERS)[0] == 204
        assert desk.request("/-/seal", b"", {"Content-Type": "application/json"})[0] < 300
    (day,) = (desk.data / "samples" / "days").glob("*.db")
    raw = bytearray(day.read_bytes())
    # SQLite fills a page from its end, so the last byte of one belongs to a row.
    for place in range(2 * PAGE - 1, len(raw), PAGE):
        raw[place] ^= 0xFF
    day.chmod(0o600)
    day.write_bytes(raw)
    with desk:
        found = desk.query(f"held[{SAMPLES}s]", time=str(FIRST // 1000 + SAMPLES))
        wrong = [each for series in found for each in series["values"] if truth.get(round(each[0])) != float(each[1])]
        assert wrong == []
        near, far = (str(FIRST // 1000 + away) for away in (0, 30 * 86_400))
        for path, asked in (
            ("query", {"query": f"held[{SAMPLES}s]", "time": near}),
            ("query", {"query": "sum_over_time(held[3h])", "time": near}),
            ("query_range", {"query": "held", "start": near, "end": far, "step": "86400"}),
            ("series", {"match[]": "held", "start": near, "end": near}),
            ("labels", {"start": near, "end": near}),
        ):
            (warning,) = desk.json(f"/api/v1/{path}", **asked)["warnings"]
            assert "samples of 2023-11-14 may be missing from this answer" in warning
            assert "`nightdesk verify`" in warning
        assert "warnings" not in desk.json("/api/v1/query", query="held", time=far)
        assert "samples of 2023-11-14 may be missing" in desk.command("query", "held", "--time", near).stdout
        codes = {warning["code"] for warning in desk.json("/api/desk/status")["warnings"]}
        assert "samples_damaged" in codes
    alone = desk.command("query", "held", "--time", near, "--json")
    assert "samples of 2023-11-14 may be missing" in alone.stdout, "the folder alone says so as well"


def test_a_damaged_day_of_buckets_is_told_where_its_samples_are_gone(tmp_path: Path) -> None:
    """The desk warns of the day whose tier file is cut short, again after a restart, and of no other day."""
    desk = DeskProcess(tmp_path, "--no-auth", "--no-collect", "--retention", "100y")
    lake = TieredLake(desk.data)
    lake.fill(4)
    lake.go_to(START + 60 * DAY)
    lake.tiers.build()
    for number in lake.store.raw.numbers():
        lake.store.raw.days.remove(number)
    lake.close()
    tiers = (desk.data / "tiers").rename(desk.data / "samples" / "tiers")
    file = tiers / "5m" / "2025-01-03.db"
    file.chmod(0o600)
    file.write_bytes(b"x" * 5_000)
    gone, there = (str((START + days * DAY - 1) // 1000) for days in (3, 2))
    asked = "sum(count_over_time(m[12h]))"
    for _ in range(2):
        with desk:
            (warning,) = desk.json("/api/v1/query", query=asked, time=gone)["warnings"]
            assert "samples of 2025-01-03 may be missing from this answer" in warning
            assert "tiers/5m/2025-01-03.db" in warning
            found = desk.json("/api/v1/query", query=asked, time=there)
            assert found["data"]["result"]
            assert "warnings" not in found
            assert "2025-01-03 may be missing" in desk.json("/api/v1/labels", start=gone, end=gone)["warnings"][0]
    alone = desk.command("query", asked, "--time", gone, "--json")
    assert "samples of 2025-01-03 may be missing" in alone.stdout
