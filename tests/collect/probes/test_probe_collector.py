"""What surrounds every probe: deadlines, counting, targets that misbehave."""

import asyncio

import pytest

from nightdesk.collect.collector import CollectFailure
from nightdesk.collect.probes.probe import Probed, ProbeFailure, failure_of
from nightdesk.errors import BadPayload, CollectError, PayloadTooLarge
from nightdesk.testing.asking import AT, asked, collector_of, values_of
from nightdesk.testing.probes import ScriptedProbe


def test_a_timeout_counts_as_its_deadline() -> None:
    """A target that hangs has the timeout as its duration, and the deadline as its reason."""
    probe = ScriptedProbe()
    probe.hangs = True
    collector = collector_of(probe, timeout=0.05)
    values = values_of(asyncio.run(collector.collect(AT)))
    assert values["probe_duration_seconds"] == 0.05
    assert values["probe_success"] == 0
    assert values["probe_failures_total:deadline"] == 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CollectError("refused", ProbeFailure.UNREACHABLE), ProbeFailure.UNREACHABLE),
        (CollectError("link-local", CollectFailure.FORBIDDEN_ADDRESS), ProbeFailure.FORBIDDEN_ADDRESS),
        (BadPayload("not gzip"), ProbeFailure.BAD_ANSWER),
        (PayloadTooLarge("2 GB"), ProbeFailure.TOO_LARGE),
        (ZeroDivisionError("ours"), ProbeFailure.CRASHED),
    ],
)
def test_a_target_that_gave_no_answer_has_no_duration(error: Exception, reason: ProbeFailure) -> None:
    """A refusal within a millisecond is not a fast answer: it has a reason and no time."""
    probed = asked(ScriptedProbe(error))
    assert probed.failure is reason
    assert probed.seconds is None
    assert probed.detail


def test_a_wrong_answer_has_the_time_of_its_answer() -> None:
    """Who answers 500 has answered: the time is real, the success is not."""
    collector = collector_of(ScriptedProbe(Probed(0.7, failure=ProbeFailure.STATUS, detail="500")))
    values = values_of(asyncio.run(collector.collect(AT)))
    assert (values["probe_duration_seconds"], values["probe_success"]) == (0.7, 0)


def test_the_reasons_add_up_to_the_failures() -> None:
    """Attempts and failures count from 0, every reason has its series from the first attempt on."""
    probe = ScriptedProbe()
    collector = collector_of(probe)

    async def collect() -> dict[str, float]:
        first = values_of(await collector.collect(AT))
        assert {value for name, value in first.items() if name.startswith("probe_failures_total")} == {0.0}
        for script in (CollectError("no", ProbeFailure.UNREACHABLE), Probed(0.1, failure=ProbeFailure.STATUS)):
            probe.script = script
            await collector.collect(AT)
        return values_of(await collector.collect(AT))

    values = asyncio.run(collect())
    assert values["probe_attempts_total"] == 4
    assert sum(value for name, value in values.items() if name.startswith("probe_failures_total")) == 3
    assert values["probe_failures_total:status"] == 2


def test_no_second_attempt_is_started_beside_one_that_hangs() -> None:
    """An attempt that ignores its cancellation makes the next ones busy, at their deadline; afterwards all is well."""
    probe = ScriptedProbe()
    probe.hangs = probe.is_stubborn = True
    collector = collector_of(probe, timeout=0.05)

    async def collect() -> None:
        await collector.collect(AT)
        await collector.collect(AT)
        assert collector.last == Probed(0.05, (), ProbeFailure.BUSY, "an earlier attempt still hangs")
        assert probe.asked == 1
        probe.released.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await collector.collect(AT)
        assert collector.last == Probed(0.25)

    asyncio.run(collect())


def test_what_has_to_be_loaded_is_no_failure_of_the_target() -> None:
    """While a library is being loaded there is no attempt; afterwards it is not loaded again."""
    probe = ScriptedProbe()
    probe.unprepared = CollectError("loading", CollectFailure.BUSY)
    collector = collector_of(probe)
    with pytest.raises(CollectError):
        asyncio.run(collector.collect(AT))
    assert (probe.asked, collector.last) == (0, None)
    probe.unprepared = None
    assert values_of(asyncio.run(collector.collect(AT)))["probe_attempts_total"] == 1
    probe.unprepared = CollectError("loading", CollectFailure.BUSY)
    assert values_of(asyncio.run(collector.collect(AT)))["probe_attempts_total"] == 2


@pytest.mark.parametrize("failure", list(CollectFailure))
def test_every_reason_of_collecting_has_a_word(failure: CollectFailure) -> None:
    """Whatever reason an error carries, it becomes one of the closed list."""
    assert failure_of(failure) in ProbeFailure
    assert failure_of(None) is ProbeFailure.CRASHED
