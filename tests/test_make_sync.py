"""The generator of the sync twin: what it keeps, what it changes, and what it refuses."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.paths import ROOT

SOURCE: Final = '''\
"""Users of ``AsyncStemp``."""

from .._listing import AsyncListing
from ._base import AsyncResource


class AsyncUsers(AsyncResource):
    # A comment of AsyncUsers.
    async def get(self: "AsyncUsers", user_id: str) -> str:
        """Get one user; nobody has to await anything."""
        return await self._call(f"{user_id!s} of {{AsyncUsers}}")  # kept

    def list(self) -> AsyncListing[str]:
        return AsyncListing(  await (self.x)  )

    async def __aexit__(self) -> None:
        """At the end of::

            async with AsyncStemp() as client:
                await client.users.get("usr_1")
        """
        from .._async.pool import aclose, open_async_pool

        await aclose(open_async_pool)
'''

TWIN: Final = '''\
# Generated from _async/users.py by `make sync`; edit that file.
"""Users of ``Stemp``."""

from .._listing import Listing
from ._base import Resource


class Users(Resource):
    # A comment of Users.
    def get(self: "Users", user_id: str) -> str:
        """Get one user; nobody has to wait for anything."""
        return self._call(f"{user_id!s} of {{Users}}")  # kept

    def list(self) -> Listing[str]:
        return Listing((self.x))

    def __exit__(self) -> None:
        """At the end of::

        with Stemp() as client:
            client.users.get("usr_1")
        """
        from .._sync.pool import close, open_pool

        close(open_pool)
'''


@pytest.fixture(scope="module")
def make_sync() -> Any:
    """The script, loaded by its path: a folder with a dot is not a package."""
    spec = importlib.util.spec_from_file_location("make_sync", ROOT / ".ci" / "make_sync.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_sync"] = module
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(ROOT / ".ci"), *sys.path])
        spec.loader.exec_module(module)
    return module


@pytest.fixture
def resources(tmp_path: Path) -> Path:
    """A small tree of resources without a twin."""
    (tmp_path / "_async").mkdir()
    (tmp_path / "_async" / "users.py").write_text(SOURCE.replace("await anything", "wait for anything"), "utf-8")
    return tmp_path


def run(make_sync: Any, resources: Path, *arguments: str) -> int:
    status: int = make_sync.main([*arguments, str(resources)])
    return status


@pytest.fixture
def twin(make_sync: Any, resources: Path) -> Path:
    """The twin of the one file, just generated."""
    assert run(make_sync, resources) == 0
    return resources / "_sync" / "users.py"


def test_comments_docstrings_and_strings_are_kept(twin: Path) -> None:
    assert twin.read_text("utf-8") == TWIN


def test_freshly_generated_code_passes_the_check(make_sync: Any, resources: Path, twin: Path) -> None:
    assert twin.exists()
    assert run(make_sync, resources, "--check") == 0


@pytest.mark.parametrize("kept", [0, 1, len(TWIN) // 2, len(TWIN) - 1])
def test_a_truncated_generated_file_is_found(
    make_sync: Any, resources: Path, twin: Path, kept: int, capsys: pytest.CaptureFixture[str]
) -> None:
    twin.write_text(TWIN[:kept], "utf-8")
    assert run(make_sync, resources, "--check") == 1
    assert "users.py: different\n--- " in capsys.readouterr().out
    assert twin.read_text("utf-8") == TWIN[:kept]


def test_a_missing_generated_file_is_found(
    make_sync: Any, resources: Path, twin: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twin.unlink()
    assert run(make_sync, resources, "--check") == 1
    assert "users.py: missing\n" in capsys.readouterr().out
    assert not twin.exists()


@pytest.mark.parametrize("text", ["", "x = 1\n"])
def test_a_surplus_generated_file_is_found_and_then_removed(
    make_sync: Any, resources: Path, twin: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    surplus = twin.with_name("old.py")
    surplus.write_text(text, "utf-8")
    assert run(make_sync, resources, "--check") == 1
    assert "old.py: surplus\n" in capsys.readouterr().out
    assert run(make_sync, resources) == 0
    assert not surplus.exists()


def test_a_package_may_be_one_file(make_sync: Any, resources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (resources / "_async" / "users.py").rename(resources / "_async.py")
    assert run(make_sync, resources) == 0
    expected = TWIN.replace("_async/users.py", "_async.py")
    assert (resources / "_sync.py").read_text("utf-8") == expected
    (resources / "_sync.py").write_text(expected + "\n", "utf-8")
    assert run(make_sync, resources, "--check") == 1
    assert "_sync.py: different\n--- " in capsys.readouterr().out
    (resources / "_sync").mkdir()
    (resources / "_sync" / "old.py").touch()
    assert run(make_sync, resources) == 0
    assert not (resources / "_sync" / "old.py").exists()


def test_a_file_may_have_others_beside_it(make_sync: Any, resources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (resources / "_async_base.py").write_text("from ._async_names import AsyncName\n", "utf-8")
    assert run(make_sync, resources) == 0
    twin = resources / "_sync_base.py"
    assert twin.read_text("utf-8").splitlines()[1:] == ["from ._sync_names import Name"]
    assert run(make_sync, resources, "--check") == 0
    twin.with_name("_sync_old.py").touch()
    assert run(make_sync, resources, "--check") == 1
    assert "_sync_old.py: surplus\n" in capsys.readouterr().out


def test_a_rule_that_never_fired_is_refused(
    make_sync: Any, resources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    users = resources / "_async" / "users.py"
    users.write_text(users.read_text("utf-8").replace(".._async", ".._sync"), "utf-8")
    assert run(make_sync, resources) == 1
    assert capsys.readouterr().err == "rules that never fired: \\b_async(?=\\b|_)\n"
    assert not (resources / "_sync").exists()


def test_a_word_without_a_rule_is_refused(make_sync: Any, resources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (resources / "_async" / "users.py").write_text(SOURCE, "utf-8")
    assert run(make_sync, resources) == 1
    assert 'no rule covers \'"""Get one user; nobody has to await anything' in capsys.readouterr().err


