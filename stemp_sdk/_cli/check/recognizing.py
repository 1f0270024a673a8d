"""Finds the scope error in the message of a type checker, whichever checker that is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

from ...scopes import ScopeSet
from .comparing import CLIENTS, Fault, Lack, compare, missing, wrong_kind
from .resources import NAMES, needed_by, needed_with_reference, twin
from .source import Source, kinds_for
from .types import Type, members, parse_type, sets_in, type_at

_QUOTED: Final = re.compile(r'`([^`]*)`|"([^"]*)"')
#: Only these say that a value does not fit. Two types stand in other messages too, such as those on comparisons.
_MISFIT: Final = re.compile(
    r"incompatible (?:type|default)|incompatible with|incompatible return|is not assignable|cannot be assigned|"
    r"expected `|expected value|not match returned|does not satisfy|could not bind|invalid subscript assignment",
    re.IGNORECASE,
)
_REQUIRE: Final = re.compile(r'to "require" of|in function "require"|Stemp\.require`')
_OTHER: Final = re.compile(r"assert_type|asserted type|Expression is of type|incompatible with supertype")
#: ty names what is wanted first.
_WANTED_FIRST: Final = re.compile(r"\bexpected (?:value of type )?`", re.IGNORECASE)
_SUBSCRIPT: Final = re.compile("Invalid subscript assignment")

_SELF: Final = re.compile(
    r'^Invalid self argument "(?P<given>[^"]+)" to (?:class )?attribute function '
    r'"(?P<method>\w+)" with type '
)
_NEEDS: Final = re.compile(rf"\b(?:Async)?(?:Needs|{'|'.join(NAMES)})\[")
_BOUND: Final = re.compile(r'(?:Could not bind method|Cannot access attribute) "(?P<method>\w+)"')
_FUNCTION: Final = (
    re.compile(r'^Argument \S+ to "(?P<name>\w+)"(?: of "(?P<owner>\w+))?'),  # mypy, zuban
    re.compile(r'\b(?:type variable "\w+" of|variant of) "(?P<name>\w+)"(?: of "(?P<owner>\w+)")?'),
    re.compile(r'\b(?:in function|No overloads for) "(?P<name>\w+)"'),  # pyright
    re.compile(r"(?:bound method|function|to|[Oo]verload of) `(?:[\w.]+\.)?(?P<owner>\w+)\.(?P<name>\w+)`"),
    re.compile(r"(?:function|to) `(?P<name>\w+)`"),  # as the line above, ty and pyrefly
)
_NO_OVERLOAD: Final = re.compile(r"\bNo (?:matching )?overload")
_TYPE_VARIABLE: Final = re.compile(r'^Value of type variable "(?P<variable>\w+)" of "\w+" cannot be "(?P<given>[^"]+)"')
_OPERANDS: Final = re.compile(r'^Unsupported operand types for \| \("(?P<left>[^"]+)" and "(?P<right>[^"]+)"\)')
_NO_REFERENCE: Final = re.compile(
    r'^Argument "reference" to .*expected "None"|parameter ["`]reference["`] (?:of|with) type ["`]None["`]'
)
_SET: Final = re.compile(r'(?<=[(=\s"])(?:ScopeSet\[|\w+Scopes\b)')
#: It takes every set; what does not fit is the client that it returns.
_ONLY: Final = "only"
#: pyrefly in one line, which does not say what is put there.
_ITEM: Final = re.compile(r"^Cannot set item in `(?P<container>[^`]+)`")
_MAKERS: Final = CLIENTS | {"Sandbox", "OAuthApp"}


@attrs.frozen
class ScopeError:
    """A scope error in a message."""

    fault: Fault
    operation: str | None
    """The operation that needs the scopes, such as ``"templates.delete"``, or a function, with ``()`` behind it."""


def recognize(message: str, source: Source, line: int) -> ScopeError | None:
    """The scope error that a message is about; None if it is about something else, or does not say enough.

    Args:
        message: All lines of the message.
        source: The file that it is about.
        line: The line of that file, from 1.
    """
    if (found := _SELF.match(message)) is not None:
        return _refused_self(found, message, source)
    if _OTHER.search(message):
        return None
    if _REQUIRE.search(message):
        # It takes every set: what does not fit is the client that it returns.
        fault = source.fault_of_client(line)
        return ScopeError(fault, None) if fault else None
    misfit = _misfit(message, source) if _MISFIT.search(message) else None
    return misfit or _overload_error(message, source, line) or _reference_error(message, source, line)


def _misfit(message: str, source: Source) -> ScopeError | None:
    """Something that is passed, assigned or returned and does not fit."""
    pairs = [pair for text in message.splitlines() for pair in _pairs(text)]
    for given, wanted in pairs:
        if (fault := compare(given, wanted, source.alias)) is not None:
            return ScopeError(fault, _operation(message, given, fault))
    for given, wanted in pairs:
        if (found := _protocol_error(given, wanted, source)) is not None:
            return found
    return None


def _refused_self(found: re.Match[str], message: str, source: Source) -> ScopeError | None:
    """Mypy's and zuban's message on a method; an overloaded one has several types of ``self``."""
    given = parse_type(found["given"])
    if given is not None and given.name == "type" and given.arguments:  # zuban, where the method is overloaded
        given = given.arguments[0]
    if given is None:
        return None
    wanted = [type_at(message, each.start()) for each in _NEEDS.finditer(message, found.end())]
    faults = [fault for want in wanted if want is not None and (fault := compare(given, want, source.alias))]
    lacks = sorted((fault for fault in faults if isinstance(fault, Lack)), key=lambda lack: lack.size)
    return ScopeError(lacks[0], _operation(message, given, lacks[0])) if lacks else None


def _pairs(text: str) -> Iterator[tuple[Type, Type]]:
    """Pairs of the types that a line names: the given one and the expected one."""
    types = [parsed for found in _QUOTED.finditer(text) if (parsed := parse_type(found[1] or found[2] or ""))]
    wanted_first = _WANTED_FIRST.search(text) is not None
    if _SUBSCRIPT.search(text) and types and types[-1].arguments:
        types[-1] = types[-1].arguments[-1]  # the values of the container
    for index, first in enumerate(types):
        for second in types[index + 1 :]:
            yield (second, first) if wanted_first else (first, second)


def _operation(message: str, given: Type, fault: Fault) -> str | None:
    name, owner = _function(message)
    if isinstance(fault, Lack) and (fault.expected or name == _ONLY):
        return None
    resource = twin(given.name if twin(given.name) in NAMES else owner)
    if resource not in NAMES:
        return f"{name}()" if name and not name.startswith("__") else None
    bound = _SELF.match(message) or _BOUND.search(message)
    method = bound["method"] if bound else name
    return f"{NAMES[resource]}.{method}" if needed_by(resource, method) is not None else f"{name}()" if name else None


def _function(message: str) -> tuple[str, str]:
    """The function that a message names, and the class that it is of; empty where it names none."""
    for pattern in _FUNCTION:
        if (found := pattern.search(message)) is not None:
            return found["name"], found.groupdict().get("owner") or ""
    return "", ""


def _protocol_error(given: Type, wanted: Type, source: Source) -> ScopeError | None:
    """A resource that is passed as a protocol of the user's, which has a method that needs more."""
    for have in members(given, source.alias):
        if twin(have.name) not in NAMES or not have.arguments:
            continue
        held = sets_in(have.arguments[0], source.alias)
        for method in source.methods(wanted.name):
            needed = needed_by(have.name, method)
            if needed is not None and (lack := missing(held, (needed,))):
                return ScopeError(lack, f"{NAMES[twin(have.name)]}.{method}")
    return None


