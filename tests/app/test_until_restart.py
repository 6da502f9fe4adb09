"""What holds until the next start, whatever a reload reads."""

from nightdesk.app.reload import as_running
from nightdesk.app.settings.settings import DeskSettings, LimitSettings, Settings
from nightdesk.model.instant import DAY, MINUTE, SECOND


def test_what_holds_until_a_restart_is_put_back_and_named() -> None:
    """A new interval would make rules look for samples that nobody takes: nothing sees it before the next start."""
    running = Settings()
    desk = DeskSettings.model_construct(
        **{**dict(running.desk), "interval": 5 * SECOND, "retention": DAY, "collect": False, "public_url": "https://d"}
    )
    limits = LimitSettings.model_construct(**{**dict(running.limits), "query_timeout": MINUTE})
    settings, waiting = as_running(running.model_copy(update={"desk": desk, "limits": limits}), running)
    assert (settings.desk, settings.limits) == (running.desk, running.limits)
    assert waiting == ["desk.public_url", "desk.interval", "desk.retention", "desk.collect", "limits.query_timeout"]


def test_every_section_that_a_start_alone_reads_is_named() -> None:
    """Bytes, tiers and the bots' socket are made at the start, so a change of theirs waits and says so."""
    new = Settings.model_validate(
        {"retention": {"bytes": "20GiB"}, "tiers": {"one_hour": "10y"}, "client": {"socket": False}}
    )
    assert as_running(new, Settings()) == (
        Settings(),
        ["retention.bytes", "tiers.one_hour", "client.socket"],
    )


def test_everything_else_is_taken() -> None:
    """Thresholds and their like come from the file as it is now, and nothing waits."""
    new = Settings.model_validate({"thresholds": {"cpu_usage": {"warning": 50.0}}})
    assert as_running(new, Settings()) == (new, [])
