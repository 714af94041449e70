"""What staff are asked to do about messages, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.operations import tasks_for_staff, text_replies
from scheduling.web.desk.tasks import register

register(tasks_for_staff.BOUNCED, _("A message came back: call, and correct the address"))
register(tasks_for_staff.COMPLAINED, _("A reader reported our mail as unwanted: call"))
register(text_replies.STOPPED, _("Wants no more texts: call instead"))
register(text_replies.ANSWERED, _("Answered a text"))
