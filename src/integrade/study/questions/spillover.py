"""The neighbours' integration beside the region's own."""

from __future__ import annotations

from integrade.errors import NotIdentified, TooFew
from integrade.frames import Table
from integrade.models.fit.contrasts import joint_test
from integrade.models.fit.fit import fit
from integrade.models.samples.spillover import (
    MechanicalCorrelation,
    Spillover,
    SpilloverStudy,
    add_spillover,
    mechanical_correlation,
)
from integrade.models.shape.inverted_u import u_test
from integrade.study import sections
from integrade.study.questions.asked import Answer, Asked, named_file, one


def answer(asked: Asked) -> Answer:
    """The record, or why there is none."""
    section = asked.study.spillover or sections.Spillover()
    return one(lambda: _spillovers(asked, section), "The neighbours' integration is")


def _spillovers(asked: Asked, section: sections.Spillover) -> SpilloverStudy:
    """The benchmark with the mean index of the neighbours, made without the pairs they share."""
    near = section.neighbours if section.neighbours == "adjacent" else str(named_file(asked.root, section.neighbours))
    options = Spillover(neighbours=near, shared=section.shared, square=False, method=asked.index_options)
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


def _mechanical(prices: Table, options: Spillover) -> MechanicalCorrelation | None:
    try:
        return mechanical_correlation(prices, options)
    except TooFew:
        return None
