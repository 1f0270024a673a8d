"""The webhooks that the sandbox sends: to whom, of what, when, and what came of it."""

from .page import DeliveryPages
from .records import Attempt, Delivery, Endpoint
from .webhooks import Webhooks

__all__ = ["Attempt", "Delivery", "DeliveryPages", "Endpoint", "Webhooks"]
