"""Files of every kind: what cannot be used is one clear error, and never a traceback."""

from __future__ import annotations

import sys
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest
import yaml
from hypothesis import strategies as st

from stemp_sdk._cli.wire import files
from stemp_sdk._cli.wire.comparing import compare
from stemp_sdk._cli.wire.files import read_file
from stemp_sdk._cli.wire.matching import Status
from stemp_sdk._cli.wire.parsing import DocumentError, as_list, as_map, parse, plain

from .descriptions import BASE, KNOWN, compared, finding, in_yaml, openapi, postman, request, whole, written


def refusal(folder: Path, content: object, name: str = "api.json") -> str:
    """What is said of a file; the command says its name before that."""
    with pytest.raises(DocumentError) as caught:
        compared(folder, content, name)
    said = str(caught.value)
    assert "\n" not in said
    return said


DEEP = 'openapi: "3.1.0"\nx: '
BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 300))
TWICE = "is twice in the same object"


UNUSABLE: Final[list[tuple[Any, str]]] = [
    (b"", "it is empty"),
    (b" \n\t", "it is empty"),
    (b"\xef\xbb\xbf", "it is empty"),
    (b"\x89PNG\r\n\x1a\n\x00", "it is not text in UTF-8 (at byte 0)"),
    ("openapi: 3.1.0\ninfo: {title: Bücher}".encode("latin-1"), "it is not text in UTF-8 (at byte 30)"),
    ("{}".encode("utf-16"), "it is in UTF-16: save it as UTF-8"),
    (b"PK\x03\x04\x00", "it is a binary file, not text"),
    ("{", "it is not JSON: line 1, column 2: Expecting property name enclosed in double quotes"),
    ('{"openapi": "3.1.0",\n "paths": nope}', "it is not JSON: line 2, column 11: Expecting value"),
    ('{"a": ' + "9" * 5000 + "}", "it cannot be read: a number in it is too long"),
    ('{"openapi": "3.1.0", "openapi": "3.0.0"}', f"'openapi' {TWICE}"),
    ("[" * 100_000, "it is nested more than 200 levels deep"),
    ("[" * 300 + "]" * 300, "it is nested more than 200 levels deep"),
    ("[]", "it must contain an object, such as an OpenAPI document"),
    ("hello", "it must contain an object, such as an OpenAPI document"),
    ("openapi: 3.1.0\nopenapi: 3.0.0", f"'openapi' {TWICE}"),
    ("a: b: c", "it is neither JSON nor YAML: line 1, column 5: mapping values are not allowed in this context"),
    ("a: *b", "it is neither JSON nor YAML: line 1, column 4: found undefined alias"),
    ("a: 1\n---\nb: 2", "it is neither JSON nor YAML: line 2, column 1: but found another document"),
    ("a: \x07", "it is neither JSON nor YAML: "),
    ("# nothing", "it is empty"),
    ("? [a]\n: b", "line 1: a name must be a string"),
    ("a: &a [*a]", "an anchor in line 1 contains itself"),
    ("a: &a {b: {c: *a}}", "an anchor in line 1 contains itself"),
    (BOMB, "it has more than 5,000,000 values, with aliases counted as often as used"),
    (CHAIN, "it is nested more than 200 levels deep"),
    (DEEP + "[" * 400 + "]" * 400, "it is nested more than 200 levels deep"),
    (DEEP + "[" * 100_000, "it is "),  # the versions of libyaml say it in different words
    (DEEP + "{a: " * 100_000, "it is nested more than 200 levels deep"),
    ("{}", 'it is neither an OpenAPI document (with "openapi") nor a Postman collection (with "info")'),
    ('{"openapi": null}', "it is OpenAPI without a version; only OpenAPI 3 is supported"),
    ('{"openapi": "4.0.0"}', "it is OpenAPI 4.0.0; only OpenAPI 3 is supported"),
    ('{"swagger": "2.0"}', "it is Swagger 2.0, which is not supported: convert it to OpenAPI 3, for example "),
    ("swagger: 2.0", "it is Swagger 2.0, which is not supported"),
    ({"info": {"_postman_id": "x"}}, "it is a Postman collection of another format: export it as Collection v2.1"),
    ({"requests": [], "id": "x"}, "it is a Postman collection of another format: export it as Collection v2.1"),
    (postman() | {"item": {}}, 'it is a Postman collection whose "item" is not a list'),
    (openapi() | {"paths": []}, "paths must be an object, not list"),
    (openapi() | {"paths": {"/v1/users": 7}}, "paths: '/v1/users' must be an object, not int"),
    (openapi() | {"paths": {"/v1/users": {"get": "x"}}}, "paths: '/v1/users': get must be an object, not str"),
    (openapi() | {"components": 1}, "components must be an object, not int"),
    (openapi() | {"info": 1}, "info must be an object, not int"),
    (openapi("GET /v1/users", servers=[{"url": "http://[/x"}]), "the URL 'http://[/x' cannot be read"),
    (openapi() | {"paths": {"/v1/users": {"$ref": "#/nowhere"}}}, "the reference '#/nowhere' has no target"),
    (openapi() | {"paths": {"/x": {"$ref": "#/a"}}, "a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}},
     "the references are endless, '#/a' is one of them"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), UNUSABLE)
def test_what_cannot_be_used(tmp_path: Path, content: object, message: str) -> None:
    assert refusal(tmp_path, content).startswith(message)


def test_a_reference_that_is_read_late_and_leads_nowhere(tmp_path: Path) -> None:
    user = {"properties": {"id": {"$ref": "#/components/schemas/Nope"}}}
    operation = {"responses": {"200": {"content": {"application/json": {"schema": user}}}}}
    file = written(tmp_path, openapi(("GET /v1/users/{id}", operation)))
    document = read_file(file, BASE)
    with pytest.raises(DocumentError, match=r"^the reference '#/components/schemas/Nope' has no target$"):
        compare(KNOWN, document, BASE)


def test_schemas_that_are_composed_without_end(tmp_path: Path) -> None:
    schemas: dict[str, Any] = {f"S{n}": {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}]} for n in range(150)} | {
        "S150": {}
    }
    operation = {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}
    document = openapi(("POST /v1/users", operation), components={"schemas": schemas})
    assert refusal(tmp_path, document) == "a schema is composed of more than 200 nested schemas"


