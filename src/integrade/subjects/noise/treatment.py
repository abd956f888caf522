"""Prepare a regression whose treatment is an index by region and year: the cells, and the terms of the index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from integrade.errors import Coverage, NotIdentified, UnknownColumn, UnknownName, UsageError, did_you_mean, option
from integrade.estimate.design import Design
from integrade.estimate.formula import Formula, Term, parse_formula
from integrade.estimate.linear import Fit, prepare
from integrade.estimate.results import Vector
from integrade.regress.effects import Factor, combine, factorise, first_rows
from plainwords.texts import say

SAME = 1e-6  # relative: an index written to text and read again still counts as the same


@dataclass(frozen=True)
class Treated:
    """A design with its cells, which are the regions and years of its rows.

    ``cells`` codes the rows by region and year. ``keys`` (C,) names the cells, and ``values`` (C,) holds the treatment
    in each cell. ``powers`` are the powers in which the treatment enters. ``fixed`` (n, m) holds the other regressors
    and the outcome, with effects removed. ``order`` puts coefficients of (powers, fixed) into the order of the design's
    regressors.
    """

    design: Design
    cells: Factor
    keys: tuple[tuple[str, int], ...]
    values: Vector
    powers: tuple[int, ...]
    fixed: Vector
    order: tuple[int, ...]

    def cluster(self, name: str | None) -> Factor:
        """Return the only cluster variable. Raises `UsageError` if there is none, or if there are several."""
        if not name or "+" in name:
            raise UsageError("one cluster variable is needed here", remedy=f"give {option('cluster', 'region')}")
        return self.design.cluster(name)


def treated(panel: Any, formula: str, treatment: str, fit: Fit) -> Treated:
    """Prepare the design and find its cells.

    Raises `UsageError` for instruments, for products and logarithms of the treatment, and for a treatment that varies
    within a region and year; `NotIdentified` if the treatment was dropped; `UnknownColumn` without region and year.
    """
    terms = _terms(parse_formula(formula), treatment)
    design = prepare(panel, formula, fit, also=(treatment,))
    for term in terms:
        if term.name in design.dropped:
            raise NotIdentified(
                say("impossible.dropped", term=repr(term.name), why=design.dropped[term.name]),
                where=formula,
                remedy="remove the fixed effect or the collinear regressor that absorbs it",
            )
    labels = design.labels
    for name in ("region", "year"):
        if name not in labels.columns:
            raise UnknownColumn(f"no column {name!r} in the panel", remedy=did_you_mean(name, labels.columns))
    cells = combine("region^year", [factorise(c, labels[c]) for c in ("region", "year")])
    first = first_rows(cells)
    keys = [(str(r), int(y)) for r, y in labels["region", "year"][first].iter_rows()]
    column = np.asarray(labels[treatment].to_numpy(), dtype=np.float64)
    values = column[first]
    if (np.abs(column - values[cells.codes]) > SAME * np.abs(column)).any():
        raise UsageError(f"{treatment!r} varies within a region and year", remedy="name the index by region and year")
    names = design.regressors
    first_places = [names.index(t.name) for t in terms]
    others = [j for j in range(len(names)) if j not in first_places]
    fixed = design.matrix[:, [*(design.kept[j] for j in others), len(design.names) - 1]]
    powers = tuple(t.parts[0].power for t in terms)
    place = [*first_places, *others]
    return Treated(design, cells, tuple(keys), values, powers, fixed, tuple(place.index(j) for j in range(len(names))))


def at_cells(sample: Treated, known: Mapping[tuple[str, int], float], treatment: str, source: str) -> Vector:
    """Return the values of the index by cell (C,), given by (region, year). They must equal the treatment's values.

    Raises `Coverage` if a region and year has no value, and `UsageError` if the values differ.
    """
    lacking = [key for key in sample.keys if not np.isfinite(known.get(key, np.nan))]
    if lacking:
        region, year = lacking[0]
        raise Coverage(
            say("impossible.index-lacks", n=len(lacking), source=source),
            example=f"region={region}, year={year}",
            remedy="give the table the panel was made from",
        )
    values = np.array([known[key] for key in sample.keys])
    differ = np.flatnonzero(np.abs(values - sample.values) > SAME * np.abs(values))
    if len(differ):
        (region, year), at = sample.keys[differ[0]], differ[0]
        raise UsageError(
            f"{treatment!r} is not the index of the {source} in {len(differ)} of {len(values)} region-years",
            example=f"region={region}, year={year}: {sample.values[at]:.6g} in the panel, {values[at]:.6g} there",
            remedy="give the options the panel's index was made with (index=RelativePrice(...)), without winsorising",
        )
    return values


def _terms(formula: Formula, treatment: str) -> list[Term]:
    """Return the powers of the treatment among the regressors."""
    if formula.endogenous:
        raise UsageError("the index must be exogenous here", where=formula.text, remedy="leave the instruments out")
    terms = [t for t in formula.regressors if treatment in t.columns]
    if not terms:
        known = [c for t in formula.regressors for c in t.columns]
        raise UnknownName(
            f"{treatment!r} is not a regressor", where=formula.text, remedy=did_you_mean(treatment, known)
        )
    for term in terms:
        if len(term.parts) > 1 or term.parts[0].log:
            raise UsageError(
                f"{term.name!r}: only powers of {treatment!r} are supported here",
                where=formula.text,
                remedy="leave products and logarithms of the index out",
            )
    return terms
