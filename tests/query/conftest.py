"""Stores in memory."""

from collections.abc import Callable

import pytest

from nightdesk.testing.samples import MemorySamples


@pytest.fixture
def make_store() -> Callable[[], MemorySamples]:
    """Make empty stores."""
    return MemorySamples


@pytest.fixture
def store() -> MemorySamples:
    """Give an empty store."""
    return MemorySamples()
