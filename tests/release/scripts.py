"""The scripts of ``.ci`` as modules."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Final

from tests.support.paths import ROOT

CI: Final = ROOT / ".ci"


def ci_script(name: str) -> ModuleType:
    """A script, whose own imports find the scripts beside it, as when it runs."""
    spec = importlib.util.spec_from_file_location(f"ci_{name}", CI / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(CI))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(CI))
    return module
