"""Give results access to the figures in `plot.py`, without importing it.

`plot.py` uses the packages that make results, so these packages cannot import `plot.py`. Instead the module is
registered here, and ``fit.plot()`` asks for figures by name.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import altair as alt

    Chart: TypeAlias = alt.Chart | alt.LayerChart

_FIGURES: list[Callable[[], ModuleType]] = []


def drawn_by(figures: Callable[[], ModuleType]) -> None:
    """Register the module with the figures; it is imported when the first figure is drawn."""
    _FIGURES[:] = [figures]


def draw(figure: str, *args: object, **options: object) -> Chart:
    """Draw the named figure of the registered module."""
    chart: Chart = getattr(_FIGURES[0](), figure)(*args, **options)
    return chart
