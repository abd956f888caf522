"""Printed tables as packages and authors set them: digits, brackets, stars, headings, notes, in seven kinds of file."""

from __future__ import annotations

import csv
import html
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from numpy.random import Generator

Key = tuple[int, int, str, str]
"""Panel, column, label (of a term or a statistic), kind (b, se, t, p, low, high, or n for a statistic)."""

LEVELS: Mapping[str, Mapping[str, float]] = {
    "10-5-1": {"*": 0.1, "**": 0.05, "***": 0.01},
    "5-1-0.1": {"*": 0.05, "**": 0.01, "***": 0.001},
    "plus": {"+": 0.1, "*": 0.05, "**": 0.01, "***": 0.001},
    "letters": {"a": 0.01, "b": 0.05, "c": 0.1},
    "four": {"*": 0.1, "**": 0.05, "***": 0.01, "****": 0.001},
}
MID = "\ue000\ue001"
"""Around what is raised inside a cell."""
FORMATS = ("csv", "md", "html", "tex", "docx", "txt", "xlsx")


@dataclass(frozen=True)
class Style:
    """How a table is set. ``errors`` are the kinds printed beside coefficients, ``brackets`` the bracket of each."""

    file: str
    form: str  # below, cell, beside, stat
    errors: tuple[str, ...]
    brackets: Mapping[str, str]
    levels: str
    raised: bool
    levels_stated: bool
    brackets_stated: bool
    words: str  # of the notes: esttab, outreg2, stargazer, texreg, etable, modelsummary, chinese, prose
    decimals: int
    significant: bool
    drop_zeros: bool
    bare_zero: bool
    small_p: bool
    minus: str
    point: str
    thousands: str
    heads: str  # number_outcome, outcome_number, joined, spanned, plain
    fit_first: bool
    footnote: bool
    two_heads: bool

    @property
    def name(self) -> str:
        """For counts by style."""
        return f"{self.file}/{self.form}"


@dataclass
class Shown:
    """A column: texts of every number in canonical form (point, hyphen, no separators), marks apart."""

    heads: list[str]
    terms: dict[str, dict[str, str]]
    sizes: dict[str, str] = field(default_factory=dict)
    effects: dict[str, str] = field(default_factory=dict)
    df: float = math.inf
    ratio: bool = False
    keys: dict[str, str] = field(default_factory=dict)
    """Labels of sizes by what they are (n, r2 ...)."""
    names: dict[str, str] = field(default_factory=dict)
    """Labels of terms by their variable."""


@dataclass
class Drawn:
    """A table before it is set: panels of columns, or variables in rows with their statistics in columns."""

    kind: str
    style: Style
    panels: list[tuple[str, list[Shown]]] = field(default_factory=list)
    title: str = "Table 1. Results"
    notes: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[str]]] = field(default_factory=list)
    """Of tables without estimates: label and the texts of its cells (marks after the number)."""
    name: str = "table1"

    @property
    def columns(self) -> list[tuple[int, int, Shown]]:
        """Every column with its panel and number."""
        return [(p, c, s) for p, (_, shown) in enumerate(self.panels) for c, s in enumerate(shown)]


@dataclass(frozen=True)
class Cell:
    """A set cell."""

    text: str = ""
    raised: str = ""
    width: int = 1


@dataclass
class Laid:
    """Rows of cells, with where every number stands."""

    rows: list[list[Cell]]
    at: dict[Key, tuple[int, int]]
    title: str
    notes: list[str]
    head: int = 1


WORDS = ("esttab", "outreg2", "stargazer", "texreg", "etable", "modelsummary", "chinese", "prose")


