"""Declares operations where they are implemented, so that each fact about one is stated once.

The ``self`` annotation of a method states its scopes: type checkers read it, and ``Declared`` reads the same annotation
when the class is created. ``@operation`` states method, path and provenance. Together they form an ``Operation``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias, TypeVar, get_overloads

from .._core.operation import Operation, Provenance, Replay, register
from ..scopes import ScopeSet

if TYPE_CHECKING:
    from pydantic import BaseModel

F = TypeVar("F", bound=Callable[..., Any])

HttpMethod: TypeAlias = Literal["GET", "POST", "PATCH", "DELETE"]

_REFERENCE: Final = "reference"
_STATED: Final = "__stemp_operation__"
_NEEDS: Final = "[ScopeSet[Literal["
_REPLAY: Final[Mapping[str, Replay]] = {
    "GET": Replay.SAFE,
    "POST": Replay.NEVER,
    "PATCH": Replay.IDEMPOTENT,
    "DELETE": Replay.IDEMPOTENT,
}


def operation(
    http_method: HttpMethod,
    path: str,
    provenance: Provenance,
    *,
    replay: Replay | None = None,
    legacy_path: str | None = None,
    body: type[BaseModel] | None = None,
) -> Callable[[F], F]:
    """Mark a method as the operation that sends ``http_method`` to ``path``. The method itself is not changed.

    Args:
        http_method: The HTTP method.
        path: Relative to the base URL, with ``{id}`` for the id.
        provenance: Where method and path are known from.
        replay: Whether it may be sent twice; unless stated, a POST may not and everything else may. A method that
            takes ``reference`` says so by its overloads.
        legacy_path: What an older page of the vendor has in place of ``path``.
        body: The model of the JSON that it sends.
    """
    if replay is None:
        replay = _REPLAY[http_method]
    stated = partial(
        Operation,
        http_method=http_method,
        path=path,
        provenance=provenance,
        replay=replay,
        legacy_path=legacy_path,
        body=body,
    )

    def mark(method: F) -> F:
        setattr(method, _STATED, stated)
        return method

    return mark


class Declared:
    """A base class that registers the operations of each subclass. ``name`` is the resource: ``"org.members"``."""

    _name: ClassVar[str]

    def __init_subclass__(cls, *, name: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if name is None:
            return  # a user's subclass, or a stand-in in a test
        cls._name = name
        for operation_name, method in stated_methods(cls):
            stated: partial[Operation] = getattr(method, _STATED)
            scopes, with_reference = stated_scopes(cls, method), _reference_scopes(cls, method)
            replay = stated.keywords["replay"] if with_reference is None else Replay.REFERENCE
            register(
                stated(
                    name=operation_name,
                    scopes=scopes,
                    arguments=_arguments(method),
                    replay=replay,
                    reference_scopes=with_reference,
                )
            )


def stated_methods(cls: type[Declared]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The methods of a resource that are operations, with the operation's name."""
    for name, method in vars(cls).items():
        if hasattr(method, _STATED):
            yield f"{cls._name}.{name}", method  # pyright: ignore[reportPrivateUsage] - of this module


def replay_of(method: Callable[..., Any]) -> Replay:
    """Whether a method of a resource may be called again if its outcome is unknown.

    One that is composed of several operations reads, or looks before it writes again.
    """
    stated: partial[Operation] | None = getattr(method, _STATED, None)
    replay: Replay = Replay.SAFE if stated is None else stated.keywords["replay"]
    return replay


def _arguments(method: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a method's arguments that are sent under their own names.

    ``inspect.signature`` would take longer than all the rest.
    """
    code = method.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    return tuple(name for name in names if name != _REFERENCE)


def _reference_scopes(cls: type, method: Callable[..., Any]) -> ScopeSet | None:
    """The scopes that the overload with a required ``reference`` states; None if there is none."""
    for overload in get_overloads(method):
        if _REFERENCE in overload.__annotations__ and _REFERENCE not in (overload.__kwdefaults__ or {}):
            return stated_scopes(cls, overload)
    return None


def stated_scopes(cls: type, method: Callable[..., Any]) -> ScopeSet:
    """The scopes that the ``self`` annotation of a method states.

    Raises:
        TypeError: it states none.
    """
    # Read as a string, as evaluating it would add several milliseconds to the import.
    annotation = str(method.__annotations__.get("self", ""))
    _, found, names = annotation.partition(_NEEDS)
    if not found:
        raise TypeError(f"self of {cls.__name__}.{method.__name__} must be annotated Needs[ScopeSet[Literal[...]]]")
    return ScopeSet(*(name.strip("\"' ]") for name in names.split(",")))
