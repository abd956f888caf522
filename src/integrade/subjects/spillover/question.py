"""Estimate the benchmark with the neighbours' integration in addition to the region's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from integrade.engine.frames import Table
from integrade.errors import NotIdentified, TooFew
from integrade.estimate.contrasts import joint_test
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.records.needs import Columns, Precondition
from integrade.records.question import Flags, question
from integrade.report.printed import PrintedTable
from integrade.report.regression import Layout, regression_table
from integrade.report.rows import INDEX, Origin, Row
from integrade.study.asked import Asked, OfFit, Told, named_pairs
from integrade.study.keys import record_of, with_keys_of
from integrade.study.sections import NEAR, Strict
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.spillover.model import Spillover as Neighbours
from integrade.subjects.spillover.model import SpilloverStudy, add_spillover, mechanical_correlation
from integrade.verdicts import places
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.doubts import left_out
from integrade.verdicts.naming import prose_of
from integrade.verdicts.parts import LEVEL
from integrade.wording.numerals import below, fixed, p_equals, p_text
from plainwords.texts import Cell, quoted, say

if TYPE_CHECKING:
    from integrade.report.document import Block, Made

EXAMPLE = """\
[spillover]                    # the neighbours' integration beside the region's own
neighbours = "adjacent"        # or a file with two columns of region names
# shared = "drop"              # the pair of prices that a region and its neighbour share; keep: leave it in
# square = true                # the neighbours' square too
"""


@with_keys_of(Neighbours, "neighbours", "shared", "square")
class Spillover(Strict):
    """The neighbours' integration in addition to the region's own."""

    needs: ClassVar[tuple[Precondition, ...]] = (Columns(("region", "year")),)

    run: bool = True
    neighbours: Annotated[str, NEAR]
    shared: Any
    square: bool


@dataclass(frozen=True)
class SpilloverFlags:
    """Flags of ``fit``.

    Parameters
    ----------
    spillover
        Add the neighbours' integration to the region's own (with --prices).
    """

    spillover: bool = False


def told(asked: OfFit, _: SpilloverFlags) -> Iterator[Told]:
    """Yield the regression with the neighbours' index and, if the region's own index enters squared, its square."""
    from integrade.estimate.formula import Part, Term, parse_formula, square, with_regressors

    prices, parsed = asked.prices(), parse_formula(asked.formula)
    squared = square(asked.treatment) in parsed.regressors
    wider = add_spillover(asked.table, prices=prices, square=False)
    neighbours = [Term((Part("market_neighbours"),)), *([square("market_neighbours")] if squared else [])]
    wider_fit = fit(wider, with_regressors(parsed, [*parsed.regressors, *neighbours]), asked.fit)
    correlation = mechanical_correlation(prices)
    record = {"fit": wider_fit, "mechanical_correlation": correlation}
    yield Told("spillover", record, f"with the neighbours' integration:\n{wider_fit}\n{correlation}")


ROWS = {"neighbours.F": "spillover.f-of-neighbours", "neighbours.p": "spillover.p-of-that-f"}
"""The meaning of the number in a row, by the key of the row."""


def spillover_table(found: SpilloverStudy, column: Column, labels: Mapping[str, str] | None = None) -> PrintedTable:
    """Return a table of the benchmark with and without the neighbours' index, and the two indices' correlations."""
    names = {found.name: say("spillover.neighbours-market"), **(labels or {})}
    stats = ["observations", "r2_within", "effects", "vcov", "clusters", "df", "ssc"]
    benchmark = Column(column.label, replace(column.headline, wild=()), {}, column.u_test)
    wider = Column("with neighbours", found.fit, {}, found.u_test)
    table = regression_table(
        {"(1)": benchmark, "(2)": wider}, labels=names, stats=[*stats, "shape"], layout=Layout(beside=False)
    )
    j = found.joint
    rows = [
        *table.rows,
        Row("panel", (say("spillover.do-the-neighbours-matter"),)),
        Row("test", (say("spillover.neighbours-f"), "", fixed(j.statistic, 2)), "neighbours.F"),
        Row("test", (say("spillover.p"), "", p_text(j.p_value)), "neighbours.p"),
    ]
    if found.mechanical is not None:
        m = found.mechanical
        hows = ("spillover.correlation-kept", "spillover.correlation-left-out")
        origins = tuple(Origin(say(how), rests=INDEX) for how in hows)
        correlations = (say("spillover.as-it-is"), fixed(m.kept, 3), fixed(m.dropped, 3))
        within = (say("spillover.net-of-effects"), fixed(m.kept_within, 3), fixed(m.dropped_within, 3))
        rows += [
            Row("panel", (say("spillover.correlations", n=m.n),)),
            Row("test", correlations, "correlation", origins),
            Row("test", within, "correlation_within", origins),
        ]
    where = say("spillover.common-border") if found.neighbours == "adjacent" else found.neighbours
    kept = "spillover.without-the-shared-pair" if found.shared == "drop" else "spillover.with-the-shared-pair"
    notes = (*table.notes, say(kept, neighbours=where))
    title = say("spillover.neighbours-title", outcome=prose_of(found.fit.outcome, names))
    return replace(table, number=places.SPILLOVER, title=title, rows=tuple(rows), notes=notes)


def tables(results: StudyResults) -> list[PrintedTable]:
    """Return the table of the neighbours."""
    result = results.answers.get("spillover")
    if not isinstance(result, SpilloverStudy) or not results.benchmark:
        return []
    return [spillover_table(result, results.benchmark[-1], results.labels)]


def printed(results: StudyResults, made: Made) -> Sequence[Block]:
    """Return the blocks of this question's section in the report."""
    result, sentences = results.answers.get("spillover"), list[str]()
    if isinstance(result, SpilloverStudy):
        matter = below(result.joint.p_value, LEVEL)
        p = quoted(p_equals(result.joint.p_value), Cell(places.SPILLOVER, 2, "neighbours.p"))
        sentences.append(say("spillover.neighbours-matter" if matter else "spillover.neighbours-add-nothing", p=p))
        if result.mechanical is not None:
            m = result.mechanical
            kept, dropped = (
                quoted(fixed(value), Cell(places.SPILLOVER, column, "correlation_within"))
                for column, value in enumerate((m.kept_within, m.dropped_within), start=1)
            )
            sentences.append(say("spillover.shared-pairs", kept=kept, dropped=dropped))
    return [*sentences, *left_out(results, "spillover"), *made.table(places.SPILLOVER)]