def draw_style(rng: Generator, *, files: Sequence[str] = FORMATS, **fixed: object) -> Style:
    """A random style; what is fixed is kept."""
    form = str(rng.choice(["below", "below", "below", "cell", "beside", "stat"]))
    form = str(fixed.get("form", form))
    sets = {
        "below": [("se",), ("t",), ("p",), ("interval",), ("se", "t"), ("se", "p"), ("t", "p"), ("se", "interval")],
        "cell": [("se",), ("t",), ("p",), ("interval",)],
        "beside": [
            ("se", "t", "p"),
            ("se", "p"),
            ("se",),
            ("t",),
            ("t", "p"),
            ("se", "t", "p", "interval"),
            ("p", "interval"),
        ],
        "stat": [("t",), ("se",), ("se", "t"), ("se", "t", "p")],
    }[form]
    weights = [3.0, 2.0, *[1.0] * (len(sets) - 2)]
    errors = sets[int(rng.choice(len(sets), p=[w / sum(weights) for w in weights]))]
    kinds = list(rng.permutation(["(", "[", "{"]))
    if rng.random() < 0.7:
        kinds = ["(", "[", "{"]
    brackets = {k: kinds[n % 3] for n, k in enumerate(errors)}
    if "interval" in errors and "(" not in brackets.values():
        brackets["interval"] = "["
    file = str(rng.choice(list(files)))
    comma = rng.random() < 0.1
    level = str(rng.choice(["10-5-1", "5-1-0.1", "plus", "letters", "four"], p=[0.62, 0.2, 0.1, 0.05, 0.03]))
    if level == "letters" and file not in ("html", "tex", "docx"):
        level = "10-5-1"
    drawn: dict[str, object] = {
        "file": file,
        "form": form,
        "errors": errors,
        "brackets": brackets,
        "levels": level,
        "raised": level == "letters" or (file in ("html", "tex", "docx") and rng.random() < 0.6),
        "levels_stated": rng.random() < 0.8,
        "brackets_stated": rng.random() < 0.8,
        "words": str(rng.choice(WORDS)),
        "decimals": int(rng.choice([2, 3, 4, 5], p=[0.15, 0.45, 0.3, 0.1])),
        "significant": rng.random() < 0.15,
        "drop_zeros": rng.random() < 0.08,
        "bare_zero": rng.random() < 0.08,
        "small_p": rng.random() < 0.5,
        "minus": str(rng.choice(["-", "−", "–"], p=[0.7, 0.2, 0.1])),
        "point": "," if comma else ".",
        "thousands": str(
            rng.choice(["", " ", "."], p=[0.4, 0.3, 0.3]) if comma else rng.choice(["", ",", " "], p=[0.45, 0.5, 0.05])
        ),
        "heads": str(rng.choice(["number_outcome", "outcome_number", "joined", "spanned", "plain"])),
        "fit_first": rng.random() < 0.5,
        "footnote": rng.random() < 0.1,
        "two_heads": rng.random() < 0.5,
    }
    return Style(**{**drawn, **fixed})  # type: ignore[arg-type]


def digits_exchanged(text: str, rng: Generator) -> str:
    """Two neighbouring digits of a number exchanged; the text itself where all are alike."""
    at = [i for i in range(len(text) - 1) if text[i : i + 2].isdigit() and text[i] != text[i + 1]]
    spots = [i for i in at if not (text[i + 1] == "0" and i == 0 and "." not in text)]
    if not spots:
        return text
    i = int(rng.choice(spots))
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def number(value: float, style: Style, *, decimals: int | None = None) -> str:
    """A number in canonical form with the digits of the style."""
    if not math.isfinite(value):
        return ""
    if style.significant and decimals is None:
        digits = style.decimals
        size = math.floor(math.log10(abs(value))) if value else 0
        text = f"{value:.{max(digits - 1 - size, 0)}f}"
    else:
        text = f"{value:.{style.decimals if decimals is None else decimals}f}"
    if style.drop_zeros and "." in text:
        text = text.rstrip("0").rstrip(".") if float(text) else text
    return text


def p_text(value: float, style: Style) -> str:
    """A p-value: ``<0.001`` where the style has it."""
    decimals = max(style.decimals, 3)
    if style.small_p and value < 0.001:
        return "<0.001"
    return number(value, style, decimals=decimals if not style.significant else 3)


