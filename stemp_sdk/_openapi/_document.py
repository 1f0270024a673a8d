"""Building the whole document."""

from __future__ import annotations

from typing import Final

from .._client._base import BASE_URL
from .._resources.operations import RESOURCES
from .._version import __version__
from ..models._base import PROVENANCE
from ..oauth._endpoint import TokenResponse
from ._errors import HEADERS, SCHEMAS, error_responses
from ._json import JSON, REPLAY, prose
from ._oauth import TAG, oauth_operations, oauth_schemas, security_schemes
from ._operations import methods, operation_object, page_name
from ._schemas import describe_body, model_schemas, narrow_body, page_schema
from ._webhooks import event_models, webhooks

_DESCRIPTION: Final = (
    f"The stemp API as stemp-sdk {__version__} knows it. It is not the vendor's document. `{PROVENANCE}` says "
    "whether the vendor's pages state an operation, an event or a field (`documented`), or whether it is the most "
    "conventional assumption (`inferred`); a field without it has that of its operation. `x-extensible-enum` lists the "
    "known values of a field that may have others. The vendor does not say which operation has which error status, so "
    "each operation lists all of them. `security` has the scopes of each operation. "
    f"`{REPLAY}` says whether a request may be repeated: `safe` (it changes nothing), `idempotent`, `reference` "
    "(a second request adds something again, and the SDK can carry it out once for a reference in its note) or `never`."
)


def document() -> JSON:
    """Build the document, which is the same at every call.

    Returns:
        OpenAPI 3.1: every operation with its scopes, parameters, body and responses, and every event.
    """
    stated = [*methods()]
    listed = [method.returns for method in stated if method.lists and method.returns is not None]
    schemas = model_schemas([*(model for method in stated for model in method.models), *event_models(), TokenResponse])
    paths: dict[str, JSON] = {}
    for method in stated:
        operation = method.operation
        if operation.body is not None:
            narrow_body(schemas[operation.body.__name__], operation.body, method.hints)
            describe_body(schemas[operation.body.__name__], operation.body, method.docstring)
        paths.setdefault(operation.path, {})[operation.http_method.lower()] = operation_object(method)
    for operation, described in oauth_operations():
        paths.setdefault(operation.path, {})[operation.http_method.lower()] = described
    pages = {page_name(item): page_schema(item.__name__) for item in listed}
    return {
        "openapi": "3.1.0",
        "info": {"title": "stemp API", "version": __version__, "description": _DESCRIPTION},
        "servers": [{"url": BASE_URL}],
        "tags": _tags(),
        "paths": paths,
        "webhooks": webhooks(),
        "components": {
            "schemas": dict(sorted({**schemas, **pages, **oauth_schemas(), **SCHEMAS}.items())),
            "responses": error_responses(),
            "headers": HEADERS,
            "securitySchemes": security_schemes(BASE_URL),
        },
    }


def _tags() -> list[JSON]:
    resources = {module.__name__.rpartition(".")[2]: prose(module.__doc__) for module in RESOURCES}
    others = {TAG: "The endpoints of OAuth2.", "webhooks": "The events that the vendor sends."}
    return [{"name": name, "description": text} for name, text in {**resources, **others}.items()]
