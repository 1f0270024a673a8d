"""The webhooks that the sandbox sends: endpoints, events, deliveries and their schedule."""

from .deliveries import Attempt, Delivery, Endpoint
from .delivery_pages import DeliveryPages
from .sending import Webhooks

__all__ = ["Attempt", "Delivery", "DeliveryPages", "Endpoint", "Webhooks"]
