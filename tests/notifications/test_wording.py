"""Every code has words."""

from notifications.core.kinds import Kind, Reason, Status
from notifications.wording import KINDS, REASONS, STATUSES


def test_every_code_has_words() -> None:
    assert KINDS.keys() == set(Kind)
    assert STATUSES.keys() == set(Status)
    assert REASONS.keys() == set(Reason)
