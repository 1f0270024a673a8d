"""The sandbox's outbox: the mails that it keeps, as pages to look at in a browser."""

from .routes import Outbox

__all__ = ["Outbox"]