def stars(p: float, levels: Mapping[str, float]) -> str:
    """The mark of the smallest level that p is below."""
    return next((m for m, level in sorted(levels.items(), key=lambda x: x[1]) if p < level), "")


def set_number(text: str, style: Style, *, count: bool = False) -> str:
    """The canonical form as the style sets it."""
    if not text:
        return text
    relation, bare = ("<", text[1:]) if text[0] == "<" else ("", text)
    sign, bare = ("-", bare[1:]) if bare[0] == "-" else ("", bare)
    whole, dot, rest = bare.partition(".")
    if style.thousands and len(whole) > 3 and (count or style.thousands != " "):
        whole = f"{int(whole):,}".replace(",", style.thousands)
    if style.bare_zero and whole == "0" and dot:
        whole = ""
    return relation + (style.minus if sign else "") + whole + (style.point if dot else "") + rest


_CLOSE = {"(": ")", "[": "]", "{": "}", "": ""}


def bracketed(text: str, bracket: str) -> str:
    """Text in its bracket."""
    return f"{bracket}{text}{_CLOSE[bracket]}" if text else ""


def error_text(found: Mapping[str, str], kind: str, style: Style) -> str:
    """The text of an error: an interval has two numbers."""
    if kind == "interval":
        if not found.get("low"):
            return ""
        between = "; " if style.point == "," else ", "
        return set_number(found["low"], style) + between + set_number(found["high"], style)
    return set_number(found.get(kind, ""), style)


# notes

_HOLD = {
    "se": ("Standard errors", "标准误"),
    "t": ("t statistics", "t值"),
    "p": ("p-values", "p值"),
    "interval": ("95% confidence intervals", "95%置信区间"),
}
_FORM = {"(": ("parentheses", "括号"), "[": ("square brackets", "方括号"), "{": ("braces", "花括号")}


def notes_of(style: Style, *, starred: bool = True, bracketed_errors: bool = True, cluster: str = "") -> list[str]:
    """Notes in the words of the style."""
    lines: list[str] = []
    chinese = style.words == "chinese"
    if bracketed_errors and style.brackets_stated and style.form in ("below", "cell"):
        said = []
        for kind, form in style.brackets.items():
            what = _HOLD[kind][chinese]
            if chinese:
                said.append(f"{_FORM[form][1]}内为{'稳健' if kind == 'se' else ''}{what}")
            elif cluster and kind == "se":
                said.append(f"{what} clustered by {cluster} in {_FORM[form][0]}")
            elif style.words == "outreg2" and kind == "se":
                said.append(f"Robust standard errors in {_FORM[form][0]}")
            else:
                said.append(f"{what} in {_FORM[form][0]}")
        if chinese:
            lines.append("注：" + "，".join(said) + "。")
        elif style.words == "prose":
            lines.append("Notes: " + "; ".join(said) + ".")
        else:
            lines.append("; ".join(said))
    elif cluster and style.words == "prose":
        lines.append(f"Notes: Standard errors are clustered by {cluster}.")
    if starred and style.levels_stated:
        lines.append(_levels_said(style))
    return lines


def _percent(level: float) -> str:
    return f"{level * 100:g}%"


def _levels_said(style: Style) -> str:
    levels = LEVELS[style.levels]
    up = sorted(levels.items(), key=lambda x: -x[1])
    down = up[::-1]
    dot = style.point
    if style.words == "chinese":
        names = "、".join(m for m, _ in down)
        return f"{names}分别表示在{'、'.join(_percent(v) for _, v in down)}水平上显著"
    if style.words == "prose":
        names = ", ".join(m for m, _ in down[:-1]) + f", and {down[-1][0]}"
        told = ", ".join(_percent(v) for _, v in down[:-1]) + f", and {_percent(down[-1][1])}"
        return f"{names} denote significance at the {told} levels, respectively."
    if style.words == "outreg2":
        return ", ".join(f"{m} p<{v:g}" for m, v in down)
    if style.words == "stargazer":
        return "; ".join(f"{m}p<{v:g}" for m, v in up)
    if style.words == "texreg":
        return "; ".join(f"{m}p < {v:g}" for m, v in down)
    if style.words == "etable":
        return "Signif. Codes: " + ", ".join(f"{m}: {v:g}" for m, v in down)
    text = ", ".join(f"{m} p < {v:g}" for m, v in up)
    return text.replace(" < ", "<") if style.words == "esttab" and dot == "." else text


