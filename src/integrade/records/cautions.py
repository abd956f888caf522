"""Where a result finds what is to be said beside its numbers: `judge` concludes from results and comes after the rooms
that make them, so that the package says here which function speaks, and a fit that shows itself asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

_JUDGE: list[Callable[[], ModuleType]] = []


def spoken_by(judge: Callable[[], ModuleType]) -> None:
    """Say which module has ``caution_of``; it is imported when the first result shows itself."""
    _JUDGE[:] = [judge]


def caution(found: object) -> str | None:
    """What must stand beside the standard errors of a fit; None where nothing must (`judge.clustering`)."""
    said: str | None = _JUDGE[0]().caution_of(found)
    return said
