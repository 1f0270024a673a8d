"""The files that PyInstaller has to put beside the modules: pages and style sheets, and the sources.

``stemp_sdk.audit`` gives the sources to a type checker. PyInstaller finds all modules without help, as it follows the
imports under ``TYPE_CHECKING`` too.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]

datas = [
    (str(path), str(path.parent.relative_to(_PACKAGE.parent)))
    for path in sorted(_PACKAGE.rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts
]
