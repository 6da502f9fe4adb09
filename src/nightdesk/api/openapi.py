"""The description of the API as OpenAPI 3.1, made from the one table: the source of the page's types and of fuzzing.

Not served: it is for tools and tests, and a desk needs none of it.
"""

import re
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from nightdesk import __version__
from nightdesk.api.routes import Kind, Route, Table

REFERENCE: Final = "#/components/schemas/{model}"
FREE: Final = frozenset({Kind.PUBLIC, Kind.LOGIN})


def describe(table: Table) -> dict[str, Any]:
    """Return the document: every route and method of the table, with the shapes of bodies and answers it names."""
    models = {model for route in table.routes for model in (route.takes, route.gives) if model is not None}
    by_name = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, "serialization") for model in by_name], ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for route in table.routes:
        for method in sorted(route.methods):
            paths.setdefault(route.path, {})[method.lower()] = _operation(route, method)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Nightdesk", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, method: str) -> dict[str, Any]:
    answers = route.handler or route.streamer
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()} {route.path}",
        "summary": (answers.__doc__ or "").strip().splitlines()[0],
        "tags": [route.kind.value],
        "security": [] if route.kind in FREE else [{"token": []}],
        "responses": {"200": {"description": "done", **_content(route.gives)}, "default": {"description": "refused"}},
    }
    if route.takes is not None:
        operation["requestBody"] = {"required": True, **_content(route.takes)}
    names = re.findall(r"{([a-z_]+)}", route.path)
    operation["parameters"] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
    ]
    return operation


def _content(model: type[BaseModel] | None) -> dict[str, Any]:
    if model is None:
        return {}
    return {"content": {"application/json": {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}}}
