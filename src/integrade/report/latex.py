"""A printed table as LaTeX source that needs booktabs and nothing else."""

from __future__ import annotations

import re

from integrade.report.markup import starts_block
from integrade.report.printed import PrintedTable

SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "−": r"\ensuremath{-}", "²": r"\ensuremath{^2}", "×": r"\ensuremath{\times}",
}  # fmt: skip
NUMBER = re.compile(r"\(?-[\d,.]+(e-?\d+)?\**\)?")
LONG = 24
BREAK_EVERY = 8


def escape(text: str) -> str:
    """Text safe in LaTeX; Chinese characters stay, a word of 24 characters or more (a hash, a path) may break."""
    words = [_breakable(w) if len(w) >= LONG else _safe(w) for w in text.split(" ")]
    return " ".join(words)


def _safe(word: str) -> str:
    return "".join(SPECIAL.get(c, c) for c in word)


def _breakable(word: str) -> str:
    pieces = [word[i : i + BREAK_EVERY] for i in range(0, len(word), BREAK_EVERY)]
    return r"\hspace{0pt}".join(_safe(p) for p in pieces)


def _cell(text: str) -> str:
    """A cell; a leading minus becomes a minus sign rather than a hyphen."""
    return escape(text).replace("-", r"\ensuremath{-}", 1) if NUMBER.fullmatch(text) else escape(text)


def to_latex(table: PrintedTable) -> str:
    """A ``table`` float with caption, label, ``\\toprule`` / ``\\midrule`` / ``\\bottomrule`` and notes."""
    lines = [_line(table, i) for i in range(len(table.rows))]
    head = " & ".join(_cell(c) for c in table.columns)
    notes = r" \\ ".join(escape(n) for n in table.notes)
    label = f"tab:{table.number}" if table.number else "tab:" + re.sub(r"\W+", "-", table.title.lower())
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}; with Chinese text also xeCJK or ctex",
            r"\begin{table}[htbp]",
            r"\centering",
            rf"\caption{{{escape(table.title)}}}",
            rf"\label{{{label}}}",
            _size(table),
            rf"\begin{{tabular}}{{{_columns(table)}}}",
            r"\toprule",
            head + r" \\",
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            *([rf"\par\smallskip\parbox{{\linewidth}}{{\footnotesize {notes}}}"] if notes else []),
            r"\end{table}",
            "",
        ]
    )


def _line(table: PrintedTable, at: int) -> str:
    row, cells = table.rows[at], table.cells()[at]
    if row.kind == "panel":
        rule = "\\midrule\n" if at else ""
        return rf"{rule}\multicolumn{{{len(cells)}}}{{l}}{{\textit{{{escape(cells[0])}}}}} \\"
    above = "\\midrule\n" if starts_block(table, at) else ""
    guard = "{}" if cells[0].startswith(("[", "*")) else ""  # the \\ before it would take it as its argument
    return above + guard + " & ".join(_cell(c) for c in cells) + r" \\"


def _columns(table: PrintedTable) -> str:
    if not table.wide_text:
        return "l" + "c" * (len(table.columns) - 1)
    share = 0.8 / len(table.wide_text) - 0.03 * (len(table.columns) - len(table.wide_text))
    prose = rf"p{{{share:.2f}\linewidth}}"
    plain = ["l" if i == 0 else "r" for i in range(len(table.columns))]
    return "".join(prose if i in table.wide_text else side for i, side in enumerate(plain))


def _size(table: PrintedTable) -> str:
    big = len(table.rows) > 45 or len(table.columns) > 8
    return r"\scriptsize" if big else r"\small" if len(table.rows) > 25 or len(table.columns) > 6 else r"\normalsize"
