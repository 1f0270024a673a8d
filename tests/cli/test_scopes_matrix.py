"""``stemp scopes matrix``: what each format says, and that it is true of the declarations."""

from __future__ import annotations

import json
import random
import re
from itertools import product
from pathlib import Path

import pytest

from stemp_sdk import CATALOG, OPERATIONS, Operation, ScopeSet
from stemp_sdk._cli.matrix.formats import as_json, markdown, needs
from stemp_sdk._cli.matrix.rows import Case, Row, rows
from stemp_sdk.scopes import (
    API_TOKEN_MANAGE,
    LOYALTY_MANAGE,
    ORG_READ,
    PASS_READ,
    PLATFORM_EMAIL_SEND,
    USER_READ,
    token_kinds,
)
from stemp_sdk.scopes.presets import PRESETS, smallest_covering
from tests.support.paths import ROOT

from .runs import Runner, in_terminal, piped

#: Methods that send the requests of operations, with what they need.
COMBINED = {
    "passes.find_by_code": {"pass:read"},
    "passes.get_or_create": {"pass:read", "pass:create"},
    "journal.resume": {"loyalty:manage", "pass:read"},
    "users.find": {"user:read"},
    "users.get_or_create": {"user:read", "user:create"},
}
ROWS = {row.name: row for row in rows()}
RANDOM = random.Random(4711)
SETS = [
    ScopeSet(),
    *(preset.scopes for preset in PRESETS.values()),
    *(ScopeSet(name) for name in CATALOG),
    *(ScopeSet(*RANDOM.sample([*CATALOG], RANDOM.randint(2, 12))) for _ in range(40)),
]


def with_reference(scope: str) -> set[str]:
    """The operations that need the scope only with ``reference=``."""
    return {
        name
        for name, operation in OPERATIONS.items()
        if operation.reference_scopes and scope in operation.reference_scopes and scope not in operation.scopes
    }


def allows(operation: Operation, held: ScopeSet) -> bool:
    return operation.scopes <= held and not operation.anonymous


# --- The rows


def test_every_operation_has_a_row_that_is_as_its_declaration() -> None:
    assert ROWS.keys() == OPERATIONS.keys() | COMBINED.keys()
    for operation in OPERATIONS.values():
        row = ROWS[operation.name]
        assert row.operation is operation
        assert row.any_of == (operation.scopes,)
        assert row.request == f"{operation.http_method} {operation.path}"
        assert row.provenance is operation.provenance
        assert row.kinds == (frozenset() if operation.anonymous else token_kinds(operation.scopes))
        assert row.summary
        more = operation.reference_scopes
        assert row.cases == (() if more is None else (Case(("reference",), (more,)),))
    assert needs(ROWS["loyalty.add_stamp"]) == "loyalty:manage; with reference=: also pass:read"


def test_methods_that_combine_operations_need_the_scopes_of_all() -> None:
    for name, scopes in COMBINED.items():
        assert ROWS[name].operation is None
        assert ROWS[name].any_of == (ScopeSet(*scopes),)
    assert ROWS["users.get_or_create"].request == "GET /v1/users/{id}, then POST /v1/users"


def test_the_rows_of_a_resource_are_together_and_a_resource_is_before_its_parts() -> None:
    resources = [row.resource for row in rows()]
    order = list(dict.fromkeys(resources))
    assert resources == sorted(resources, key=order.index)
    assert order.index("org") + 1 == order.index("org.settings")
    assert order[-1] == "oauth"


def test_each_preset_of_a_row_allows_it_and_no_other_does() -> None:
    for row, preset in product(ROWS.values(), PRESETS.values()):
        allowed = not row.is_anonymous and row.any_of[0] <= preset.scopes
        assert (preset in row.presets) is allowed


def test_what_is_missing_and_the_smallest_preset_for_any_set() -> None:
    for row, held in product(ROWS.values(), SETS):
        verdict = row.judge(held)
        needed = row.any_of[0]
        assert verdict.missing == needed - held
        assert verdict.allowed is (needed <= held)
        assert verdict.preset == (smallest_covering(needed | held) or smallest_covering(needed))


