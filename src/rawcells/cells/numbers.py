"""Convert texts that are whole numbers, and bound the numbers that floats hold exactly."""

from __future__ import annotations

EXACT = (2.0**24, 2.0**53)
"""Numbers from which 32-bit and 64-bit floats cannot hold every whole number, so that last digits of codes are lost."""


def whole_number(text: str) -> int | None:
    """Convert a text of at most 18 decimal digits to a number; None for other texts, such as ``²``, ``-1``, ``1.0``."""
    return int(text) if text.isdecimal() and len(text) <= 18 else None
