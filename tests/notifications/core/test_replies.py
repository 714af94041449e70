import pytest

from notifications.core.replies import read


@pytest.mark.parametrize(
    "text", ["STOP", "stop", " Stop. ", "S T O P", "StopAll", "ALTO!", "parar", "Quit\n", "END"]
)
def test_stop_in_every_spelling(text: str) -> None:
    assert read(text) == "stop"


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("start", "start"),
        ("Ayuda", "help"),
        ("", "other"),
        ("Please do not stop", "other"),
        ("I cannot come on Monday", "other"),
        ("👍", "other"),
    ],
)
def test_the_other_words(text: str, reply: str) -> None:
    assert read(text) == reply
