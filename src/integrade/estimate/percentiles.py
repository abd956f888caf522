"""Parse the point at which a function of a variable is evaluated: the name of a percentile, or a value."""

from __future__ import annotations

import math


def percent_of(name: str) -> float | None:
    """Return the percentage in the name of a percentile: 5.0 for ``p5``. Return None for any other text.

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
    """Return the finite number that a text holds; None for any other text."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
