"""Runs the command in processes of its own: in a pipe, and in a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import termios
from collections.abc import Callable
from typing import TypeAlias

import attrs

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@attrs.frozen
class Run:
    """What a run of the command came to."""

    code: int
    out: str
    err: str = ""

    @property
    def text(self) -> str:
        """The output without colours."""
        return _COLOUR.sub("", self.out)

    @property
    def is_coloured(self) -> bool:
        return _COLOUR.search(self.out) is not None

    @property
    def width(self) -> int:
        """The length of the longest line."""
        return max(map(len, self.text.splitlines()), default=0)


Runner: TypeAlias = Callable[..., Run]


def command(*arguments: str) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "stemp_sdk", *arguments]


def piped(*arguments: str, **environment: str) -> Run:
    """The command with its output in a pipe."""
    done = subprocess.run(
        command(*arguments), capture_output=True, encoding="utf-8", env=os.environ | environment, check=False
    )
    return Run(done.returncode, done.stdout, done.stderr)


def in_terminal(*arguments: str, **environment: str) -> Run:
    """The command on a terminal of 80 columns, where output and errors are one."""
    controller, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (50, 80))
    with subprocess.Popen(
        command(*arguments), stdin=terminal, stdout=terminal, stderr=terminal, env=os.environ | environment
    ) as process:
        os.close(terminal)
        shown = _read_to_end(controller)
    os.close(controller)
    return Run(process.returncode, shown.decode().replace("\r\n", "\n"))


def _read_to_end(controller: int) -> bytes:
    shown = b""
    while True:
        try:
            part = os.read(controller, 65536)
        except OSError:  # how Linux says that nobody has the terminal open any more
            part = b""
        if not part:
            return shown
        shown += part
