"""A printed table as LaTeX source, of booktabs, siunitx and threeparttable, for pdflatex, xelatex and lualatex."""

from __future__ import annotations

import re
from collections.abc import Sequence

from integrade.escaping import for_latex, one_line
from integrade.report.fonts import has_chinese
from integrade.report.markup import starts_block
from integrade.report.paper import (
    LONG_SIDE,
    PADDING,
    SHORT_SIDE,
    SIZES,
    asked_widths,
    breakable,
    lies_on_its_side,
    stays_whole,
    type_size,
    widths,
)
from integrade.report.rows import Grid, minus, shown
from integrade.sheet import width

COLUMN = 8.4  # centimetres: a wider table stands over both columns of a page that has two
LONG = 45  # rows of a table that may break across pages
MARK = "\0"
ALIGN = r"\sisetup{group-digits=none,table-align-text-before=false,table-align-text-after=false}"
"""Brackets and stars stand right beside their numbers, which have no gaps."""
ONE_COLUMN = (
    r"\makeatletter",
    r"\if@twocolumn\onecolumn\let\tableback\twocolumn\else\let\tableback\relax\fi",
    r"\makeatother",
)
"""A long table does not stand in two columns."""


def escape(text: str) -> str:
    """Text safe in LaTeX; Chinese characters stay, a word of 24 characters or more (a hash, a path) may break."""
    return r"\hspace{0pt}".join(for_latex(piece) for piece in breakable(one_line(text), MARK).split(MARK))


def guarded(source: str) -> str:
    """LaTeX behind a command that takes ``[...]`` or ``*``: such a start is not an argument of it."""
    return ("{}" if source.startswith(("[", "*")) else "") + source


def to_latex(table: Grid) -> str:
    """A float with caption, three lines and notes, or a ``longtable`` of more than 45 rows.

    The float is a ``table``, a ``table*`` where it is wider than a column of two, turned where it is wider than a page.
    A ``longtable`` in a class of two columns stands on pages of one column.
    Numbers stand in columns of siunitx, aligned at their decimal marks; notes are those of threeparttable.
    """
    lines = [_line(table, i) for i in range(len(table.rows))]
    head = [r"\toprule", *_heads(table), r"\midrule"]
    notes = [guarded(escape(minus(n))) for n in table.notes]
    named = [rf"\caption{{{escape(table.title)}}}", rf"\label{{{label(table)}}}"]
    set_up = [ALIGN] if "S[" in _columns(table) else []
    wide, packages = lies_on_its_side(table), ["booktabs", "siunitx"]
    if len(table.rows) > LONG:
        packages += ["longtable", *(["pdflscape"] if wide else [])]
        body = [
            *ONE_COLUMN,
            *([r"\begin{landscape}"] if wide else []),
            r"{" + _size(table),
            *set_up,
            rf"\begin{{longtable}}{{{_columns(table)}}}",
            "".join(named) + r"\\",
            *head,
            r"\endfirsthead",
            *head,
            r"\endhead",
            r"\bottomrule",
            r"\endfoot",
            *lines,
            r"\end{longtable}",
            *([r"\par\smallskip\parbox{\linewidth}{\footnotesize " + r" \\ ".join(notes) + "}"] if notes else []),
            r"\par}",
            *([r"\end{landscape}"] if wide else []),
            r"\tableback",
        ]
    else:
        packages += ["threeparttable", *(["rotating"] if wide else [])]
        broad = sum(asked_widths(table, type_size(table))) > COLUMN
        kind, place = ("sidewaystable*", "") if wide else ("table*" if broad else "table", "[htbp]")
        body = [
            rf"\begin{{{kind}}}{place}",
            r"\centering",
            r"\begin{threeparttable}",
            *named,
            _size(table),
            *set_up,
            rf"\begin{{tabular}}{{{_columns(table)}}}",
            *head,
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            *([r"\begin{tablenotes}[flushleft]\footnotesize"] if notes else []),
            *(rf"\item {note}" for note in notes),
            *([r"\end{tablenotes}"] if notes else []),
            r"\end{threeparttable}",
            rf"\end{{{kind}}}",
        ]
    return "\n".join([_needs(table, packages), *body, ""])


def _needs(table: Grid, packages: Sequence[str]) -> str:
    """A comment on what a document must load, and where it is found."""
    said = f"% needs \\usepackage{{{','.join(packages)}}} (Debian: texlive-latex-extra texlive-science)"
    chinese = has_chinese("".join((table.title, *table.columns, *table.notes, *(c for r in table.cells() for c in r))))
    return said + ("; compile with xelatex and \\usepackage{xeCJK}, or \\documentclass{ctexart}" if chinese else "")


