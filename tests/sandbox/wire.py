"""Talks to a sandbox as any HTTP client would, without a network and without the SDK's client."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from stemp_sdk.sandbox import Sandbox, SandboxRequest


@attrs.frozen
class Answer:
    """An answer, its JSON read."""

    status: int
    headers: Mapping[str, str]
    json: Any

    def __iter__(self) -> Iterator[Any]:
        """So that ``status, json = wire.get(...)``."""
        return iter((self.status, self.json))


@attrs.frozen
class Wire:
    """A sandbox and a token for it."""

    sandbox: Sandbox
    token: str
    documented: bool = sys.platform != "emscripten"  # for which jsonschema has no wheels
    """Whether the OpenAPI document has all that the sandbox answers, as it has unless the sandbox is told otherwise."""

    def send(self, method: str, target: str, body: object = None) -> Answer:
        """Send a request; a body of bytes as it is, any other as JSON."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = SandboxRequest.to(method, "/api/v1" + target, {"authorization": f"Bearer {self.token}"}, raw)
        response = self.sandbox.handle(request)
        if self.documented:
            from tests.contract.conformance import strict_contract

            contract = strict_contract()
            if operation := contract.find(method, request.path.removeprefix("/api")):
                contract.check_response(operation, response.status, response.headers, response.body)
        return Answer(response.status, response.headers, json.loads(response.body) if response.body else None)

    def send_anyway(self, method: str, target: str, body: object = None) -> int:
        """The status of a response that the OpenAPI document does not have."""
        return attrs.evolve(self, documented=False).send(method, target, body).status

    def get(self, target: str) -> Answer:
        return self.send("GET", target)

    def post(self, target: str, body: object = None) -> Answer:
        return self.send("POST", target, body)

    def patch(self, target: str, body: object = None) -> Answer:
        return self.send("PATCH", target, body)

    def delete(self, target: str) -> Answer:
        return self.send("DELETE", target)

    def made(self, target: str, **fields: object) -> dict[str, Any]:
        """What a POST creates."""
        answer = self.post(target, fields)
        assert answer.status == 201, answer.json
        created: dict[str, Any] = answer.json
        return created

    def card(self, **template: object) -> str:
        """The path of a new card, of a new template and a new customer."""
        template_id = self.made("/templates", name="Coffee card", **template)["id"]
        user_id = self.made("/users", email=f"{template_id}@example.com")["id"]
        return "/walletpasses/" + str(self.made("/walletpasses", templateId=template_id, userId=user_id)["id"])


NOT_FOUND = (404, {"code": "resource_not_found", "params": None})


def conflict(code: str) -> tuple[int, object]:
    """The answer to a request that the current state does not allow."""
    return 409, {"code": code, "params": None}


def invalid(**problems: str) -> tuple[int, object]:
    """The answer to a request with fields that break their rules."""
    return 422, {"STANDARD_VALIDATION": problems}


def mistyped(*params: str) -> tuple[int, object]:
    """The answer to a request with values of another type than they must be."""
    return 400, {"code": "wrong_param_type", "params": [*params]}
