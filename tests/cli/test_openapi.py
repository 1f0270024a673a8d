"""``stemp openapi``."""

from __future__ import annotations

import json
from pathlib import Path

from stemp_sdk import OPERATIONS

from .runs import Runner, piped


def test_openapi_prints_the_same_in_each_run(tmp_path: Path, run: Runner) -> None:
    file = tmp_path / "openapi.json"
    shown = piped("openapi", PYTHONHASHSEED="1")
    written = piped("openapi", "--output", str(file), PYTHONHASHSEED="2")
    assert (written.code, written.out, written.err) == (0, "", "")
    assert file.read_text("ascii") == shown.out == run("openapi").out


def test_openapi_is_json_with_every_operation(run: Runner) -> None:
    document = json.loads(run("openapi").out)
    assert document["openapi"] == "3.1.0"
    names = {each["operationId"] for item in document["paths"].values() for each in item.values()}
    assert names == set(OPERATIONS)


def test_an_openapi_file_that_cannot_be_written_is_an_error_in_one_line(tmp_path: Path, run: Runner) -> None:
    ran = run("openapi", "--output", str(tmp_path))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"stemp: --output: cannot write {tmp_path}: Is a directory\n"


def test_openapi_confirms_the_operations_of_the_sdk(tmp_path: Path, run: Runner) -> None:
    file = tmp_path / "openapi.json"
    run("openapi", "--output", str(file))
    checked = run("wire", str(file), "--check")
    assert (checked.code, checked.err) == (0, "")
    assert f"{len(OPERATIONS)} confirmed, 0 not there, 0 other path, 0 other verb" in checked.out