# laying out


def lay(table: Drawn) -> Laid:
    """A table as rows of cells."""
    if table.rows:
        return _lay_plain(table)
    ways = {"below": _lay_stacked, "cell": _lay_stacked, "beside": _lay_beside, "stat": _lay_stated}
    laid = ways[table.style.form](table)
    if table.style.footnote and table.style.file in ("html", "tex", "docx"):
        i = next(i for i in range(laid.head, len(laid.rows)) if laid.rows[i][0].text and laid.rows[i][1].text)
        laid.rows[i][0] = replace(laid.rows[i][0], raised="1")
        laid.notes = [*laid.notes, "1 In logarithms, deflated."]
    return laid


def _lay_plain(table: Drawn) -> Laid:
    rows = [[Cell(), *(Cell(h) for h in table.heads)]]
    at: dict[Key, tuple[int, int]] = {}
    for i, (label, cells) in enumerate(table.rows):
        line = [Cell(label)]
        for j, text in enumerate(cells):
            marks = re.search(r"[*+]*$", text)
            mark = marks[0] if marks else ""
            bare = text[: len(text) - len(mark)]
            shown = set_number(bare, table.style, count="." not in bare) if re.match(r"[-<]?[\d.]", bare) else bare
            line.append(_starred(shown, mark, table.style))
            at[0, j, label, "n"] = (i + 1, j + 1)
        rows.append(line)
    return Laid(rows, at, table.title, table.notes)


def _starred(text: str, marks: str, style: Style) -> Cell:
    return Cell(text, marks) if style.raised and marks else Cell(text + marks)


def _labels(shown: Sequence[Shown]) -> list[str]:
    return list(dict.fromkeys(label for s in shown for label in s.terms))


def _headings(shown: Sequence[Shown], style: Style, *, each: int = 1, before: int = 1) -> list[list[Cell]]:
    """Rows of headings: each column's heads from the top; equal neighbours are spanned in some styles."""
    depth = max(len(s.heads) for s in shown)
    rows = []
    for level in range(depth):
        texts = [s.heads[level] if level < len(s.heads) else "" for s in shown]
        line = [Cell() for _ in range(before)]
        n = 0
        while n < len(texts):
            run = 1
            while style.heads == "spanned" and n + run < len(texts) and texts[n + run] == texts[n] and texts[n]:
                run += 1
            line.append(Cell(texts[n], width=run * each))
            line += [Cell() for _ in range(run * each - 1)]
            n += run
        rows.append(line)
    return rows


def _foot(
    rows: list[list[Cell]],
    at: dict[Key, tuple[int, int]],
    p: int,
    shown: Sequence[Shown],
    style: Style,
    *,
    each: int,
    before: int,
) -> None:
    def line(label: str, texts: Sequence[str]) -> None:
        made = [Cell(label), *(Cell() for _ in range(before - 1))]
        for text in texts:
            made += [Cell(text), *(Cell() for _ in range(each - 1))]
        rows.append(made)

    def sizes() -> None:
        for label in dict.fromkeys(label for s in shown for label in s.sizes):
            texts = [s.sizes.get(label, "") for s in shown]
            line(label, [set_number(t, style, count="." not in t) for t in texts])
            for c, s in enumerate(shown):
                if label in s.sizes:
                    at[p, c, label, "n"] = (len(rows) - 1, before + c * each)

    def effects() -> None:
        for label in dict.fromkeys(label for s in shown for label in s.effects):
            line(label, [s.effects.get(label, "") for s in shown])

    for part in (sizes, effects) if style.fit_first else (effects, sizes):
        part()


