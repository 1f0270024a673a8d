"""The webhooks that the sandbox sends: to whom, of what, when, and what came of it."""

from .deliveries import Attempt, Delivery, Endpoint
from .delivery_pages import DeliveryPages
from .sending import Webhooks

__all__ = ["Attempt", "Delivery", "DeliveryPages", "Endpoint", "Webhooks"]
