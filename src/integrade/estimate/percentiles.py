"""Parse the place on a variable at which something is evaluated: a percentile by name, or a value."""

from __future__ import annotations

import math


def percent_of(name: str) -> float | None:
    """Return 5.0 for ``p5``; None for any text that is no percentile.

    Example:
        >>> percent_of("p5"), percent_of("p101"), percent_of("5")
        (5.0, None, None)
    """
    try:
        percent = float(name.removeprefix("p"))
    except ValueError:
        return None
    return percent if name.startswith("p") and 0 <= percent <= 100 else None


def value_of(text: str) -> float | None:
    """Return a text as a finite number; None for any other text."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
