"""How much a server may send and how long it, or a query, may take; what is beyond that is refused.

Nothing but these two settings of the environment bounds what others answer: ``INTEGRADE_MOST_BYTES=20GB``,
``INTEGRADE_MOST_SECONDS=7200``.
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
"""Bytes of one object that is fetched, unless the environment says otherwise."""
MOST_SECONDS = 1800
"""Seconds of one download, and of one query of a database, unless the environment says otherwise."""
AGAIN = 0.2
"""Seconds after which work that goes on is interrupted again."""


def most_bytes() -> int:
    """The most bytes of one object. Raises `UsageError` for an ``INTEGRADE_MOST_BYTES`` that is no size."""
    return stated_size(BYTES) or MOST_BYTES


def most_seconds() -> int:
    """The most seconds of one download or query. Raises `UsageError` for a setting that is no whole number."""
    given = os.environ.get(SECONDS, "")
    if given and not re.fullmatch(r"[1-9][0-9]{0,8}", given.strip(), re.ASCII):
        raise UsageError(f"{SECONDS}={given!r} is not a whole number of seconds", remedy=f"for example {SECONDS}=7200")
    return int(given or MOST_SECONDS)


@contextmanager
def interrupted_late(interrupt: Callable[[], object]) -> Iterator[Event]:
    """Call ``interrupt``, from another thread, when the block takes longer than the most seconds, until it ends.

    The event says whether it was called.
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