def test_a_schema_that_is_composed_of_itself_many_times_over_is_read_at_once(tmp_path: Path) -> None:
    schemas: dict[str, Any] = {f"S{n}": {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}] * 2} for n in range(60)}
    schemas["S60"] = {"properties": {"email": {"type": "string"}}}
    operation = {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}}
    document = openapi(("POST /v1/users", operation), components={"schemas": schemas})
    assert finding(compared(tmp_path, document), "users.create").match.status is Status.CONFIRMED


@pytest.mark.parametrize(
    ("name", "message"),
    [("missing.json", "the file cannot be read: No such file or directory"),
     ("", "the file cannot be read: Is a directory")],
)  # fmt: skip
def test_a_file_that_is_not_there(tmp_path: Path, name: str, message: str) -> None:
    file = tmp_path / name
    with pytest.raises(DocumentError) as caught:
        read_file(file, BASE)
    assert str(caught.value) == message


def test_a_huge_file_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "_LARGEST", 1024**2)
    assert refusal(tmp_path, b"x" * (1024**2 + 1)) == "it is larger than 1 MiB"
    with pytest.raises(DocumentError, match=r"^it is larger than 1 MiB$"):
        read_file(Path("/dev/zero"), BASE)


def test_yaml_without_its_parser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert refusal(tmp_path, "openapi: 3.1.0").startswith("it is not JSON, and YAML needs an extra: pip install ")
    assert compared(tmp_path, whole()).differs is False  # JSON does not need it


def test_another_module_that_is_missing_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def parse_nothing(_: bytes) -> object:
        raise ModuleNotFoundError("No module named 'x'", name="x")

    monkeypatch.setattr(files, "parse", parse_nothing)
    with pytest.raises(ModuleNotFoundError, match="x"):
        read_file(written(tmp_path, "{}"), BASE)


def test_whatever_the_parser_says_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def compose(*_: object, **__: object) -> None:
        raise yaml.YAMLError("first\nsecond")

    monkeypatch.setattr(yaml, "compose", compose)
    assert refusal(tmp_path, "a: 1") == "it is neither JSON nor YAML: first second"


def test_a_parser_error_without_a_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def compose(*_: object, **__: object) -> None:
        raise yaml.MarkedYAMLError(context="somewhere")

    monkeypatch.setattr(yaml, "compose", compose)
    assert refusal(tmp_path, "a: 1") == "it is neither JSON nor YAML: somewhere"


# --- YAML


def test_yaml_says_what_json_says(tmp_path: Path) -> None:
    text = in_yaml(whole())
    for content in (text, f"\ufeff# A comment\n{text}"):
        comparison = compared(tmp_path, content, "api.yaml")
        assert comparison.differs is False
        assert comparison.document.kind == "OpenAPI 3.1.0"


def test_postman_in_yaml(tmp_path: Path) -> None:
    comparison = compared(tmp_path, in_yaml(postman("GET {{u}}/v1/users")), "api.yml")
    assert finding(comparison, "users.list").match.status is Status.CONFIRMED


def test_how_yaml_is_read() -> None:
    said = parse(
        b"""
        on: yes
        200: 3.10
        2024-01-01: 1:20
        flags: [true, False, null, ~, 'true', !!bool maybe, !!python/object/apply:os.system x, !mine {a: b}]
        base: &base {a: '1', b: '2'}
        more: &more {b: '3', c: '4'}
        merged:
          <<: [*base, *more]
          a: '0'
        one: {<<: *base}
        none: {<<: 7}
        """
    )
    assert said == {
        "on": "yes",
        "200": "3.10",
        "2024-01-01": "1:20",
        "flags": [True, False, None, None, "true", "maybe", "x", {"a": "b"}],
        "base": {"a": "1", "b": "2"},
        "more": {"b": "3", "c": "4"},
        "merged": {"a": "0", "b": "2", "c": "4"},
        "one": {"a": "1", "b": "2"},
        "none": {},
    }


