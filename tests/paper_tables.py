"""Each part of the paper's Tables 1 to 11 beside the part of a report's table at the same place; docs/paper_tables.md.

The layout of the paper's tables is in ``tests/public/printed/layout.toml``. The paper writes one label in several ways
(``c. Market# c. Market``, ``C.Market#c.Market``, ``Roa``), so that spaces, hyphens and case do not count. Other
differences are in the tables of ``docs/paper.md``.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

from integrade.report.document import Document, Section
from integrade.report.printed import PrintedTable
from integrade.report.style import Drawing, title_of
from public_numbers import PUBLIC

DOCS = Path(__file__).parents[1] / "docs"
LAYOUT: dict[str, Any] = tomllib.loads((PUBLIC / "printed" / "layout.toml").read_text(encoding="utf-8"))
PAPER = {number: layout for number, layout in LAYOUT.items() if number.isdigit()}
"""Number of a table -> its layout, in the order of the paper."""
FIGURE = LAYOUT["figure1"]
NUMBER = re.compile(r"[-(]*\d[\d,.]*\)?\**|<0\.0001")


def of_the_page(heading: str) -> list[list[str]]:
    """The rows of the table below a heading of docs/paper.md."""
    section = (DOCS / "paper.md").read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


RENAMED = {(number, paper): (ours, why) for number, paper, ours, why in of_the_page("Labels")}
"""Table and words of the paper -> ours, and why they differ."""


class Part(NamedTuple):
    """A line of a table: its kind, its words, the columns with numbers, and whether t is in parentheses below it.

    ``columns`` is empty if all columns have numbers.
    """

    kind: str
    words: tuple[str, ...]
    columns: tuple[int, ...] = ()
    with_t: bool = False

    def __str__(self) -> str:
        """The words; a heading that is not over all columns has the number of its first column."""
        gaps = self.kind == "heading" and "" in self.words[1:]
        return " · ".join(f"({i}) {word}" if gaps else word for i, word in enumerate(self.words) if word)

    @property
    def place(self) -> str:
        """What the line is, as the page prints it: ``row (2), t below``."""
        columns = "".join(f" ({i})" for i in self.columns)
        return f"{self.kind}{columns}{', t below' if self.with_t else ''}"


class Beside(NamedTuple):
    """A line of the paper's table and ours at the same place; ``None`` for a line that only one of them has."""

    paper: Part | None
    ours: Part | None
    after: Part | None = None

    def problem(self, number: str) -> str:
        """What a reader of Table ``number`` does not find, or finds and the paper does not have."""
        after = f", after {str(self.after)!r}" if self.after else ""
        if self.paper:
            return f"Table {number}: {self.paper.place} {str(self.paper)!r} of the paper is not at its place{after}"
        assert self.ours
        return f"Table {number}: {self.ours.place} {str(self.ours)!r} is not in the paper at this place{after}"


def same(text: str) -> str:
    """A label without spaces, hyphens and case."""
    return re.sub(r"[\s-]", "", text).lower()


def expected(number: str, label: str) -> str:
    """A label of the paper, or what docs/paper.md says is in its place; squares and lags are not Stata's."""
    if (number, label) in RENAMED:
        return same(RENAMED[number, label][0])
    label = re.sub(r"^c\. ?(\w+)# ?c\. ?\1$", r"\1²", label, flags=re.IGNORECASE)
    return same(re.sub(r"^L(\d?)\.(\w+)$", lambda m: f"{m[2]} (t-{m[1] or 1})", label))


def of_the_paper(layout: dict[str, Any]) -> Iterator[Part]:
    """The lines of a table of the paper, without its notes."""
    columns, labels, partly = layout["columns"], layout.get("rows", []), layout.get("partly", {})
    yield Part("columns", tuple(columns))
    yield from (Part("heading", tuple(row)) for row in layout.get("heads", []))
    last = labels.index(layout["t_until"]) if "t_until" in layout else -1
    for at, label in enumerate(labels):
        yield Part("row", (label,), tuple(partly.get(label, ())), at <= last)
    if "falling" in layout:
        yield Part("rows", (f"provinces by column {layout['falling']}, from the last rank to the first",))


def of_ours(table: PrintedTable, layout: dict[str, Any]) -> Iterator[Part]:
    """The lines of a table of a report, without its notes."""
    yield Part("columns", table.columns)
    cells = table.cells()
    yield from (Part("heading", row) for row, r in zip(cells, table.rows, strict=True) if r.kind == "head")
    body = [row for row, r in zip(cells, table.rows, strict=True) if r.kind != "head"]
    if "falling" in layout:
        ranks = [row[layout["falling"]] for row in body]
        if ranks == [str(n) for n in range(len(ranks), 0, -1)]:
            yield Part("rows", (f"provinces by column {layout['falling']}, from the last rank to the first",))
        return
    kinds = [r.kind for r in table.rows if r.kind != "head"]
    for at, row in enumerate(body):
        if kinds[at] == "statistic":
            continue
        below = body[at + 1] if kinds[at + 1 : at + 2] == ["statistic"] else ()
        filled = tuple(i for i, cell in enumerate(row) if i and cell)
        with_t = filled == tuple(i for i, cell in enumerate(below) if re.fullmatch(r"\(-?\d.*\)", cell))
        yield Part("row", row[:1], filled if len(filled) < len(row) - 1 else (), with_t)


