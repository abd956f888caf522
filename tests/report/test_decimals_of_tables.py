"""Numbers of one quantity have one number of decimals in every table of a whole study, as the page prints it.

A quantity is a column of a table of text, the coefficients or what stands below them of a regression table, down its
columns and across its rows, or the row of a test.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import report_readers as readers
from each import each
from integrade.report.addresses import addresses_of, places
from integrade.report.document import Document, Points
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.study.finished import results_in
from integrade.study.printed import report_in, write_report
from plainwords.texts import Cell, Said
from studies import run_folder

BY_ROW = {"1c", "A1", "A9"}
"""Tables of text whose rows are quantities, in the others of text the columns are."""
EFFECTS = "4b"  # every number of the table has the digits of its own interval
P_VALUE = re.compile(r"[<>] ?0?\.\d+|p = [\d.]+")
FORMS = {
    "set": re.compile(r"\[[^\]]*\]"),
    "beside": re.compile(r"\([^)]*\)"),
    "share": re.compile(r"-?\d+(?:\.\d+)?(?= %)"),
    "number": re.compile(r"-?\d[\d,]*\.\d+"),
}
"""An interval, what stands in parentheses, per cent, and a number alone; counts have no decimals."""


def decimals_of(text: str) -> Iterator[tuple[str, int]]:
    """Each number of a cell with its form and its decimals; a p-value is of no quantity."""
    rest = P_VALUE.sub(" ", text.replace("\u2212", "-"))
    for form, pattern in FORMS.items():
        for found in pattern.findall(rest):
            numbers = FORMS["number"].findall(found) if form in ("set", "beside") else [found]
            yield from ((form, len(number.partition(".")[2])) for number in numbers)
        rest = pattern.sub(" ", rest)


def mixed(table: PrintedTable, cells: Sequence[Sequence[str]]) -> list[str]:
    """The quantities of a table that are printed with several numbers of decimals."""
    found: Mapping[tuple[object, ...], dict[int, str]] = defaultdict(dict)
    block, headed = 0, False
    for at, (row, line) in enumerate(zip(table.rows, cells, strict=True)):
        if row.kind == "panel":
            block, headed = at, not row.spans
            continue
        down = headed or row.kind in ("coefficient", "statistic") or (row.kind == "text" and table.place not in BY_ROW)
        for column, text in enumerate(line[1:], start=1):
            if column in table.wide_text or column in table.verbatim:
                continue
            for form, digits in decimals_of(text):
                keys = [(row.kind, form, block, column)] if down else []
                keys += [(row.kind, form, at)] if not down or row.kind == "coefficient" else []
                for key in keys:
                    found[key].setdefault(digits, f"{line[0]}: {text}")
    return [f"Table {table.number}: {' | '.join(of.values())}" for of in found.values() if len(of) > 1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_column_of_one_quantity_mixes_decimals(whole_study: Path, tmp_path: Path, language: str) -> None:
    results = results_in(run_folder(whole_study))
    write_report(results, tmp_path, ("html",), language=language)
    page = readers.of_html(tmp_path / "report.html")
    tables = report_in(language, results).tables()
    assert set(page) == {t.number for t in tables}
    assert [line for t in tables if t.place != EFFECTS for line in mixed(t, page[t.number])] == []


def numbers_of(text: str) -> set[str]:
    return set(re.findall(r"[<>]?-?\d[\d,]*(?:\.\d+)?", re.sub(r"(?<=[<>]) ", "", text.replace("\u2212", "-"))))


def values_quoted(text: str) -> Iterator[tuple[str, str, Cell]]:
    """Every quoted value of a sentence and of those within it, with its message (``opening.turns.point``)."""
    if isinstance(text, Said):
        for name, value in text.given.items():
            if isinstance(value, str):
                yield from values_quoted(value)
            if name in text.cells:
                yield f"{text.key}.{name}", str(value), text.cells[name]


def texts_of(document: Document) -> Iterator[str]:
    yield document.abstract
    for verdict in document.verdicts:
        yield from (verdict.sentence, *(part.what for part in verdict.parts))
    for block in document.blocks():
        if isinstance(block, str | Points):
            yield from (block,) if isinstance(block, str) else block.items


ONE_NUMBER = re.compile(r"-?[\d,]+(?:\.(\d+))?( ?%)?")


def with_other_decimals(said: str, printed: str) -> bool:
    """Whether two texts are one number, rounded to different decimals."""
    one, other = (ONE_NUMBER.fullmatch(re.sub(r"^p = |\*", "", t.replace("\u2212", "-"))) for t in (said, printed))
    if one is None or other is None or bool(one[2]) != bool(other[2]) or len(one[1] or "") == len(other[1] or ""):
        return False
    fewer = min(len(one[1] or ""), len(other[1] or ""))
    a, b = (float(re.sub(r"[ ,%]", "", found[0])) for found in (one, other))
    return f"{a:.{fewer}f}" == f"{b:.{fewer}f}"


@each(
    ("said", "printed", "differs"),
    [
        ("89%", "89.1%", True),
        ("46%", "45.7%", True),
        ("4.050", "4.0500", True),
        ("-0.097", "\u22120.0972***", True),
        ("4.050", "4.050", False),
        ("89%", "0.89", False),
        ("89%", "88.1%", False),
        ("p = 0.0036", "0.004", True),
    ],
)
def test_one_number_with_two_precisions_is_noticed(said: str, printed: str, differs: bool) -> None:
    assert with_other_decimals(said, printed) is differs


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_sentence_has_the_decimals_of_the_table_that_prints_its_number(whole_study: Path, language: str) -> None:
    document = report_in(language, results_in(run_folder(whole_study)))
    printed = {place.address: place.text.rstrip("*") for table in document.tables() for place in places(table)}
    address, seen, other, wrong = addresses_of(document.tables()), set(), [], []
    for key, value, cell in (found for text in texts_of(document) for found in values_quoted(text)):
        text = printed.get(address(cell), "")
        seen |= {key} if value == text else set()
        other += [(key, value, text)] if with_other_decimals(value, text) else []
        wrong += [(key, value, text)] if text and not numbers_of(value) <= numbers_of(text) else []
    assert other == []
    assert wrong == []  # each number stands in the cell that it leads to
    assert {"headline.coverage.share", "against.noise-net.share"} <= seen
    assert {"doubts.two-lines.second", "opening.true-point-and-regression.truth"} <= seen


def test_a_mixed_column_is_noticed() -> None:
    rows = (Row("coefficient", ("Market", "2.3253***"), "market"), Row("statistic", ("", "(9.79)"), "market.t"))
    table = PrintedTable("6", "Mediation", ("", "(1)"), (*rows, Row("coefficient", ("Age", "0.00012"), "age")))
    assert mixed(table, table.cells()) == ["Table 6: Market: 2.3253*** | Age: 0.00012"]
    assert mixed(replace(table, rows=rows), [row.cells for row in rows]) == []
