"""Every error: one line that says what to do, plain attributes, whole after pickling and after a trip through JSON."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    Response,
    ScopeSet,
    ServerError,
    StempError,
    StoreError,
    TokenKind,
    TokenKindError,
    UnknownOutcomeError,
    presets,
)
from stemp_sdk._core import errors
from stemp_sdk._core.errors import mark_outcome_unknown
from stemp_sdk.oauth import (
    CallbackError,
    ConsentDeniedError,
    DamagedInstallationError,
    ReauthorizationRequired,
    ScopesDeclinedError,
    TokenStoreError,
    UntrustedTokenError,
)
from stemp_sdk.scopes import (
    API_TOKEN_MANAGE,
    CATALOG,
    PASS_CREATE,
    PASS_READ,
    PLATFORM_EMAIL_SEND,
    TEMPLATE_DELETE,
    USER_CREATE,
    USER_READ,
    USER_UPDATE,
    parse,
    token_kinds,
)

some_scopes = st.builds(parse, st.sets(st.sampled_from([*CATALOG, "stamp:burn"])))

#: What users read, word by word.
TEXTS: Final[list[tuple[StempError, str]]] = [
    (
        MissingScopeError("templates.delete", TEMPLATE_DELETE, presets.POS),
        """
        templates.delete needs template:delete, which the token lacks. It holds loyalty:manage, pass:create,
        pass:read, user:read. No request was sent. Use a token that has template:delete as well:
        scopes=presets.POS | TEMPLATE_DELETE. If this token has it, correct scopes= alone.
        """,
    ),
    (
        MissingScopeError("users.get_or_create", USER_READ | USER_CREATE, USER_READ),
        """
        users.get_or_create needs user:create + user:read; the token lacks user:create. It holds user:read. No
        request was sent. Use a token that has user:create as well: scopes=USER_CREATE | USER_READ. If this token has
        it, correct scopes= alone.
        """,
    ),
    (
        MissingScopeError("api_tokens.list", API_TOKEN_MANAGE, ScopeSet()),
        """
        api_tokens.list needs api_token:manage, which the token lacks. It holds no scopes. No request was
        sent. Use an API token that has api_token:manage: scopes=API_TOKEN_MANAGE. If this token has it, correct
        scopes= alone.
        """,
    ),
    (
        MissingScopeError("emails.send", PLATFORM_EMAIL_SEND, PASS_READ | API_TOKEN_MANAGE),
        """
        emails.send needs platform:email:send, which the token lacks. It holds api_token:manage, pass:read. No
        request was sent. Use an installed app's token that has platform:email:send: scopes=PLATFORM_EMAIL_SEND. If
        this token has it, correct scopes= alone.
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
        MissingScopeError("users.get_or_create", USER_READ | USER_CREATE, USER_READ, granted=presets.CRM_SYNC),
        """
        users.get_or_create needs user:create + user:read; scopes= leaves out user:create, which the token has. The
        client holds user:read. No request was sent. Add it: scopes=USER_CREATE | USER_READ.
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, PASS_READ, granted=PASS_READ),
        """
        passes.create needs pass:create, which the token lacks. It holds pass:read. No request was sent. Use a
        token that has pass:create as well: scopes=PASS_CREATE | PASS_READ, or ask the organization for it
        (OAuthApp.step_up).
        """,
    ),
    (
        MissingScopeError("Stemp.require", PASS_CREATE, None),
        """
        Stemp.require needs pass:create, and it is not known what the token holds, so this could not be checked. No
        request was sent. Say in scopes= what it holds, such as presets.POS.
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, PASS_READ, "server"),
        """
        passes.create: the server says that the token lacks pass:create. Use a token that has pass:create as well:
        scopes=PASS_CREATE | PASS_READ.
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, presets.POS, "server"),
        """
        passes.create: the server says that the token lacks pass:create, though the client was told that it
        holds loyalty:manage, pass:create, pass:read, user:read. Use a token that has it, or correct scopes=.
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, None, "server"),
        """
        passes.create: the server says that the token lacks pass:create. Use a token that has it, and say in scopes=
        what it holds, such as presets.POS: then this shows before any request.
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, PASS_READ, declined=PASS_CREATE, installation_id="ins_1"),
        """
        passes.create needs pass:create. The organization was asked for pass:create and declined; its
        installation holds pass:read. No request was sent. Continue without it, or ask the organization to grant it.
        """,
    ),
    (
        MissingScopeError("passes.create", PASS_CREATE, None, "server", PASS_CREATE),
        """
        passes.create needs pass:create. The organization was asked for pass:create and declined; its
        installation holds no scopes. Continue without it, or ask the organization to grant it.
        """,
    ),
    (
        MissingScopeError("users.update", USER_UPDATE, presets.POS, granted=presets.POS, outcome_unknown=True),
        """
        users.update needs user:update, which the token lacks. It holds loyalty:manage, pass:create, pass:read,
        user:read. Use a token that has user:update as well: scopes=presets.POS | USER_UPDATE, or ask the organization
        for it (OAuthApp.step_up). It may have been carried out: read the current state before you repeat it.
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
        UnknownOutcomeError("loyalty.add_stamp", "Server disconnected without sending a response.", 2),
        """
        loyalty.add_stamp: the request was sent and its answer was lost, Server disconnected without sending a
        response (2 attempts). It may have been carried out: read the current state before you repeat it.
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
        "users.get: 429 rate_limit_exceeded: Slow down; the server asks to wait 90.5 s (2 attempts)",
    ),
    (
        InvalidRequestError(
            "users.create", 400, "STANDARD_VALIDATION", fields={"email": "is not an address", "name": "is odd"}
        ),
        "users.create: 400 STANDARD_VALIDATION: email is not an address; name is odd",
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
        APIStatusError("users.get", 301, location="https://api.example", hint="base_url may be wrong"),
        "users.get: 301; it redirects to https://api.example; base_url may be wrong",
    ),
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
    (StoreError("the disk is full"), "the disk is full"),
]

ERRORS: Final = [error for error, _ in TEXTS]

#: One of each other error that has fields, and of each that has none.
OTHERS: Final[list[StempError]] = [
    StempError("no token is configured"),
    ScopesDeclinedError(PASS_CREATE | PASS_READ),
    ReauthorizationRequired("ins_1", "the app was uninstalled"),
    ReauthorizationRequired("ins_1", "the refresh token was refused (invalid_grant)", "invalid_grant"),
    UntrustedTokenError("it is for another app"),
    TokenStoreError("the token store db is gone"),
    DamagedInstallationError("what is stored for installation ins_1 is damaged", installation_id="ins_1"),
    CallbackError("the state is not the one of this browser"),
    ConsentDeniedError(None),
]

each_error = pytest.mark.parametrize("error", [*ERRORS, *OTHERS], ids=lambda error: type(error).__name__)


def subclasses(kind: type[StempError]) -> Iterator[type[StempError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


def test_every_error_is_in_the_table() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    public = {kind for kind in kinds if issubclass(kind, StempError)}
    assert {type(error) for error, _ in TEXTS} == public - {StempError}
    assert {kind.__name__ for kind in public} <= {*stemp_sdk.__all__}


@pytest.mark.parametrize(("error", "text"), TEXTS)
def test_every_error_has_its_message(error: StempError, text: str) -> None:
    assert str(error) == " ".join(text.split())


def attributes(error: StempError) -> dict[str, Any]:
    return {
        name: getattr(error, name) for name in dir(error) if not name.startswith(("_", "with_traceback", "add_note"))
    }


def test_the_repr_of_an_error_names_its_fields() -> None:
    shown = "PaginationError(operation='users.list', page=3, reason='repeats page 2', problem='does not end'"
    assert repr(errors.PaginationError("users.list", 3, "repeats page 2")).startswith(shown)
    assert repr(StempError("no")) == "StempError('no')"


@each_error
def test_an_error_is_whole_after_pickling_and_copying(error: StempError) -> None:
    error.add_note("at the counter")
    error = copy.copy(error)
    mark_outcome_unknown(error)
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
def test_an_error_is_whole_after_a_trip_through_json(error: StempError) -> None:
    again = type(error)(*json.loads(json.dumps(error.args)))
    assert fields(again) == fields(error)
    assert {name: type(value) for name, value in fields(again).items()} == {
        name: type(value) for name, value in fields(error).items()
    }
    assert (str(again), again.args) == (str(error), error.args)


@each_error
def test_an_error_is_whole_after_a_trip_through_a_task_queue(error: StempError) -> None:
    celery, serializer = import_module("celery"), import_module("kombu.utils.json")  # which have no types
    backend = celery.Celery(backend="cache+memory://", broker="memory://").backend
    sent = serializer.dumps(backend.prepare_exception(error, serializer="json"))
    again: StempError = backend.exception_to_python(serializer.loads(sent))
    assert type(again) is type(error)
    assert fields(again) == fields(error)
    assert (str(again), again.args) == (str(error), error.args)


def fields(error: StempError) -> dict[str, Any]:
    return {name: getattr(error, name) for name in fields_of(type(error))}


def fields_of(kind: type[StempError]) -> dict[str, str]:
    """The names of an error's fields, and their types without ``None``."""
    if not attrs.has(kind):
        return {}
    return {name: str(field.type).removesuffix(" | None") for name, field in attrs.fields_dict(kind).items()}


