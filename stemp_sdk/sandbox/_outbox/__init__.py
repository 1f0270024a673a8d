"""The sandbox's outbox: the emails that were sent, as pages for a browser."""

from .routes import Outbox

__all__ = ["Outbox"]