def _overload_error(message: str, source: Source, line: int) -> ScopeError | None:
    fault: Fault | None = None
    if (found := _TYPE_VARIABLE.match(message)) is not None:
        given, wanted = parse_type(found["given"]), source.alias(found["variable"])
        fault = compare(given, wanted, source.alias) if given and wanted else None
        return ScopeError(fault, f"{_function(message)[0]}()") if fault else None
    if (found := _OPERANDS.match(message)) is not None:
        # The union itself is always allowed, but mypy infers its operands from what the function takes.
        fault = source.fault_of_call(line) or source.fault_of_client(line)
        fault = fault or _wrong_union(found["left"], found["right"], source)
    elif (found := _ITEM.match(message)) is not None:
        container = parse_type(found["container"])
        fault = source.fault_of_item(line, container.arguments[-1]) if container and container.arguments else None
    elif _NO_OVERLOAD.search(message):
        name, owner = _function(message)
        if twin(owner or name) in _MAKERS or ((made := source.alias(owner or name)) and twin(made.name) in CLIENTS):
            fault = _wrong_argument(message, name, source) or source.fault_of_call(line)
    return ScopeError(fault, None) if fault else None


def _reference_error(message: str, source: Source, line: int) -> ScopeError | None:
    """A ``reference=`` that needs more: the checkers say that it must be None, ty that no overload matches."""
    name, owner = _function(message)
    is_given = _NO_REFERENCE.search(message) or (
        _NO_OVERLOAD.search(message) and "reference" in source.keywords_of_calls(name, line)
    )
    for resource in NAMES if is_given else ():
        needed = needed_with_reference(resource, name)
        if needed is not None and twin(owner) in {"", resource}:  # pyright does not name the class
            held = source.held_by_calls(name, line)
            lack = missing(held, (needed,))
            if lack is None and held and None not in held:  # the client holds it, so something else is wrong
                return None
            return ScopeError(lack or Lack(needed, None), f"{NAMES[resource]}.{name} with reference=")
    return None


def _wrong_union(left: str, right: str, source: Source) -> Fault | None:
    types = parse_type(left), parse_type(right)
    sets = [one for written in types if written for one in sets_in(written, source.alias)]
    scopes = ScopeSet(*(name for one in sets if one for name in one))
    return wrong_kind(scopes, kinds_for(""))


def _wrong_argument(message: str, function: str, source: Source) -> Fault | None:
    for found in _SET.finditer(message):
        given = type_at(message, found.start())
        for scopes in sets_in(given, source.alias) if given else ():
            if scopes is not None and (fault := wrong_kind(scopes, kinds_for(function))):
                return fault
    return None