def _start(name: str, rows: list[list[Cell]], width: int) -> None:
    if name:
        rows.append([Cell(name), *(Cell() for _ in range(width - 1))])


def _lay_stacked(table: Drawn) -> Laid:
    style, at = table.style, {}
    rows = _headings(table.panels[0][1], style)
    head, width = len(rows), len(rows[0])
    for p, (name, shown) in enumerate(table.panels):
        _start(name, rows, width)
        for label in _labels(shown):
            rows.append([Cell(label), *(_main(s.terms.get(label), style) for s in shown)])
            for c, s in enumerate(shown):
                if label in s.terms:
                    kinds = ("b", *s.terms[label]) if style.form == "cell" else ("b", "marks")
                    at.update({(p, c, label, k): (len(rows) - 1, c + 1) for k in kinds})
            for kind in style.errors if style.form == "below" else ():
                texts = [
                    bracketed(error_text(s.terms.get(label, {}), kind, style), style.brackets[kind]) for s in shown
                ]
                rows.append([Cell(), *(Cell(t) for t in texts)])
                for c, s in enumerate(shown):
                    if label in s.terms:
                        names = ("low", "high") if kind == "interval" else (kind,)
                        at.update({(p, c, label, k): (len(rows) - 1, c + 1) for k in names})
        _foot(rows, at, p, shown, style, each=1, before=1)
    return Laid(rows, at, table.title, table.notes, head)


def _main(found: Mapping[str, str] | None, style: Style) -> Cell:
    if not found:
        return Cell()
    b, marks = set_number(found["b"], style), found.get("marks", "")
    if style.form == "cell":
        (kind,) = style.errors
        marks = f"{MID[0]}{marks}{MID[1]}" if marks and style.raised else marks
        return Cell(f"{b}{marks} {bracketed(error_text(found, kind, style), style.brackets[kind])}")
    return _starred(b, marks, style)


_BESIDE = {
    "b": ("Coef.", "Coefficient", "Estimate", "系数"),
    "se": ("Std. Err.", "Standard Error", "Std. error", "标准误"),
    "t": ("t", "t", "t-stat", "t值"),
    "p": ("P>|t|", "p", "p-value", "p值"),
    "low": ("[95% Conf.", "Lower", "2.5%", "下限"),
    "high": ("Interval]", "Upper", "97.5%", "上限"),
}


def _lay_beside(table: Drawn) -> Laid:
    style, at = table.style, {}
    kinds = ["b", *(k for e in style.errors for k in (("low", "high") if e == "interval" else (e,)))]
    shown = table.panels[0][1]
    which = 3 if style.words == "chinese" else {"esttab": 0, "outreg2": 0, "prose": 1}.get(style.words, 2)
    rows = []
    if len(shown) > 1 or style.two_heads:
        heads = [Cell()]
        for s in shown:
            heads += [Cell(" ".join(s.heads), width=len(kinds)), *(Cell() for _ in kinds[1:])]
        rows.append(heads)
    rows.append([Cell(), *(Cell(_BESIDE[k][which]) for _ in shown for k in kinds)])
    head, width = len(rows), len(rows[0])
    for p, (name, cols) in enumerate(table.panels):
        _start(name, rows, width)
        for label in _labels(cols):
            line = [Cell(label)]
            for c, s in enumerate(cols):
                found = s.terms.get(label)
                for n, k in enumerate(kinds):
                    if not found:
                        line.append(Cell())
                    elif k == "b":
                        line.append(_starred(set_number(found["b"], style), found.get("marks", ""), style))
                    else:
                        line.append(Cell(set_number(found.get(k, ""), style)))
                    if found:
                        at[p, c, label, k] = (len(rows), 1 + c * len(kinds) + n)
                        if k == "b":
                            at[p, c, label, "marks"] = at[p, c, label, k]
            rows.append(line)
        _foot(rows, at, p, cols, style, each=len(kinds), before=1)
    return Laid(rows, at, table.title, table.notes, head)


