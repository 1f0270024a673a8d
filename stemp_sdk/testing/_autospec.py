"""Mocks of a client that check its scopes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, cast
from unittest.mock import AsyncMock, MagicMock, create_autospec

from .._client import AsyncStemp, Stemp
from .._client._base import ClientBase
from .._core import recording
from .._core.settings import CheckScopes
from .._public import publish
from .._resources._declare import Declared, stated_scopes
from .._resources.operations import OPERATIONS
from ..scopes import ScopeSet

_Check = Callable[[tuple[Any, ...], dict[str, Any]], None]


def autospec(
    client: type[Stemp[Any] | AsyncStemp[Any]] | Stemp[Any] | AsyncStemp[Any],
    *,
    scopes: ScopeSet | None = None,
    check_scopes: CheckScopes = "raise",
) -> Any:
    """A mock of a client, for tests that patch clients with ``unittest.mock``.

    ::

        client = autospec(Stemp, scopes=presets.POS)
        client.loyalty.add_stamp.return_value = StampState(...)
        till(client)
        client.loyalty.add_stamp.assert_called_once_with("wp_1", note="Main St")
        client.templates.delete("tpl_1")        # MissingScopeError, as from the real client; not counted as a call

    Its methods are mocks with the signatures of the client's methods. Each checks its arguments and the scopes first,
    and then behaves as a ``MagicMock``, or as an ``AsyncMock`` for a method that is awaited, which checks when it is
    awaited. ``can``, ``require``, ``holds`` and ``scopes`` are the client's. ``only`` and ``with_options`` return a
    mock with the scopes of the copy, whose calls are forwarded to this one, so that its return values and assertions
    apply to both.

    Args:
        client: ``Stemp``, ``AsyncStemp`` or a subclass with the same constructor; or a client, whose scopes and options
            are used.
        scopes: The scopes that the client holds; unknown if not given, so that nothing is refused.
        check_scopes: As for the client.

    Raises:
        TypeError: ``client`` is neither, or it is a client and ``scopes`` or ``check_scopes`` is given besides.
        TokenKindError: no single token may hold all of these scopes.
    """
    if isinstance(client, type) and issubclass(client, ClientBase):
        made = client("autospec", scopes=scopes, check_scopes=check_scopes, base_url="https://mock.stemp.invalid/api")
        return _client_mock(made, None)
    if not isinstance(client, ClientBase):
        raise TypeError(f"client must be Stemp, AsyncStemp or a client, not {type(client).__name__}")
    if scopes is not None or check_scopes != "raise":
        raise TypeError("client has its own scopes and options: give scopes and check_scopes with a class alone")
    return _client_mock(client, None)


class _Method(MagicMock):
    """A method of the client, which returns a plain mock."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.__dict__["_stemp_check"](args, kwargs)
        return super().__call__(*args, **kwargs)

    def _get_child_mock(self, /, **kwargs: Any) -> MagicMock:
        return MagicMock(**kwargs)


class _AsyncMethod(AsyncMock):
    """A method of the client that is awaited."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            self.__dict__["_stemp_check"](args, kwargs)
        except Exception as error:  # noqa: BLE001  # it is raised when the call is awaited
            return _raising(error)
        return super().__call__(*args, **kwargs)

    def _get_child_mock(self, /, **kwargs: Any) -> MagicMock:
        return MagicMock(**kwargs)


async def _raising(error: Exception) -> None:
    raise error


def _client_mock(client: Any, original: Any) -> Any:
    """A mock of a client; for the mock of a copy, ``original`` is the mock that its calls are forwarded to."""
    mock = create_autospec(client, instance=True)
    for name, resource in _resources(client):
        mock.attach_mock(_resource_mock(client, name, resource, original and getattr(original, name)), name)

    def requested(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        method, path = args[:2]
        _check(client, f"{method} {path}", kwargs["scopes"])

    mock.attach_mock(_method_mock(client.request, requested, original and original.request), "request")
    mock.scopes, mock.token_kind, mock.rate_limit = client.scopes, client.token_kind, client.rate_limit
    mock.can.side_effect, mock._holds.side_effect = client.can, client._holds

    def require(*args: Any, **kwargs: Any) -> Any:
        client.require(*args, **kwargs)
        return mock

    def copying(method: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: _client_mock(method(*args, **kwargs), mock)

    mock.require.side_effect = require
    mock.only.side_effect = copying(client.only)
    mock.with_options.side_effect = copying(client.with_options)
    enter = mock.__aenter__ if isinstance(client, AsyncStemp) else mock.__enter__
    enter.return_value = mock
    return mock


def _resources(owner: Any) -> Iterator[tuple[str, Declared]]:
    """The resources of a client, or of a resource."""
    for name in dir(owner):
        if not name.startswith("_") and isinstance(value := getattr(owner, name), Declared):
            yield name, value


def _resource_mock(client: Any, path: str, resource: Declared, original: Any) -> Any:
    mock = create_autospec(resource, instance=True)
    for name, value in _resources(resource):
        mock.attach_mock(_resource_mock(client, f"{path}.{name}", value, original and getattr(original, name)), name)
    for name, method in inspect.getmembers(resource, inspect.ismethod):
        if not name.startswith("_"):
            check = _checking(client, f"{path}.{name}", type(resource), method.__func__)
            mock.attach_mock(_method_mock(method, check, original and getattr(original, name)), name)
    return mock


def _checking(client: Any, operation: str, resource: type, method: Any) -> _Check:
    known = OPERATIONS.get(operation)
    if known is not None:
        more = known.reference_scopes or known.scopes
        return lambda _args, kwargs: _check(
            client, operation, known.scopes if kwargs.get("reference") is None else more
        )
    needed = stated_scopes(resource, method) if "self" in method.__annotations__ else ScopeSet()
    return lambda _args, _kwargs: _check(client, operation, needed)


def _check(client: Any, operation: str, needed: ScopeSet) -> None:
    """Check the scopes as the client does, and record the call."""
    settings = client._settings
    try:
        settings.check(operation, needed)
    except Exception:
        recording.note(operation, needed, settings, refused=True)
        raise
    recording.note(operation, needed, settings)


def _method_mock(method: Any, check: _Check, original: Any) -> MagicMock | AsyncMock:
    signature = inspect.signature(method)

    def check_call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        signature.bind(*args, **kwargs)
        check(args, kwargs)

    kind = _AsyncMethod if inspect.iscoroutinefunction(method) else _Method
    mock = kind(spec=method, side_effect=original)
    mock.__dict__["_stemp_check"] = check_call
    return cast("MagicMock | AsyncMock", mock)


publish("stemp_sdk.testing", globals())
