"""Writes what the playground of the documentation loads: Pyodide, and the package with its dependencies in one archive.

The argument is the folder. All of it is served with the site, so that the page fetches nothing from elsewhere.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from installing import NEEDED, ROOT, WORK, install

PYODIDE: Final = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
_TIME: Final = (1980, 1, 1, 0, 0, 0)  # the same for every file, so that equal contents are equal archives


def main(folder: Path) -> None:
    """Write the files."""
    install()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in PYODIDE:
        shutil.copy(WORK / "node_modules" / "pyodide" / name, folder)
    with ZipFile(folder / "packages.zip", "w", ZIP_DEFLATED) as archive:
        for root, path in _files():
            archive.writestr(ZipInfo(path.relative_to(root).as_posix(), _TIME), path.read_bytes(), ZIP_DEFLATED)


def _files() -> list[tuple[Path, Path]]:
    """The files of the archive, each with the folder that its name is relative to."""
    site = WORK / "site"
    wanted = {name.replace("-", "_") for name in NEEDED} | {"attr"}
    found = [(site, path) for path in site.rglob("*") if path.relative_to(site).parts[0].removesuffix(".py") in wanted]
    found += [(ROOT, path) for path in (ROOT / "stemp_sdk").rglob("*")]
    return sorted((root, path) for root, path in found if path.is_file() and path.suffix != ".pyc")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
