"""Limit how much a server may send, and how long it, or a query, may take.

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
"""Most bytes of one fetched object, unless the environment sets another limit (a convention)."""
MOST_SECONDS = 1800
"""Most seconds of one download, and of one database query, unless the environment sets another limit (a convention)."""
AGAIN = 0.2
"""Seconds after which work that continues is interrupted again."""


def most_bytes() -> int:
    """Return the most bytes of one object. Raises `UsageError` if ``INTEGRADE_MOST_BYTES`` is not a size."""
    return stated_size(BYTES) or MOST_BYTES


def most_seconds() -> int:
    """Return the most seconds of one download or query. Raises `UsageError` if the setting is not a whole number."""
    given = os.environ.get(SECONDS, "")
    if given and not re.fullmatch(r"[1-9][0-9]{0,8}", given.strip(), re.ASCII):
        raise UsageError(f"{SECONDS}={given!r} is not a whole number of seconds", remedy=f"for example {SECONDS}=7200")
    return int(given or MOST_SECONDS)


@contextmanager
def interrupted_late(interrupt: Callable[[], object]) -> Iterator[Event]:
    """Call ``interrupt`` repeatedly from another thread once the block takes too long, until it ends.

    The event is set if it was called.
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
