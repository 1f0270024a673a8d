"""Every method of the clients that needs scopes, and what each way to call it needs.

The annotations of ``self`` state it, also those of the overloads; the methods that make several calls are among them.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, get_args, get_overloads

import attrs

from ..scopes import ScopeSet, TokenKind, token_kinds
from ..scopes.presets import PRESETS, Preset
from ._needs import annotated

if TYPE_CHECKING:
    from .._core.operation import Operation

_CALL: Final = re.compile(r"([\w.]+)(?:\((.*)\))?")


@attrs.frozen
class Requirement:
    """The scopes that one way to call a method needs."""

    method: str
    """Such as ``"loyalty.add_stamp"``."""
    parameters: tuple[str, ...]
    """The parameters by which it differs from the plain call, such as ``("reference",)``; none for the plain call."""
    any_of: tuple[ScopeSet, ...]
    """The sets of which one has to be held. Most calls have one."""

    @property
    def call(self) -> str:
        """The method, with the parameters: ``"loyalty.add_stamp(reference)"``."""
        return f"{self.method}({', '.join(self.parameters)})" if self.parameters else self.method

    @property
    def presets(self) -> tuple[Preset, ...]:
        """The presets that hold enough."""
        return tuple(preset for preset in PRESETS.values() if self.is_met_by(preset.scopes))

    @property
    def kinds(self) -> frozenset[TokenKind]:
        """The kinds of token that may hold enough."""
        return frozenset(kind for scopes in self.any_of for kind in token_kinds(scopes))

    def is_met_by(self, held: ScopeSet) -> bool:
        """Whether a token with these scopes may make the call."""
        return any(scopes <= held for scopes in self.any_of)


@attrs.frozen
class Explanation:
    """The scopes that a method needs, or a class with a client such as ``Outbox``."""

    method: str
    operation: Operation | None
    """The operation that it sends; None for a method that makes several calls, or calls another method."""
    requirements: tuple[Requirement, ...]
    """One for each way to call it that needs something else; the plain call is the first."""


def explain(method: str) -> Explanation:
    """Explain what a method of the clients needs: scopes, the presets that hold them, and which kinds of token may.

    ::

        for requirement in explain("loyalty.add_stamp").requirements:
            print(requirement.call, requirement.any_of)

    Args:
        method: Resource and method, such as ``"users.find"``; or class and method of the data of an event, such as
            ``"UserData.fetch"``; or ``"Outbox"`` or ``"AsyncOutbox"``, for all that it does.

    Raises:
        TypeError: it is not a string.
        ValueError: there is no such method; the message names the nearest.
    """
    return explanation_of(method, "method")


def explanation_of(name: object, argument: str) -> Explanation:
    """Find the method of that name."""
    if not isinstance(name, str):
        raise TypeError(f"{argument} must be a str, not {type(name).__name__}")
    known = explanations()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f": did you mean {near[0]}?" if near else "; `stemp operations` lists them all"
        raise ValueError(f"{name[:80]!r} is not an operation{hint}")
    return known[name]


def requirement_of(call: object) -> Requirement:
    """The requirement of a call: ``users.find``, or with parameters ``loyalty.add_stamp(reference)``.

    Raises:
        TypeError: it is not a string.
        ValueError: there is no such method, or none of its parameters needs more.
    """
    if not isinstance(call, str):
        raise TypeError(f"an operation must be a str, not {type(call).__name__}")
    found = _CALL.fullmatch(call)
    explanation = explanation_of(found[1] if found else call, "an operation")
    parameters = re.findall(r"\w+", (found and found[2]) or "")
    best = explanation.requirements[0]
    for name in parameters:
        ways = [each for each in explanation.requirements if name in each.parameters]
        if not ways:
            special = sorted({name for each in explanation.requirements for name in each.parameters})
            hint = f"those that do: {', '.join(special)}" if special else "none of its parameters does"
            raise ValueError(f"{name!r} does not change what {explanation.method} needs; {hint}")
        best = ways[0]
    return best


@cache
def explanations() -> Mapping[str, Explanation]:
    """Every method by name, in the order of the documentation."""
    # Here, as these load every resource, and httpx.
    from .._outbox._async import AsyncOutbox
    from .._outbox._sync import Outbox
    from .._resources.operations import OPERATIONS, resources
    from ..webhooks._events import CLASSES

    payloads = {data: None for event in CLASSES.values() for data in data_of(event)}
    found: dict[str, tuple[Requirement, ...]] = {}
    for resource in resources():
        found |= requirements_in(resource._name, resource, "self")  # pyright: ignore[reportPrivateUsage]
    for data in payloads:
        found |= requirements_in(data.__name__, data, "client")
    for outbox in (Outbox, AsyncOutbox):
        name = outbox.__name__
        found[name] = (Requirement(name, (), _stated(outbox.__init__, "client")),)
    for operation in OPERATIONS.values():
        if operation.anonymous:
            found[operation.name] = (Requirement(operation.name, (), (ScopeSet(),)),)
    return MappingProxyType({name: Explanation(name, OPERATIONS.get(name), each) for name, each in found.items()})


def data_of(event: Any) -> tuple[type, ...]:
    """The classes of the data of an event that have methods."""
    annotation = event.model_fields["data"].annotation
    return tuple(each for each in get_args(annotation) or (annotation,) if hasattr(each, "fetch"))


def requirements_in(owner: str, cls: type, parameter: str) -> Mapping[str, tuple[Requirement, ...]]:
    """The requirements of the public methods of a class, by the annotation of a parameter.

    Args:
        owner: What stands before the name of the method.
        cls: The class.
        parameter: ``self`` of a resource, ``client`` of the data of an event.
    """
    found = {
        f"{owner}.{name}": tuple(_requirements(f"{owner}.{name}", function, parameter))
        for name, function in vars(cls).items()
        if not name.startswith("_") and inspect.isfunction(function)
    }
    return {method: requirements for method, requirements in found.items() if requirements}


def _requirements(method: str, function: Callable[..., Any], parameter: str) -> Iterator[Requirement]:
    plain = _stated(function, parameter)
    if not plain:
        return
    yield Requirement(method, (), plain)
    optional = _optional(function)
    for overload in get_overloads(function):
        any_of = _stated(overload, parameter)
        if any_of != plain:
            yield Requirement(method, tuple(name for name in optional if name not in _optional(overload)), any_of)


def _stated(function: Callable[..., Any], parameter: str) -> tuple[ScopeSet, ...]:
    # As a string: to evaluate it would import what it names.
    annotation = str(function.__annotations__.get(parameter, ""))
    return annotated(ast.parse(annotation, mode="eval").body) if annotation else ()


def _optional(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [each.name for each in parameters if each.default is not inspect.Parameter.empty]
