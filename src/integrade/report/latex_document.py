"""The report as a LaTeX document that inputs its tables and figures; xeCJK for Chinese text."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from integrade.report.document import Block, Document, Points, arranged, numbers_table, verdict_blocks, verdict_heading
from integrade.report.fonts import CHINESE_SERIF
from integrade.report.latex import escape, guarded, label, referring, to_latex
from integrade.report.printed import PrintedTable
from integrade.report.rows import label_of_number, minus
from integrade.report.style import Drawing, title_of
from integrade.texts import speaking

HEAD = r"""\documentclass[a4paper]{article}
\usepackage[margin=2.2cm]{geometry}
\usepackage{booktabs,siunitx,threeparttable,longtable,graphicx,rotating,pdflscape,placeins,iftex}
\ifxetex
\usepackage{fontspec,xeCJK}
%FONTS%
\fi
\setlength{\emergencystretch}{3em}
\renewcommand{\tablename}{%TABLE%}
\renewcommand{\figurename}{%FIGURE%}
"""


def to_latex_document(document: Document, images: Mapping[str, str]) -> str:
    """The document; ``images`` are paths of figures by name, tables stand in ``tables/table4.tex`` and so on.

    Any of pdflatex, xelatex and lualatex compiles it; where there is Chinese text, xelatex.
    """
    with speaking(document.language):
        return _whole(document, images)


def _whole(document: Document, images: Mapping[str, str]) -> str:
    known = [t.number for t in document.tables()]
    fonts = ""  # the first that is there; asking for one that is not makes TeX look for it at length
    for name in reversed(CHINESE_SERIF):
        fonts = rf"\IfFontExistsTF{{{name}}}{{\setCJKmainfont{{{name}}}\setCJKsansfont{{{name}}}}}{{{fonts}}}"
    words = {k: label_of_number(k, "", document.language).strip() for k in ("table", "figure")}
    head = HEAD.replace("%FONTS%", fonts).replace("%TABLE%", words["table"]).replace("%FIGURE%", words["figure"])
    lines = [head + rf"\title{{{escape(minus(document.title))}}}", r"\date{}", r"\begin{document}", r"\maketitle"]
    lines.append(referring(document.lead, known))
    lines += [_block(block, known, images) for block in document.first]
    for v in document.verdicts:
        lines.append(rf"\subsubsection*{{{escape(minus(verdict_heading(v)))}}}")
        lines += [_block(block, known, images) for block in verdict_blocks(v)]
    if document.numbers:
        lines.append(_unnumbered(numbers_table(document)))
    for part in document.parts:
        lines.append(rf"\section*{{{escape(part.name)}}}")
        for section in part.sections:
            lines.append(rf"\subsection*{{{escape(section.title)}}}")
            lines += [_block(block, known, images) for block, _ in arranged(section.blocks)]
            lines.append(r"\FloatBarrier")
    return "\n\n".join([line for line in lines if line] + [r"\end{document}"]) + "\n"


def _unnumbered(table: PrintedTable) -> str:
    """A table with its title in bold, which the list of tables does not count."""
    named = "\n".join(
        [r"\begin{threeparttable}", rf"\caption{{{escape(minus(table.title))}}}", rf"\label{{{label(table)}}}"]
    )
    bold = rf"\textbf{{{escape(minus(table.title))}}}\par\smallskip" + "\n" + r"\begin{threeparttable}"
    return to_latex(table).replace(named, bold).replace("[htbp]", "[!h]")


def _block(block: Block, known: Collection[str], images: Mapping[str, str]) -> str:
    match block:
        case PrintedTable():
            return rf"\renewcommand{{\thetable}}{{{block.number}}}\input{{tables/table{block.number}}}"
        case Drawing():
            title, subtitle = title_of(block)
            small = rf"\par{{\small {escape(minus(subtitle))}}}" if subtitle else ""
            return (
                rf"\begin{{figure}}[htbp]\centering\includegraphics[width=\linewidth]{{{images[block.name]}}}"
                rf"\renewcommand{{\thefigure}}{{{block.number}}}\caption{{{escape(minus(title))}}}{small}\end{{figure}}"
            )
        case Points():
            items = "\n".join(rf"\item {guarded(referring(item, known))}" for item in block.items)
            heading = rf"\subsubsection*{{{escape(block.heading)}}}" + "\n" if block.heading else ""
            return heading + f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}"
        case text:
            return referring(text, known)
