"""The endpoints of OAuth2, which do not belong to a resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from typing_extensions import NotRequired

from .._core.operation import Operation
from .._resources.operations import OPERATIONS
from ..oauth._endpoint import TokenResponse
from ..oauth._requests import AuthorizeQuery, CodeExchange, TokenRefresh
from ..scopes import CATALOG, TokenKind
from ._json import JSON, extensions, json_content, prose, reference

TAG: Final = "oauth"

_BODIES: Final[dict[str, type[Any]]] = {"oauth.exchange": CodeExchange, "oauth.refresh": TokenRefresh}
_SUMMARIES: Final = {
    "oauth.authorize": "Ask a person to install an app, or to grant it more scopes",
    "oauth.exchange": "Exchange an authorization code for tokens",
    "oauth.refresh": "Get a new access token for a refresh token",
}
_PAGE: Final[JSON] = {"text/html": {"schema": {"type": "string"}}}
_SCREEN: Final[JSON] = {
    "200": {"description": "The consent screen", "content": _PAGE},
    "303": {
        "description": "Back to the app, with an error in the query",
        "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
    },
    "400": {"description": "The app or its redirect URI is unknown", "content": _PAGE},
}


def oauth_operations() -> Iterator[tuple[Operation, JSON]]:
    """Each endpoint with its Operation Object."""
    for operation in OPERATIONS.values():
        if operation.anonymous:
            yield operation, _operation_object(operation)


def _operation_object(operation: Operation) -> JSON:
    described: JSON = {"operationId": operation.name, "tags": [TAG], "summary": _SUMMARIES[operation.name]}
    if body := _BODIES.get(operation.name):
        described["requestBody"] = {"required": True, "content": json_content(reference("schemas", body.__name__))}
        tokens, refusal = (reference("schemas", name) for name in (TokenResponse.__name__, "OAuthError"))
        described["responses"] = {
            "200": {"description": "Tokens", "content": json_content(tokens)},
            "400": {"description": "The request is refused", "content": json_content(refusal)},
            "401": {"description": "The client credentials are wrong", "content": json_content(refusal)},
        }
    else:
        schema = typed_dict_schema(AuthorizeQuery)
        described["parameters"] = [
            {"name": name, "in": "query", "required": name in schema["required"], "schema": each}
            for name, each in schema["properties"].items()
        ]
        described["responses"] = _SCREEN
    return {**described, "security": [], **extensions(operation)}


def oauth_schemas() -> dict[str, JSON]:
    """The schemas of the bodies."""
    return {body.__name__: typed_dict_schema(body) for body in _BODIES.values()}


def typed_dict_schema(cls: Any) -> JSON:
    """The schema of an object whose values are all strings."""
    # Not by __required_keys__, which has every key if annotations are strings.
    stated = get_type_hints(cls, include_extras=True)
    return {
        "type": "object",
        "description": prose(cls.__doc__),
        "properties": {name: _string(hint) for name, hint in get_type_hints(cls).items()},
        "required": sorted(name for name, hint in stated.items() if get_origin(hint) is not NotRequired),
    }


def _string(hint: object) -> JSON:
    return {"type": "string", **({"enum": [*get_args(hint)]} if get_origin(hint) is Literal else {})}


def security_schemes(base_url: str) -> JSON:
    """The security schemes: an API token, or the access token of an installed app."""
    urls = {
        name: base_url + OPERATIONS[operation].path
        for name, operation in (
            ("authorizationUrl", "oauth.authorize"),
            ("tokenUrl", "oauth.exchange"),
            ("refreshUrl", "oauth.refresh"),
        )
    }
    scopes = {info.name: info.description for info in CATALOG.values() if TokenKind.APP in info.contexts}
    return {
        "apiToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token (sk_live_…), which must have been created with the scopes that are listed.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "The access token of an installed app.",
            "flows": {"authorizationCode": {**urls, "scopes": scopes}},
        },
    }
