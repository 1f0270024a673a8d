"""Writes statements whose verdict follows from sets alone: what is held, what is needed, which token may hold it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from operator import attrgetter
from random import Random
from typing import Final, Literal

import attrs

from stemp_sdk import OPERATIONS, ScopeSet, Stemp, TokenKind, presets
from stemp_sdk.scopes import CATALOG, token_kinds

Twin = Literal["Stemp", "AsyncStemp"]
TWINS: Final[tuple[Twin, Twin]] = ("Stemp", "AsyncStemp")

#: Scope -> the constant for it.
CONSTANTS: Final = {name: name.upper().replace(":", "_") for name in CATALOG}

#: A value for each type that a required parameter has.
_VALUES: Final = {
    "str": '"x"',
    "int": "1",
    "Mapping[str, Any]": "{}",
    "MemberRole": '"x"',
    "EmailCategory": '"x"',
    "ScopeSet[Any, ApiTokenOnly]": "PASS_READ",
}

_HEADER: Final = f"""\
from typing import Literal

from stemp_sdk import AsyncStemp, Stemp, holds
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
    for name, operation in OPERATIONS.items():
        parameters = inspect.signature(attrgetter(name)(client)).parameters.values()
        arguments = [
            f"{p.name}={_VALUES[p.annotation]}" if p.kind is p.KEYWORD_ONLY else _VALUES[p.annotation]
            for p in parameters
            if p.default is p.empty
        ]
        yield Call(f"{name}({', '.join(arguments)})", operation.scopes)
    yield Call('users.find("x")', ScopeSet("user:read"))
    yield Call('users.find("x", enrol_as="x")', ScopeSet("user:read", "user:create"))


CALLS: Final = tuple(_calls())

_PRESETS: Final = [Expression(name, preset.scopes) for name, preset in presets.PRESETS.items()]


def _union(names: Sequence[str]) -> Expression:
    return Expression(" | ".join(CONSTANTS[name] for name in names), ScopeSet(*names))


def _client(twin: Twin, held: Expression) -> str:
    return f'{twin}("t", scopes={held.code})'


def _passed(twin: Twin, client: str, needed: ScopeSet) -> str:
    """The client passed to a function that asks for one with the scopes ``needed``."""
    names = ", ".join(map(repr, needed))
    return f"def accept(client: {twin}[Literal[{names}]]) -> None: ...\naccept({client})"


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


class _Writer:
    """Writes random statements; the same seed writes the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311

    def statement(self) -> Statement:
        write = self._random.choice(
            [self._direct, self._named, self._of_kind, self._required, self._only, self._narrowed, self._annotated]
        )
        call = self._random.choice(CALLS)
        return write(self._random.choice(TWINS), call, self._held(call.needed))

    def _held(self, needed: ScopeSet) -> Expression:
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

    def _direct(self, twin: Twin, call: Call, held: Expression) -> Statement:
        return Statement(
            _called(twin, _client(twin, held), call), not (token_kinds(held.value) and call.needed <= held.value)
        )

    def _named(self, twin: Twin, call: Call, held: Expression) -> Statement:
        statement = self._direct(twin, call, Expression("held", held.value))
        return Statement(f"held = {held.code}\n{statement.code}", statement.refused)

    def _of_kind(self, twin: Twin, call: Call, held: Expression) -> Statement:
        constructor, kind = self._random.choice([("api_token", TokenKind.API), ("oauth", TokenKind.APP)])
        code = _called(twin, f'{twin}.{constructor}("t", scopes={held.code})', call)
        return Statement(code, not (kind in token_kinds(held.value) and call.needed <= held.value))

    def _required(self, twin: Twin, call: Call, held: Expression) -> Statement:
        few = self._held(call.needed)
        client = f"{_client(twin, held)}.require({few.code})"
        allowed = token_kinds(held.value) and call.needed <= held.value | few.value
        return Statement(_called(twin, client, call), not allowed)

    def _only(self, twin: Twin, call: Call, held: Expression) -> Statement:
        more = self._joined([held, self._held(call.needed)])
        client = f"{_client(twin, more)}.only({held.code})"
        return Statement(_called(twin, client, call), not (token_kinds(more.value) and call.needed <= held.value))

    def _narrowed(self, twin: Twin, call: Call, held: Expression) -> Statement:
        known = self._random.choice(_PRESETS)
        code = f"client = {_client(twin, known)}\nif holds(client, {held.code}): {_called(twin, 'client', call)}"
        return Statement(code, not call.needed <= known.value | held.value)

    def _annotated(self, twin: Twin, call: Call, held: Expression) -> Statement:
        code = _passed(twin, _client(twin, held), call.needed)
        return Statement(code, not (token_kinds(held.value) and call.needed <= held.value))


def random_statements(count: int, *, seed: int) -> list[Statement]:
    """``count`` statements, the same ones for the same seed."""
    writer = _Writer(seed)
    return [writer.statement() for _ in range(count)]


def module(statements: Sequence[Statement]) -> tuple[str, dict[int, Statement]]:
    """A module in which each line that must be an error bears a mark, and the statement at each such line."""
    lines = _HEADER.splitlines()
    refused: dict[int, Statement] = {}
    for number, statement in enumerate(statements):
        lines += [f"async def statement_{number}() -> None:", *(f"    {line}" for line in statement.code.splitlines())]
        if statement.refused:
            refused[len(lines)] = statement
            lines[-1] += f"  # E{number}"
    return "\n".join(lines) + "\n", refused
