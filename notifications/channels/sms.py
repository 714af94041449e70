"""Text messages, through a provider or on the console."""

from __future__ import annotations

from types import TracebackType

from notifications.channels.outcome import ChannelDownError, Outcome


class Texter:
    """Use as a context manager, like `email.Mailer`."""

    def __enter__(self) -> Texter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def open(self) -> None:
        """Raises ChannelDownError while no provider is set."""
        raise ChannelDownError

    def send(self, address: str, text: str, *, key: str) -> Outcome:
        raise ChannelDownError
