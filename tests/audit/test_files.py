"""Which files are read, and what is said of those that cannot be."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from stemp_sdk.audit import Report, audit

USE = "from stemp_sdk import Stemp\nStemp().users.list()\n"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def write(folder: Path, name: str, content: str | bytes = USE) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def skipped(report: Report) -> list[tuple[str, str]]:
    return [(item.path, item.reason) for item in report.skipped]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"def f(:\n", f"syntax error in line 1, read as Python {PYTHON}: "),
        (b"x = 1\n\n  y\n", f"syntax error in line 3, read as Python {PYTHON}: "),
        (b"\x7fELF\0\0\x01", "binary: it has a null byte"),
        (b"x = '\xff\xfe'\n", "not UTF-8, the only encoding that type checkers read"),
        (b"x = " + b"-" * 200_000 + b"1\n", "nested too deeply to be read"),
        (b"x = 1\n" * 200_000, "larger than 1,000,000 bytes"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_audited(tmp_path: Path, content: bytes, reason: str) -> None:
    write(tmp_path, "bad.py", content)
    write(tmp_path, "good.py")
    report = audit(tmp_path, base=tmp_path)
    ((path, why),) = skipped(report)
    assert path == "bad.py"
    assert why.startswith(reason)
    assert [use.path for use in report.uses] == ["good.py"]
    assert report.is_partial


def test_paths_that_are_not_there_or_not_python(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    paths = [tmp_path / "gone.py", tmp_path / "empty", write(tmp_path, "notes.txt"), write(tmp_path, "a.py")]
    report = audit(paths, base=tmp_path)
    assert skipped(report) == [
        ("empty", "no Python file in it"),
        ("gone.py", "there is no such file or folder"),
        ("notes.txt", "not a Python file: its name does not end in .py"),
    ]
    assert len(report.uses) == 1


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.py")

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert skipped(audit(tmp_path, base=tmp_path)) == [("a.py", "cannot be read: Permission denied")]


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.py")
    real = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    (tmp_path / "locked").mkdir()
    monkeypatch.setattr(os, "scandir", refuse)
    assert skipped(audit(tmp_path, base=tmp_path)) == [("locked", "cannot be read: Permission denied")]


def test_environments_and_hidden_folders_are_left_out_unless_named(tmp_path: Path) -> None:
    write(tmp_path, "a.py")
    for name in (".hidden", "node_modules", "__pycache__", "env", "lib/site-packages"):
        write(tmp_path, f"{name}/b.py")
    write(tmp_path, "env/pyvenv.cfg", "home = x\n")
    assert {use.path for use in audit(tmp_path, base=tmp_path).uses} == {"a.py"}
    assert {use.path for use in audit(tmp_path / ".hidden", base=tmp_path).uses} == {".hidden/b.py"}
    assert {use.path for use in audit(tmp_path / "env", base=tmp_path).uses} == {"env/b.py"}


def test_what_git_ignores_and_the_projects_own_settings_change_nothing(tmp_path: Path) -> None:
    write(tmp_path, ".gitignore", "ignored/\n")
    write(tmp_path, "ignored/a.py")
    settings = '[tool.ty.rules]\ndeprecated = "ignore"\n[tool.ty.src]\nexclude = ["src"]\n'
    write(tmp_path, "pyproject.toml", f'[project]\nname = "x"\nversion = "1"\n{settings}')
    write(tmp_path, "ty.toml", settings.replace("tool.ty.", ""))
    write(tmp_path, "src/shop/__init__.py", "from stemp_sdk import Stemp\nclient = Stemp()\n")
    write(tmp_path, "src/shop/a.py", "from shop import client\nclient.users.list()\n")
    assert {use.path for use in audit(tmp_path, base=tmp_path).uses} == {"ignored/a.py", "src/shop/a.py"}


def test_each_file_is_read_once_however_often_it_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a.py")
    link = tmp_path / "link.py"
    link.symlink_to(path)
    assert len(audit([tmp_path, path, str(path), link], base=tmp_path).uses) == 1


def test_paths_are_relative_to_the_base_or_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "in/a b.py")
    monkeypatch.chdir(tmp_path)
    assert [use.path for use in audit("in").uses] == ["in/a b.py"]
    other = tmp_path / "other"
    other.mkdir()
    assert [use.path for use in audit(path, base=other).uses] == [path.resolve().as_posix()]


def test_warnings_of_the_code_are_its_own_matter(tmp_path: Path) -> None:
    write(tmp_path, "a.py", USE + 'pattern = "\\d"\n')
    assert len(audit(tmp_path, base=tmp_path).uses) == 1


def test_lines_and_columns_count_as_editors_do(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.py",
        b"\xef\xbb\xbf" + USE.replace("\n", "\r\n").encode() + "'😀\f'; Stemp().users.list()\r\n".encode(),
    )
    write(tmp_path, "b.py", b"# coding: latin-1\r" + USE.replace("\n", "\r").encode())
    places = [(use.path, use.line, use.column) for use in audit(tmp_path, base=tmp_path).uses]
    assert places == [("a.py", 2, 15), ("a.py", 3, 21), ("b.py", 3, 15)]
