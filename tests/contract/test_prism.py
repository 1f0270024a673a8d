"""Both clients against Prism, which knows stemp from the OpenAPI document alone. Run by ``make contract``."""

from __future__ import annotations

import httpx
import pytest
from pydantic import BaseModel

from stemp_sdk import (
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InvalidRequestError,
    MissingScopeError,
    NotFoundError,
    RateLimitError,
    ServerError,
    Stemp,
    StempError,
    response_of,
)
from tests.resources.table import BY_NAME, TABLE, Row
from tests.support.twins import API, Twin

pytestmark = pytest.mark.contract

ERRORS: dict[int, type[StempError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: MissingScopeError,
    404: NotFoundError,
    409: ConflictError,
    422: InvalidRequestError,
    429: RateLimitError,
    500: ServerError,
}


def client_of(twin: Twin, base_url: str, prefer: str) -> Stemp:
    client = twin.client(base_url=base_url, max_retries=0)
    return client.with_options(headers={"Prefer": prefer})


@pytest.mark.parametrize("dynamic", ["false", "true"])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.operation)
def test_each_call_is_accepted_and_its_answer_is_read(twin: Twin, prism: str, row: Row, dynamic: str) -> None:
    result = twin.run(row.call(client_of(twin, prism, f"dynamic={dynamic}")))
    if row.gives is None:
        assert result is None
        return
    assert response_of(result).headers["x-ratelimit-remaining"] == "999"
    values = result.items if row.lists else [result]
    assert all(isinstance(value, row.gives) for value in values)
    if dynamic == "false":
        assert values
        assert all(_unread(value) == () for value in values)


def _unread(value: BaseModel) -> object:
    return getattr(value, "unread", ())


@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.operation)
def test_each_error_is_raised_as_what_it_is(twin: Twin, prism: str, row: Row, status: int) -> None:
    with pytest.raises(StempError) as raised:
        twin.run(row.call(client_of(twin, prism, f"code={status}")))
    assert type(raised.value) is ERRORS[status]
    assert raised.value.outcome_unknown == (status == 500 and API[row.operation].writes)
    if isinstance(raised.value, MissingScopeError):
        assert (raised.value.source, raised.value.missing) == ("server", API[row.operation].scopes)
    if isinstance(raised.value, RateLimitError):
        assert raised.value.retry_after == 30


def test_other_methods_that_send_something(twin: Twin, prism: str) -> None:
    client = client_of(twin, prism, "dynamic=false")
    card = twin.run(client.passes.find_by_code("string"))
    assert card is not None
    assert card.qr_code_value == "string"
    assert twin.run(client.users.get_or_create("cust_1", email="ada@example.com")).id == "string"
    with pytest.raises(NotFoundError):
        twin.run(client_of(twin, prism, "code=404").users.get("cust_1"))
    assert twin.run(client_of(twin, prism, "code=404").users.find("cust_1")) is None


def test_prism_refuses_what_the_document_does_not_have(twin: Twin, prism: str) -> None:
    client = client_of(twin, prism, "dynamic=false").with_options(extra_body={"unheardOf": 1})
    with pytest.raises(InvalidRequestError):
        twin.run(BY_NAME["users.create"].call(client))
    with pytest.raises(NotFoundError):
        twin.run(twin.client(base_url=prism, paths={"users.get": "/v1/customers/{id}"}).users.get("usr_1"))
    assert httpx.get(f"{prism}/v1/users", trust_env=False).status_code == 401
