"""Prometheus' admin API as its clients call it: methods, forms, times, answers and refusals."""

from typing import Any

import pytest

from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT

DELETE = "/api/v1/admin/tsdb/delete_series"
FORM = {"content-type": "application/x-www-form-urlencoded"}
TOKEN = {"authorization": "Bearer " + "t" * 43}


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_deletion_takes_selectors_and_an_interval(rig: Any, method: str) -> None:
    """Query string and form alike; Unix seconds with fractions and RFC 3339 become milliseconds."""
    path = f"{DELETE}?match[]=up&start=1700000000.5"
    answer = rig.ask(method, path, content='match[]={job="sim"}&end=2023-11-15T00:00:00Z', headers={**FORM, **TOKEN})
    assert (answer.status_code, answer.content) == (204, b"")
    assert rig.calls == ['delete {job="sim"} {__name__="up"} 1700000000500 1700006400000']


def test_without_an_interval_all_of_it_goes(rig: Any) -> None:
    """From the beginning to the end, as far as any query reaches."""
    answer = rig.ask("POST", f"{DELETE}?match[]=up", headers=TOKEN)
    assert answer.status_code == 204
    assert rig.calls == [f'delete {{__name__="up"}} {MIN_INSTANT // 4} {MAX_INSTANT // 4}']


@pytest.mark.parametrize(
    "query", ["", "match[]=", "match[]=rate(up[5m])", "match[]={}", "match[]=up&start=x", "match[]=up&start=2&end=1"]
)
def test_a_deletion_that_cannot_be_meant_is_refused(rig: Any, query: str) -> None:
    """400 in Prometheus' form, and nothing is deleted."""
    answer = rig.ask("POST", f"{DELETE}?{query}", headers=TOKEN)
    assert answer.status_code == 400
    assert answer.json()["errorType"] == "bad_data"
    assert rig.calls == []


def test_tombstones_and_snapshots_answer_as_prometheus(rig: Any) -> None:
    """204 without a body, and the name of the snapshot under data."""
    cleaned = rig.ask("POST", "/api/v1/admin/tsdb/clean_tombstones", headers=TOKEN)
    assert (cleaned.status_code, cleaned.content) == (204, b"")
    taken = rig.ask("POST", "/api/v1/admin/tsdb/snapshot?skip_head=true", headers=TOKEN)
    assert taken.json() == {"status": "success", "data": {"name": "20261122T120000Z-01234567"}}
    assert rig.calls == ["carry out", "snapshot"]


@pytest.mark.parametrize("path", ["delete_series?match[]=up", "clean_tombstones", "snapshot"])
def test_nobody_without_the_token_changes_anything(rig: Any, path: str) -> None:
    """401 without a credential, 405 for a GET."""
    answer = rig.ask("POST", f"/api/v1/admin/tsdb/{path}")
    assert answer.status_code == 401
    assert (rig.ask("GET", f"/api/v1/admin/tsdb/{path}", headers=TOKEN)).status_code == 405
    assert rig.calls == []
