"""A printed table as LaTeX source that needs booktabs and nothing else (a long one also longtable, part of LaTeX)."""

from __future__ import annotations

import re

from integrade.escaping import for_latex, one_line
from integrade.report.markup import starts_block
from integrade.report.paper import (
    LONG_SIDE,
    PADDING,
    SHORT_SIDE,
    SIZES,
    breakable,
    lies_on_its_side,
    stays_whole,
    type_size,
    widths,
)
from integrade.report.rows import Grid, minus, shown
from integrade.sheet import width

LONG = 45  # rows of a table that may break across pages
MARK = "\0"


def escape(text: str) -> str:
    """Text safe in LaTeX; Chinese characters stay, a word of 24 characters or more (a hash, a path) may break."""
    return r"\hspace{0pt}".join(for_latex(piece) for piece in breakable(one_line(text), MARK).split(MARK))


def guarded(source: str) -> str:
    """LaTeX behind a command that takes ``[...]`` or ``*``: such a start is no argument of it."""
    return ("{}" if source.startswith(("[", "*")) else "") + source


def to_latex(table: Grid) -> str:
    """A ``table`` float, or a ``longtable`` of more than 45 rows, with caption, label, three lines and notes."""
    lines = [_line(table, i) for i in range(len(table.rows))]
    head = [r"\toprule", guarded(" & ".join(_heads(table))) + r" \\", r"\midrule"]
    notes = r" \\ ".join(guarded(escape(minus(n))) for n in table.notes)
    below = [rf"\par\smallskip\parbox{{\linewidth}}{{\footnotesize {notes}}}"] if notes else []
    named = [rf"\caption{{{escape(table.title)}}}", rf"\label{{{label(table)}}}"]
    if len(table.rows) > LONG:
        body = [
            r"{",
            _size(table),
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
            *below,
            r"\par}",
        ]
    else:
        body = [
            r"\begin{table}[htbp]",
            r"\centering",
            *named,
            _size(table),
            rf"\begin{{tabular}}{{{_columns(table)}}}",
            *head,
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            *below,
            r"\end{table}",
        ]
    needs = "booktabs} and \\usepackage{longtable" if len(table.rows) > LONG else "booktabs"
    return "\n".join([f"% needs \\usepackage{{{needs}}}; with Chinese text also xeCJK or ctex", *body, ""])


def _heads(table: Grid) -> list[str]:
    """The headings; one that is wider than what stands below it is broken at its spaces."""
    lines = [c for c, r in zip(table.cells(), table.rows, strict=True) if r.kind != "panel"]
    made = []
    for i, name in enumerate(table.columns):
        room = max([width(word) for word in name.split(" ")] + [width(line[i]) for line in lines])
        broken = [escape(minus(piece)) for piece in _wrapped(name, room)]
        plain = i in table.wide_text or len(broken) == 1
        stacked = r"\begin{tabular}[b]{@{}c@{}}" + r"\\".join(map(guarded, broken)) + r"\end{tabular}"
        made.append(escape(minus(name)) if plain else stacked)
    return made


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
    if row.kind == "panel":
        rule = "\\midrule\n" if at else ""
        return rf"{rule}\multicolumn{{{len(cells)}}}{{l}}{{\textit{{{escape(cells[0])}}}}} \\"
    above = "\\midrule\n" if starts_block(table, at) else ""
    return above + guarded(" & ".join(escape(shown(table, i, c)) for i, c in enumerate(cells))) + r" \\"


def _columns(table: Grid) -> str:
    if not table.wide_text:
        return "l" + "c" * (len(table.columns) - 1)
    wide = widths(table, LONG_SIDE if lies_on_its_side(table) else SHORT_SIDE)
    return "".join(
        f"p{{{wide[i] - PADDING:.2f}cm}}" if i in table.wide_text else "l" if i == 0 else "r"
        for i in range(len(table.columns))
    )


def _size(table: Grid) -> str:
    return r"\small" if type_size(table) > SIZES[-1] else r"\footnotesize" if stays_whole(table) else r"\scriptsize"
