"""The reference leaves nothing out: it is written from the code, and has every public name."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import BaseModel

import stemp_sdk
from docs._reference import errors, llms, pages, write
from docs._reference.markdown import document, signature, type_name
from stemp_sdk import OPERATIONS, StempError, models, presets
from stemp_sdk._cli.matrix.rows import rows
from stemp_sdk.sandbox import Sandbox
from tests.support.public import PUBLIC, exported

from .pages import WRITTEN_BY_HAND, name_of

PAGES = pages()
ALL = "\n".join(PAGES.values())


def described(text: str) -> set[str]:
    """The names that have a section."""
    return set(re.findall(r"(?m)^## (\w+)$", text))


def test_each_method_has_its_scopes_request_and_provenance() -> None:
    for row in rows():
        if row.is_anonymous:
            continue
        _, _, section = PAGES[f"operations/{row.name.partition('.')[0]}.md"].partition(f"\n## {row.name}\n")
        section, _, _ = section.partition("\n## ")
        assert f"| Request | `{row.request}` ({row.provenance}" in section
        for scope in {scope for scopes in row.any_of for scope in scopes}:
            assert f"`{scope}`" in section
    assert len(re.findall(r"(?m)^## ", PAGES["operations/loyalty.md"])) == sum(
        name.startswith("loyalty.") for name in OPERATIONS
    )


@pytest.mark.parametrize("package", PUBLIC)
def test_each_public_class_and_function_has_a_section(package: str) -> None:
    module = import_module(package)
    classes = {name for name in module.__all__ if isinstance(getattr(module, name), type)}
    functions = {name for name in module.__all__ if inspect.isroutine(getattr(module, name))}
    page = PAGES[f"packages/{package.rpartition('.')[2]}.md"]
    assert classes - described(ALL) == set()
    assert functions - described(page) == set()


def test_functions_that_users_call_have_a_section() -> None:
    names = {name for _, name, _ in exported()}
    assert {"run", "read", "parse", "serving", "cassette"} <= names & described(ALL)


def test_each_field_of_a_model_has_its_name_on_the_wire_and_its_provenance() -> None:
    for name in models.__all__:
        model = getattr(models, name)
        if not isinstance(model, type) or not issubclass(model, BaseModel) or model is models.WireModel:
            continue
        section = PAGES["models.md"].partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        for field, info in model.model_fields.items():
            wire = info.alias or field
            assert re.search(rf"\| `{field}` \| .+ \| (documented|inferred) \| .+ \| `{wire}` \|", section), field


def test_each_error_says_what_to_do() -> None:
    for name in stemp_sdk.__all__:
        value = getattr(stemp_sdk, name)
        if isinstance(value, type) and issubclass(value, StempError):
            assert f"**What to do.** {errors.ADVICE[name]}" in PAGES["errors.md"]


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 429, 500, 503])
def test_the_status_of_an_error_is_that_of_a_response_that_causes_it(status: int) -> None:
    sandbox = Sandbox().seed_demo()
    client = sandbox.client(scopes=presets.POS).with_options(max_retries=0)
    sandbox.fail_next(status=status)
    with pytest.raises(StempError) as raised:
        client.users.list()
    wanted = "5xx" if status >= 500 else str(status)
    assert re.search(rf"\| \[{type(raised.value).__name__}\]\(.+\) \| `\w+` \| {wanted} \|", PAGES["errors.md"])


def test_the_overview_of_a_resource_has_the_scopes_with_a_reference() -> None:
    needs = "`loyalty:manage`; with `reference=` `loyalty:manage` + `pass:read`"
    assert f"| [loyalty.add_stamp](#loyalty-add-stamp) | {needs} | Add one stamp |" in PAGES["operations/loyalty.md"]


def test_a_signature_is_followed_by_links_to_its_classes() -> None:
    assert "-> StampState\n```\n\nTypes: [`StampState`](../models.md#stampstate)\n" in PAGES["operations/loyalty.md"]
    listing = "Types: [`Listing`](../packages/stemp_sdk.md#listing), [`User`](../models.md#user)\n"
    assert listing in PAGES["operations/users.md"]


def test_an_error_without_advice_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        errors, "ADVICE", {name: words for name, words in errors.ADVICE.items() if name != "StoreError"}
    )
    with pytest.raises(LookupError, match=r"^errors and advice differ: StoreError$"):
        errors.page()


def test_writing_removes_pages_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "operations").mkdir()
    (tmp_path / "operations" / "gone.md").write_text("# client.gone\n", encoding="utf-8")
    write(tmp_path)
    written = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*.md")}
    assert written.keys() == PAGES.keys()
    before = {name: path.stat().st_mtime_ns for name, path in written.items()}
    write(tmp_path)
    assert {name: path.stat().st_mtime_ns for name, path in written.items()} == before


def test_a_docstring_becomes_markdown() -> None:
    def add(one: int, *, two: str | None = None) -> list[str]:
        """Add ``one`` *thing* [to]_it.

        So::

            add(1)

        Args:
            one: The number of ``things``,
                over two lines.
            two: Another.

        Raises:
            ValueError: it is <wrong>.

        Scopes: user:read
        Wire: GET /v1/users (documented)
        """
        return [str(one), str(two)]

    text = document(add.__doc__)
    assert text.startswith("Add `one` \\*thing\\* \\[to\\]\\_it.\n\nSo:\n\n```python\nadd(1)\n```\n")
    assert "- `one`: The number of `things`, over two lines.\n- `two`: Another.\n" in text
    assert "**Errors**\n\n- `ValueError`: it is \\<wrong\\>.\n" in text
    assert "Wire" not in text
    shown = signature("add", add, is_method=False)
    assert shown == "```text\nadd(one: int, *, two: str | None = None) -> list[str]\n```\n"


def test_types_are_written_as_in_code() -> None:
    assert type_name(dict[str, list[int] | None]) == "dict[str, list[int] | None]"


def test_the_files_for_language_models_have_no_markup_of_the_site() -> None:
    page = "# Title\n\n<!-- file: a.py -->\n```python\nx = 1\n```\n\nFirst [link](b.md). More.\n\n"
    page += "```{raw} html\na\n```\n\n(b)=\n\n## B\n"
    files = llms.files({"a/page": page}, "https://code.example")
    assert files["a/page.md"] == "# Title\n\n```python\nx = 1\n```\n\nFirst [link](b.md). More.\n\n\n## B\n"
    assert "- [Title](a/page.md): First link.\n" in files["llms.txt"]


@pytest.mark.parametrize("page", WRITTEN_BY_HAND, ids=name_of)
def test_each_page_says_what_it_is_about(page: Path) -> None:
    name = name_of(page).removesuffix(".md")
    listed = llms.files({name: page.read_text(encoding="utf-8")}, "https://code.example")["llms.txt"]
    assert re.search(rf"(?m)^- \[.+\]\({name}\.md\): .+\.$", listed), listed.splitlines()[-1]


def test_links_in_the_files_for_language_models_lead_to_the_same_pages() -> None:
    one = '# One\n\nTo [two](../two.md#x), [three](three.md), <a href="../llms.txt">this</a>, '
    one += "[code](../../examples/x.py),\n[there](#x), [away](https://example.com/a) and `[no](link.md)`.\n\n"
    one += "```text\n[no](link.md)\n```\n"
    two = "# Two\n\n```{toctree}\n:hidden:\n\na/one\na/three\n```\n"
    files = llms.files({"two": two, "a/one": one, "a/three": "# Three\n"}, "https://code.example")
    away = (
        "[code](https://code.example/examples/x.py),\n[there](#x), [away](https://example.com/a) and `[no](link.md)`."
    )
    code = "\n\n```text\n[no](link.md)\n```\n"
    at_home = f'# One\n\nTo [two](../two.md#x), [three](three.md), <a href="../llms.txt">this</a>, {away}{code}'
    assert files["a/one.md"] == at_home
    assert (
        f'To [two](two.md#x), [three](a/three.md), <a href="llms.txt">this</a>, {away}{code}' in files["llms-full.txt"]
    )
    assert files["two.md"] == "# Two\n\n- [One](a/one.md)\n- [Three](a/three.md)\n"
