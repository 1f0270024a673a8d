"""The function: its arguments, what it resolves imports with, what it leaves unsure, and how long it takes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

import stemp_sdk.audit._audit as implementation
from stemp_sdk import presets
from stemp_sdk.audit import audit
from stemp_sdk.audit._needs import Need
from stemp_sdk.audit._stubs import write_marked_copy
from stemp_sdk.scopes import CATALOG, LOYALTY_MANAGE, PASS_READ, USER_READ

from .conftest import Audited
from .corpus import CORPUS

USE = "from stemp_sdk import Stemp\nStemp().users.list()\n"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"paths": 3}, TypeError, "paths must be a path or an iterable of paths, not int"),
        ({"paths": [3]}, TypeError, "paths must be a path, not int"),
        ({"paths": []}, ValueError, "paths is empty: name at least one file or folder"),
        ({"paths": ".", "granted": "pass:read"}, TypeError, "granted must be a ScopeSet, not str"),
        ({"paths": ".", "base": 3}, TypeError, "base must be a path, not int"),
        ({"paths": ".", "base": "/no/such"}, ValueError, "base is not a folder: /no/such"),
        ({"paths": ".", "python": "/no/such"}, ValueError, "python is not a folder: /no/such"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{message}$"):
        audit(**arguments)


def test_bytes_and_strings_are_paths_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text(USE, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert audit("a.py").uses == audit(["a.py"]).uses == audit(Path("a.py")).uses


def test_missing_and_unused_of_a_preset(audited: Audited) -> None:
    report = audited(presets.READ_ONLY, a=f"{USE}Stemp().loyalty.add_stamp('wp_1')\n")
    assert report.missing == LOYALTY_MANAGE
    assert report.unused == presets.READ_ONLY - USER_READ
    assert report.preset is presets.PRESETS["POS"]
    assert report.expression == "LOYALTY_MANAGE | USER_READ"


def test_modules_import_one_another_wherever_they_are(audited: Audited) -> None:
    made = "from stemp_sdk import Stemp\nclient = Stemp()\n"
    modules = {
        "helper": made,
        "app": "from helper import client\nclient.users.list()\n",
        "src/shop/__init__": "",
        "src/shop/clients": made,
        "src/shop/views": "from shop.clients import client\nclient.users.list()\n",
        "scripts/connect": made,
        "scripts/run": "from connect import client\nclient.users.list()\n",
        "other/pkg/__init__": "",
        "other/pkg/sub/__init__": made,
        "other/pkg/absolute": "from pkg.sub import client\nclient.users.list()\n",
        "other/pkg/relative": "from .sub import client\nclient.users.list()\n",
    }
    report = audited(**modules)
    assert [use.path for use in report.uses] == [
        "app.py",
        "other/pkg/absolute.py",
        "other/pkg/relative.py",
        "scripts/run.py",
        "src/shop/views.py",
    ]


def test_a_folder_with_a_module_of_the_standard_librarys_name_hides_nothing(audited: Audited) -> None:
    text = "from functools import partial\nfrom stemp_sdk import Stemp\npartial(Stemp().users.list)()\n"
    assert len(audited(**{"scripts/functools": "partial = None\n", "scripts/a": text}).uses) == 1


def test_a_folder_that_is_a_package_is_audited_from_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "__init__.py").write_text("from stemp_sdk import Stemp\nclient = Stemp()\n", "utf-8")
    (folder / "a.py").write_text("from shop import client\nclient.users.list()\n", "utf-8")
    monkeypatch.chdir(folder)
    assert [use.path for use in audit(".").uses] == ["a.py"]


def test_the_environment_has_the_dependencies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a package that only the project's own environment has."""
    site = tmp_path / ".venv" / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (site / "wrapper").mkdir(parents=True)
    (site / "wrapper" / "__init__.py").write_text(
        "from stemp_sdk import Stemp\n\ndef client() -> Stemp: return Stemp()\n", "utf-8"
    )
    (site / "wrapper" / "py.typed").touch()
    config = f"home = {Path(sys.base_prefix) / 'bin'}\nversion_info = {sys.version.split()[0]}\n"
    (tmp_path / ".venv" / "pyvenv.cfg").write_text(config, "utf-8")
    (tmp_path / "a.py").write_text("from wrapper import client\nclient().users.list()\n", "utf-8")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert len(audit(tmp_path, base=tmp_path).uses) == 1
    base = tmp_path / "base"
    base.mkdir()
    report = audit(tmp_path / "a.py", base=base)
    assert (report.uses, len(report.unsure)) == ((), 1)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / ".venv"))
    assert len(audit(tmp_path / "a.py", base=base).uses) == 1
    monkeypatch.delenv("VIRTUAL_ENV")
    assert len(audit(tmp_path / "a.py", base=base, python=tmp_path / ".venv").uses) == 1


