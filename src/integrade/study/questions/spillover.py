"""The neighbours' integration beside the region's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from integrade.errors import NotIdentified, TooFew
from integrade.frames import Table
from integrade.models.fit.contrasts import joint_test
from integrade.models.fit.fit import fit
from integrade.models.samples.spillover import (
    MechanicalCorrelation,
    SpilloverStudy,
    add_spillover,
    mechanical_correlation,
)
from integrade.models.samples.spillover import Spillover as Neighbours
from integrade.models.shape.inverted_u import u_test
from integrade.needs import Columns, Precondition
from integrade.question import Flags, question
from integrade.study.questions.asked import Asked, OfFit, Told, named_file
from integrade.study.sections import NEAR, Strict

EXAMPLE = """\
[spillover]                    # Table A13: the neighbours' integration beside the region's own
neighbours = "adjacent"        # or a file with two columns of region names
# shared = "drop"              # the pair of prices that a region and its neighbour share; keep: leave it in
# square = true                # the neighbours' square too
"""


class Spillover(Strict):
    """The neighbours' integration beside the region's own."""

    needs: ClassVar[tuple[Precondition, ...]] = (Columns(("region", "year")),)

    run: bool = True
    neighbours: Annotated[str, NEAR] = Field(
        default="adjacent", description="adjacent, or a file of two columns of names"
    )
    shared: Literal["drop", "keep"] = Field(default="drop", description="the pair that both indices contain")
    square: bool = Field(default=True, description="the neighbours' square too")


@dataclass(frozen=True)
class SpilloverFlags:
    """Flags of ``fit``.

    Parameters
    ----------
    spillover
        The neighbours' integration beside the region's own (with --prices).
    """

    spillover: bool = False


def _mechanical(prices: Table, options: Neighbours) -> MechanicalCorrelation | None:
    try:
        return mechanical_correlation(prices, options)
    except TooFew:
        return None


def told(asked: OfFit, _: SpilloverFlags) -> Iterator[Told]:
    """The regression with the neighbours' index and, where the own enters squared, its square."""
    from integrade.models.fit.fit import summary
    from integrade.models.fit.formula import Part, Term, parse_formula, square, with_regressors

    prices, parsed = asked.prices(), parse_formula(asked.formula)
    squared = square(asked.treatment) in parsed.regressors
    wider = add_spillover(asked.table, prices=prices, square=False)
    own = [Term((Part("market_neighbours"),)), *([square("market_neighbours")] if squared else [])]
    found = fit(wider, with_regressors(parsed, [*parsed.regressors, *own]), asked.fit)
    correlation = mechanical_correlation(prices)
    record = {"fit": found, "mechanical_correlation": correlation}
    yield Told("spillover", record, f"with the neighbours' integration:\n{summary(found)}\n{correlation}")


@question(
    "spillover",
    place=110,
    options=Spillover,
    result=SpilloverStudy | None,
    left_out="The neighbours' integration is",
    steps=("prices", "integration"),
    published={"run": False},
    part="doubts",
    flags=Flags(SpilloverFlags, "Robustness", lambda asked, flags: told(asked, flags) if flags.spillover else ()),
    functions=("add_spillover", "spillover", "mechanical_correlation"),
    example=EXAMPLE,
    seconds=0.2,
)
def spillovers(asked: Asked, section: Spillover) -> SpilloverStudy:
    """Does the integration of the neighbours matter too?

    The benchmark with the mean index of the neighbours, made without the pairs they share.
    """
    near = section.neighbours if section.neighbours == "adjacent" else str(named_file(asked.root, section.neighbours))
    options = Neighbours(neighbours=near, shared=section.shared, square=False, method=asked.index_options)
    prices = asked.needed_prices()
    wider = add_spillover(Table("panel", asked.sample), options, prices=prices)
    more = [options.name, *([f"{options.name}^2"] if section.square else [])]
    own, *rest = asked.formula.split(" | ")
    found = fit(wider, " | ".join([f"{own} + {' + '.join(more)}", *rest]), asked.fit)
    lost = [term for term in more if term in found.dropped]
    if lost:
        raise NotIdentified(f"{lost[0]!r} was dropped: {found.dropped[lost[0]]}")
    x = asked.treatment
    turns = not {x, f"{x}^2"} & set(found.dropped)
    return SpilloverStudy(
        options.name,
        section.neighbours,
        section.shared,
        found,
        joint_test(found, more),
        u_test(found, x) if turns else None,
        _mechanical(prices, options),
    )