@pytest.mark.parametrize("kind", {*subclasses(StempError)}, ids=lambda kind: kind.__name__)
def test_each_field_of_every_error_comes_through_json_by_its_type(kind: type[StempError]) -> None:
    """Those of every package, and those to come: a type of field that is not known here has to be added."""
    of_type: dict[str, Any] = {
        "str": "a",
        "int": 7,
        "float": 1.5,
        "bool": True,
        "ScopeSet": PASS_READ | PASS_CREATE,
        "TokenKind": TokenKind.APP,
        "RateLimit": RateLimit(100, 0, 1_800_000_090),
        "Response": Response(404, {"x-request-id": "req-1"}, 2, 1.5),
        "tuple[str, ...]": ("a", "b"),
        "Mapping[str, str]": {"a": "b"},
        "Mapping[str, tuple[str, ...]]": {"a": ("b", "c")},
        "Literal['local', 'server']": "server",
    }
    error = kind(*(of_type[name] for name in fields_of(kind).values()))
    again = kind(*json.loads(json.dumps(error.args)))
    assert fields(again) == fields(error)
    assert str(again) == str(error)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_write_whose_outcome_is_unknown_says_so_whatever_ends_it(error: StempError) -> None:
    error = copy.copy(error)
    mark_outcome_unknown(error)
    assert error.outcome_unknown
    assert str(error).lower().count("it may have been carried out") == 1
    assert "No request was sent" not in str(error)
    if "outcome_unknown" in fields(error):
        assert error.args[[*fields(error)].index("outcome_unknown")] is True