def test_a_rule_for_strings_leaves_names_alone(make_sync: Any, resources: Path) -> None:
    rule = make_sync.Rule(make_sync.TEXTS, r"\bUsers\b", "customers")
    text = make_sync.make_twins([resources], (*make_sync.RULES, rule))[resources / "_sync" / "users.py"]
    assert "class Users(Resource):\n    # A comment of customers." in text
    assert 'self: "customers"' in text
    assert "{{customers}}" in text


def test_a_source_that_is_not_python_is_refused(
    make_sync: Any, resources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (resources / "_async" / "users.py").write_text("class AsyncA:\n    async def f(self): await x + = 1\n", "utf-8")
    assert run(make_sync, resources) == 1
    assert "users.py: invalid syntax" in capsys.readouterr().err


STATED: Final = '''\
class AsyncUsers(AsyncNeeds[Held], name="users"):
    @operation("GET", "/v1/users/{id}", Provenance.DOCUMENTED)
    async def get(self: AsyncNeeds[ScopeSet[Literal["user:read", "a:b"]]], user_id: str) -> User:
        """Get one „user“.

        Scopes: a:b user:read
        Wire: GET /v1/users/{id} (documented; its scope is inferred)
        """
        return await self._call("users.get", User, user_id="„", operation="users.find")

    async def find(self: AsyncNeeds[ScopeSet[Literal["user:read"]]], user_id: str) -> User | None:
        """Get one user, or None.

        Scopes: user:read
        Wire: GET /v1/users/{id} (documented)
        """
        return await self._call("users.get", User, user_id=user_id)

    @operation("POST", "/v1/mail", Provenance.INFERRED, legacy_path="/v1/email")
    async def mail(self: AsyncNeeds[ScopeSet[Literal["user:mail"]]]) -> None:
        """Send a mail.

        Scopes: user:mail
        Wire: POST /v1/mail (inferred; an older page says /v1/email)
        """
        await self._do("users.mail")

    @property
    def helper(self) -> None: ...
'''


def test_what_is_stated_once_is_left_alone(make_sync: Any) -> None:
    assert make_sync.stated_once(STATED) == STATED


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('_call("users.get", User, user_id="„"', '_call("passes.get", User, user_id="„"'),
        ('_do("users.mail")', '_do("users.send")'),
        ("Scopes: a:b user:read\n", "Scopes: user:read\n"),
        ("        Scopes: user:mail\n", "        Scopes: \n"),
        ("Wire: GET /v1/users/{id} (documented; its", "Wire: GET /v1/user/{id} (inferred; its"),
        ("Wire: POST /v1/mail (inferred; an older page says /v1/email)", "Wire: POST /v1/mail (inferred)"),
        ("\n        Scopes: user:mail\n        Wire: POST /v1/mail (inferred; an older page says /v1/email)\n", ""),
    ],
)
def test_what_drifted_is_made_right(make_sync: Any, right: str, wrong: str) -> None:
    assert right in STATED
    assert make_sync.stated_once(STATED.replace(right, wrong)) == STATED


