"""The page at /docs: what the OpenAPI document says, as plain HTML without scripts."""

from importlib.resources import files
from typing import Any, Final

from fastapi import APIRouter, Request
from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

METHODS: Final = ("get", "post")

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Return the page."""
    template = Environment(autoescape=True).from_string(_read("docs.html"))
    document = request.app.openapi()
    return HTMLResponse(
        template.render(
            version=document["info"]["version"],
            operations=[
                _describe(path, method, operation)
                for path, methods in document["paths"].items()
                for method, operation in methods.items()
                if method in METHODS
            ],
        )
    )


@router.get("/docs.css")
async def style() -> Response:
    """Return the style of the page."""
    return Response(_read("docs.css"), media_type="text/css")


def _read(name: str) -> str:
    return (files("tenfold.serve") / name).read_text("utf-8")


def _describe(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Return what the page says of one operation."""
    return {
        "method": method.upper(),
        "path": path,
        "description": operation.get("description", ""),
        "parameters": [(one["name"], one.get("description", "")) for one in operation.get("parameters", ())],
        "bodies": list(operation.get("requestBody", {}).get("content", ())),
        "statuses": [(status, one["description"]) for status, one in operation["responses"].items()],
    }
