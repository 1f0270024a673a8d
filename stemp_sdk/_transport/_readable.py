"""Whether a socket has unread bytes, or is closed."""

from __future__ import annotations

import select
from typing import Protocol


class HasFileno(Protocol):
    """A socket, or an object with its file descriptor."""

    def fileno(self) -> int:
        """Its file descriptor; -1 if it is closed."""
        ...


def is_readable(socket: HasFileno | None) -> bool:
    """Whether a read would return at once, with bytes or at the end. A closed socket counts as readable."""
    if socket is None or (descriptor := socket.fileno()) < 0:
        return True
    if not hasattr(select, "poll"):  # Windows, and gevent's or eventlet's patches
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
