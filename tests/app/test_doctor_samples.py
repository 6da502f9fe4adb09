"""`doctor` says what samples take, and whether the bound in bytes holds and can be held."""

import shutil
from pathlib import Path

import pytest

from nightdesk.app.doctor.finding import Finding, Patient
from nightdesk.app.doctor.samples import examine_samples
from nightdesk.app.settings.settings import Settings

MIB = 2**20


def found(data: Path, most: str = "") -> tuple[Finding, str]:
    """Examine a folder with a bound."""
    tables = {"retention": {"bytes": most}} if most else {}
    ((finding, text),) = examine_samples(Patient(data, Settings.model_validate(tables)))
    return finding, text


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Make a data folder whose samples seem to take 300 MiB."""
    (tmp_path / "samples" / "days").mkdir(parents=True)
    with (tmp_path / "samples" / "days" / "2026-11-22.db").open("wb") as stream:
        stream.truncate(300 * MIB)
    return tmp_path


def test_without_a_bound_the_size_is_told(data: Path) -> None:
    """The size in GiB, and that nothing bounds it."""
    assert found(data) == (Finding.OK, "samples take 0.29 GiB; no bound by bytes is set")


def test_a_bound_that_is_passed_is_a_warning(data: Path) -> None:
    """A bound that was lowered while no desk ran."""
    finding, text = found(data, "256MiB")
    assert finding is Finding.WARNING
    assert "older days go" in text


def test_a_bound_that_the_disk_cannot_hold_is_a_warning(data: Path) -> None:
    """The disk would be full before the first day goes."""
    free = shutil.disk_usage(data).free
    assert found(data, "512MiB")[0] is (Finding.OK if free > 512 * MIB else Finding.WARNING)
    finding, text = found(data, f"{(free + 10**12) // 10**9}GB")
    assert finding is Finding.WARNING
    assert "lower it" in text


def test_a_folder_without_samples_is_sound(tmp_path: Path) -> None:
    """A new folder."""
    assert found(tmp_path) == (Finding.OK, "no samples are kept yet")
