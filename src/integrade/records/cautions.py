"""Give results access to cautions about their numbers, without importing `verdicts`.

`verdicts` uses the packages that make results, so these packages cannot import `verdicts`. Instead its module
`verdicts.clustering` is registered here, and a fit asks for its caution when it is printed.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

_JUDGE: list[Callable[[], ModuleType]] = []


def spoken_by(judge: Callable[[], ModuleType]) -> None:
    """Register the module that has ``caution_of``; it is imported when the first result is printed."""
    _JUDGE[:] = [judge]


def caution(fit: object) -> str | None:
    """Return the caution to print with the standard errors of a fit; None if there is none."""
    text: str | None = _JUDGE[0]().caution_of(fit)
    return text
