"""From an error answer to the error that is raised: by the body's shape first, by the status where it has none."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stemp_sdk
from stemp_sdk import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    RecipientNotFoundError,
    Replay,
    ServerError,
    StempError,
)
from stemp_sdk._core.credential import FixedToken
from stemp_sdk._core.secret import Secret

from .driving import Harness, answer, call_of, refused

HTML = b"<html><h1>502 Bad Gateway</h1></html>"
DOCUMENTED = {kind for kind in vars(stemp_sdk).values() if isinstance(kind, type) and issubclass(kind, StempError)}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (422, InvalidRequestError),
        (429, RateLimitError),
        (500, ServerError),
        (503, ServerError),
        (599, ServerError),
        (301, APIStatusError),
        (418, APIStatusError),
    ],
)
@pytest.mark.parametrize("body", [b"", HTML, b'{"code": ', b"null", b"[]", b"7", b"\xff\xfe", b"[" * 100_000])
def test_an_error_without_a_known_shape_goes_by_the_status(
    status: int, kind: type[APIStatusError], body: bytes
) -> None:
    error = refused(status, body)
    assert type(error) is kind
    assert isinstance(error, APIStatusError)
    assert (error.status, error.code, error.params, error.fields) == (status, None, (), {})
    assert (error.message is None) is (body == b"")
    hint = "; the token may be revoked, have run out, or be for another server than base_url" if status == 401 else ""
    assert str(error) == f"things.do: {status}{f': {error.message}' if body else ''}{hint}"


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "params", "fields", "text"),
    [
        (
            404,
            {"code": "resource_not_found", "params": None},
            NotFoundError,
            "resource_not_found",
            (),
            {},
            "404 resource_not_found",
        ),
        (
            400,
            {"code": "wrong_param_type", "params": ["userId", "size"]},
            BadRequestError,
            "wrong_param_type",
            ("userId", "size"),
            {},
            "400 wrong_param_type (userId, size)",
        ),
        (
            400,
            {"STANDARD_VALIDATION": {"name": "must not be blank", "externalId": "size must be at most 100"}},
            InvalidRequestError,
            "STANDARD_VALIDATION",
            (),
            {"name": "must not be blank", "external_id": "size must be at most 100"},
            "400 STANDARD_VALIDATION: name must not be blank; external_id size must be at most 100",
        ),
        (
            400,
            {"CUSTOM_VALIDATION": {"email_already_exists": ["jane@example.com"]}},
            InvalidRequestError,
            "email_already_exists",
            ("jane@example.com",),
            {},
            "400 email_already_exists (jane@example.com)",
        ),
        (
            403,
            {"code": "access_denied", "message": "The organization is suspended"},
            PermissionDeniedError,
            "access_denied",
            (),
            {},
            "403 access_denied: The organization is suspended",
        ),
        (
            429,
            {"error": {"code": "rate_limit_exceeded", "message": "Rate limit exceeded. Retry after 30 seconds."}},
            RateLimitError,
            "rate_limit_exceeded",
            (),
            {},
            "429 rate_limit_exceeded: Rate limit exceeded. Retry after 30 seconds.",
        ),
        (
            400,
            {"error": "invalid_grant", "error_description": "The refresh token has expired"},
            BadRequestError,
            "invalid_grant",
            (),
            {},
            "400 invalid_grant: The refresh token has expired",
        ),
        (
            400,
            {"code": "platform.email.user_not_found", "params": ["usr_1"]},
            RecipientNotFoundError,
            "platform.email.user_not_found",
            ("usr_1",),
            {},
            "400 platform.email.user_not_found (usr_1)",
        ),
        (
            404,
            {"error": {"code": "platform.email.member_not_found"}},
            RecipientNotFoundError,
            "platform.email.member_not_found",
            (),
            {},
            "404 platform.email.member_not_found",
        ),
        (
            500,
            {"code": "platform.email.user_not_found"},
            ServerError,
            "platform.email.user_not_found",
            (),
            {},
            "500 platform.email.user_not_found",
        ),
    ],
)
def test_each_documented_shape_of_an_error_is_read(
    status: int,
    body: Any,
    kind: type[APIStatusError],
    code: str,
    params: tuple[str, ...],
    fields: dict[str, str],
    text: str,
) -> None:
    error = refused(status, body)
    assert type(error) is kind
    assert isinstance(error, APIStatusError)
    assert (error.operation, error.status, error.code) == ("things.do", status, code)
    assert (error.params, error.fields) == (params, fields)
    assert str(error) == f"things.do: {text}"


@pytest.mark.parametrize("status", [400, 403, 409, 422, 500])
def test_the_shape_of_an_error_counts_more_than_its_status(status: int) -> None:
    assert type(refused(status, {"STANDARD_VALIDATION": {"name": "must not be blank"}})) is InvalidRequestError
    assert type(refused(status, {"CUSTOM_VALIDATION": {"email_already_exists": []}})) is InvalidRequestError
    assert type(refused(status, {"error": {"code": "rate_limit_exceeded"}})) is RateLimitError


@pytest.mark.parametrize(
    ("body", "code", "params", "fields"),
    [
        ({"STANDARD_VALIDATION": {"name": None}}, "STANDARD_VALIDATION", (), {"name": "is not valid"}),
        ({"STANDARD_VALIDATION": {"name": []}}, "STANDARD_VALIDATION", (), {"name": "is not valid"}),
        (
            {"STANDARD_VALIDATION": {"name": ["blank", None, "short"]}},
            "STANDARD_VALIDATION",
            (),
            {"name": "blank, short"},
        ),
        ({"STANDARD_VALIDATION": {"": "is odd"}}, "STANDARD_VALIDATION", (), {"?": "is odd"}),
        ({"STANDARD_VALIDATION": {}}, "STANDARD_VALIDATION", (), {}),
        ({"STANDARD_VALIDATION": ["name"], "code": "odd"}, "odd", (), {}),
        ({"CUSTOM_VALIDATION": {"taken": None}}, "taken", (), {}),
        ({"CUSTOM_VALIDATION": {}, "code": "odd"}, "odd", (), {}),
        ({"code": 7, "params": "userId"}, None, (), {}),
        ({"code": "odd", "params": ["userId", 7, None, "", [1]]}, "odd", ("userId", "7"), {}),
        ({"error": ["odd"], "code": "odder"}, "odder", (), {}),
    ],
)
def test_odd_values_in_an_error_are_left_out(
    body: Any, code: str | None, params: tuple[str, ...], fields: dict[str, str]
) -> None:
    error = refused(422, body)
    assert isinstance(error, InvalidRequestError)
    assert (error.code, error.params, error.fields) == (code, params, fields)


# --- More than one rule at once, and other shapes than the vendor's


def test_several_rules_of_a_custom_validation_are_all_named() -> None:
    rules = {"email_already_exists": ["jane@example.com"], "stamp_limit_exceeded": [10, 2.5], "odd": None}
    error = refused(400, {"CUSTOM_VALIDATION": rules})
    assert isinstance(error, InvalidRequestError)
    assert (error.code, error.params) == ("email_already_exists", ("jane@example.com",))
    assert error.rules == {
        "email_already_exists": ("jane@example.com",),
        "stamp_limit_exceeded": ("10", "2.5"),
        "odd": (),
    }
    assert str(error) == (
        "things.do: 400 email_already_exists (jane@example.com): stamp_limit_exceeded (10, 2.5); odd ()"
    )


def test_both_kinds_of_validation_in_one_response_are_read() -> None:
    body = {
        "STANDARD_VALIDATION": {"name": "must not be blank"},
        "CUSTOM_VALIDATION": {"email_already_exists": ["a@b"]},
    }
    error = refused(400, body)
    assert isinstance(error, InvalidRequestError)
    assert (error.code, error.fields) == ("STANDARD_VALIDATION", {"name": "must not be blank"})
    assert error.rules == {"email_already_exists": ("a@b",)}
    assert str(error) == "things.do: 400 STANDARD_VALIDATION: name must not be blank; email_already_exists (a@b)"


def test_numbers_among_the_params_of_an_error_are_read_as_strings() -> None:
    error = refused(400, {"code": "stamp_limit_exceeded", "params": [10, "cards", True]})
    assert isinstance(error, BadRequestError)
    assert error.params == ("10", "cards", "true")


OTHER_SHAPES: list[tuple[dict[str, Any], dict[str, str], str]] = [
    ({"type": "about:blank", "title": "Conflict", "detail": "The card is full", "status": 409}, {}, "The card is full"),
    ({"title": "Conflict", "status": 409}, {}, "Conflict"),
    (
        {"errors": [{"field": "externalId", "message": "must not be blank"}, {"field": "name"}]},
        {"external_id": "must not be blank", "name": "is not valid"},
        "external_id must not be blank; name is not valid",
    ),
    ({"errors": [{"field": "email", "defaultMessage": "is odd"}]}, {"email": "is odd"}, "email is odd"),
    ({"errors": [{"detail": "Too many cards"}, {"message": "Twice"}]}, {}, "Too many cards"),
    ({"errors": ["Too many cards"]}, {}, "Too many cards"),
    ({"message": "Said", "errors": [7, None, {}]}, {}, "Said"),
    ({"errors": "odd"}, {}, '(no content type) {"errors": "odd"}'),
]


@pytest.mark.parametrize(("body", "fields", "words"), OTHER_SHAPES, ids=str)
@pytest.mark.parametrize("adds", [False, True])
def test_undocumented_shapes_of_errors_are_read_and_prove_nothing(
    body: dict[str, Any], fields: dict[str, str], words: str, adds: bool
) -> None:
    call = call_of("POST", replay=Replay.NEVER) if adds else call_of()
    with pytest.raises(ConflictError) as caught:
        Harness().run(call, answer(409, body))
    assert caught.value.fields == fields
    assert str(caught.value).startswith(f"things.do: 409: {words}")
    assert caught.value.outcome_unknown is adds


# --- Which scope a refusal names, in other forms than the documented one


@pytest.mark.parametrize("words", ["two\r\nlines", "tab\there", "bell\x07", "line\u2028break", "half \ud800 pair"])
def test_the_servers_words_are_one_printable_line(words: str) -> None:
    error = refused(400, {"code": "odd", "message": words})
    assert isinstance(error, BadRequestError)
    assert error.message is not None
    assert error.message.isprintable()
    assert str(error).isprintable()


def test_the_servers_words_are_cut() -> None:
    error = refused(400, {"code": "c" * 1000, "message": "m" * 1000, "params": ["p" * 1000] * 1000})
    assert isinstance(error, BadRequestError)
    assert error.message == "m" * 199 + "…"
    assert len(str(error)) < 1000
    assert len(str(refused(400, {"STANDARD_VALIDATION": {f"f{n}": "x" * 300 for n in range(1000)}}))) < 1000


def plain(text: str) -> str:
    return json.dumps(text)


def escaped(text: str) -> str:
    return plain(text).replace("/", "\\/").replace("e", "\\u0065")


@pytest.mark.parametrize("secret", ["kept-secret", '"/\\<&'])
@pytest.mark.parametrize("escape", [plain, escaped])
def test_the_token_is_taken_out_of_the_servers_words(secret: str, escape: Callable[[str], str]) -> None:
    words = escape(f"Bearer {secret} is unknown")
    for body in (
        f'{{"code": {words}, "message": {words}, "params": [{words}]}}',
        f'{{"error": {words}, "error_description": {words}}}',
        f'{{"STANDARD_VALIDATION": {{{words}: {words}}}}}',
        f'{{"CUSTOM_VALIDATION": {{{words}: [{words}]}}}}',
        f'{{"message": {escape(" " * 780 + secret)}}}',
    ):
        with pytest.raises(StempError) as caught:
            Harness(credential=FixedToken(Secret(secret))).run(call_of(), answer(400, body.encode()))
        error = caught.value
        assert secret not in str(error)
        assert secret not in repr(error)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
KEYS = ["code", "message", "params", "error", "error_description", "STANDARD_VALIDATION", "CUSTOM_VALIDATION"]
SHAPED = st.dictionaries(st.sampled_from(KEYS), JSON | st.just("Insufficient scope: requires pass:read"))


@given(status=st.integers(100, 999).filter(lambda status: status // 100 != 2), body=st.binary() | SHAPED | JSON)
def test_whatever_a_proxy_sends_is_a_documented_error(status: int, body: object) -> None:
    error = refused(status, body)
    assert type(error) in DOCUMENTED
    assert str(error).isprintable()
    assert len(str(error)) < 1500