def test_alternatives_and_needs_of_an_argument_are_read_from_the_overloads(invented: dict[str, Row]) -> None:
    add, look = invented["invented.add"], invented["invented.look"]
    assert invented.keys() == {"invented.add", "invented.look"}
    assert add.any_of == (LOYALTY_MANAGE,)
    (case,) = add.cases
    assert (case.arguments, case.any_of) == (("reference",), (LOYALTY_MANAGE | PASS_READ,))
    assert needs(add) == "loyalty:manage; with reference=: also pass:read"
    assert look.any_of == (PASS_READ | USER_READ, ORG_READ)
    assert needs(look) == "pass:read + user:read or org:read"
    assert look.judge(USER_READ).missing == ORG_READ
    assert look.judge(ORG_READ).allowed
    assert look.judge(PASS_READ | USER_READ).allowed
    assert [preset.name for preset in look.presets] == ["POS", "READ_ONLY", "CRM_SYNC", "CARD_ISSUING", "ORG_ADMIN"]
    assert add.note == "<not> really"


# --- The formats


def test_the_help_of_the_matrix_fits_and_its_summary_is_whole(run: Runner) -> None:
    assert run("scopes", "matrix", "--help").width <= 80
    assert "..." not in run("scopes", "--help").out.partition("Commands:")[2]


def test_json_has_every_operation_scope_and_preset(run: Runner) -> None:
    shown = run("scopes", "matrix", "--format", "json")
    assert shown.code == 0
    found = json.loads(shown.out)
    assert (found["version"], found["granted"]) == (1, None)
    assert {each["name"] for each in found["operations"]} == ROWS.keys()
    assert [each["name"] for each in found["scopes"]] == [*CATALOG]
    assert [each["name"] for each in found["presets"]] == [*PRESETS]
    for each in found["operations"]:
        assert each["any_of"] == [[*scopes] for scopes in ROWS[each["name"]].any_of]
        assert each["presets"] == [preset.name for preset in ROWS[each["name"]].presets]
        assert "allowed" not in each
    for each in found["scopes"]:
        info = CATALOG[each["name"]]
        assert each["contexts"] == sorted(info.contexts)
        assert each["presets"] == [name for name, preset in PRESETS.items() if info.name in preset.scopes]
        assert {*each["operations"]} - COMBINED.keys() == {
            name for name, operation in OPERATIONS.items() if info.name in operation.scopes
        }
        assert {*each["with_arguments"]} == with_reference(info.name)
    for each in found["presets"]:
        scopes = PRESETS[each["name"]].scopes
        assert {*each["operations"]} - COMBINED.keys() == {
            name for name, operation in OPERATIONS.items() if allows(operation, scopes)
        }
    tokens = next(each for each in found["operations"] if each["name"] == "api_tokens.create")
    assert tokens == {
        "name": "api_tokens.create",
        "resource": "api_tokens",
        "summary": "Create an API token",
        "request": "POST /v1/api-keys",
        "is_operation": True,
        "anonymous": False,
        "any_of": [["api_token:manage"]],
        "with_arguments": [],
        "contexts": ["API"],
        "presets": [],
        "provenance": "documented",
        "note": "its scope is inferred",
    }


def test_json_says_what_is_allowed_for_granted_scopes(run: Runner) -> None:
    found = json.loads(run("scopes", "matrix", "--format", "json", "--granted", "pass:read,user:read").out)
    assert found["granted"] == ["pass:read", "user:read"]
    verdicts = {each["name"]: (each["allowed"], each["missing"], each["preset"]) for each in found["operations"]}
    assert verdicts["users.list"] == (True, [], None)
    assert verdicts["users.get_or_create"] == (False, ["user:create"], "CRM_SYNC")
    assert verdicts["passes.delete"] == (False, ["pass:delete"], None)
    cases = {each["name"]: each["with_arguments"] for each in found["operations"] if each["with_arguments"]}
    assert {name: [case["missing"] for case in each] for name, each in cases.items()} == {
        name: [["loyalty:manage"]] for name, operation in OPERATIONS.items() if operation.reference_scopes
    }