def beside(table: PrintedTable, number: str) -> list[Beside]:
    """Each line of the paper's table beside ours, first the headings and rows, then the notes."""
    layout = PAPER[number]
    paper, ours = list(of_the_paper(layout)), list(of_ours(table, layout))
    wanted = [(p.kind, tuple(expected(number, w) for w in p.words), *p[2:]) for p in paper]
    found = [(p.kind, tuple(map(same, p.words)), *p[2:]) for p in ours]
    lines = list[Beside]()
    for equal, i, j, k, m in SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes():
        after = paper[i - 1] if i else None
        if equal == "equal":
            lines += [Beside(one, other) for one, other in zip(paper[i:j], ours[k:m], strict=True)]
        else:
            lines += [Beside(one, None, after) for one in paper[i:j]]
            lines += [Beside(None, other, after) for other in ours[k:m]]
    return lines + _notes(table, layout.get("notes", []), number)


def _notes(table: PrintedTable, notes: Sequence[str], number: str) -> list[Beside]:
    """Each note of the paper beside our sentence that begins with it; sentences are in the paper's order."""
    sentences = [s for note in table.notes for s in re.split(r"(?<=\.) +(?=[A-Z*])", str(note))]
    lines, at = list[Beside](), 0
    for note in notes:
        places = [i for i, s in enumerate(sentences) if i >= at and same(s).startswith(expected(number, note))]
        at = places[0] + 1 if places else at
        lines.append(Beside(Part("note", (note,)), Part("note", (sentences[places[0]],)) if places else None))
    return lines


def problems(table: PrintedTable, number: str) -> list[str]:
    """What a reader with the paper in hand does not find at its place, and docs/paper.md gives no reason for."""
    return [line.problem(number) for line in beside(table, number) if line.paper is None or line.ours is None]


def layout_of(file: Path) -> dict[str, Any]:
    """The layout of a table as printed: a caption, the columns, and the rows; the form of layout.toml."""
    with file.open(encoding="utf-8") as opened:
        caption, columns, *rows = [[cell.strip() for cell in row] for row in csv.reader(opened)]
    first = next(i for i, row in enumerate(rows) if any(NUMBER.fullmatch(cell) for cell in row[1:]))
    heads, body = rows[:first], [row for row in rows[first:] if len(row) > 1]
    labels = [row[0] for row in body if row[0]]
    layout: dict[str, Any] = {"caption": ",".join(caption), "columns": columns, "rows": labels}
    filled = {row[0]: [i for i, cell in enumerate(row) if i and cell] for row in body if row[0]}
    with_t = [body[i - 1][0] for i, row in enumerate(body) if not row[0]]
    assert with_t == labels[: len(with_t)], "rows with a statistic are the first"
    layout["ranks"] = {i: [row[i] for row in body] for i in range(1, len(columns))}
    return layout | {
        "heads": heads,
        "partly": {label: own for label, own in filled.items() if own != [*range(1, len(columns))]},
        "t_until": with_t[-1] if with_t else "",
        "notes": [row[0] for row in rows if len(row) == 1],
    }


HEAD = """\
# The paper's tables and ours

<!-- Written by INTEGRADE_UPDATE=1 pytest tests/report/test_published.py -k side_by_side: change the program. -->

Each line is a heading, a row or a note: the words of the paper, and those of the report of preset `published` at the
same place. `(2)` is a column in which a row has numbers, if it does not have them in all columns. *t below*: a t
statistic in parentheses is in the line below. Titles of the paper are shortened.
Spaces, hyphens and case do not count. A test fails for a line without a
counterpart. Other differences are below each table. [This list](paper.md) also has what the paper's tables leave out.
"""


def page(document: Document) -> str:
    """The page: what holds for every table, Figure 1, then the tables side by side in the paper's order."""
    rows = of_the_page("Tables")
    parts = [
        HEAD,
        "Different in all tables:\n",
        *(_reason(row) for row in rows if row[0] == "all"),
        "",
        *_figure(document),
    ]
    tables = {t.number: t for t in document.tables()}
    for number, layout in PAPER.items():
        table = tables[number]
        lines = [line for line in beside(table, number) if line.paper and line.ours]
        parts += [f"## Table {number}\n", "| | the paper | integrade |", "|---|---|---|"]
        parts.append(f"| title | {layout['about']} | {table.title} |")
        parts += [f"| {p.place} | {_cell(p)} | {_cell(o)} |" for p, o, _ in lines if p and o]
        parts.append("")
        own = [[n, label, ours, why] for (n, label), (ours, why) in RENAMED.items() if n == number]
        own += [row for row in rows if row[0] == number]
        parts += ["Different:\n", *map(_reason, own), ""] if own else []
    return "\n".join(parts)


def _reason(row: Sequence[str]) -> str:
    _, paper, ours, why = row
    return f"- {paper} → {ours}{f': {why}' if why else ''}"


def _cell(part: Part) -> str:
    return str(part).replace("*", r"\*")


def trend(document: Document) -> tuple[Section, Drawing]:
    """Figure 1 and its section."""
    sections = [s for part in document.parts for s in part.sections]
    return next((s, b) for s in sections for b in s.blocks if isinstance(b, Drawing) and b.number == 1)


def _figure(document: Document) -> Iterator[str]:
    section, drawn = trend(document)
    after = next(b for b in section.blocks[section.blocks.index(drawn) :] if isinstance(b, PrintedTable))
    yield "## Figure 1\n"
    yield "| | the paper | integrade |\n|---|---|---|"
    yield f"| title | {FIGURE['about']} {FIGURE['years']} | {title_of(drawn)[0]} |"
    yield f"| place | before {FIGURE['before']} | before Table {after.number} |\n"
    yield (DOCS / "paper.md").read_text(encoding="utf-8").split("\n## Figure 1\n\n")[1].split("\n## ")[0]
