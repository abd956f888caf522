"""Estimate the benchmark on customs rows, and compare it with the benchmark on firm-years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from integrade.errors import NotIdentified
from integrade.records.needs import Column, Columns, Effect, File, Holds, Precondition
from integrade.records.question import Flags, question
from integrade.sources import read_table
from integrade.study.asked import Answer, Asked, OfFit, Told, named_file, one
from integrade.study.keys import record_of, with_keys_of
from integrade.study.sections import Strict
from integrade.subjects.row_level.model import RowLevel as Rows
from integrade.subjects.row_level.model import RowLevelResult, outcome_not_of_rows, row_level
from integrade.verdicts import places
from plainwords.texts import say

if TYPE_CHECKING:
    from integrade.report.document import Block, Made
    from integrade.report.printed import PrintedTable
    from integrade.verdicts.bundle import StudyResults

EXAMPLE = """\
[row_level]                    # the regression on customs rows, with effects of products and markets
effects = ["firm", "product", "destination^year"]
# weights = "equal"            # value, or share (every firm-year counts once)
# regime = "regime"            # column of the customs records: ordinary and processing trade apart
# rauch = "raw/rauch.csv"      # product (HS code of any length) and class: one regression a class
# vcov = "CR1"                 # CR3 takes longer with several large effects
"""


def _formula_reads(section: Any, facts: Any) -> None:
    """Raise an error unless the regression on rows is a valid formula, in which no effect occurs twice."""
    from integrade.estimate.formula import parse_formula

    parse_formula(_on_rows(facts.formula, section.effects))


def _on_rows(formula: str, effects: Sequence[str]) -> str:
    left = formula.split(" | ")[0]
    return f"{left} | {' + '.join(effects)}" if effects else left


@with_keys_of(Rows, "weights", "regime", "rauch")
class RowLevel(Strict):
    """The regression on customs rows, compared with the one on firm-years."""

    needs: ClassVar[tuple[Precondition, ...]] = (Columns(("firm",), of="rows"), Holds(_formula_reads, "effects"))

    run: bool = True
    effects: tuple[Annotated[str, Effect(of="rows")], ...] = Field(
        default=("firm", "product", "destination^year"), description="fixed effects of the regression on customs rows"
    )
    weights: Any
    regime: Annotated[str, Column(of="rows", own=True)]
    rauch: Annotated[str | None, File()] = Field(
        description="file with product and class; the regression is repeated for each class"
    )
    vcov: Literal["CR1", "CR3"] = Field(default="CR1", description="CR3 is slow with several large effects")


@dataclass(frozen=True)
class RowFlags:
    """Customs rows.

    Parameters
    ----------
    row_level
        File of customs rows with their quality (quality --level row): adds the regression on rows to this one.
    row_effects
        Effects of the regression on rows.
    rauch
        File of product and class: the regression on rows for each class.
    """

    row_level: str | None = None
    row_effects: str = "firm + product + destination^year"
    rauch: str | None = None


def customs_rows_of(asked: Asked, section: RowLevel) -> RowLevelResult:
    """Estimate the benchmark on customs rows, with effects of products and markets, and compare it with firm-years."""
    if asked.study.regression.outcome != "quality":
        raise outcome_not_of_rows(asked.study.regression.outcome)
    if asked.rows is None or "firm" not in asked.rows.lazy().collect_schema():
        raise NotIdentified(say("left_out.no-exporting-firm"))
    chosen = asked.study.regression
    classes = None
    if section.rauch is not None:
        path = asked.root / section.rauch
        classes = read_table(str(named_file(path.parent, path.name))).polars()
    options = record_of(
        section,
        Rows,
        firm_year=asked.formula,
        rauch=classes,
        fit=replace(asked.fit, cluster=chosen.cluster or "region", vcov=section.vcov, wild=0, wild_ci=False),
    )
    return row_level(asked.rows, asked.sample, _on_rows(asked.formula, section.effects), options)


def told(asked: OfFit, flags: RowFlags) -> Iterator[Told]:
    """Yield the regression on a file of customs rows."""
    from integrade.estimate.formula import parse_formula

    if not flags.row_level:
        return
    parsed = parse_formula(asked.formula)
    rows = read_table(flags.row_level)
    classes = None if flags.rauch is None else read_table(flags.rauch)
    text = asked.formula.split("|")[0].strip() + f" | {flags.row_effects}"
    options = Rows(rauch=classes, firm_year=parsed.text, fit=replace(asked.clustered(), wild=0))
    result = row_level(rows, asked.table, text, options)
    yield Told("row_level", {"columns": result.columns, "notes": result.notes}, str(result))


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return the table of the regressions on customs rows and on firm-years."""
    from integrade.subjects.row_level.tables import row_level_table
    from integrade.verdicts.bundle import treatment_of

    result = results.row_level
    return [row_level_table(result, treatment_of(results), results.labels)] if result else []


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    from integrade.verdicts import doubts

    return [*doubts.rows(results), *made.table(places.ROW_LEVEL)]


@question(
    "row_level",
    place=100,
    options=RowLevel,
    result=RowLevelResult | None,
    steps=("quality_rows",),
    published={"run": False},
    part="doubts",
    section=50,
    tables=tables,
    places=(places.ROW_LEVEL,),
    printed=printed,
    rows=dict.fromkeys(("slope_alike", "square_alike"), "meaning.alike"),
    flags=Flags(RowFlags, "Robustness", told),
    functions=("row_level",),
    example=EXAMPLE,
    seconds=0.5,
)
def customs_rows(asked: Asked, section: RowLevel) -> Answer:
    """Does the result hold on customs rows, with the mix of products and markets fixed?"""
    answer = one(lambda: customs_rows_of(asked, section), "left_out.row-level")
    counted = answer.found.account.entries if answer.found else ()
    return replace(answer, account=tuple(e for e in counted if e.step == "row_level"))