def test_json_has_alternatives_and_needs_of_arguments(invented: dict[str, Row]) -> None:
    found = as_json([*invented.values()], None)["operations"]
    assert found[0]["with_arguments"] == [{"arguments": ["reference"], "any_of": [["loyalty:manage", "pass:read"]]}]
    assert found[1]["any_of"] == [["pass:read", "user:read"], ["org:read"]]


def test_the_text_has_each_row_and_marks_the_presets_that_allow_it(run: Runner) -> None:
    shown = run("scopes", "matrix")
    assert shown.code == 0
    lines = iter(shown.out.splitlines())
    for row in rows():
        line = next(line for line in lines if line.startswith(f"  {row.name.rpartition('.')[2]} "))
        assert (needs(row).split()[0] if row.cases else needs(row)) in line  # a long cell goes on in the next line
        marks = [str(number) if preset in row.presets else "." for number, preset in enumerate(PRESETS.values(), 1)]
        assert f" {' '.join(marks)} " in line
        assert line.endswith(row.provenance)
    assert "Presets: 1 POS, 2 READ_ONLY, " in shown.out
    assert "No operation is known that needs app:manage.\n" in shown.out
    assert shown.width <= 80


def test_a_wide_terminal_has_the_presets_by_name() -> None:
    shown = piped("scopes", "matrix", COLUMNS="170")
    header = shown.out.splitlines()[0]
    *_, line = (line for line in shown.out.splitlines() if line.startswith("  get_or_create "))
    marked = {name for name in PRESETS if line[header.index(name)] == "x"}
    assert marked == {preset.name for preset in ROWS["users.get_or_create"].presets}
    assert "Presets:" not in shown.out


def test_a_narrow_terminal_has_the_names_in_one_piece() -> None:
    shown = piped("scopes", "matrix", COLUMNS="57")
    assert shown.width <= 57
    names = [line.split()[0] for line in shown.out.splitlines() if re.match("  [a-z]", line)]
    assert names == [row.name.rpartition(".")[2] for row in rows()]
    assert "documented" not in shown.out


def test_the_text_has_needs_of_arguments_and_no_line_on_idle_scopes_if_there_are_none(
    invented: dict[str, Row], monkeypatch: pytest.MonkeyPatch, run: Runner
) -> None:
    monkeypatch.setattr("stemp_sdk._cli.matrix.text.CATALOG", {"org:read": CATALOG["org:read"]})
    monkeypatch.setattr("stemp_sdk._cli.matrix.command.rows", lambda: tuple(invented.values()))
    shown = run("scopes", "matrix")
    assert "No operation is known" not in shown.out
    assert "with reference=:" in shown.out


def test_the_text_says_what_granted_scopes_allow(run: Runner) -> None:
    shown = run("scopes", "matrix", "--preset", "pos")
    lines = [line.split() for line in shown.out.splitlines()]
    assert ["yes", "set_stamps", "loyalty:manage"] in lines
    assert [
        "no",
        "logs",
        "platform:email:send",
        "platform:email:send",
        "EMAIL_APP",
    ] in lines
    assert ["no", "delete", "pass:delete", "pass:delete", "none"] in lines
    counted = [operation for operation in OPERATIONS.values() if not operation.anonymous]
    allowed = sum(allows(operation, PRESETS["POS"].scopes) for operation in counted)
    assert f"{allowed} of {len(counted)} operations that need a token are allowed, with:\n" in shown.out
    assert shown.out.endswith("scopes=presets.POS\n")
    assert shown.width <= 80


def test_the_text_says_that_no_single_token_may_hold_both(run: Runner) -> None:
    shown = run("scopes", "matrix", "--granted", str(API_TOKEN_MANAGE | PLATFORM_EMAIL_SEND))
    assert shown.out.endswith("No single token may hold all of them.\n")


def test_a_terminal_has_colours_and_a_pipe_has_none() -> None:
    for options, mark in (((), "1 2"), (("--preset", "POS"), "✓")):
        arguments = ("scopes", "matrix", *options)
        shown = in_terminal(*arguments)
        assert shown.is_coloured
        assert shown.width <= 80
        assert mark in shown.text
        plain = piped(*arguments, PYTHONIOENCODING="ascii")
        assert (plain.code, plain.is_coloured) == (0, False)
        assert plain.out.isascii()


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|\n").split("|")]


