"""Whether a connection still lives, without asking the server before each request.

Between requests the server says nothing, but when it ends the connection: then there is something
to read. Only then is it worth a question.
"""

from __future__ import annotations

import select

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """False where the server has ended the connection since it was last used."""
        try:
            heard = select.poll()
            heard.register(self.connection.fileno(), select.POLLIN | select.POLLHUP)
            if not heard.poll(0):
                return True
        except (AttributeError, psycopg.Error):  # there is none, or it is known to be lost
            return False
        return bool(super().is_usable())
