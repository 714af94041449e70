from datetime import UTC, datetime, timedelta

from notifications.core.webhooks import next_attempt

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_it_is_tried_ten_times_over_three_days() -> None:
    seconds, minute, hour = 1, 60, 3600
    waits = [5 * seconds, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour]
    waits += [14 * hour, 20 * hour, 24 * hour]

    least = [next_attempt(attempts, NOW, 0) for attempts in range(1, 10)]
    most = [next_attempt(attempts, NOW, 1) for attempts in range(1, 10)]

    assert least == [NOW + timedelta(seconds=one) for one in waits]
    assert most == [NOW + timedelta(seconds=one * 1.2) for one in waits]
    assert next_attempt(10, NOW, 0) is None