def test_markdown_has_each_operation_and_scope_with_its_presets(run: Runner) -> None:
    shown = run("scopes", "matrix", "--format", "markdown")
    table = {cells(line)[0].strip("`"): cells(line) for line in shown.out.splitlines() if line.startswith("| `")}
    assert table.keys() == ROWS.keys() | CATALOG.keys() | PRESETS.keys()
    for row in rows():
        _, needed, kinds, *marks, request, source = table[row.name]
        assert (needed, request) == (needs(row, "`"), f"`{row.request}`")
        assert kinds == (", ".join(sorted(row.kinds)) or "none")
        assert marks == ["●" if preset in row.presets else "" for preset in PRESETS.values()]
        assert source.partition(";")[0] == row.provenance
    for info in CATALOG.values():
        _, description, _, *marks, using = table[info.name]
        assert description == info.description
        assert marks == ["●" if info.name in preset.scopes else "" for preset in PRESETS.values()]
        uses = {*using.split(", ")} - {f"`{name}`" for name in COMBINED}
        always = {f"`{name}`" for name, operation in OPERATIONS.items() if info.name in operation.scopes}
        expected = always | {f"`{name}` with `reference=`" for name in with_reference(info.name)}
        assert uses == (expected or {"none is known"})
    assert table["app:manage"][-1] == "none is known"


def test_markdown_says_what_granted_scopes_allow(run: Runner) -> None:
    out = run("scopes", "matrix", "--format", "markdown", "--preset", "EMAIL_APP").out
    assert "\nA token with `org:members:read`, `platform:email:send`, `user:read` is allowed " in out
    assert "| `users.list` | nothing | `user:read` |" in out
    assert "| `users.create` | `user:create` | `user:create` |" in out
    assert "A token with no scopes is allowed 0 of " in "\n".join(markdown(rows(), ScopeSet()))


def test_the_page_of_the_documentation_is_up_to_date(run: Runner) -> None:
    written = (ROOT / "docs" / "scopes.md").read_bytes()
    assert run("scopes", "matrix", "--format", "markdown").out.encode() == written, "run `make sync`"


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_a_file_has_the_same_as_the_standard_output(run: Runner, tmp_path: Path, form: str) -> None:
    file = tmp_path / "matrix"
    written = run("scopes", "matrix", "--format", form, "--output", str(file))
    assert (written.code, written.out, written.err) == (0, "", "")
    assert file.read_text("utf-8") == run("scopes", "matrix", "--format", form).out


def test_every_locale_gets_the_same_bytes() -> None:
    shown = piped("scopes", "matrix", "--format", "markdown", PYTHONIOENCODING="ascii", PYTHONHASHSEED="1")
    assert shown.out == (ROOT / "docs" / "scopes.md").read_text("utf-8")


def test_a_file_that_cannot_be_written_is_an_error_in_one_line(run: Runner, tmp_path: Path) -> None:
    ran = run("scopes", "matrix", "--output", str(tmp_path))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"stemp: --output: cannot write {tmp_path}: Is a directory\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--preset", "PO"), "there is no 'PO'; did you mean POS?"),
        (("--preset", "POS", "--granted", "POS"), "give either --preset or --granted, not both"),
        (("--granted", "users:read"), "did you mean user:read?"),
        (("--format", "yaml"), "is not one of"),
    ],
)
def test_a_wrong_option_of_the_matrix_is_named(run: Runner, options: tuple[str, ...], message: str) -> None:
    refused = run("scopes", "matrix", *options)
    assert (refused.code, refused.out) == (2, "")
    assert message in " ".join(refused.err.split())


def test_a_token_in_place_of_scopes_is_not_repeated(run: Runner) -> None:
    refused = run("scopes", "matrix", "--granted", "sk_live_secret1")
    assert refused.code == 2
    assert "sk_live" not in refused.err