def test_the_args_of_an_error_follow_its_fields() -> None:
    error = MissingScopeError("passes.create", PASS_CREATE, PASS_READ)
    assert error.args == (
        "passes.create",
        ["pass:create"],
        ["pass:read"],
        "local",
        [],
        None,
        None,
        False,
        False,
        None,
        False,
    )
    error.held = None
    assert error.args[2] is None


@each_error
def test_an_error_can_be_caught_raised_again_and_told_apart(error: StempError) -> None:
    with pytest.raises(StempError) as caught:
        raise error
    assert caught.value is error
    assert {error: 1}[error] == 1
    assert error != copy.copy(error)  # as any exception: two that read alike are two


def test_the_errors_have_the_documented_bases() -> None:
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
def test_a_missing_scope_error_names_the_missing_scopes(error: MissingScopeError, missing: ScopeSet) -> None:
    assert error.missing == missing


@pytest.mark.parametrize(
    ("needed", "held", "preset", "suggestion"),
    [
        (PASS_CREATE, PASS_READ, "POS", "PASS_CREATE | PASS_READ"),
        (USER_CREATE, presets.POS, None, "presets.POS | USER_CREATE"),
        (USER_CREATE, presets.CRM_SYNC - USER_CREATE, "CRM_SYNC", "presets.CRM_SYNC"),
        (TEMPLATE_DELETE, None, "CARD_DESIGN", "presets.CARD_DESIGN"),
        (TEMPLATE_DELETE, ScopeSet(), "CARD_DESIGN", "TEMPLATE_DELETE"),
        (API_TOKEN_MANAGE, None, None, "API_TOKEN_MANAGE"),
        (API_TOKEN_MANAGE, presets.EMAIL_APP, None, "API_TOKEN_MANAGE"),
        (PLATFORM_EMAIL_SEND, USER_READ, "EMAIL_APP", "PLATFORM_EMAIL_SEND | USER_READ"),
        (
            ScopeSet("stamp:burn", "stamp:mint"),
            presets.POS | USER_CREATE,
            None,
            'presets.POS | USER_CREATE | ScopeSet("stamp:burn", "stamp:mint")',
        ),
        (TEMPLATE_DELETE, presets.CARD_DESIGN | presets.POS, None, "presets.POS | presets.CARD_DESIGN"),
        (ScopeSet(), ScopeSet(), "POS", "ScopeSet()"),
    ],
)
def test_a_missing_scope_error_suggests_a_preset(
    needed: ScopeSet, held: ScopeSet | None, preset: str | None, suggestion: str
) -> None:
    error = MissingScopeError("x", needed, held)
    assert (error.preset, error.suggestion) == (preset, suggestion)


@given(needed=some_scopes, held=some_scopes)
def test_the_suggestion_keeps_what_is_held_and_adds_what_is_missing_and_no_more(
    needed: ScopeSet, held: ScopeSet
) -> None:
    suggested = eval(MissingScopeError("x", needed, held).suggestion, {**vars(stemp_sdk.scopes), "presets": presets})  # noqa: S307
    assert suggested == (held | needed if token_kinds(held | needed) else needed)
