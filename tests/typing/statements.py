"""Writes statements whose verdict follows from sets alone: what is held, what is needed, which token may hold it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from itertools import combinations
from operator import attrgetter
from random import Random
from typing import Final, Literal

import attrs

from stemp_sdk import ScopeSet, Stemp, TokenKind, presets
from stemp_sdk.scopes import CATALOG, token_kinds
from tests.support.twins import API

Twin = Literal["Stemp", "AsyncStemp"]
TWINS: Final[tuple[Twin, Twin]] = ("Stemp", "AsyncStemp")

#: Scope -> the constant for it.
CONSTANTS: Final = {name: name.upper().replace(":", "_") for name in CATALOG}

#: A value for each type that a required parameter has.
_VALUES: Final = {
    "str": '"x"',
    "int": "1",
    "int | Decimal": "1",
    "Mapping[str, Any]": "{}",
    "MemberRole": '"x"',
    "EmailCategory": '"x"',
    "ForApiToken": "PASS_READ",
}

_HEADER: Final = f"""\
# pyright: reportUnusedImport=false
from typing import Literal

from stemp_sdk import AsyncStemp, ScopeSet, Stemp, holds, presets
from stemp_sdk.sandbox import Sandbox
from stemp_sdk.scopes import {", ".join(CONSTANTS.values())}
from stemp_sdk.scopes.presets import {", ".join(presets.PRESETS)}

