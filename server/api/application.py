"""The API's shape: routers put together, and its OpenAPI document."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from server.api import (
    admin,
    admin_choices,
    admin_connectors,
    admin_people,
    cases,
    deliveries,
    evals,
    events,
    evidence,
    fetching,
    gates,
    lineage,
    monitor,
    operations,
    receipts,
    runs,
    scenarios,
    session,
    signals,
)
from server.api.examples import exemplify
from server.models.problem import Problem

ROUTERS = (
    session,
    scenarios,
    cases,
    runs,
    evidence,
    fetching,
    gates,
    lineage,
    receipts,
    deliveries,
    events,
    evals,
    operations,
    signals,
    monitor,
    admin,
    admin_choices,
    admin_connectors,
    admin_people,
)


def routed() -> FastAPI:
    """An application with every route and no middleware: enough for its OpenAPI document."""
    app = FastAPI(
        title="Casegate",
        version="1",
        description="Agents prepare, people decide. Errors are problem details (RFC 9457).",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        generate_unique_id_function=lambda route: route.name,
    )
    for module in ROUTERS:
        app.include_router(module.router, prefix="/api")
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    """OpenAPI with the shapes of events and problems, which no route returns as its body, among the schemas."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        shapes = (*events.EVENT_SHAPES, *monitor.EVENT_SHAPES, *evals.EVENT_SHAPES, Problem)
        named = [(shape, "serialization") for shape in shapes]
        _, extra = models_json_schema(named, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
        document["components"]["schemas"] |= extra["$defs"]
        exemplify(document)
        app.openapi_schema = document
    return app.openapi_schema
