"""A study's report as files: the page, the tables in Word and LaTeX, the figures as images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from integrade.errors import UnknownName, did_you_mean
from integrade.models.bundle import StudyResults
from integrade.report.latex import escape
from integrade.report.printed import PrintedTable, write_bytes

Format = Literal["html", "docx", "tex"]
FORMATS = ("html", "docx", "tex")


def write_report(
    results: StudyResults, directory: str | Path, formats: Sequence[str] = ("html", "docx", "tex")
) -> list[Path]:
    """Write ``report.html``, ``report.docx`` and ``report.tex`` with ``tables/`` and ``figures/`` beside them.

    ``docx`` also writes each table as an own document, ``tex`` as an own fragment. Figures are written as .svg, and as
    .png where a document may want them. Returns the paths, the page first. Raises `UnknownName`.
    """
    from integrade.report.contents import all_figures
    from integrade.report.html import render_html
    from integrade.report.style import save_figure, title_of
    from integrade.report.tables import all_tables
    from integrade.report.word import Picture, to_word

    for name in formats:
        if name not in FORMATS:
            raise UnknownName(f"no report format {name!r}", remedy=did_you_mean(name, FORMATS))
    folder = Path(directory)
    tables, figures = all_tables(results), all_figures(results)
    captions = {name: ". ".join(text for text in title_of(figure) if text) for name, figure in figures.items()}
    kinds = ("svg", "png") if {"docx", "tex"} & set(formats) else ("svg",)
    images = {(n, k): save_figure(f, folder / "figures" / f"{n}.{k}") for n, f in figures.items() for k in kinds}
    written = list(images.values())
    if "html" in formats:
        written.insert(0, write_bytes(folder / "report.html", render_html(results, figures, tables).encode()))
    if "docx" in formats:
        pictures = [
            Picture(images[name, "png"].read_bytes(), f"Figure {i}. {text}")
            for i, (name, text) in enumerate(captions.items(), start=1)
        ]
        word = to_word(tables, title=results.title, pictures=pictures)
        written.append(write_bytes(folder / "report.docx", word))
    if "tex" in formats:
        written.append(write_bytes(folder / "report.tex", _document(results.title, tables, captions).encode()))
    for suffix in [s for s in ("docx", "tex") if s in formats]:
        written += [t.save(folder / "tables" / f"table{t.number}.{suffix}") for t in tables]
    return written


def _document(title: str, tables: Sequence[PrintedTable], captions: Mapping[str, str]) -> str:
    """A LaTeX document that inputs every table and figure; Chinese text asks for xelatex."""
    inputs = "\n".join(rf"\input{{tables/table{t.number}}}" for t in tables)
    shown = "\n".join(
        rf"\begin{{figure}}[htbp]\centering\includegraphics[width=\linewidth]{{figures/{name}.png}}"
        rf"\caption{{{escape(text)}}}\end{{figure}}"
        for name, text in captions.items()
    )
    return rf"""\documentclass{{article}}
\usepackage[margin=2.2cm]{{geometry}}
\usepackage{{booktabs,graphicx,iftex}}
\ifxetex\usepackage{{xeCJK}}\fi
\title{{{escape(title)}}}
\date{{}}
\begin{{document}}
\maketitle
{inputs}
{shown}
\end{{document}}
"""
