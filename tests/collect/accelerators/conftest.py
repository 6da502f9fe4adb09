"""These tests know their machines: a library of NVIDIA's that this one may have is none of them."""

import pytest

from nightdesk.collect.accelerators import nvml


@pytest.fixture(autouse=True)
def no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide it; processes that a test starts with the stand-in are not concerned."""
    monkeypatch.setattr(nvml, "LIBRARY", "libnvidia-ml-hidden.so.1")
