"""The page that shows the interface for programs; it loads nothing from elsewhere."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from thyrosight.server.pages.shell import page

router = APIRouter()


@router.get("/api", response_class=HTMLResponse)
def interface(request: Request) -> HTMLResponse:
    """Every route of the interface with its parameters, body and answer."""
    schema: dict[str, Any] = request.app.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, what in methods.items():
            group = next(iter(what.get("tags", [])), "other")
            groups.setdefault(group, []).append({
                "method": method.upper(),
                "path": path,
                "text": what.get("description") or what.get("summary", ""),
                "parameters": what.get("parameters", []),
                "body": _schema_name(what.get("requestBody", {})),
                "answer": next((_schema_name(one) for code, one in what["responses"].items() if code[0] == "2"), ""),
            })  # fmt: skip
    schemas = schema.get("components", {}).get("schemas", {})
    return page(request, "api.html", None, groups=groups, schemas=schemas, type_of=_type_of)


def _schema_name(content: dict[str, Any]) -> str:
    for form in content.get("content", {}).values():
        return _type_of(form.get("schema", {}))
    return ""


def _type_of(schema: dict[str, Any]) -> str:
    """A type in words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_type_of(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " | ".join(str(one) for one in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type_of(schema.get('items', {})) or 'values'}"
    return str(schema.get("format") or schema.get("type", "any"))
