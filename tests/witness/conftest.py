"""What several witnesses share."""

from collections.abc import Iterator

import pytest

from nightdesk.testing.differential.pair import Pair, running_pair


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Run a desk and a Prometheus that forwards to it over some twenty scrapes."""
    with running_pair(tmp_path_factory.mktemp("pair"), 20) as running:
        yield running