"""


@attrs.frozen
class Statement:
    """Lines of code, and whether a checker must refuse the last of them."""

    code: str
    refused: bool
    missing: str | None = None
    """The scope that the refusal must name, if that is known."""


@attrs.frozen
class Call:
    """What to write after a client, and what it needs."""

    code: str
    needed: ScopeSet


@attrs.frozen
class Expression:
    """A set as code, and as a set."""

    code: str
    value: ScopeSet


def _calls() -> Iterator[Call]:
    client = Stemp("sk_live_x")
    for name, operation in API.items():
        parameters = inspect.signature(attrgetter(name)(client)).parameters.values()
        arguments = [
            f"{p.name}={_VALUES[p.annotation]}" if p.kind is p.KEYWORD_ONLY else _VALUES[p.annotation]
            for p in parameters
            if p.default is p.empty
        ]
        yield Call(f"{name}({', '.join(arguments)})", operation.scopes)
    yield Call('users.find("x")', ScopeSet("user:read"))
    yield Call('users.get_or_create("x", email="x")', ScopeSet("user:read", "user:create"))


CALLS: Final = tuple(_calls())

_PRESETS: Final = [Expression(name, preset.scopes) for name, preset in presets.PRESETS.items()]


def _union(names: Sequence[str]) -> Expression:
    return Expression(" | ".join(CONSTANTS[name] for name in names), ScopeSet(*names))


def _client(twin: Twin, held: Expression) -> str:
    return f'{twin}("t", scopes={held.code})'


def _set_type(needed: ScopeSet) -> str:
    return f"ScopeSet[Literal[{', '.join(map(repr, needed))}]]"


def _passed(twin: Twin, client: str, needed: ScopeSet) -> str:
    """The client passed to a function that asks for one with the scopes ``needed``."""
    return f"def accept(client: {twin}[{_set_type(needed)}]) -> None: ...\naccept({client})"


def _called(twin: Twin, client: str, call: Call) -> str:
    return f"{'await ' if twin == 'AsyncStemp' else ''}{client}.{call.code}"


def each_scope() -> Iterator[Statement]:
    """For each scope and twin: with it alone every operation that needs it passes, with all others alone none does."""
    for scope in CATALOG:
        for twin in TWINS:
            calls = [call for call in CALLS if call.needed == ScopeSet(scope)]
            alone = _client(twin, _union([scope]))
            for call in calls:
                yield Statement(_called(twin, alone, call), refused=False)
            yield Statement(_passed(twin, alone, ScopeSet(scope)), refused=False)
            for kind in TokenKind:  # no single token can hold all 22
                others = _client(
                    twin, _union([name for name, info in CATALOG.items() if kind in info.contexts and name != scope])
                )
                for call in calls:
                    yield Statement(_called(twin, others, call), refused=True, missing=scope)
                yield Statement(_passed(twin, others, ScopeSet(scope)), refused=True)


def choices() -> Iterator[Statement]:
    """One of two presets, chosen in every way in which people choose: only what both hold may be called.

    For each pair of presets, each way to choose, and one operation for each scope that a preset holds.
    """
    calls = {call.needed: call for call in CALLS if len(call.needed) == 1}.values()
    for (first, one), (second, other) in combinations(presets.PRESETS.items(), 2):
        either = f"{_alias(first)} | {_alias(second)}"
        for call in (call for call in calls if call.needed <= one.scopes | other.scopes):
            refused = not call.needed <= one.scopes & other.scopes
            for twin in TWINS:
                made = f'{twin}("t", scopes={{}})'.format
                one_client, other_client = made(first), made(second)
                for client in (
                    f"client = {made(f'{first} if debug else {second}')}",
                    f"picked = {first} if debug else {second}\nclient = {made('picked')}",
                    f"picked: {either}\nif debug: picked = {first}\nelse: picked = {second}\nclient = {made('picked')}",
                    (
                        f"table: dict[bool, {either}] = {{True: {first}, False: {second}}}\n"
                        f"client = {made('table[debug]')}"
                    ),
                    f"client = {one_client} if debug else {other_client}",
                    f"client: {twin}[{either}]\nif debug: client = {one_client}\nelse: client = {other_client}",
                    (
                        f"clients: dict[bool, {twin}[{either}]] = {{True: {one_client}, False: {other_client}}}\n"
                        "client = clients[debug]"
                    ),
                ):
                    yield Statement(f"{client}\n{_called(twin, 'client', call)}", refused)


def _alias(preset: str) -> str:
    return f"presets.{preset.title().replace('_', '')}Scopes"


@attrs.frozen
class _Client:
    """A client as code, and what it holds."""

    code: str
    held: ScopeSet
    legal: bool
    """False if no token that the client accepts may hold its scopes: then the constructor is refused."""


class _Writer:
    """Writes random statements; the same seed writes the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def statement(self) -> Statement:
        twin, call = self._random.choice(TWINS), self._random.choice(CALLS)
        make = self._random.choice([self._plain, self._of_kind, self._sandboxed, self._required, self._only])
        use = self._random.choice([self._direct, self._in_two_steps, self._narrowed, self._argument, self._declared])
        return use(twin, call, make(twin, call.needed))

    def _set(self, needed: ScopeSet) -> Expression:
        """A union of constants and presets; in about half of the cases, with what is needed in it."""
        parts = [_union([name]) for name in self._random.choices([*CATALOG], k=self._random.randint(0, 3))]
        parts += self._random.choices(_PRESETS, k=self._random.randint(0, 2))
        if self._random.random() < 0.4 or not parts:
            parts += [_union([name]) for name in needed]
        self._random.shuffle(parts)
        return self._joined(parts)

    def _joined(self, parts: list[Expression]) -> Expression:
        """The parts joined with ``|``, in a random grouping."""
        if len(parts) == 1:
            return parts[0]
        cut = self._random.randint(1, len(parts) - 1)
        left, right = self._joined(parts[:cut]), self._joined(parts[cut:])
        code = f"{left.code} | ({right.code})" if " | " in right.code else f"{left.code} | {right.code}"
        return Expression(code, left.value | right.value)

    # --- a client

    def _plain(self, twin: Twin, needed: ScopeSet) -> _Client:
        held = self._set(needed)
        return _Client(_client(twin, held), held.value, bool(token_kinds(held.value)))

    def _of_kind(self, twin: Twin, needed: ScopeSet) -> _Client:
        constructor, kind = self._random.choice([("from_api_token", TokenKind.API), ("from_app_token", TokenKind.APP)])
        held = self._set(needed)
        code = f'{twin}.{constructor}("t", scopes={held.code})'
        return _Client(code, held.value, kind in token_kinds(held.value))

    def _sandboxed(self, twin: Twin, needed: ScopeSet) -> _Client:
        held = self._set(needed)
        code = f"Sandbox().{'client' if twin == 'Stemp' else 'async_client'}(scopes={held.code})"
        return _Client(code, held.value, bool(token_kinds(held.value)))

    def _required(self, twin: Twin, needed: ScopeSet) -> _Client:
        client, more = self._plain(twin, needed), self._set(needed)
        return _Client(f"{client.code}.require({more.code})", client.held | more.value, client.legal)

    def _only(self, twin: Twin, needed: ScopeSet) -> _Client:
        few = self._set(needed)
        all_of_it = self._joined([few, self._set(needed)])
        code = f"{_client(twin, all_of_it)}.with_options(timeout=3).only({few.code})"
        return _Client(code, few.value, bool(token_kinds(all_of_it.value)))

    # --- and what it is used for

    def _direct(self, twin: Twin, call: Call, client: _Client) -> Statement:
        return Statement(_called(twin, client.code, call), not (client.legal and call.needed <= client.held))

    def _in_two_steps(self, twin: Twin, call: Call, client: _Client) -> Statement:
        if not client.legal:  # the first step would be refused
            return self._direct(twin, call, client)
        return Statement(f"client = {client.code}\n{_called(twin, 'client', call)}", not call.needed <= client.held)

    def _narrowed(self, twin: Twin, call: Call, client: _Client) -> Statement:
        if not client.legal:
            return self._direct(twin, call, client)
        more = self._set(call.needed)
        code = f"client = {client.code}\nif holds(client, {more.code}): {_called(twin, 'client', call)}"
        return Statement(code, not call.needed <= client.held | more.value)

    def _argument(self, twin: Twin, call: Call, client: _Client) -> Statement:
        return Statement(_passed(twin, client.code, call.needed), not (client.legal and call.needed <= client.held))

    def _declared(self, twin: Twin, call: Call, client: _Client) -> Statement:
        code = f"_client: {twin}[{_set_type(call.needed)}] = {client.code}"
        return Statement(code, not (client.legal and call.needed <= client.held))


def random_statements(count: int, *, seed: int) -> list[Statement]:
    """``count`` statements, the same ones for the same seed."""
    writer = _Writer(seed)
    return [writer.statement() for _ in range(count)]


def module(statements: Sequence[Statement]) -> tuple[str, dict[int, Statement]]:
    """A module in which each line that must be an error bears a mark, and the statement at each such line."""
    lines = _HEADER.splitlines()
    refused: dict[int, Statement] = {}
    for number, statement in enumerate(statements):
        lines += [
            f"async def statement_{number}(*, debug: bool) -> None:",
            *(f"    {line}" for line in statement.code.splitlines()),
        ]
        if statement.refused:
            refused[len(lines)] = statement
            lines[-1] += f"  # E{number}"
    return "\n".join(lines) + "\n", refused
