from notifications.models.action_link import ActionLink, Purpose
from notifications.models.feed import CalendarFeed
from notifications.models.inbound_mail import InboundMail
from notifications.models.message import Message
from notifications.models.pending import PendingEvent
from notifications.models.provider_event import ProviderEvent
from notifications.models.suppression import Suppression
from notifications.models.webhook import WebhookDelivery, WebhookEndpoint

__all__ = [
    "ActionLink",
    "CalendarFeed",
    "InboundMail",
    "Message",
    "PendingEvent",
    "ProviderEvent",
    "Purpose",
    "Suppression",
    "WebhookDelivery",
    "WebhookEndpoint",
]
