"""How numbers, p-values, shares, intervals and stars become text."""

from __future__ import annotations

import math

from integrade.texts import say

LEVELS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))


def stars(p_value: float | None) -> str:
    """``***`` below .01, ``**`` below .05, ``*`` below .1; nothing where the p-value is missing."""
    if p_value is None or math.isnan(p_value):
        return ""
    return next((mark for level, mark in LEVELS if p_value < level), "")


def fixed(value: float | None, digits: int = 3) -> str:
    """A number with ``digits`` decimals; three significant digits where those would all be zero; blank if missing."""
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return say("numerals.infinite") if value > 0 else say("numerals.minus-infinite")
    if value != 0 and abs(value) < 0.5 * 10**-digits:
        return f"{value:.3g}"
    text = f"{value:,.{digits}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def p_text(value: float | None) -> str:
    """A p-value with four decimals, ``<0.0001`` below that; blank if missing."""
    if value is None or math.isnan(value):
        return ""
    return "<0.0001" if value < 0.00005 else f"{value:.4f}"


def p_equals(value: float | None) -> str:
    """``p = 0.0161`` or ``p < 0.0001``, for a sentence."""
    text = p_text(value)
    return f"p < {text.removeprefix('<')}" if text.startswith("<") else f"p = {text}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share as ``62.4 %``; blank if missing."""
    return "" if share is None or math.isnan(share) else f"{100 * share:.{digits}f} %"


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """``[low, high]``, blank if either end is missing."""
    ends = fixed(low, digits), fixed(high, digits)
    return f"[{ends[0]}, {ends[1]}]" if all(ends) else ""


def capital(name: str) -> str:
    """A name with its first letter large."""
    return name[:1].upper() + name[1:]
