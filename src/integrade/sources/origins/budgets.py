"""Limit the bytes that a server may send, and the time that a download or a query may take.

Two environment variables set these limits: ``INTEGRADE_MOST_BYTES=20GB``, ``INTEGRADE_MOST_SECONDS=7200``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from integrade.engine.frames import stated_size
from integrade.errors import UsageError

BYTES, SECONDS = "INTEGRADE_MOST_BYTES", "INTEGRADE_MOST_SECONDS"
MOST_BYTES = 8 << 30
"""Largest number of bytes of one fetched object, unless the environment sets another limit (a convention)."""
MOST_SECONDS = 1800
"""Largest number of seconds of one download or database query, unless the environment sets it (a convention)."""
AGAIN = 0.2
"""Work that does not end is interrupted again after this many seconds."""


def most_bytes() -> int:
    """Return the largest number of bytes of one object.

    Raises `UsageError` if ``INTEGRADE_MOST_BYTES`` is not a size.
    """
    return stated_size(BYTES) or MOST_BYTES


def most_seconds() -> int:
    """Return the largest number of seconds of one download or query.

    Raises `UsageError` if ``INTEGRADE_MOST_SECONDS`` is not a whole number.
    """
    given = os.environ.get(SECONDS, "")
    if given and not re.fullmatch(r"[1-9][0-9]{0,8}", given.strip(), re.ASCII):
        raise UsageError(f"{SECONDS}={given!r} is not a whole number of seconds", remedy=f"for example {SECONDS}=7200")
    return int(given or MOST_SECONDS)


@contextmanager
def interrupted_late(interrupt: Callable[[], object]) -> Iterator[Event]:
    """Call ``interrupt`` repeatedly from another thread if the block takes too much time, until the block ends.

    The event is set if ``interrupt`` was called.
    """
    ended, late = Event(), Event()

    def watch() -> None:
        wait: float = seconds
        while not ended.wait(wait):
            late.set()
            wait = AGAIN
            interrupt()

    seconds = most_seconds()
    watching = Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield late
    finally:
        ended.set()
        watching.join()