def test_a_drift_is_found_and_then_repaired(
    make_sync: Any, resources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    users = resources / "_async" / "users.py"
    users.write_text(
        users.read_text("utf-8") + "\n\n" + STATED.replace("GET /v1/users/{id} (doc", "PUT / (doc", 1), "utf-8"
    )
    assert run(make_sync, resources, "--check") == 1
    assert "_async/users.py: different\n--- " in capsys.readouterr().out.replace("\\", "/")
    assert run(make_sync, resources) == 0
    assert STATED in users.read_text("utf-8")
    assert run(make_sync, resources, "--check") == 0


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('await self._do("users.mail")', "pass", "users.mail must call .* once, not 0 times"),
        ('"""Get one „user“.', '"""Get one."""\n        """', "users.get must have a docstring of several lines"),
    ],
)
def test_a_method_that_does_not_say_enough_is_refused(
    make_sync: Any, resources: Path, capsys: pytest.CaptureFixture[str], right: str, wrong: str, message: str
) -> None:
    (resources / "_async" / "users.py").write_text(STATED.replace(right, wrong), "utf-8")
    assert run(make_sync, resources) == 1
    assert re.search(message, capsys.readouterr().err)


MODELS: Final = '''\
class Thing(BuiltAtFirstUse):
    wire_object: ClassVar[str] = "thing"
    """Not a field."""
    _cached: int = 0
    """Private."""
    id: str
    """The id, of
    two lines."""
    plain: str


class Other(Thing):
    id: int
    name: str = "x"
    """The name."""


@attrs.frozen
class Page:
    items: int
    """Not of a model."""
'''


def test_descriptions_are_the_docstrings_of_the_fields_or_of_those_that_they_replace(make_sync: Any) -> None:
    assert make_sync.described.described({"a._b": MODELS}) == {
        "a._b.Thing": {"id": "The id, of two lines."},
        "a._b.Other": {"id": "The id, of two lines.", "name": "The name."},
    }


def test_descriptions_that_drifted_are_found_and_then_repaired(
    make_sync: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "_descriptions.py"
    target.write_text(make_sync.DESCRIPTIONS.read_text("utf-8").replace("The user's id", "The id"), "utf-8")
    monkeypatch.setattr(make_sync, "DESCRIPTIONS", target)
    assert make_sync.main(["--check"]) == 1
    diff = capsys.readouterr().out
    assert '\n-        "id": "The id, ``usr_…``.",\n+        "id": "The user\'s id, ``usr_…``.",\n' in diff
    make_sync.write((), {target: make_sync.make_descriptions()})
    assert "The user's id" in target.read_text("utf-8")
