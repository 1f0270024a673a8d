"""One of each error, with the message that users read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from stemp_sdk import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    DecodeError,
    DismissError,
    DuplicateWriteError,
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
    PASS_CREATE,
    PASS_READ,
    PLATFORM_EMAIL_SEND,
    TEMPLATE_DELETE,
    USER_CREATE,
    USER_READ,
    USER_UPDATE,
)

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
        "users.get: no response from the server, ConnectError: refused (3 attempts)",
    ),
    (
        APITimeoutError("users.update", "ReadTimeout", outcome_unknown=True),
        """
        users.update: no response from the server, ReadTimeout; it may have been carried out: read the current state
        before you repeat it
        """,
    ),
    (APITimeoutError("users.get", "ReadTimeout"), "users.get: no response from the server, ReadTimeout"),
    (
        UnknownOutcomeError("loyalty.add_stamp", "ReadTimeout"),
        """
        loyalty.add_stamp: the request was sent and its response was lost, ReadTimeout. It may have been
        carried out: read the current state before you repeat it.
        """,
    ),
    (
        UnknownOutcomeError("loyalty.add_stamp", "ReadTimeout", 1, "No. 4711"),
        """
        loyalty.add_stamp: it is not known whether 'No. 4711' was carried out, ReadTimeout. It may have been
        carried out: the same call with the same reference finds out.
        """,
    ),
    (
        UnknownOutcomeError("passes.get_or_create", "502", 2),
        """
        passes.get_or_create: it is not known whether the creation was carried out, 502 (2 attempts). It may have been
        carried out: call it again after the settling time (settle= of the client, by default 2 minutes at most).
        """,
    ),
    (
        DuplicateWriteError("loyalty.add_stamp", "No. 4711", 2),
        "loyalty.add_stamp: carried out 2 times for 'No. 4711', and 0 taken back",
    ),
    (
        DuplicateWriteError("loyalty.add_stamp", "No. 4711", 3, 1, True),
        """
        loyalty.add_stamp: carried out 3 times for 'No. 4711', and 1 taken back. It is not known whether one more was
        taken back. It may have been carried out: read the current state before you repeat it.
        """,
    ),
    (
        UnknownOutcomeError("loyalty.add_stamp", "Server disconnected without sending a response.", 2),
        """
        loyalty.add_stamp: the request was sent and its response was lost, Server disconnected without sending a
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
        users.list: the server responded with 200, but the body cannot be read at content.3.email: Input should be
        a valid string
        """,
    ),
    (
        DecodeError("users.create", 201, "", "it is empty", outcome_unknown=True),
        """
        users.create: the server responded with 201, but the body cannot be read: it is empty; it may have been carried
        out: read the current state before you repeat it
        """,
    ),
    (
        DecodeError("users.get", 200, "", "it is empty"),
        "users.get: the server responded with 200, but the body cannot be read: it is empty",
    ),
    (
        PaginationError("users.list", 7, "repeats page 3"),
        "users.list: the listing does not end, page 7 repeats page 3",
    ),
    (StoreError("the disk is full"), "the disk is full"),
    (
        DismissError("entry 3 is waiting: only dead entries can be dismissed"),
        "entry 3 is waiting: only dead entries can be dismissed",
    ),
    (DismissError("it is under way", datetime(2027, 1, 31, 12, tzinfo=UTC)), "it is under way"),
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
