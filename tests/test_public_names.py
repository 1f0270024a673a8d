"""The public packages, and what users import from them."""

from __future__ import annotations

import inspect
import json
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from operator import attrgetter
from typing import Any, Final, get_type_hints

from pydantic import BaseModel
from typing_extensions import is_typeddict

import stemp_sdk
from stemp_sdk import (
    models,
)
from tests.support.paths import ROOT
from tests.support.public import PUBLIC, exported

_METHOD: Final = re.compile(r"\b((?:templates|passes|loyalty|users|org(?:\.\w+)?|api_tokens|emails)\.[a-z_]+)\b")


def test_the_methods_that_the_docs_name_exist() -> None:
    named = {*_METHOD.findall("".join(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md")))}
    client = stemp_sdk.Stemp("any")
    assert {"users.get_or_create", "loyalty.add_stamp"} <= named
    assert {name for name in named if _found(client, name) is None} == set()


def _found(client: Any, name: str) -> object:
    try:
        return attrgetter(name)(client)
    except AttributeError:
        return None


def test_the_record_of_the_api_has_every_public_package() -> None:
    record = json.loads((ROOT / ".ci" / "api.json").read_text("utf-8"))
    assert record["names"].keys() == {*PUBLIC}


def test_only_the_public_packages_have_names_without_an_underscore() -> None:
    found = {name for _, name, _ in pkgutil.walk_packages(stemp_sdk.__path__, "stemp_sdk.") if "._" not in name}
    assert found == {*PUBLIC} - {"stemp_sdk"}


def test_a_public_object_says_where_it_is_imported_from() -> None:
    for package, name, value in exported():
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__module__ in PUBLIC, f"{package}.{name}"
            assert getattr(import_module(value.__module__), name) is value


def test_a_public_name_belongs_to_one_object() -> None:
    things: dict[str, Any] = {}
    for package, name, value in exported():
        assert things.setdefault(name, value) is value, f"{package} has another {name}"


def test_the_annotations_of_public_classes_can_be_read() -> None:
    # The fields of these have types that are imported for type checkers only.
    not_loaded = {"AsyncStemp", "Explanation", "Operation", "Stemp"}
    for _, name, value in exported():
        if inspect.isclass(value) and name not in not_loaded:
            get_type_hints(value)


def test_the_models_are_models() -> None:
    others = {"OMIT", "Omit", "EmailCategory", "EmailStatus", "HistoryType", "MemberRole", "Page"}
    for name in set(models.__all__) - others:
        assert is_typeddict(getattr(models, name)) or issubclass(getattr(models, name), BaseModel)


def test_the_scopes_are_there_without_an_import_of_their_own() -> None:
    code = "import stemp_sdk; print(stemp_sdk.scopes.PASS_READ)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "pass:read\n"
