"""Embed the package's typeface in figures that a user saves with Altair's ``save``."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import IO, Any

import altair as alt

from integrade.report.fonts import TYPEFACE
from integrade.report.style import Chart, with_letters


class Figure(alt.Chart):
    """A chart that embeds the glyphs of its texts when it is saved as .svg."""

    def save(self, *given: Any, **options: Any) -> None:
        """Save the figure as `altair.Chart.save` does, with its arguments."""
        _save(super().save, *given, **options)


class LayeredFigure(alt.LayerChart):
    """A chart of several layers that embeds the glyphs of its texts when it is saved as .svg."""

    def save(self, *given: Any, **options: Any) -> None:
        """Save the figure as `altair.Chart.save` does, with its arguments."""
        _save(super().save, *given, **options)


def saved_whole(chart: Chart) -> Chart:
    """Return the chart as a `Figure` or `LayeredFigure`, whose saved files look the same on every machine."""
    _register()
    kind = LayeredFigure if isinstance(chart, alt.LayerChart) else Figure
    return kind(**chart._kwds)


@cache
def _register() -> None:
    """Register the typeface with vl-convert, which Altair uses in this process to save pictures."""
    import vl_convert

    vl_convert.register_font_directory(str(TYPEFACE))


def _save(save: Any, fp: str | Path | IO[Any], format: Any = None, *more: Any, **options: Any) -> None:
    """Write an .svg with its glyphs, and write any other format as Altair does."""
    kind = format or (Path(fp).suffix.removeprefix(".") if isinstance(fp, str | Path) else "")
    if kind != "svg":
        save(fp, format, *more, **options)
        return
    drawn = io.StringIO()
    save(drawn, "svg", *more, **options)
    text = with_letters(drawn.getvalue())
    if isinstance(fp, str | Path):
        Path(fp).write_text(text, encoding="utf-8")
    else:
        fp.write(text)
