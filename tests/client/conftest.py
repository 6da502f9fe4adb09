"""What tests of the client share."""

from collections.abc import Iterator

import pytest

from nightdesk.client import Client


@pytest.fixture
def quiet() -> Iterator[Client]:
    """A client that counts in memory and tells nobody."""
    client = Client(None, bot="test")
    yield client
    client.close()