def test_an_alias_costs_nothing() -> None:
    said = parse(b"a: &a {x: 1}\nb: *a\nc: [*a, *a]")
    assert said["a"] is said["b"] is said["c"][0]


@pytest.mark.parametrize("content", ["[" * 200 + "]" * 200, "a: " + "[" * 199 + "]" * 199])
def test_what_is_deep_and_not_too_deep(content: str) -> None:
    assert parse(content.encode())


def test_pure_python_yaml_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert parse(b"a: [1, true]") == {"a": ["1", True]}
    assert parse(b"a: " + b"[" * 198 + b"]" * 198)
    with pytest.raises(DocumentError, match=r"^it is nested more than 200 levels deep$"):
        parse(b"a: " + b"[" * 100_000)


def test_what_is_shown_of_a_document_is_on_one_line_without_control_characters() -> None:
    assert plain("a\x1b[31m\nb\ud800") == "a\ufffd[31m\ufffdb\ufffd"
    assert plain("x" * 300) == "x" * 199 + "…"
    assert plain(["x"]) == ""


# --- Whatever comes: an error of ours, or a comparison

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    *("openapi", "info", "servers", "url", "variables", "paths", "/v1/users/{id}", "get", "patch", "put", "parameters"),
    *("name", "in", "schema", "$ref", "requestBody", "content", "application/json", "responses", "200", "security"),
    *("type", "properties", "items", "required", "allOf", "oneOf", "enum", "components", "securitySchemes", "flows"),
    *("authorizationCode", "tokenUrl", "scopes", "operationId", "tags", "id", "email", "default"),
    *("item", "request", "method", "header", "body", "mode", "raw", "urlencoded", "response", "code", "auth", "oauth2"),
    *("key", "value", "variable", "path", "host", "query", "disabled", "accessTokenUrl"),
]
WORDS = st.sampled_from(
    [
        *("3.1.0", "#/paths", "#/components", "#", "#/item/0", "query", "GET", "/api/v1", "https://x/{y}", "object"),
        *("array", "string", "{{baseUrl}}/v1/users/:id", "usr_1", "scope", '{"a": [1]}', "http://[", "x#/y", "//"),
    ]
)
LIKELY = st.recursive(
    WORDS | JUNK,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=30,
)


def survives(file: Path) -> None:
    try:
        comparison = compare(KNOWN, read_file(file, BASE), BASE)
    except DocumentError as error:
        said = str(error)
        assert "\n" not in said
        assert "\x1b" not in said
    else:
        assert len(comparison.findings) == len(KNOWN)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("whatever")


@hypothesis.given(st.binary(max_size=60))
def test_any_bytes(folder: Path, content: bytes) -> None:
    survives(written(folder, content))


@hypothesis.given(st.text(alphabet="{}[]:-,&*!|>'\"#%@ \n\tab01<?~", max_size=60))
def test_any_yaml(folder: Path, text: str) -> None:
    survives(written(folder, text))


@hypothesis.given(st.dictionaries(st.sampled_from(NAMES), LIKELY, max_size=8), st.booleans())
def test_any_openapi(folder: Path, found: dict[str, Any], as_yaml: bool) -> None:
    paths = {"/v1/users/{id}": found, "/v1/users": {"get": found}}
    content: dict[str, Any] = {"servers": [], "paths": paths, **found, "openapi": "3.0.3"}
    survives(written(folder, in_yaml(content) if as_yaml else content))


@hypothesis.given(st.dictionaries(st.sampled_from(NAMES), LIKELY, max_size=8), LIKELY)
@hypothesis.example(found={"oauth2": [{"key": []}]}, url="/v1/users")
@hypothesis.example(found={"body": {"mode": []}}, url="/v1/users")
def test_any_postman(folder: Path, found: dict[str, Any], url: Any) -> None:
    item: Any = {"name": "x", "request": {"method": "POST", "url": url, **found}, "response": [found]}
    survives(written(folder, postman(item, {"item": [found, item]}, found, variable=[found], auth=found)))


def keys_of(node: Any) -> list[Any]:
    """The names of an object, the indices of a list."""
    return [*as_map(node)] or [*range(len(as_list(node)))]


@hypothesis.given(st.data())
def test_a_good_document_of_which_one_place_is_odd(folder: Path, data: st.DataObject) -> None:
    document: Any = deepcopy(whole() if data.draw(st.booleans()) else postman(request("GET {{u}}/v1/users")))
    node: Any = document
    while True:
        key = data.draw(st.sampled_from(keys_of(node)))
        if not keys_of(node[key]) or data.draw(st.integers(0, 3)) == 0:
            node[key] = data.draw(LIKELY)
            break
        node = node[key]
    survives(written(folder, document))
