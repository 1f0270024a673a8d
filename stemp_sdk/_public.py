"""Public objects name the package that users import them from, wherever they are defined.

So a pickle, a traceback and the documentation stay true when a module is moved.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any


def publish(package: str, namespace: Mapping[str, Any]) -> None:
    """Set ``__module__`` of what a namespace defines and a public package exports.

    Args:
        package: The name of the public package.
        namespace: ``globals()`` of the module that defines the objects, or of the package itself.
    """
    for name in sys.modules[package].__all__:
        value = namespace.get(name)
        if not isinstance(value, type) and not inspect.isfunction(value):
            continue
        if value.__module__.startswith("stemp_sdk.") and "._" in value.__module__:
            if isinstance(value, type):
                # Evaluated now, as typing looks in __module__ for the names in annotations.
                with suppress(NameError):  # of what is imported for type checkers only
                    value.__annotations__ = inspect.get_annotations(value, eval_str=True)
            value.__module__ = package
