"""``from_file``: what a part of a system declares in a scopes file, and errors that name file, key and value."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stemp_sdk import Stemp, presets
from stemp_sdk.oauth import OAuthApp
from stemp_sdk.scopes import ORG_READ, USER_CREATE, ScopeSet, from_file

GOOD = """\
[parts.till]  # the counter
paths = ["shop/till"]
scopes = ["POS", "user:create", "coupon:read"]

[parts.till.reasons]
"user:create" = "enrol a customer at the counter"
"pass:read" = "find the card"
POS = "a till"

[parts."crm sync"]
scopes = ["presets.CRM_SYNC", "org:read"]

[parts.idle]
scopes = []
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "stemp-scopes.toml"
    path.write_text(GOOD, "utf-8")
    return path


def test_a_part_has_presets_and_scopes(file: Path) -> None:
    assert from_file(file, part="till") == presets.POS | USER_CREATE | ScopeSet("coupon:read")
    assert from_file(str(file), part="crm sync") == presets.CRM_SYNC | ORG_READ
    assert from_file(file, part="idle") == ScopeSet()


def test_a_part_needs_no_name_if_it_is_the_only_one(tmp_path: Path) -> None:
    (path := tmp_path / "one.toml").write_bytes(b'[parts.app]\r\nscopes = ["POS"]\r\n')
    assert from_file(path) == presets.POS


def test_clients_and_apps_take_what_a_file_declares(file: Path) -> None:
    client = Stemp("sk_live_x", scopes=from_file(file, part="crm sync"))
    assert client.scopes == presets.CRM_SYNC | ORG_READ
    app = OAuthApp("id", "secret", "https://shop.example/callback", scopes=from_file(file, part="till"))
    assert app.scopes == from_file(file, part="till")
    assert not client.can("templates.delete")
    if client.can("templates.delete"):
        client.templates.delete("tpl_1")  # a type checker does not know the scopes, so it allows this


def test_which_of_several_parts_has_to_be_said(file: Path) -> None:
    with pytest.raises(ValueError, match=r"toml has several parts: name one of till, crm sync, idle$"):
        from_file(file)
    with pytest.raises(ValueError, match=r"toml has no part 'tilt': did you mean till\?$"):
        from_file(file, part="tilt")
    with pytest.raises(ValueError, match=r"toml has no part 'x'; known: crm sync, idle, till$"):
        from_file(file, part="x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "parts must be a table, not None"),
        ("parts = 1", "parts must be a table, not 1"),
        ("[parts]", "parts is empty: add a part, such as [parts.app]"),
        ("[part.app]", "part is unknown: did you mean parts?"),
        ("[parts]\napp = 'POS'", "parts.app must be a table, not 'POS'"),
        ("[parts.app]", "parts.app has no scopes: add a list of presets and scopes"),
        ("[parts.app]\nscope = ['POS']", "parts.app.scope is unknown: did you mean scopes?"),
        ("[parts.app]\n'a b' = 1", 'parts.app."a b" is unknown; known: paths, reasons, scopes'),
        ("[parts.app]\nscopes = 'POS'", "parts.app.scopes must be a list of strings, not 'POS'"),
        ("[parts.app]\nscopes = ['POS', 1]", "parts.app.scopes[1] must be a string, not 1"),
        (
            "[parts.app]\nscopes = ['user:creat']",
            "parts.app.scopes[0]: 'user:creat' is not a known scope: did you mean user:create?",
        ),
        (
            "[parts.'my app']\nscopes = ['POSS']",
            (
                "parts.\"my app\".scopes[0]: 'POSS' is neither a preset nor a scope, which has a colon in it; "
                "did you mean POS?"
            ),
        ),
        ("[parts.app]\nscopes = []\npaths = 'src'", "parts.app.paths must be a list of strings, not 'src'"),
        ("[parts.app]\nscopes = []\nreasons = 1", "parts.app.reasons must be a table, not 1"),
        (
            "[parts.app]\nscopes = ['POS']\nreasons = {'pass:read' = 1}",
            'parts.app.reasons."pass:read" must be a string, not 1',
        ),
        (
            "[parts.app]\nscopes = ['user:read']\nreasons = {'user:red' = 'x'}",
            "parts.app.reasons.\"user:red\": 'user:red' is not among the scopes of the part: did you mean user:read?",
        ),
    ],
)
def test_a_wrong_file_is_an_error_that_names_file_key_and_value(tmp_path: Path, content: str, message: str) -> None:
    (path := tmp_path / "scopes.toml").write_text(content, "utf-8")
    with pytest.raises(ValueError, match=r"^.*$") as caught:
        from_file(path)
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.parametrize("content", [b"[parts", b"\xff", b"x = " + b"[" * 100_000])
def test_what_is_not_toml_is_an_error_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    (path := tmp_path / "scopes.toml").write_bytes(content)
    with pytest.raises(ValueError, match=rf"^{re.escape(str(path))} is not TOML: "):
        from_file(path)


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.toml"):
        from_file(tmp_path / "gone.toml")


def test_arguments_of_from_file_are_checked(file: Path) -> None:
    number: Any = 1
    with pytest.raises(TypeError, match=r"^path must be a path, not int$"):
        from_file(number)
    with pytest.raises(TypeError, match=r"^part must be a str, not int$"):
        from_file(file, part=number)


def test_reading_a_scopes_file_loads_neither_httpx_nor_pydantic(file: Path) -> None:
    code = (
        "import sys; from stemp_sdk.scopes import from_file; from_file(sys.argv[1], part='till'); "
        "print(sorted({'httpx', 'pydantic', 'tomlkit'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