def _lay_stated(table: Drawn) -> Laid:
    style, at = table.style, {}
    rows = _headings(table.panels[0][1], style, before=2)
    rows[0][:2] = [Cell("variable"), Cell("stat")]
    head, width = len(rows), len(rows[0])
    for p, (name, shown) in enumerate(table.panels):
        _start(name, rows, width)
        for label in _labels(shown):
            for kind in ("b", *style.errors):
                cells = []
                for c, s in enumerate(shown):
                    found = s.terms.get(label)
                    if not found:
                        cells.append(Cell())
                        continue
                    marks = found.get("marks", "") if kind == "b" else ""
                    cells.append(_starred(set_number(found.get(kind, ""), style), marks, style))
                    at[p, c, label, kind] = (len(rows), 2 + c)
                    if kind == "b":
                        at[p, c, label, "marks"] = (len(rows), 2 + c)
                rows.append([Cell(label), Cell(kind), *cells])
        _foot(rows, at, p, shown, style, each=1, before=2)
    return Laid(rows, at, table.title, table.notes, head)


# files


def write(laids: Sequence[Laid], path: Path, file: str) -> Path:
    """A document with tables."""
    path = path.with_suffix(f".{file}")
    if file == "docx":
        _docx(laids, path)
    elif file == "xlsx":
        _xlsx(laids, path)
    else:
        made = {"csv": _csv, "md": _md, "html": _html, "tex": _tex, "txt": _txt}[file]
        text = "\n\n".join(made(laid) for laid in laids)
        if file == "html":
            text = f"<html><head><meta charset='utf-8'></head><body>{text}</body></html>"
        if file == "tex":
            text = f"\\documentclass{{article}}\\begin{{document}}\n{text}\n\\end{{document}}\n"
        path.write_text(text, encoding="utf-8")
    return path


def _csv(laid: Laid) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    width = len(laid.rows[0])
    if laid.title:
        writer.writerow([laid.title, *[""] * (width - 1)])
    writer.writerows([c.text + c.raised for c in row] for row in laid.rows)
    writer.writerows([n, *[""] * (width - 1)] for n in laid.notes)
    return out.getvalue()


def _md(laid: Laid) -> str:
    def line(row: Sequence[Cell]) -> str:
        return "| " + " | ".join((c.text + c.raised).replace("|", "\\|").replace("*", "\\*") for c in row) + " |"

    rows = [line(r) for r in laid.rows]
    rows.insert(1, "|" + " --- |" * len(laid.rows[0]))
    return (
        f"{laid.title}\n\n" + "\n".join(rows) + "\n\n" + "\n\n".join(n.replace("*", "\\*") for n in laid.notes) + "\n"
    )


def _spans(row: Sequence[Cell]) -> Iterator[tuple[Cell, int]]:
    n = 0
    while n < len(row):
        yield row[n], row[n].width
        n += row[n].width


def _mid(text: str, opens: str, closes: str) -> str:
    return text.replace(MID[0], opens).replace(MID[1], closes)


def _html(laid: Laid) -> str:
    out = [f"<table><caption>{html.escape(laid.title)}</caption>"]
    for i, row in enumerate(laid.rows):
        tag = "th" if i < laid.head else "td"
        cells = "".join(
            f"<{tag}{f' colspan={w}' if w > 1 else ''}>{_mid(html.escape(c.text), '<sup>', '</sup>')}"
            f"{f'<sup>{html.escape(c.raised)}</sup>' if c.raised else ''}</{tag}>"
            for c, w in _spans(row)
        )
        out.append(f"<tr>{cells}</tr>")
    width = len(laid.rows[0])
    out += [f"<tr><td colspan={width}>{html.escape(n)}</td></tr>" for n in laid.notes]
    return "\n".join([*out, "</table>"])


def _escape(text: str) -> str:
    for sign in "&%#_{}":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("²", "$^2$").replace("−", "$-$").replace("–", "--").replace("<", "$<$").replace("|", "$|$")


