"""Packages that load a name when it is first used, so that a program loads only what it uses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any


def loader(
    package: str, names: Mapping[str, str], modules: Mapping[str, str] = MappingProxyType({})
) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package.

    The package assigns it in the ``else`` of ``if TYPE_CHECKING``, and imports the same names before: where type
    checkers see a ``__getattr__``, they accept every misspelt name.

    Args:
        package: The ``__name__`` of the package.
        names: The names that each module defines, separated by spaces.
        modules: The module that each further name stands for.
    """
    homes = {name: module for module, defined in names.items() for name in defined.split()}

    def load(name: str) -> Any:
        if name in modules:
            value: Any = import_module(modules[name], package)
        elif name in homes:
            value = getattr(import_module(homes[name], package), name)
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        vars(sys.modules[package])[name] = value
        return value

    return load
