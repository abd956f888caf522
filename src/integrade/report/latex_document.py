"""Write the report as a LaTeX document that inputs its tables and figures; Chinese text is set with xeCJK."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from integrade.report.document import Block, Document, Points, arranged, texts_of
from integrade.report.fonts import CHINESE_SERIF, in_latin, said_in_latin
from integrade.report.latex import escape, guarded, label, referring, to_latex
from integrade.report.printed import PrintedTable
from integrade.report.rows import label_of_number, minus
from integrade.report.style import Drawing, title_of
from plainwords.texts import say, speaking

HEAD = r"""\documentclass[a4paper]{article}
\usepackage[margin=2.2cm]{geometry}
\usepackage{booktabs,siunitx,threeparttable,longtable,graphicx,rotating,pdflscape,placeins,multicol,iftex}
\ifxetex
\usepackage{fontspec,xeCJK}
%FONTS%
\fi
\ifluatex
\usepackage{fontspec}
%FALLBACK%
\fi
\ifpdftex
\usepackage[T1]{fontenc}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
%LETTERS%
\fi
\setlength{\emergencystretch}{3em}
\renewcommand{\topfraction}{.95}
\renewcommand{\bottomfraction}{.95}
\renewcommand{\textfraction}{.04}
\renewcommand{\floatpagefraction}{.85}
\setcounter{topnumber}{9}\setcounter{bottomnumber}{9}\setcounter{totalnumber}{18}
\makeatletter
\setlength{\@fptop}{0pt}\setlength{\@fpsep}{14pt plus 2pt}\setlength{\@fpbot}{0pt plus 1fil}
\makeatother
\renewcommand{\tablename}{%TABLE%}
\renewcommand{\figurename}{%FIGURE%}
\renewcommand{\contentsname}{%CONTENTS%}
"""


def to_latex_document(document: Document, images: Mapping[str, str]) -> str:
    """Return the document; ``images`` are paths of figures by name.

    It inputs tables from ``tables/table4.tex`` and so on. pdflatex, xelatex and lualatex can compile it. The fonts of
    pdflatex have no Chinese characters, so it prints single Chinese characters in Latin letters, with a note. A Chinese
    report needs xelatex.
    """
    known = [t.number for t in document.tables()]
    with speaking(document.language):
        letters = {} if document.language == "zh" else in_latin("".join(_texts(document)))
        declared = (rf"\DeclareUnicodeCharacter{{{ord(c):04X}}}{{{escape(t)}}}" for c, t in letters.items())
        head = HEAD
        for place, text in (
            ("FONTS", _first_there(r"\setCJKmainfont{%s}\setCJKsansfont{%s}")),
            ("FALLBACK", _first_there(FALLBACK)),
            ("LETTERS", "\n".join(declared)),
            ("TABLE", label_of_number("table", "", document.language).strip()),
            ("FIGURE", label_of_number("figure", "", document.language).strip()),
            ("CONTENTS", say("page.contents")),
        ):
            head = head.replace(f"%{place}%", text)
        lines = [head + rf"\title{{{escape(minus(document.title))}}}", r"\date{}"]
        if document.byline:
            lines.append(rf"\author{{{escape(minus(document.byline))}}}")
        lines += [r"\begin{document}", r"\maketitle"]
        if document.abstract:
            lines.append(rf"\begin{{abstract}}{guarded(referring(document.abstract, known))}\end{{abstract}}")
        lines += [_block(block, known, images) for block in document.brief.blocks()]
        if document.contents:
            lines.append(r"\begin{multicols}{2}\small\tableofcontents\end{multicols}")
        if letters:
            lines.append(rf"\ifpdftex\par\medskip\noindent{{\footnotesize {escape(said_in_latin(letters))}}}\fi")
        for part in document.parts:
            lines.append(_heading("section", part.name))
            for section in part.sections:
                lines.append(_heading("subsection", section.title))
                lines += [_block(block, known, images) for block, _ in arranged(section.blocks)]
            lines.append(r"\FloatBarrier")
    return "\n\n".join([line for line in lines if line] + [r"\end{document}"]) + "\n"


def _heading(level: str, name: str) -> str:
    """Return a heading without a number, listed in the contents."""
    return rf"\{level}*{{{escape(name)}}}\addcontentsline{{toc}}{{{level}}}{{{escape(name)}}}"


FALLBACK = (
    r"\directlua{luaotfload.add_fallback('chinese',{'%s:mode=node;'})}"
    r"\setmainfont{Latin Modern Roman}[RawFeature={fallback=chinese}]"
)
"""Commands by which lualatex sets single Chinese characters within other text."""


def _first_there(set_as: str) -> str:
    """Return commands that set the first installed Chinese font; TeX searches for a long time for a missing font."""
    commands = ""
    for name in reversed(CHINESE_SERIF):
        commands = rf"\IfFontExistsTF{{{name}}}{{{set_as.replace('%s', name)}}}{{{commands}}}"
    return commands


def _texts(document: Document) -> Iterator[str]:
    """Yield the texts that the document and the files of its tables print."""
    yield from (document.title, document.byline, document.abstract)
    yield from (text for block in document.blocks() for text in texts_of(block))
    for part in document.parts:
        yield from (part.name, *(section.title for section in part.sections))


def _unnumbered(table: PrintedTable) -> str:
    """Return a table with its title in bold, not counted in the list of tables."""
    named = "\n".join(
        [r"\begin{threeparttable}", rf"\caption{{{escape(minus(table.title))}}}", rf"\label{{{label(table)}}}"]
    )
    bold = rf"\textbf{{{escape(minus(table.title))}}}\par\smallskip" + "\n" + r"\begin{threeparttable}"
    return to_latex(table).replace(named, bold).replace("[htbp]", "[!h]")


def _numbered_caption(figure: Drawing, title: str) -> str:
    r"""Return the caption of a figure with its number; without one, the title in bold, as ``\caption`` would count."""
    if not figure.label:
        return rf"\par\smallskip\textbf{{{title}}}"
    return rf"\renewcommand{{\thefigure}}{{{figure.label}}}\caption{{{title}}}"


def _block(block: Block, known: Collection[str], images: Mapping[str, str]) -> str:
    match block:
        case PrintedTable() if not block.number:
            return _unnumbered(block)
        case PrintedTable():
            return rf"\renewcommand{{\thetable}}{{{block.number}}}\input{{tables/table{block.number}}}"
        case Drawing():
            title, subtitle = title_of(block)
            small = rf"\par{{\small {escape(minus(subtitle))}}}" if subtitle else ""
            return (
                rf"\begin{{figure}}[htbp]\centering\includegraphics[width=\linewidth]{{{images[block.name]}}}"
                rf"{_numbered_caption(block, escape(minus(title)))}{small}\end{{figure}}"
            )
        case Points():
            items = "\n".join(rf"\item {guarded(referring(item, known))}" for item in block.items)
            heading = rf"\subsubsection*{{{escape(block.heading)}}}" + "\n" if block.heading else ""
            return heading + f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}"
        case text:
            return referring(text, known)
