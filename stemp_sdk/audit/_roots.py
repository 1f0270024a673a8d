"""Finds the folders that absolute imports of a project start from."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ._files import Source

_PROJECT: Final = ("pyproject.toml", "setup.py", "setup.cfg", ".git")


def import_roots(sources: Iterable[Source], paths: Iterable[Path], base: Path) -> tuple[Path, ...]:
    """The folders that modules are imported from, the likelier ones first.

    These are the folder of the project and its ``src``, the paths of the audit, the folder above each package, and each
    folder of scripts, which import one another; except folders with a module of the same name as a standard one.

    Args:
        sources: The files.
        paths: The paths of the audit.
        base: The folder that reported paths are relative to.
    """
    roots: dict[Path, None] = {base.resolve(): None}
    for path in paths:
        folder = path.resolve() if path.is_dir() else path.resolve().parent
        projects = [above for above in (folder, *folder.parents) if any((above / name).exists() for name in _PROJECT)]
        roots |= dict.fromkeys([*projects[:1], folder])
    roots |= {root / "src": None for root in [*roots] if (root / "src").is_dir()}
    scripts: dict[Path, set[str]] = {}
    for source in sources:
        folder = source.path.parent
        if (folder / "__init__.py").exists():
            while (folder / "__init__.py").exists():
                folder = folder.parent
            roots[folder] = None
        else:
            scripts.setdefault(folder, set()).add(source.path.stem)
    roots |= {folder: None for folder, modules in scripts.items() if modules.isdisjoint(sys.stdlib_module_names)}
    return tuple(root for root in roots if not (root / "__init__.py").exists()) or (base.resolve(),)
