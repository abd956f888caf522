"""Ask how mean quality changes from year to year, and print what continuing, new and dropped products contribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from integrade.errors import MissingColumn, NotIdentified
from integrade.records.needs import Precondition
from integrade.records.question import question
from integrade.records.schema import column_word
from integrade.report.printed import PrintedTable
from integrade.report.rows import Origin, Row
from integrade.study.asked import Asked
from integrade.study.sections import Strict
from integrade.subjects.quality_change.model import TERMS, ChangeOfQuality, YearOfChange, changes_by_year
from integrade.verdicts import places
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.doubts import left_out
from integrade.wording.numerals import fixed, percent
from plainwords.texts import Cell, listed, quoted, say

if TYPE_CHECKING:
    from integrade.report.document import Block, Made

EXAMPLE = """\
[quality_change]               # the change of mean quality of each year: continuing, new and dropped products
# units = ["firm", "product"]    # what continues, is new or is dropped; ["firm"]: firms
# method = "griliches_regev"     # or melitz_polanec
# span = 1                       # years between the two years that are compared
"""


class ChangeSection(Strict):
    """The change of mean quality from year to year, by continuing, new and dropped products."""

    needs: ClassVar[tuple[Precondition, ...]] = ()

    run: bool = True
    units: tuple[Literal["firm", "product", "destination"], ...] = Field(
        default=("firm", "product"), description="columns of the units that continue, are new or are dropped"
    )
    method: Literal["griliches_regev", "melitz_polanec"] = Field(
        default="griliches_regev", description="the decomposition, an option of quality_change"
    )
    span: int = Field(default=1, ge=1, description="years between the two years that are compared")


def of_customs(raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the options of the preset complete: the defaults, if the study measures quality from customs records."""
    return {} if "customs" in raw else None


ROWS = {"total": "quality_change.meaning-of-total"}
"""The meaning of the number in a row, by the key of the row."""
COLUMNS = ("quality", "change", *TERMS, "share_entered", "share_exited")


def _cells(values: Sequence[float | None]) -> tuple[str, ...]:
    """Return the change and its terms as printed; the exit is printed as what it adds to the change."""
    *terms, exits = values
    return tuple("" if v is None else fixed(v, 4) for v in (*terms, None if exits is None else 0.0 - exits))


def _row(year: YearOfChange) -> Row:
    terms = _cells((year.change, *(getattr(year, name) for name in TERMS)))
    shares = (percent(year.share_entered, 1), percent(year.share_exited, 1))
    return Row("text", (str(year.year), fixed(year.quality, 4), *terms, *shares), str(year.year))


def change_table(found: ChangeOfQuality) -> PrintedTable:
    """Return a row for each year: mean quality, its change and the four terms, which add up to the change."""
    rows = [_row(year) for year in found.years]
    if (total := found.total) is not None:
        rows.append(Row("text", (say("quality_change.all-years"), "", *_cells(total), "", ""), "total"))
    heads = [say(f"quality_change.{name.replace('_', '-')}") for name in COLUMNS]
    units = listed([column_word(unit) for unit in found.units], "comma")
    notes = (
        say("quality_change.note", units=units, span=found.span),
        say(f"quality_change.{found.method.replace('_', '-')}"),
    )
    origin = Origin(say("quality_change.from-customs"), rests=("quality", "quality_rows"))
    return PrintedTable(
        places.QUALITY_CHANGE,
        say("quality_change.title"),
        (say("printed.year"), *heads),
        tuple(rows),
        notes,
        (),
        (origin,),
        column_keys=COLUMNS,
    )


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return the table of the changes of mean quality."""
    found = results.answers.get("quality_change")
    return [change_table(found)] if isinstance(found, ChangeOfQuality) else []


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    found, sentences = results.answers.get("quality_change"), list[str]()
    if isinstance(found, ChangeOfQuality) and (total := found.total) is not None:
        values = [
            quoted(cell, Cell(places.QUALITY_CHANGE, column, "total"))
            for cell, column in zip(_cells(total), ("change", *TERMS), strict=True)
        ]
        names = dict(zip(("change", *TERMS), values, strict=True))
        first, last = found.years[0].year_before, found.years[-1].year
        units = "firms" if found.units == ("firm",) else "products"
        sentences.append(say("quality_change.whole", first=str(first), last=str(last), units=units, **names))
    return [*sentences, *left_out(results, "quality_change"), *made.table(places.QUALITY_CHANGE)]


@question(
    "quality_change",
    place=143,
    options=ChangeSection,
    result=ChangeOfQuality | None,
    left_out="quality_change.left-out",
    steps=("quality_rows",),
    complete=of_customs,
    announced="quality_change.announced",
    part="doubts",
    section=70,
    titles=("quality_change.short", "quality_change.heading"),
    tables=tables,
    places=(places.QUALITY_CHANGE,),
    printed=printed,
    rows=ROWS,
    example=EXAMPLE,
    offered=False,
    seconds=0.3,
)
def change_of_quality(asked: Asked, section: ChangeSection) -> ChangeOfQuality:
    """How does mean quality change by year: within continuing products, between them, and by new and dropped ones?"""
    if asked.rows is None:
        raise NotIdentified(say("quality_change.no-rows"))
    known = asked.rows.lazy().collect_schema().names()
    units = [unit for unit in section.units if unit in known]
    if not units:
        raise MissingColumn(
            say("quality_change.no-units", units=listed(section.units, "comma")), remedy='give units = ["product"]'
        )
    columns = list(dict.fromkeys((*units, "year", "quality", "value")))
    return changes_by_year(asked.rows.lazy().select(columns).collect(), units, section.method, section.span)
