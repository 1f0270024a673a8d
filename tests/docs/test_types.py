"""The types of all code in the documentation are right."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT
from tests.support.snippets import blocks

from .pages import WITH_CODE, name_of, program


def test_the_types_of_all_code_are_right(tmp_path: Path) -> None:
    wrong: dict[str, range] = {}
    for page in WITH_CODE:
        folder = tmp_path / re.sub(r"\W", "_", name_of(page))
        folder.mkdir()
        (folder / "page.py").write_text(program(page), encoding="utf-8")
        for block in blocks(page):
            file = block.file or "page.py"
            if block.language == "python" and block.file:
                (folder / file).write_text("\n" * (block.line - 1) + block.code, encoding="utf-8")
            if block.has("wrong types"):
                wrong[f"{folder.name}/{file}"] = range(block.line, block.line + block.code.count("\n"))
    found = errors_in(tmp_path)
    assert "\n".join(error for file, line, error in found if line not in wrong.get(file, ())) == ""
    assert {file for file, line, _ in found if line in wrong.get(file, ())} == wrong.keys()


def errors_in(folder: Path) -> list[tuple[str, int, str]]:
    """File, line and text of each error that mypy finds."""
    options = ["--strict", "--allow-untyped-defs", "--allow-untyped-calls", "--allow-redefinition"]
    options += ["--allow-incomplete-defs", "--allow-untyped-decorators", "--ignore-missing-imports"]
    options += ["--disable-error-code=no-redef", "--disable-error-code=no-any-return"]  # several programs on one page
    options += ["--explicit-package-bases", "--config-file=", f"--cache-dir={ROOT / '.cache' / 'mypy-docs'}"]
    command = [sys.executable, "-m", "mypy", *options, *sorted(map(str, folder.rglob("*.py")))]
    environment = {**os.environ, "MYPYPATH": str(folder)}
    run = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    errors = re.findall(r"(?m)^(.+\.py):(\d+): error: (.+)$", run.stdout)
    return [(file, int(line), f"{file}:{line}: {error}") for file, line, error in errors]
