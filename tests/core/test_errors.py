"""Every error: one line that says what to do, plain attributes, and whole after pickling."""

from __future__ import annotations

import copy
import pickle
from typing import Any, Final

import pytest

import stemp_sdk
from stemp_sdk import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    DecodeError,
    InvalidRequestError,
    MissingScopeError,
    NotFoundError,
    PaginationError,
    PermissionDeniedError,
    RateLimit,
    RateLimitError,
    RecipientNotFoundError,
    ScopeSet,
    ServerError,
    StempError,
    StoreError,
    TokenKind,
    TokenKindError,
    UnknownOutcomeError,
    presets,
)
from stemp_sdk.core import errors
from stemp_sdk.scopes import (
    API_TOKEN_MANAGE,
    PASS_CREATE,
    PASS_READ,
    PLATFORM_EMAIL_SEND,
    TEMPLATE_DELETE,
    USER_CREATE,
    USER_READ,
)

#: What users read, word by word.
TEXTS: Final[list[tuple[StempError, str]]] = [
    (
        MissingScopeError("templates.delete", TEMPLATE_DELETE, presets.POS),
        """
        templates.delete needs template:delete, which the token lacks. It holds loyalty:manage, pass:create,
        pass:read, user:read. No request was sent. Use a token that has it (presets.CARD_DESIGN does), or
        add it to scopes= if this one does.
        """,
    ),
    (
        MissingScopeError("users.find", USER_READ | USER_CREATE, USER_READ),
        """
        users.find needs user:create + user:read; the token lacks user:create. It holds user:read. No
        request was sent. Use a token that has it (presets.CRM_SYNC does), or add it to scopes= if this one
        does.
        """,
    ),
    (
        MissingScopeError("api_tokens.list", API_TOKEN_MANAGE, ScopeSet()),
        """
        api_tokens.list needs api_token:manage, which the token lacks. It holds no scopes. No request was
        sent. Use a token that has it, or add it to scopes= if this one does.
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, PASS_READ, confined=True),
        """
        passes.create needs pass:create, and only() confines this client to pass:read. No request was sent.
        Use the client that it was made from.
        """,
    ),
    (
        MissingScopeError("users.find", USER_READ | USER_CREATE, USER_READ, granted=presets.CRM_SYNC),
        """
        users.find needs user:create + user:read; scopes= leaves out user:create, which the token has. The client
        holds user:read. No request was sent. Add it to scopes=.
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, PASS_READ, granted=PASS_READ),
        """
        passes.create needs pass:create, which the token lacks. It holds pass:read. No request was sent. Use a
        token that has it (presets.POS does), or ask the organization for it (OAuthApp.step_up).
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, PASS_READ, "server"),
        """
        passes.create: the server says that the token lacks pass:create. Use a token that has it (presets.POS
        does).
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, presets.POS, "server"),
        """
        passes.create: the server says that the token lacks pass:create, though the client was told that it
        holds loyalty:manage, pass:create, pass:read, user:read. Use a token that has it (presets.POS does),
        or correct scopes=.
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, None, "server"),
        """
        passes.create: the server says that the token lacks pass:create. Use a token that has it
        (presets.POS does), and say in scopes= what the token holds: then this shows before any request.
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, PASS_READ, declined=PASS_CREATE, installation_id="ins_1"),
        """
        passes.create needs pass:create. The organization was asked for pass:create and declined; its
        installation holds pass:read. No request was sent. Do without it, or let a person there
        grant it.
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, None, "server", PASS_CREATE),
        """
        passes.create needs pass:create. The organization was asked for pass:create and declined; its
        installation holds no scopes. Do without it, or let a person there grant it.
        """,
    ),
    (
        TokenKindError(PASS_READ | PLATFORM_EMAIL_SEND, TokenKind.API, PLATFORM_EMAIL_SEND),
        "scopes: an API token may not hold platform:email:send; use an installed app's token for it",
    ),
    (
        TokenKindError(PASS_READ | API_TOKEN_MANAGE, TokenKind.APP, API_TOKEN_MANAGE),
        "scopes: an installed app's token may not hold api_token:manage; use an API token for it",
    ),
    (
        TokenKindError(PLATFORM_EMAIL_SEND | API_TOKEN_MANAGE, None, PLATFORM_EMAIL_SEND | API_TOKEN_MANAGE),
        """
        scopes: no single token may hold all of api_token:manage, platform:email:send; use one API token and
        one installed app
        """,
    ),
    (
        TokenKindError(PLATFORM_EMAIL_SEND, TokenKind.API, PLATFORM_EMAIL_SEND, "emails.send"),
        """
        emails.send needs platform:email:send, which an API token may not hold. No request was sent. Use an
        installed app's token for it.
        """,
    ),
    (
        APIConnectionError("users.get", "ConnectError: refused", 3),
        "users.get: no answer from the server, ConnectError: refused (3 attempts)",
    ),
    (
        APITimeoutError("users.update", "ReadTimeout", outcome_unknown=True),
        """
        users.update: no answer from the server, ReadTimeout; it may have been carried out: read the current state
        before you repeat it
        """,
    ),
    (APITimeoutError("users.get", "ReadTimeout"), "users.get: no answer from the server, ReadTimeout"),
    (
        UnknownOutcomeError("loyalty.add_stamp", "ReadTimeout"),
        """
        loyalty.add_stamp: the request was sent and its answer was lost, ReadTimeout. It may have been
        carried out: read the current state before you repeat it.
        """,
    ),
    (
        RateLimitError(
            "users.get",
            429,
            "rate_limit_exceeded",
            "Slow down.",
            attempts=2,
            retry_after=90.5,
            rate_limit=RateLimit(100, 0, 1_800_000_090),
        ),
        "users.get: 429 rate_limit_exceeded: Slow down.; the server asks to wait 90.5 s (2 attempts)",
    ),
    (
        InvalidRequestError(
            "users.create", 400, "STANDARD_VALIDATION", fields={"email": "is no address", "name": "is odd"}
        ),
        "users.create: 400 STANDARD_VALIDATION: email is no address; name is odd",
    ),
    (
        ServerError("users.create", 502, attempts=2, outcome_unknown=True),
        "users.create: 502 (2 attempts); it may have been carried out: read the current state before you repeat it",
    ),
    (BadRequestError("users.get", 400, "wrong_param_type", params=("size",)), "users.get: 400 wrong_param_type (size)"),
    (
        RecipientNotFoundError("emails.send", 400, "platform.email.user_not_found", params=("usr_1",)),
        "emails.send: 400 platform.email.user_not_found (usr_1)",
    ),
    (AuthenticationError("users.get", 401, "unauthorized", "Who?"), "users.get: 401 unauthorized: Who?"),
    (PermissionDeniedError("users.get", 403, None, "Suspended"), "users.get: 403: Suspended"),
    (NotFoundError("users.get", 404, "resource_not_found"), "users.get: 404 resource_not_found"),
    (
        NotFoundError("users.get", 404, attempts=2, hint="an older page has another path"),
        "users.get: 404 (2 attempts); an older page has another path",
    ),
    (ConflictError("loyalty.redeem_stamps", 409, "card_not_full"), "loyalty.redeem_stamps: 409 card_not_full"),
    (APIStatusError("users.get", 302), "users.get: 302"),
    (
        DecodeError("users.list", 200, "content.3.email", "Input should be a valid string"),
        """
        users.list: the server answered 200, but its body cannot be read at content.3.email: Input should be
        a valid string
        """,
    ),
    (
        DecodeError("users.create", 201, "", "it is empty", outcome_unknown=True),
        """
        users.create: the server answered 201, but its body cannot be read: it is empty; it may have been carried
        out: read the current state before you repeat it
        """,
    ),
    (
        DecodeError("users.get", 200, "", "it is empty"),
        "users.get: the server answered 200, but its body cannot be read: it is empty",
    ),
    (
        PaginationError("users.list", 7, "repeats page 3"),
        "users.list: the listing does not end, page 7 repeats page 3",
    ),
    (StoreError("the store does not answer"), "the store does not answer"),
]

each_error = pytest.mark.parametrize("error", [error for error, _ in TEXTS], ids=lambda error: type(error).__name__)


def test_every_error_is_in_the_table() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    public = {kind for kind in kinds if issubclass(kind, StempError)}
    assert {type(error) for error, _ in TEXTS} == public - {StempError}
    assert {kind.__name__ for kind in public} <= {*stemp_sdk.__all__}


@pytest.mark.parametrize(("error", "text"), TEXTS)
def test_what_it_says(error: StempError, text: str) -> None:
    assert str(error) == " ".join(text.split())


def attributes(error: StempError) -> dict[str, Any]:
    return {
        name: getattr(error, name) for name in dir(error) if not name.startswith(("_", "with_traceback", "add_note"))
    }


@each_error
def test_it_is_whole_after_pickling_and_copying(error: StempError) -> None:
    error.add_note("at the counter")
    for made in (
        pickle.loads(pickle.dumps(error)),  # noqa: S301
        copy.copy(error),
        copy.deepcopy(error),
    ):
        assert made is not error
        assert type(made) is type(error)
        assert attributes(made) == attributes(error)
        assert (str(made), repr(made)) == (str(error), repr(error))
        assert made.__notes__ == ["at the counter"]


@each_error
def test_it_can_be_caught_raised_again_and_told_apart(error: StempError) -> None:
    with pytest.raises(StempError) as caught:
        raise error
    assert caught.value is error
    assert {error: 1}[error] == 1
    assert error != copy.copy(error)  # as any exception: two that read alike are two


def test_the_family() -> None:
    assert issubclass(APITimeoutError, APIConnectionError)
    for kind in (BadRequestError, AuthenticationError, PermissionDeniedError, NotFoundError, ConflictError):
        assert issubclass(kind, APIStatusError)
    for other in (InvalidRequestError, RateLimitError, ServerError):
        assert issubclass(other, APIStatusError)
    assert issubclass(RecipientNotFoundError, BadRequestError)
    assert not issubclass(MissingScopeError, APIStatusError)
    assert not issubclass(UnknownOutcomeError, APIConnectionError)


@pytest.mark.parametrize(
    ("error", "missing"),
    [
        (MissingScopeError("x", USER_READ | USER_CREATE, USER_READ), USER_CREATE),
        (MissingScopeError("x", USER_READ | USER_CREATE, None), USER_READ | USER_CREATE),
        (MissingScopeError("x", USER_READ, USER_READ, "server"), USER_READ),
    ],
)
def test_what_is_missing(error: MissingScopeError, missing: ScopeSet) -> None:
    assert error.missing == missing


@pytest.mark.parametrize(
    ("needed", "preset"), [(PASS_CREATE, "POS"), (TEMPLATE_DELETE, "CARD_DESIGN"), (API_TOKEN_MANAGE, None)]
)
def test_the_preset_that_would_do(needed: ScopeSet, preset: str | None) -> None:
    assert MissingScopeError("x", needed, PASS_READ).preset == preset
