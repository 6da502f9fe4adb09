"""Which collectors a desk runs, and which survive a reload."""

from pathlib import Path

from nightdesk.app.measuring.collectors import Collectors
from nightdesk.app.settings.file import load
from nightdesk.app.settings.settings import Settings
from nightdesk.clock import SystemClock
from nightdesk.workers import Workers

SCRAPE = """
[[scrape]]
job = "bot"
targets = ["127.0.0.1:8000", "http://127.0.0.1:8001/m"]
interval = "5s"
"""


def _settings(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "desk.toml"
    path.write_text(text)
    return load(path)


def test_unchanged_sources_are_the_same_objects_after_a_reload(tmp_path: Path) -> None:
    """The loop then lets them go on undisturbed; a changed job is a new object, one that left is gone."""
    collectors = Collectors(SystemClock(), [], Workers("chores"))
    before = collectors.of(_settings(tmp_path, SCRAPE))
    assert [each.name for each in before[-2:]] == [
        "bot http://127.0.0.1:8000/metrics", "bot http://127.0.0.1:8001/m",
    ]  # fmt: skip
    after = collectors.of(_settings(tmp_path, SCRAPE.replace(', "http://127.0.0.1:8001/m"', "")))
    assert [id(each) for each in after] == [id(each) for each in before[:-1]]
    changed = collectors.of(_settings(tmp_path, SCRAPE.replace("5s", "6s")))
    assert [id(each) for each in changed[:-2]] == [id(each) for each in before[:-2]]
    assert changed[-2] is not before[-2]
    for each in (*before, *changed[-2:]):
        each.close()


def test_a_desk_that_does_not_collect_reads_its_targets_all_the_same(tmp_path: Path) -> None:
    """Neither the host nor the desk's own figures, but every target."""
    collectors = Collectors(SystemClock(), [], Workers("chores"))
    found = collectors.of(_settings(tmp_path, "[desk]\ncollect = false\n" + SCRAPE))
    assert [each.target.get("job") for each in found] == ["bot", "bot"]
    for each in found:
        each.close()