CERTAINLY_OTHERS = [
    "def f(x: httpx.Client): x.users.get('a')",
    "def f(x: 'httpx.Client'): x.users.get('a')",
    "import httpx as h\nh.users.get('a')",
    "def f() -> int: ...\nf().users.get('a')",
    "class A: ...\nA().users.get('a')",
    "x = [1]\nx.users.get('a')",
    "x: dict[str, int] = {}\nx.users.get('a')",
    "class A:\n  x: int\n  def f(self): self.x.users.get('a')",
    "async def f(x: int): (await x.users).get('a')",
    "def f(x: int): x[0].users.get('a')",
    "for users in []: users.get('a')",
    "def f(x: int):\n  x.y = x[0] = 1\n  x.users.get('a')",
    "from typing import Literal\ndef f(x: Literal['a b']): x.users.get('a')",
    "def f(x): x.other.get('a'); x.users.nothing('a')",
    "def f(x): getattr(x, 'nothing'); getattr(x, y); getattr(x)",
    "def f(x: int): getattr(x.users, 'get')",
    "from operator import methodcaller, attrgetter\nmethodcaller('get')\nattrgetter(x)\nattrgetter()",
    "from operator import methodcaller, attrgetter\nmethodcaller('nothing')\nattrgetter('users.nothing')",
    "def f(x): x.users.nothing('a'); getattr(x, y)",
    "def f(x: int): x.request(1, scopes=2)",
    "def f(x): x.request(1)",
    "stamp_history = 1\nprint(stamp_history)",
]

PERHAPS_USES = [
    ("def f(x): x.users.get('a')", "users.get"),
    ("def f(*x): x[0].users.get('a')", "users.get"),
    ("def f(x: Any): x.users.get('a')", "users.get"),
    ("def f(x: unknown.Client): x.users.get('a')", "users.get"),
    ("def f(x: Client): x.users.get('a')", "users.get"),
    ("def f(x: 'P'): x.add_stamp('a')", "loyalty.add_stamp"),
    ("Client().users.get('a')", "users.get"),
    ("class A:\n  def f(self): self.x.users.get('a')", "users.get"),
    ("class A:\n  def __init__(self, x): self.x = x\n  def f(self): self.x.users.get('a')", "users.get"),
    ("def f(x): (lambda y=x: y.users.get('a'))()", "users.get"),
    ("def f(x):\n  u = x.users\n  u.get('a')", "users.get"),
    ("a = b = a\na.users.get('a')", "users.get"),
    ("def f(x): getattr(getattr(x, 'users'), 'get')", "users.get"),
    ("def f(x): x.request('GET', '/x', scopes=PASS_READ)", "request"),
    ("def f(x: httpx.Request): x.state.stemp.users.get('a')", "users.get"),
    ("x, y = 1, 2\n[x, y] = y\nx.users.get('a')", "users.get"),
    ("@decorated\ndef f(): ...\nf().users.get('a')", "users.get"),
    ("self.x = y\nself.x.users.get('a')", "users.get"),
]


def test_what_is_certainly_something_else_is_not_listed(audited: Audited) -> None:
    head = "import httpx\n# stemp\n"
    report = audited(**{f"case_{number}": head + code + "\n" for number, code in enumerate(CERTAINLY_OTHERS)})
    assert (report.uses, report.unsure) == ((), ())


def test_what_may_be_a_use_is_listed(audited: Audited) -> None:
    head = "import httpx\nimport unknown\nfrom typing import Any, Protocol\nfrom unknown import Client\n"
    head += "from stemp_sdk.scopes import PASS_READ\nclass P(Protocol):\n  def add_stamp(self, x): ...\n"
    modules = {f"case_{number:02}": f"{head}{code}\n" for number, (code, _) in enumerate(PERHAPS_USES)}
    report = audited(**modules)
    expected = [(f"{name}.py", operation) for name, (_, operation) in zip(modules, PERHAPS_USES, strict=True)]
    assert [(at.path, at.operation) for at in report.unsure] == expected
    assert report.uses == ()


def test_a_scope_that_an_unsure_request_names_is_perhaps_used(audited: Audited) -> None:
    text = "from stemp_sdk.scopes import PASS_READ\ndef f(x): x.request('GET', '/x', scopes=PASS_READ)\n"
    assert audited(a=text).perhaps_used == PASS_READ


UNREADABLE = (
    *("NAME", "other.PASS_READ", "parse(name)", "ScopeSet(*names)", "PASS_READ | other", "f()", "A", "ScopeSet(1)"),
    *("POS", "PASS_READ if x else y", "PASS_READ ^ PASS_READ"),
)


