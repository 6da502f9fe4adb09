"""What holds until the next start, whatever a reload reads, and what is taken at once."""

from nightdesk.app.reload import as_running
from nightdesk.app.settings.settings import DeskSettings, LimitSettings, Settings
from nightdesk.model.instant import DAY, MINUTE, SECOND


def test_what_holds_until_a_restart_is_put_back_and_named() -> None:
    """A new interval would make rules look for samples that nobody takes: nothing sees it before the next start."""
    running = Settings()
    desk = DeskSettings.model_construct(
        **{**dict(running.desk), "interval": 5 * SECOND, "collect": False, "public_url": "https://d"}
    )
    limits = LimitSettings.model_construct(**{**dict(running.limits), "query_timeout": MINUTE})
    settings, waiting = as_running(running.model_copy(update={"desk": desk, "limits": limits}), running)
    assert (settings.desk, settings.limits) == (running.desk, running.limits)
    assert waiting == ["desk.public_url", "desk.interval", "desk.collect", "limits.query_timeout"]


def test_how_long_samples_stay_is_taken_at_once() -> None:
    """Retention by time, bytes and classes, and tiers; beside them what waits goes on waiting."""
    new = Settings.model_validate(
        {
            "desk": {"retention": "9d", "interval": "5s"},
            "retention": {"bytes": "20GiB", "classes": [{"match": '{job="sim"}', "keep": "2d"}]},
            "tiers": {"one_hour": "10y"},
            "client": {"socket": False},
        }
    )
    settings, waiting = as_running(new, Settings())
    assert (settings.desk.retention, settings.desk.interval) == (9 * DAY, SECOND)
    assert (settings.retention, settings.tiers) == (new.retention, new.tiers)
    assert waiting == ["desk.interval", "client.socket"]


def test_everything_else_is_taken() -> None:
    """Thresholds and their like come from the file as it is now, and nothing waits."""
    new = Settings.model_validate({"thresholds": {"cpu_usage": {"warning": 50.0}}})
    assert as_running(new, Settings()) == (new, [])