@question(
    "spillover",
    place=110,
    options=Spillover,
    result=SpilloverStudy | None,
    left_out="spillover.left-out",
    steps=("prices", "integration"),
    published={"run": False},
    part="doubts",
    section=60,
    titles=("spillover.short", "spillover.heading"),
    tables=tables,
    places=(places.SPILLOVER,),
    printed=printed,
    rows=ROWS,
    flags=Flags(SpilloverFlags, "Robustness", lambda asked, flags: told(asked, flags) if flags.spillover else ()),
    functions=("add_spillover", "spillover", "mechanical_correlation"),
    example=EXAMPLE,
    seconds=0.2,
)
def spillovers(asked: Asked, section: Spillover) -> SpilloverStudy:
    """Does the integration of the neighbours matter too?

    Adds the mean index of the neighbours to the benchmark, computed without the pairs that both indices share.
    """
    near = named_pairs(asked, section.neighbours)
    options = record_of(section, Neighbours, neighbours=near, square=False, method=asked.index_options)
    prices = asked.needed_prices()
    wider = add_spillover(Table("panel", asked.sample), options, prices=prices)
    more = [options.name, *([f"{options.name}^2"] if section.square else [])]
    left, *effects = asked.formula.split(" | ")
    wider_fit = fit(wider, " | ".join([f"{left} + {' + '.join(more)}", *effects]), asked.fit)
    lost = [term for term in more if term in wider_fit.dropped]
    if lost:
        raise NotIdentified(say("models_samples.was-dropped", term=repr(lost[0]), why=wider_fit.dropped[lost[0]]))
    x = asked.treatment
    turns = not {x, f"{x}^2"} & set(wider_fit.dropped)
    joint = joint_test(wider_fit, more)
    test = u_test(wider_fit, x) if turns else None
    correlation = None
    with suppress(TooFew):
        correlation = mechanical_correlation(prices, options)
    return SpilloverStudy(options.name, section.neighbours, section.shared, wider_fit, joint, test, correlation)
