"""The night of a hyperopt: everything is busy for eight hours and nobody is woken, until something is really wrong."""

import pytest

from nightdesk.alerts.routing import Route
from nightdesk.model.alert import Severity
from nightdesk.model.instant import SECOND
from nightdesk.model.rule import RuleGroup
from nightdesk.rules.rulebook import shipped
from nightdesk.rules.thresholds import compile_thresholds, with_defaults
from nightdesk.testing.nights import Night

STEP = 15
GPU = 'instance="box",job="accelerator",kind="gpu",device="pci:0000:01:00.0"'
BOT = 'instance="box",job="bot",bot="maker",beat="inference",process="1"'
EVERYTHING = [Route.of("console", "mail", "phone")]


def rules() -> list[RuleGroup]:
    """Return the rulebook as shipped and the usual levels, for a desk that collects every 15 s."""
    return [*shipped(STEP * SECOND), *compile_thresholds(with_defaults(()), STEP * SECOND)]


class Hyperopt:
    """A box on which two cores and a GPU are at 100 % while a bot beats."""

    def __init__(self, minutes: int) -> None:
        """Begin at ten in the evening, be busy for so many minutes, and go on for half an hour."""
        self.night = Night(rules(), routes=EVERYTHING)
        self.busy_minutes = minutes
        self.steps = (minutes + 31) * 60 // STEP
        self._machine()
        self._gpu(minutes * 60 // STEP)
        self._bot((minutes + 10) * 60 // STEP)

    def clock(self, minute: int) -> str:
        """Return a time so many minutes after the busy ones."""
        hour, minute = divmod(22 * 60 + self.busy_minutes + minute, 60)
        return f"{hour % 24:02d}:{minute:02d}"

    def _machine(self) -> None:
        moment = self.night.at("22:00")
        for core in "01":
            cpu = f'node_cpu_seconds_total{{instance="box",job="node",cpu="{core}"'
            moment.series(f'{cpu},mode="user"}}', f"0+{STEP}x{self.steps}")
            moment.series(f'{cpu},mode="idle"}}', f"5000+0x{self.steps}")
        moment.series('node_memory_MemTotal_bytes{instance="box",job="node"}', f"64x{self.steps}")
        moment.series('node_memory_MemAvailable_bytes{instance="box",job="node"}', f"2x{self.steps}")
        moment.series('up{instance="box",job="node"}', f"1x{self.steps}")

    def _gpu(self, steps: int) -> None:
        """All of it in use, and the clock held down by the power limit, as a card's is at full load; then lost."""
        moment = self.night.at("22:00")
        moment.series(f"accelerator_up{{{GPU}}}", f"1x{steps} 0x240")
        moment.series(f"accelerator_utilization_ratio{{{GPU}}}", f"1x{steps} stale")
        moment.series(f'accelerator_status{{{GPU},status="ok"}}', f"1x{steps} 0x240")
        moment.series(f'accelerator_memory_used_bytes{{{GPU},memory="dedicated"}}', f"23x{steps} stale")
        moment.series(f'accelerator_memory_total_bytes{{{GPU},memory="dedicated"}}', f"24x{steps} stale")
        for reason in ("power_cap", "software_thermal", "hardware_thermal", "power_brake"):
            held = int(reason == "power_cap")
            moment.series(f'accelerator_throttled{{{GPU},reason="{reason}"}}', f"{held}x{steps} stale")

    def _bot(self, steps: int) -> None:
        """It beats every 15 s until ten minutes after the GPU was lost; its last beat is told on."""
        begun = self.night.instant("22:00") // SECOND
        moment = self.night.at("22:00")
        last = begun + STEP * steps
        moment.series(f"bot_beat_timestamp_seconds{{{BOT}}}", f"{begun}+{STEP}x{steps} {last}x{self.steps - steps - 1}")
        moment.series(f"bot_beat_interval_seconds{{{BOT}}}", f"{STEP}x{self.steps}")


@pytest.mark.parametrize("minutes", [12, pytest.param(8 * 60, marks=pytest.mark.campaign)])
def test_a_hyperopt_night_is_no_incident_and_a_lost_gpu_is(minutes: int) -> None:
    """No message leaves the machine while all is merely busy; then each thing that is wrong is told once, critical."""
    busy = Hyperopt(minutes)
    night, lost, late = busy.night, busy.clock(0), busy.clock(30)
    night.play(until=late)
    for channel in ("mail", "phone"):
        night.expect_silence(channel, between=("22:00", lost))
    night.expect_delivery("console", "CpuBusy", between=("22:04", "22:08"))
    for channel in ("mail", "phone"):
        gpu = night.expect_delivery(channel, "GpuLost", between=(lost, busy.clock(1)))
        summary = gpu.alerts[0].annotation("summary")
        assert (gpu.severity, summary) == (Severity.CRITICAL, "GPU pci:0000:01:00.0 on box is lost")
        night.expect_silence(channel, between=(busy.clock(2), busy.clock(10)))
        beat = night.expect_delivery(channel, "BotBeatMissed", between=(busy.clock(10), busy.clock(12)))
        assert beat.severity is Severity.CRITICAL
        night.expect_silence(channel, between=(busy.clock(12), late))