def test_scopes_that_cannot_be_read_from_the_source_are_unsure(audited: Audited) -> None:
    head = "from stemp_sdk import Stemp\nfrom stemp_sdk.scopes import A, PASS_READ, ScopeSet, parse\n"
    head += "from other import POS\nNAME = NAME\n"
    calls = (f"Stemp().request('GET', '/x', scopes={scopes})\n" for scopes in UNREADABLE)
    report = audited(a=head + "".join(calls))
    assert report.uses == ()
    assert [at.reason for at in report.unsure] == ["scopes= is not an expression of constants"] * len(UNREADABLE)


def test_expressions_may_be_long(audited: Audited) -> None:
    every = " | ".join(name.upper().replace(":", "_") for name in CATALOG)
    thousands = " | ".join(["PASS_READ"] * 1_200)
    head = "from stemp_sdk import Stemp\nfrom stemp_sdk.scopes import *\n"
    calls = [f"Stemp().request('GET', '/x', scopes={scopes})\n" for scopes in (every, thousands)]
    report = audited(a=head + calls[0], b=head + calls[1])
    assert [str(use.any_of[0]) for use in report.uses] == [" ".join(sorted(CATALOG))]
    assert [at.reason for at in report.unsure] == ["scopes= is not an expression of constants"]


def test_an_overload_counts_for_what_it_needs(monkeypatch: pytest.MonkeyPatch, audited: Audited) -> None:
    def with_overloads(folder: Path) -> tuple[Need, ...]:
        needs = write_marked_copy(folder)
        path = folder / "stemp_sdk" / "_resources" / "_sync" / "loyalty.pyi"
        more = Need("loyalty.add_stamp", (LOYALTY_MANAGE | PASS_READ,))
        either = Need("loyalty.add_stamp", (PASS_READ, LOYALTY_MANAGE))
        overloads = (
            ("card: str", Need("loyalty.add_stamp", (LOYALTY_MANAGE,))),
            ("card: str, *, reference: str", more),
            ("card: int", either),
        )
        text = path.read_text("utf-8").replace("def add_stamp(", "def _add_stamp(")
        text += "from typing import overload\nclass Loyalty(Loyalty[Held]):\n" + "".join(
            f"  @overload\n  @_stemp_scope({need.mark!r})\n  def add_stamp(self, {arguments}) -> None: ...\n"
            for arguments, need in overloads
        )
        path.write_text(
            text.replace("class Loyalty(Needs", "class _Loyalty(Needs").replace("(Loyalty[", "(_Loyalty["), "utf-8"
        )
        return (*needs, more, either)

    monkeypatch.setattr(implementation, "write_marked_copy", with_overloads)
    lines = [
        "from functools import partial",
        "from stemp_sdk import Stemp",
        "client = Stemp()",
        "client.loyalty.add_stamp('wp_1')",
        "client.loyalty.add_stamp('wp_1', reference='receipt 1')",
        "client.loyalty.add_stamp(1)",
        "partial(client.loyalty.add_stamp, reference='receipt 1')",
    ]
    report = audited(a="\n".join(lines))
    assert [(use.line, use.any_of) for use in report.uses] == [
        (4, (LOYALTY_MANAGE,)),
        (5, (LOYALTY_MANAGE | PASS_READ,)),
        (6, (PASS_READ, LOYALTY_MANAGE)),
    ]
    assert report.used == LOYALTY_MANAGE | PASS_READ
    assert [(at.line, at.reason) for at in report.unsure] == [
        (7, "the method is passed on, and its arguments decide what it needs")
    ]


def test_constants_of_a_star_import_are_read(audited: Audited) -> None:
    text = (
        "from stemp_sdk import Stemp\nfrom stemp_sdk.scopes import *\nStemp().request('GET', '/x', scopes=PASS_READ)\n"
    )
    assert audited(a=text).used == PASS_READ


#: Prints the seconds of the processor that an audit took, here and in the type checker, and what it found.
AUDIT: Final = """
import json, resource, sys
from stemp_sdk.audit import audit

def spent():
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)

before = spent()
report = audit(sys.argv[1], base=sys.argv[1])
print(json.dumps([spent() - before, len(report.uses), report.is_partial]))
"""


def test_fifty_thousand_lines_take_less_than_five_seconds_of_this_machine(tmp_path: Path) -> None:
    """Of the processor's time, as other processes may be running; and without coverage, which takes its own."""
    django = find_spec("django")
    assert django is not None
    assert django.origin is not None
    root = Path(django.origin).parent
    lines = 0
    for path in sorted((root / "db").rglob("*.py")) + sorted((root / "contrib").rglob("*.py")):
        if lines < 50_000:
            lines += len(path.read_text("utf-8").splitlines())
            target = tmp_path / "lib" / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    shutil.copytree(CORPUS, tmp_path / "corpus")
    assert lines >= 50_000
    uncovered = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-c", AUDIT, str(tmp_path)]
    ended = subprocess.run(command, env=uncovered, capture_output=True, text=True, check=True)
    seconds, uses, is_partial = json.loads(ended.stdout)
    assert seconds < 5
    assert uses > 150
    assert not is_partial