def _heads(table: Grid) -> list[str]:
    """The headings; the number of a column above its name, and a name wider than its column broken at its spaces."""
    names = [minus(c) for c in table.columns]
    cut = [re.fullmatch(r"(\(\d+\)) (.+)|(\(\d+\)\W\(\d+\))", name) for name in names]
    above = []
    if not table.wide_text and all(cut[1:]):
        above = [" & ".join(["", *(f"{{{escape(m[1] or m[3])}}}" for m in cut if m)]) + r" \\"]
        names = ["", *(m[2] or "" for m in cut if m)]
    made = [escape(n) if i in table.wide_text else _stacked(table, i, n) for i, n in enumerate(names)]
    made = [f"{{{text}}}" if i and text and not table.wide_text else text for i, text in enumerate(made)]
    return [*above, guarded(" & ".join(made)) + r" \\"]


def _stacked(table: Grid, column: int, name: str) -> str:
    """A heading, broken at its spaces where it is wider than the cells below it."""
    lines = [c for c, r in zip(table.cells(), table.rows, strict=True) if r.kind != "panel"]
    room = max([width(word) for word in name.split(" ")] + [width(line[column]) for line in lines])
    broken = [escape(piece) for piece in _wrapped(name, room)]
    if len(broken) == 1:
        return broken[0]
    return r"\begin{tabular}[b]{@{}c@{}}" + r"\\".join(map(guarded, broken)) + r"\end{tabular}"


def _wrapped(text: str, room: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], longer] if width(longer) <= room else [*lines, word]
    return lines


def label(table: Grid) -> str:
    """What ``\\ref`` calls the table: tab:4."""
    return f"tab:{table.number}" if table.number else "tab:" + re.sub(r"\W+", "-", table.title.lower())


def _line(table: Grid, at: int) -> str:
    row, cells = table.rows[at], table.cells()[at]
    rule = "\\midrule\n" if at and (row.kind == "panel" or starts_block(table, at)) else ""
    if row.kind != "panel":
        return rule + guarded(" & ".join(_cell(table, i, c) for i, c in enumerate(cells))) + r" \\"
    title = rf"{rule}\multicolumn{{{len(cells)}}}{{l}}{{\textit{{{escape(cells[0])}}}}} \\"
    heads = (rf"{{\textit{{{_stacked(table, i, minus(c))}}}}}" if c else "" for i, c in enumerate(cells[1:], start=1))
    return title if row.spans else f"{title}\n & {' & '.join(heads)} " + r"\\"


ALIGNED = re.compile(r"(\(?)(-?)(\d+)(?:\.(\d+))?(\**\)?)")
"""A number that siunitx aligns: its bracket, sign, digits before and after the mark, stars or bracket."""


def _cell(table: Grid, column: int, text: str) -> str:
    """A cell: a number of a siunitx column with its bracket and stars as text, anything else in braces."""
    found = ALIGNED.fullmatch(text)
    if not column or table.wide_text or not text:
        return escape(shown(table, column, text))
    if found is None:
        return f"{{{escape(minus(text))}}}"
    opened, sign, whole, rest, after = found.groups()
    number = sign + whole + (f".{rest}" if rest else "")
    return (f"{{{opened}}}" if opened else "") + number + (f"{{{after}}}" if after else "")


def _columns(table: Grid) -> str:
    if not table.wide_text:
        return "l" + "".join(_format(table, i) for i in range(1, len(table.columns)))
    wide = widths(table, LONG_SIDE if lies_on_its_side(table) else SHORT_SIDE)
    return "".join(
        f"p{{{wide[i] - PADDING:.2f}cm}}" if i in table.wide_text else "l" if i == 0 else "r"
        for i in range(len(table.columns))
    )


def _format(table: Grid, column: int) -> str:
    """A column of siunitx with room for its widest number, bracket and stars; a centred one without numbers."""
    found = [m for line in table.cells() if (m := ALIGNED.fullmatch(line[column]))]
    if not found:
        return "c"
    sign = "-" if any(m[2] for m in found) else ""
    whole, rest = (max(len(m[g] or "") for m in found) for g in (3, 4))
    opened = "{(}" if any(m[1] for m in found) else ""
    after = max((m[5] for m in found), key=len)
    text = f"{opened}{sign}{whole}.{rest}" + (f"{{{after}}}" if after else "")
    return f"S[table-format={text}]"


def _size(table: Grid) -> str:
    if type_size(table) == SIZES[0]:
        return r"\small"
    return (
        r"\footnotesize"
        if type_size(table) == SIZES[1] and stays_whole(table)
        else r"\scriptsize\setlength{\tabcolsep}{3pt}"
    )
