"""A query's answer as JSON: the same words whichever way it came."""

import pytest

from nightdesk.cli.answers import from_prometheus


@pytest.mark.parametrize("text", ["10000000000000000", "1e+21", "0.00001", "9.9e-07", "-0", "NaN", "+Inf"])
def test_values_are_written_as_the_api_writes_them(text: str) -> None:
    """`--json` repeats what the desk said, digit for digit."""
    said = {"data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, text]}]}}
    assert from_prometheus(said).as_json()["result"] == [{"metric": {}, "value": [1.0, text]}]
