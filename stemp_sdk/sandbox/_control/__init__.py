"""The control API: what the methods of ``Sandbox`` do, over HTTP, for tests in any language."""

from .arguments import ControlError
from .control import Control, is_control

__all__ = ["Control", "ControlError", "is_control"]
