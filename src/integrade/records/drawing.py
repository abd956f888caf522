"""Where a result finds what draws it: figures stand in `plot.py`, after every room that makes results, so that the
package says here which functions draw, and ``fit.plot()`` asks for them by name.
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
    """Say which module has the figures; it is imported when the first one is drawn."""
    _FIGURES[:] = [figures]


def draw(figure: str, *args: object, **options: object) -> Chart:
    """The figure of that name of the module with the figures."""
    made: Chart = getattr(_FIGURES[0](), figure)(*args, **options)
    return made