def _tex(laid: Laid) -> str:
    def cell(c: Cell, w: int) -> str:
        text = _mid(_escape(c.text), "$^{", "}$") + (f"$^{{{c.raised}}}$" if c.raised else "")
        if text.startswith("["):
            text = "{" + text + "}"
        return f"\\multicolumn{{{w}}}{{c}}{{{text}}}" if w > 1 else text

    width = len(laid.rows[0])
    out = [
        f"\\begin{{table}}\\caption{{{_escape(laid.title)}}}",
        f"\\begin{{tabular}}{{l{'c' * (width - 1)}}}",
        "\\toprule",
    ]
    for i, row in enumerate(laid.rows):
        out.append(" & ".join(cell(c, w) for c, w in _spans(row)) + r" \\")
        if i == laid.head - 1:
            out.append("\\midrule")
    out.append("\\bottomrule")
    out += [f"\\multicolumn{{{width}}}{{l}}{{\\footnotesize {_escape(n)}}} \\\\" for n in laid.notes]
    return "\n".join([*out, "\\end{tabular}", "\\end{table}"])


def _wide(text: str) -> int:
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def _txt(laid: Laid) -> str:
    texts = [[c.text + c.raised for c in row] for row in laid.rows]
    width = [
        max((_wide(r[j]) for i, r in enumerate(texts) if laid.rows[i][j].width == 1), default=4)
        for j in range(len(texts[0]))
    ]
    for row in laid.rows:
        for j, c in enumerate(row):
            if c.width > 1:
                lack = _wide(c.text) - sum(width[j : j + c.width]) - 3 * (c.width - 1)
                width[j] += max(lack, 0)
    rule = "-" * (sum(width) + 3 * len(width))

    def line(row: Sequence[Cell], text: Sequence[str]) -> str:
        out, j = [], 0
        while j < len(row):
            w = sum(width[j : j + row[j].width]) + 3 * (row[j].width - 1)
            pad = w - _wide(text[j])
            out.append(text[j] + " " * pad if j == 0 else " " * (pad - pad // 2) + text[j] + " " * (pad // 2))
            j += row[j].width
        return "   ".join(out).rstrip()

    lines = [line(r, t) for r, t in zip(laid.rows, texts, strict=True)]
    body = [laid.title, rule, *lines[: laid.head], rule, *lines[laid.head :], rule, *laid.notes]
    return "\n".join(body) + "\n"


def _docx(laids: Sequence[Laid], path: Path) -> None:
    import docx

    made = docx.Document()
    for laid in laids:
        made.add_paragraph(laid.title, style="Caption")
        width = len(laid.rows[0])
        table = made.add_table(rows=len(laid.rows), cols=width)
        for i, row in enumerate(laid.rows):
            cells = table.rows[i].cells
            j = 0
            while j < width:
                c = row[j]
                cell = cells[j].merge(cells[j + c.width - 1]) if c.width > 1 else cells[j]
                paragraph = cell.paragraphs[0]
                for n, part in enumerate(re.split(f"[{MID}]", c.text)):
                    if part:
                        paragraph.add_run(part).font.superscript = True if n == 1 else None
                if c.raised:
                    paragraph.add_run(c.raised).font.superscript = True
                j += c.width
        for n in laid.notes:
            made.add_paragraph(n)
        made.add_paragraph("")
    made.save(str(path))


def _xlsx(laids: Sequence[Laid], path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for n, laid in enumerate(laids):
        sheet = book.create_sheet(f"table{n + 1}")
        sheet.append([laid.title])
        for i, row in enumerate(laid.rows):
            for j, c in enumerate(row):
                if c.text or c.raised:
                    sheet.cell(i + 2, j + 1, c.text + c.raised)
                if c.width > 1:
                    sheet.merge_cells(start_row=i + 2, end_row=i + 2, start_column=j + 1, end_column=j + c.width)
        for n_, note in enumerate(laid.notes):
            sheet.cell(len(laid.rows) + 2 + n_, 1, note)
    book.save(path)
