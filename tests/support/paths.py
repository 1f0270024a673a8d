"""Where the project is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

#: The folder of the repository.
ROOT: Final = Path(__file__).resolve().parents[2]
#: The folder of the tests, whose frames may hold the secrets that they look for.
TESTS: Final = ROOT / "tests"
