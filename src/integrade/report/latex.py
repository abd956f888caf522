"""Write a printed table as LaTeX (booktabs, siunitx, threeparttable) for pdflatex, xelatex and lualatex."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from integrade.report.alignment import ALIGNED, counts_in
from integrade.report.fonts import has_chinese
from integrade.report.markup import starts_block
from integrade.report.paper import (
    LONG_SIDE,
    LONG_UNBROKEN,
    PADDING,
    SHORT_SIDE,
    SIZES,
    Reference,
    asked_widths,
    breakable,
    fits_a_page,
    lies_on_its_side,
    pieces,
    printed_height,
    type_size,
    widths,
)
from integrade.report.rows import Grid, minus, shown
from integrade.wording.sheet import width
from plainwords.escaping import for_latex, one_line
from plainwords.texts import in_language, say

COLUMN = 8.4  # centimetres: a wider table spans both columns of a page that has two
LONG, LONG_PROSE = 45, 480  # a table with more rows, or with prose and higher than these points (with notes), may break
TOGETHER = 4  # last rows of a table that breaks, which stay on one page with its notes
MARK = "\0"
LONG_IN_PROSE = 12  # a word of at least this many characters may break in a column of prose
ALIGN = r"\sisetup{group-digits=none,table-align-text-before=false,table-align-text-after=false}"
"""A siunitx setting: brackets and stars are set directly next to their numbers, and digits are not grouped."""
ONE_COLUMN = (
    r"\makeatletter",
    r"\if@twocolumn\onecolumn\let\tableback\twocolumn\else\let\tableback\relax\fi",
    r"\makeatother",
)
"""Commands that switch to one column before a long table, because longtable does not work in two-column pages."""


def escape(text: str, long: int = LONG_UNBROKEN) -> str:
    """Return a text with LaTeX's special characters escaped; Chinese characters stay.

    A word of ``long`` characters or more (a hash, a path) may break.
    """
    return r"\hspace{0pt}".join(for_latex(piece) for piece in breakable(one_line(text), MARK, long).split(MARK))


def guarded(source: str) -> str:
    """Return LaTeX that may follow a command: a leading ``[`` or ``*`` is protected from being read as an argument."""
    return ("{}" if source.startswith(("[", "*")) else "") + source


def to_latex(table: Grid, known: Collection[str] = ()) -> str:
    """Return the table as a float, or as a ``longtable`` if it has more than 45 rows (with prose: if over 17 cm high).

    Both have a caption, three rules and notes. The float is a ``table``. It is a ``table*`` if it is wider than one
    column of a two-column page, and turned if it is wider than a page. TeX measures the float, and shrinks it if it is
    wider than the text of the class. A ``longtable`` in a two-column class goes on pages of one column. Numbers are in
    siunitx columns, aligned at their decimal marks; notes are set by threeparttable. Tables named in ``known`` become
    references if the document also has them; otherwise they are named in words.
    """
    notes = [guarded(_referring_where_defined(n, known, table.language)) for n in table.notes]
    return _long(table, notes) if _breaks(table) else _float(table, notes)


def _breaks(table: Grid) -> bool:
    """Return whether the table may break between pages."""
    return printed_height(table) > LONG_PROSE if table.wide_text else len(table.rows) > LONG


def referring(text: str, known: Collection[str]) -> str:
    """Return a sentence in LaTeX; numbers of tables in ``known`` become references."""
    return "".join(
        _reference(p, escape(p.text)) if isinstance(p, Reference) else escape(p) for p in pieces(minus(text), known)
    )


def _reference(named: Reference, words: str) -> str:
    r"""Return a reference, or ``words`` where it would print ``??``: in the first run of LaTeX, or without the table.

    ``\string`` makes the colon an ordinary character, because babel makes it a command in some languages (French).
    """
    label = rf"{escape(named.text.removesuffix(named.number).rstrip())}~\ref{{tab:{named.number}}}"
    return rf"\ifcsname r@tab\string:{named.number}\endcsname {label}\else {words}\fi{{}}"


def _referring_where_defined(text: str, known: Collection[str], language: str) -> str:
    """Return a sentence for a file that a paper may input alone; a table that the paper lacks is named in words."""
    texts = []
    for piece in pieces(minus(text), known):
        if isinstance(piece, Reference):
            words = escape(in_language(say("printed.of-the-report", table=piece.text), language))
            texts.append(_reference(piece, words))
        else:
            texts.append(escape(piece))
    return "".join(texts)


def _float(table: Grid, notes: Sequence[str]) -> str:
    wide = lies_on_its_side(table)
    broad = sum(asked_widths(table, type_size(table))) > COLUMN
    kind, place = ("sidewaystable*", "") if wide else ("table*" if broad else "table", "[htbp]")
    body = [
        rf"\begin{{{kind}}}{place}",
        r"\centering" + SINGLE,
        *_measured(table, [*_head(table), *_lines(table), r"\bottomrule"]),
        r"\begin{threeparttable}",
        *_named(table),
        FITTED,
        *([r"\begin{tablenotes}[flushleft]\footnotesize\setlength{\labelsep}{0pt}"] if notes else []),
        *(rf"\item {note}" for note in notes),
        *([r"\end{tablenotes}"] if notes else []),
        r"\end{threeparttable}",
        rf"\end{{{kind}}}",
    ]
    packages = ["booktabs", "graphicx", "siunitx", "threeparttable", *(["rotating"] if wide else [])]
    return "\n".join([_needs(table, packages), *body, ""])


def _long(table: Grid, notes: Sequence[str]) -> str:
    wide, head, lines = lies_on_its_side(table), _head(table), _lines(table)
    notes_box = r"\parbox[t]{\linewidth}{\footnotesize " + r" \\ ".join(notes) + "}"
    below = [rf"\par\smallskip\noindent{notes_box}"] if notes else []
    if notes and table.wide_text:  # such a table is as wide as its notes, which stay with its last rows
        last = [f"{line}*" for line in lines[-TOGETHER:]]
        rule = r"\noalign{\nobreak\vskip\aboverulesep\nobreak\hrule height\heavyrulewidth\nobreak\smallskip\nobreak}"
        cell = rf"\multicolumn{{{len(table.columns)}}}{{@{{}}l@{{}}}}{{\makebox[0pt][l]{{{notes_box}}}}}\\"
        lines, below = [r"\endlastfoot", *lines[:-TOGETHER], *last, rule, cell], []
    body = [
        *ONE_COLUMN,
        *([r"\begin{landscape}"] if wide else []),
        *([] if table.wide_text else _measured(table, [_widest(table)])),
        r"{" + SINGLE + _size(table),
        *([] if table.wide_text else [SMALLER]),
        *_set_up(table),
        rf"\begin{{longtable}}{{{_columns(table)}}}",
        "".join(_named(table)) + r"\\",
        *head,
        r"\endfirsthead",
        *head,
        r"\endhead",
        r"\bottomrule",
        r"\endfoot",
        *lines,
        r"\end{longtable}",
        *below,
        r"\par}",
        *([r"\end{landscape}"] if wide else []),
        r"\tableback",
    ]
    return "\n".join([_needs(table, ["booktabs", "siunitx", "longtable", *(["pdflscape"] if wide else [])]), *body, ""])


BOX = r"\ifdefined\tablebox\else\newsavebox{\tablebox}\fi"
"""The box in which TeX measures a table, made by the first table of a document."""
FITTED = (
    r"\begin{tabular}{@{}c@{}}\ifdim\wd\tablebox>\linewidth"
    r"\resizebox{\linewidth}{!}{\usebox{\tablebox}}\else\usebox{\tablebox}\fi\end{tabular}"
)
"""The measured table, no wider than the text."""
SINGLE = r"\renewcommand{\baselinestretch}{1}"
"""Single spacing of a table and its notes in a manuscript whose text has wider line spacing."""
SMALLER = r"\ifdim\wd\tablebox>\linewidth\tiny\setlength{\tabcolsep}{1.5pt}\fi"
"""Small type for a table that breaks between pages, if its widest line is wider than the text."""


def _measured(table: Grid, lines: Sequence[str]) -> list[str]:
    """Return lines of the table inside the measuring box."""
    return [
        BOX,
        r"\begin{lrbox}{\tablebox}" + _size(table),
        *_set_up(table),
        rf"\begin{{tabular}}{{{_columns(table)}}}",
        *lines,
        r"\end{tabular}",
        r"\end{lrbox}",
    ]


def _set_up(table: Grid) -> list[str]:
    return [ALIGN] if "S[" in _columns(table) else []


def _named(table: Grid) -> list[str]:
    return [rf"\caption{{{escape(minus(table.title))}}}", rf"\label{{{label(table)}}}"]


def _head(table: Grid) -> list[str]:
    """Return the headings; column numbers go above names, and a name wider than its column is broken at spaces."""
    names = [minus(c) for c in table.columns]
    cut = [re.fullmatch(r"(\(\d+\)) (.+)|(\(\d+\)\W\(\d+\))", name) for name in names]
    above = []
    if not table.wide_text and all(cut[1:]):
        above = [" & ".join(["", *(f"{{{escape(m[1] or m[3])}}}" for m in cut if m)]) + r" \\"]
        names = ["", *(m[2] or "" for m in cut if m)]
    heads = [escape(n) if i in table.wide_text else _stacked(table, i, n) for i, n in enumerate(names)]
    heads = [f"{{{text}}}" if i and text and not table.wide_text else text for i, text in enumerate(heads)]
    return [r"\toprule", *_spanners(table), *above, guarded(" & ".join(heads)) + r" \\", r"\midrule"]


def _spanners(table: Grid) -> list[str]:
    """Return the line of the headings over several columns, and the rules below them."""
    cells, rules, at = [""], [], 1
    for one in table.spanners:
        cells += [""] * (one.first - at)
        cells.append(rf"\multicolumn{{{one.last - one.first + 1}}}{{c}}{{{escape(minus(one.text))}}}")
        rules.append(rf"\cmidrule(lr){{{one.first + 1}-{one.last + 1}}}")
        at = one.last + 1
    cells += [""] * (len(table.columns) - at)
    return [" & ".join(cells) + r" \\", "".join(rules)] if table.spanners else []


def _lines(table: Grid) -> list[str]:
    """Return the rows; in a column whose numbers are aligned at decimal marks, counts are centred."""
    lines = []
    for at, (row, cells, counts) in enumerate(zip(table.rows, table.cells(), counts_in(table), strict=True)):
        rule = "\\midrule\n" if at and (row.kind == "panel" or starts_block(table, at)) else ""
        if row.kind == "panel":
            title = rf"{rule}\multicolumn{{{len(cells)}}}{{l}}{{\textit{{{escape(minus(cells[0]))}}}}} \\"
            heads = [rf"{{\textit{{{_stacked(table, i, minus(c))}}}}}" if c else "" for i, c in enumerate(cells) if i]
            lines.append(title if row.spans else f"{title}\n & {' & '.join(heads)} " + r"\\")
        else:
            texts = [_cell(table, i, c, counts) for i, c in enumerate(cells)]
            lines.append(rule + guarded(" & ".join(texts)) + r" \\")
    return lines


def _widest(table: Grid) -> str:
    """Return a line with the widest cell of each column."""
    lines = [c for c, r in zip(table.cells(), table.rows, strict=True) if r.kind != "panel"]
    cells = (max((line[i] for line in lines), key=width) for i in range(len(table.columns)))
    return guarded(" & ".join(_cell(table, i, c) for i, c in enumerate(cells))) + r" \\"


def _needs(table: Grid, packages: Sequence[str]) -> str:
    """Return a comment with the packages that a document must load, and where to find them."""
    comment = f"% needs \\usepackage{{{','.join(packages)}}} (Debian: texlive-latex-extra texlive-science)"
    words = "".join((table.title, *table.columns, *table.notes, *(c for r in table.cells() for c in r)))
    if has_chinese(words):
        return comment + "; compile with xelatex and \\usepackage{xeCJK}, or \\documentclass{ctexart}"
    accents = any(unicodedata.name(letter, "").startswith("LATIN") for letter in words if not letter.isascii())
    return comment + ("; under pdflatex \\usepackage[T1]{fontenc}, for letters with accents" if accents else "")


def _stacked(table: Grid, column: int, name: str) -> str:
    """Return a heading, broken at its spaces if it is wider than the cells below it."""
    every = [c for c, r in zip(table.cells(), table.rows, strict=True) if r.kind != "panel"]
    words = name.split(" ")
    room = max([width(word) for word in words] + [width(cells[column]) for cells in every])
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], longer] if width(longer) <= room else [*lines, word]
    if len(lines) == 1:
        return escape(lines[0])
    return r"\begin{tabular}[b]{@{}c@{}}" + r"\\".join(guarded(escape(line)) for line in lines) + r"\end{tabular}"


def label(table: Grid) -> str:
    r"""Return the name of the table for ``\ref``: tab:4."""
    return f"tab:{table.number}" if table.number else "tab:" + re.sub(r"\W+", "-", table.title.lower())


def _cell(table: Grid, column: int, text: str, counts: Collection[int] = ()) -> str:
    """Return a cell.

    In a siunitx column, brackets and stars of a number are text outside the number; other texts and ``counts`` are in
    braces.
    """
    number_match = ALIGNED.fullmatch(text)
    if column in table.wide_text:
        return escape(shown(table, column, text), LONG_IN_PROSE)
    if not column or table.wide_text or not text:
        return escape(shown(table, column, text))
    if number_match is None or column in counts:
        return f"{{{escape(minus(text))}}}"
    opened, sign, whole, decimals, after = number_match.groups()
    number = sign + whole + (f".{decimals}" if decimals else "")
    return (f"{{{opened}}}" if opened else "") + number + (f"{{{after}}}" if after else "")


def _columns(table: Grid) -> str:
    """Return the LaTeX column types, without room outside the first and last; prose columns have their width on A4.

    The widest prose column of a table that breaks takes the remaining width.
    """
    return f"@{{}}{_kinds(table)}@{{}}"


def _kinds(table: Grid) -> str:
    if not table.wide_text:
        return "l" + "".join(_format(table, i) for i in range(1, len(table.columns)))
    wide = widths(table, LONG_SIDE if lies_on_its_side(table) else SHORT_SIDE)
    widest = max(table.wide_text, key=lambda i: wide[i])
    columns = []
    for i, own in enumerate(wide):
        if i not in table.wide_text:
            columns.append("r" if i else "l")
        elif i == widest and _breaks(table):
            columns.append(rf"p{{\dimexpr\linewidth-{sum(wide) - own:.2f}cm\relax}}")
        else:
            columns.append(f"p{{{own - PADDING:.2f}cm}}")
    return "".join(columns)


def _format(table: Grid, column: int) -> str:
    """Return the type of a column: siunitx with room for its widest number and stars, or centred without numbers."""
    matches = [m for line in table.cells() if (m := ALIGNED.fullmatch(line[column]))]
    if not matches:
        return "c"
    sign = "-" if any(m[2] for m in matches) else ""
    whole, decimals = (max(len(m[g] or "") for m in matches) for g in (3, 4))
    opened = "{(}" if any(m[1] for m in matches) else ""
    after = max((m[5] for m in matches), key=lambda text: (len(text), text.count("*")))
    text = f"{opened}{sign}{whole}.{decimals}" + (f"{{{after}}}" if after else "")
    return f"S[table-format={text}]"


def _size(table: Grid) -> str:
    if type_size(table) == SIZES[0]:
        return r"\small"
    return (
        r"\footnotesize"
        if type_size(table) == SIZES[1] and fits_a_page(table)
        else r"\scriptsize\setlength{\tabcolsep}{3pt}"
    )
