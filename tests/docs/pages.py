"""Runs the code of a page of the documentation, and compares what it prints with what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
import traceback
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, Final

import attrs

from tests.support.paths import ROOT
from tests.support.snippets import Block, blocks

DOCS: Final = ROOT / "docs"
#: Those that are not of the site: `exclude_patterns` of docs/conf.py.
FOR_DEVELOPERS: Final = {"architecture.md", "releasing.md"}
WRITTEN_BY_HAND: Final = sorted(
    path
    for path in DOCS.rglob("*.md")
    if ("reference" not in path.relative_to(DOCS).parts and path.name not in {"scopes.md", *FOR_DEVELOPERS})
    or path == DOCS / "concepts" / "scopes.md"
)
#: Their code is run by another test, which knows what it does.
RUN_ELSEWHERE: Final = {"command-line.md": "tests/cli/calls/test_docs.py"}
WITH_CODE: Final = [
    page
    for page in WRITTEN_BY_HAND
    if page.name not in RUN_ELSEWHERE and any(each.language in {"python", "sh"} for each in blocks(page))
]
_END: Final = "--- end of block"


def name_of(page: Path) -> str:
    """The name of a page, such as `tutorial/till.md`."""
    return page.relative_to(DOCS).as_posix()


def fits(printed: str, wanted: str) -> bool:
    """Whether the output is what a page shows, where ``…`` stands for anything and spaces do not matter."""
    pattern = ".*".join(re.escape(part) for part in " ".join(wanted.split()).split("…"))
    return re.fullmatch(pattern, " ".join(printed.split())) is not None


@attrs.define
class PageRun:
    """The state of a page while its blocks run, one after the other."""

    page: Path
    folder: Path
    environment: Mapping[str, str]
    stack: ExitStack
    names: dict[str, Any] = attrs.field(factory=lambda: {"__name__": "__main__"})
    shell: subprocess.Popen[str] | None = None

    def run(self, block: Block) -> str | None:
        """Run a block, and return what it printed; None if it is not run."""
        if block.has("new program"):
            self.names = {"__name__": "__main__"}
        if block.file is not None:
            target = self.folder / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.code, encoding="utf-8")
        elif block.language == "python" and not block.has("not run: "):
            return self._python(block)
        elif block.language == "sh" and block.has("in the background"):
            self._serve(block.code)
        elif block.language == "sh" and not block.has("not run: "):
            return self._sh(block)
        return None

    def _python(self, block: Block) -> str:
        # On the lines that it has in the page, so that a traceback leads there.
        code = compile("\n" * (block.line - 1) + block.code, self.page, "exec")
        printed = StringIO()
        with redirect_stdout(printed):
            try:
                exec(code, self.names)  # noqa: S102
            except Exception as error:
                if not block.has("raises"):
                    raise
                return printed.getvalue() + traceback.format_exception_only(error)[0].removeprefix("stemp_sdk.")
        assert not block.has("raises"), f"{self.page.name}:{block.line} raises nothing"
        return printed.getvalue()

    def _sh(self, block: Block) -> str:
        if self.shell is None:
            self.shell = self._started("sh", stdin=subprocess.PIPE)
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        self.shell.stdin.write(f"{block.code}\nlast=$?; echo; echo '{_END}' $last\n")
        self.shell.stdin.flush()
        printed: list[str] = []
        for line in self.shell.stdout:
            if line.startswith(_END):
                failed = line.split()[-1] != "0"
                assert failed == block.has("fails"), f"{self.page.name}:{block.line}: {''.join(printed)}"
                break
            printed.append(line)
        return "".join(printed)

    def _serve(self, command: str) -> None:
        """Start a server on a free port, and wait until it says how to stop it."""
        command = command.replace("stemp sandbox", "stemp sandbox --port 0")
        process = self._started("sh", "-c", f"exec {command.strip()}")
        assert process.stdout is not None
        printed: list[str] = []
        for line in process.stdout:
            printed.append(line)
            if line.startswith("Ctrl-C"):
                return
        raise AssertionError("".join(printed))

    def _started(self, *command: str, stdin: int | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env={**self.environment},
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.stack.enter_context(process)
        self.stack.callback(process.terminate)
        return process


@contextmanager
def running(page: Path, folder: Path, environment: Mapping[str, str]) -> Generator[PageRun]:
    """A run of a page, which ends what it started."""
    with ExitStack() as stack:
        yield PageRun(page, folder, environment, stack)


def program(page: Path) -> str:
    """The Python of a page that is neither saved nor of another program, on the lines that it has in the page."""
    lines: list[str] = []
    for block in blocks(page):
        if block.language == "python" and block.file is None:
            lines += [""] * (block.line - 1 - len(lines)) + block.code.splitlines()
    return "\n".join(lines) + "\n"


def interpreter_first(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which ``python`` and ``stemp`` are those of the tests."""
    return {**environment, "PATH": f"{Path(sys.executable).parent}:{environment['PATH']}"}
