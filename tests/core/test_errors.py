"""Every error: one line that says what to do, plain attributes, whole after pickling and after a trip through JSON."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import attrs
import pytest

import stemp_sdk
from stemp_sdk import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InvalidRequestError,
    MissingScopeError,
    NotFoundError,
    PermissionDeniedError,
    RateLimit,
    RateLimitError,
    RecipientNotFoundError,
    Response,
    ServerError,
    StempError,
    TokenKind,
    UnknownOutcomeError,
)
from stemp_sdk._core import errors, scope_errors
from stemp_sdk._core.errors import mark_outcome_unknown
from stemp_sdk.scopes import (
    PASS_CREATE,
    PASS_READ,
)

from .error_table import ERRORS, OTHERS, TEXTS

each_error = pytest.mark.parametrize("error", [*ERRORS, *OTHERS], ids=lambda error: type(error).__name__)


def subclasses(kind: type[StempError]) -> Iterator[type[StempError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


def test_every_error_is_in_the_table() -> None:
    kinds = [kind for kind in [*vars(errors).values(), *vars(scope_errors).values()] if isinstance(kind, type)]
    public = {kind for kind in kinds if issubclass(kind, StempError)}
    assert {type(error) for error, _ in TEXTS} == public - {StempError}
    assert {kind.__name__ for kind in public} <= {*stemp_sdk.__all__}


@pytest.mark.parametrize(("error", "text"), TEXTS)
def test_every_error_has_its_message(error: StempError, text: str) -> None:
    assert str(error) == " ".join(text.split())


def attributes(error: StempError) -> dict[str, Any]:
    return {
        name: getattr(error, name)
        for name in dir(error)
        if not name.startswith(("_", "with_traceback", "add_note", "resolve", "aresolve"))
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
        pickle.loads(pickle.dumps(error)),
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
        "datetime": datetime(2027, 1, 31, 12, tzinfo=UTC),
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
        None,
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
