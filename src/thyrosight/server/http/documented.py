"""The schema of the interface: besides what FastAPI writes, how errors are answered."""

from typing import Any, Final

from fastapi import FastAPI

_NAME: Final = "ProblemAnswer"
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "title": _NAME,
    "description": "An error as RFC 9457 says; `detail` is one sentence for the user.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {"type": "object", "properties": {"where": {"type": "string"}, "what": {"type": "string"}}},
        },
    },
}


def document_errors(app: FastAPI) -> None:
    """Let the schema say that every route answers errors as problems, and what they look like."""
    plain = app.openapi

    def documented() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = plain()
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            schemas[_NAME] = _PROBLEM
            for methods in schema["paths"].values():
                for operation in methods.values():
                    operation["responses"].pop("422", None)
                    operation["responses"]["default"] = {
                        "description": "An error",
                        "content": {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{_NAME}"}}},
                    }
            app.openapi_schema = schema
        return app.openapi_schema or {}

    app.openapi = documented  # type: ignore[method-assign]
