"""Format numbers, p-values, shares, intervals and stars as text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, TypeGuard

from plainwords.texts import say

LEVELS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))  # the layout of the paper and of esttab's usual option (METHODS 6)


def below(number: float, limit: float) -> bool:
    """Return whether a number, such as a p-value, is below a limit, such as the size of a test.

    Numbers that differ by rounding only are equal: a p-value of 6 / 120 is not below 1 - .95. The tolerance 1e-9 is
    that of ties between draws (METHODS 5.2).
    """
    return number < limit - 1e-9 * abs(limit)


def stars(p_value: float | None) -> str:
    """Return ``***`` below .01, ``**`` below .05, ``*`` below .1; empty for a missing p-value."""
    if p_value is None or math.isnan(p_value):
        return ""
    return next((mark for level, mark in LEVELS if below(p_value, level)), "")


def fixed(value: float | None, digits: int = 3) -> str:
    """Write a number with ``digits`` decimals, or with three significant digits if these would be 0; blank if missing.

    Example:
        >>> fixed(1.2), fixed(-0.0000243), fixed(2.43e-14)
        ('1.200', '-0.0000243', '2.43e-14')
    """
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return say("numerals.infinite") if value > 0 else say("numerals.minus-infinite")
    if value == 0 or abs(value) >= 0.5 * 10**-digits:
        return rounded(value, digits)
    asked = 2 - math.floor(math.log10(abs(value)))
    return f"{value:.{asked}f}" if asked <= MOST_DECIMALS else f"{value:.3g}"


def rounded(value: float | None, digits: int) -> str:
    """Write a number with ``digits`` decimals, even if all of them are 0; blank if missing.

    Example:
        >>> rounded(2.43e-05, 4), rounded(-2.43e-05, 4)
        ('0.0000', '0.0000')
    """
    if value is None or not math.isfinite(value):
        return fixed(value)
    text = f"{value:,.{digits}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def placed(value: float | None) -> str:
    """Write a value of a variable (a turning point, an end of a range) with at least three decimals.

    More decimals are written if three significant digits need them.

    Example:
        >>> placed(4.0577), placed(0.00062), placed(0.0)
        ('4.058', '0.000620', '0.000')
    """
    return fixed(value, places(value)) if _counts(value) else fixed(value)


def places(value: float | None) -> int:
    """Return the number of decimals that `placed` writes: three, or more for three significant digits."""
    return min(max(3, 2 - math.floor(math.log10(abs(value)))), MOST_DECIMALS) if _counts(value) else 3


MOST_DECIMALS, MOST_DIGITS = 12, 6  # conventions that keep table columns narrow


def decimals(
    values: Iterable[float | None], errors: Iterable[float | None] = (), least: int = 3, significant: int = 3
) -> int:
    """Return the number of decimals that the numbers of one quantity share.

    Rule: begin with ``least`` decimals, or fewer if the largest value would have more than six digits. Then add as many
    as give the smallest standard error two significant digits; without errors, as many as give the largest value
    ``significant`` digits. There are at most 12. Missing values, zeros and infinite values are ignored.

    Example:
        >>> decimals([2.3243], [0.2357], 4), decimals([2.43e-05], [0.00388], 4), decimals([1e-7], [2e-8], 4)
        (4, 4, 9)
        >>> decimals([0.00021, -0.0137]), decimals([0.000021]), decimals([123456.7])
        (4, 7, 0)
    """
    sizes, spreads = ([math.floor(math.log10(abs(v))) for v in numbers if _counts(v)] for numbers in (values, errors))
    largest, smallest = max(sizes, default=0), min(spreads, default=None)
    few = min(least, max(0, MOST_DIGITS - 1 - largest))
    asked = significant - 1 - largest if smallest is None else 1 - smallest
    return min(max(few, asked if sizes else 0), MOST_DECIMALS)


Printing: TypeAlias = Callable[[float | None], str]
"""A function that prints the numbers of one quantity."""


def shared(values: Iterable[float | None], errors: Iterable[float | None] = (), least: int = 3) -> Printing:
    """Return a function that prints numbers of one quantity, all with the same number of `decimals`."""
    digits = decimals(values, errors, least)
    return lambda value: rounded(value, digits)


def by_interval(low: float | None, high: float | None) -> Printing:
    """Return a function that prints an estimate and the ends of its interval with the decimals that the interval needs.

    These are three, or as many as give half of the interval two significant digits.

    Example:
        >>> size = by_interval(-0.017, 0.017)
        >>> size(0.0000446), between(size, -0.017, 0.017), by_interval(0.0005, 0.0108)(0.0056)
        ('0.000', '[-0.017, 0.017]', '0.0056')
    """
    half = (high - low) / 2 if low is not None and high is not None else None
    return shared([low, high], [half])


def between(printed: Printing, low: float | None, high: float | None) -> str:
    """Write ``[low, high]`` in the format of a quantity; blank if one of the ends is missing."""
    ends = printed(low), printed(high)
    return f"[{ends[0]}, {ends[1]}]" if all(ends) else ""


def _counts(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value) and value != 0


def alike(values: Sequence[float | None], least: int = 3, significant: int = 3) -> tuple[str, ...]:
    """Write numbers of one quantity, all with the same number of `decimals`.

    Example:
        >>> alike((0.0068, 0.0449)), alike((0.0068, 0.0449), significant=2)
        (('0.0068', '0.0449'), ('0.007', '0.045'))
    """
    digits = decimals(values, least=least, significant=significant)
    return tuple(rounded(value, digits) for value in values)


def p_text(value: float | None) -> str:
    """Write a p-value with four decimals; ``<0.0001`` and ``>0.9999`` if it is beyond these; blank if missing."""
    if value is None or math.isnan(value):
        return ""
    return "<0.0001" if value < 0.00005 else ">0.9999" if value >= 0.99995 else f"{value:.4f}"


def p_equals(value: float | None) -> str:
    """Write ``p = 0.0161``, ``p < 0.0001`` or ``p > 0.9999``, for use in a sentence."""
    text = p_text(value)
    return f"p {text[0]} {text[1:]}" if text[:1] in ("<", ">") else f"p = {text}"


def percent(share: float | None, digits: int = 1) -> str:
    """Write a share as ``62.4%``, without a sign if it rounds to zero; blank if missing.

    Example:
        >>> percent(0.624), percent(-0.001, 0)
        ('62.4%', '0%')
    """
    if share is None or math.isnan(share):
        return ""
    text = f"{100 * share:.{digits}f}"
    return f"{text.removeprefix('-') if float(text) == 0 else text}%"


def noise_text(share: float | None) -> str:
    """Write the share of noise in an index in whole per cent, because it is estimated from few goods."""
    return percent(share, 0)


def coverage_text(share: float | None) -> str:
    """Write the coverage of intervals in whole per cent, because it comes from few samples."""
    return percent(share, 0)


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """Write ``[low, high]``; blank if one of the ends is missing."""
    return between(lambda value: fixed(value, digits), low, high)


def capital(name: str) -> str:
    """Return a name with a capital first letter."""
    return name[:1].upper() + name[1:]
