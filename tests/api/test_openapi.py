"""The description of the API is true to the table."""

from nightdesk.api.openapi import describe
from nightdesk.api.table import ROUTES, TABLE


def test_every_route_is_described_with_its_shapes() -> None:
    """Each path and method has a summary, and every reference leads to a schema."""
    document = describe(TABLE)
    told = {(path, method.upper()) for path, item in document["paths"].items() for method in item}
    assert told == {(route.path, method) for route in ROUTES for method in route.methods}
    schemas = document["components"]["schemas"]
    for item in document["paths"].values():
        for operation in item.values():
            assert operation["summary"]
            content = operation["responses"]["200"].get("content", {})
            for media in content.values():
                assert media["schema"]["$ref"].rpartition("/")[2] in schemas
    assert "reason" in schemas["VitalShape"]["properties"]
