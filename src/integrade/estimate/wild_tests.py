"""Run the wild cluster bootstrap of a fit for each coefficient, each variable with its square, and requested nulls."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from integrade.errors import NotIdentified, UnknownName, did_you_mean, option
from integrade.estimate.design import Design
from integrade.estimate.results import Wild
from integrade.regress.effects import Factor
from integrade.regress.ols import Solution
from integrade.regress.wild import Bootstrap, Drawing, Forms, forms, wild
from integrade.regress.wild_iv import wild_iv
from plainwords.texts import say


def wild_tests(
    design: Design,
    solution: Solution,
    cluster: Factor,
    how: Drawing,
    *,
    also: str | None = None,
    known: Forms | None = None,
) -> tuple[Wild, ...]:
    """Test one null per coefficient, the joint null of each variable and its square, and the nulls in ``also``.

    ``also`` is text such as ``"scale + age, market + age"``. ``known`` are the cluster forms of the independent
    regressors and the outcome, if already computed. With instruments the draws are those of the wild restricted
    efficient bootstrap of 2SLS, without confidence sets. Raises `UnknownName` or `NotIdentified` for a term that has no
    coefficient.
    """
    if design.endogenous:
        columns = [*design.kept, *design.instruments, len(design.names) - 1]
        matrix, p = np.ascontiguousarray(design.matrix[:, columns]), design.endogenous
        instrumented = forms(design.plan, matrix, cluster)
        return tuple(
            record_of(
                name, wild_iv(instrumented, endogenous=p, exogenous=len(design.kept) - p, null=null, how=how), how
            )
            for name, null in nulls_of(design, also).items()
        )
    if known is None:
        columns = [*design.kept, len(design.names) - 1]
        matrix = design.matrix if len(columns) == design.matrix.shape[1] else design.matrix[:, columns]
        known = forms(design.plan, matrix, cluster)
    return tuple(
        record_of(name, wild(known, solution.bread, solution.coefficients, null=null, how=how), how)
        for name, null in nulls_of(design, also).items()
    )


def nulls_of(design: Design, also: str | None) -> dict[str, list[int]]:
    """Return name -> positions of the coefficients, for every null."""
    names = design.regressors
    nulls = {name: [j] for j, name in enumerate(names)}
    for variable in design.formula.squared:
        if variable in names and f"{variable}^2" in names:
            nulls[f"{variable} + {variable}^2"] = [names.index(variable), names.index(f"{variable}^2")]
    for text in (also or "").split(",") if also else ():
        terms = list(dict.fromkeys(t.strip() for t in text.split("+")))
        nulls[" + ".join(terms)] = [_place(design, names, t) for t in terms]
    return nulls


def _place(design: Design, names: Sequence[str], term: str) -> int:
    if term in design.dropped:
        why = design.dropped[term]
        raise NotIdentified(
            say("impossible.null-needs", term=repr(term), why=why),
            where=design.formula.text,
            remedy=f"leave it out of {option('wild_joint')}, or remove the effect or regressor that absorbs it",
        )
    if term not in names:
        what = f"no term {term!r} for the joint null"
        raise UnknownName(what, where=design.formula.text, remedy=did_you_mean(term, names))
    return names.index(term)


def record_of(null: str, bootstrap: Bootstrap, how: Drawing) -> Wild:
    """Return the record of the bootstrap of one null."""
    pieces = tuple((_bound(low), _bound(high)) for low, high in bootstrap.accepted)
    low, high = (pieces[0][0], pieces[-1][1]) if pieces else (None, None)
    return Wild(
        null,
        bootstrap.p_value,
        bootstrap.draws,
        bootstrap.weights,
        bootstrap.smallest_p,
        how.seed,
        bootstrap.p_equal_tail,
        how.imposed,
        low,
        high,
        pieces,
    )


def _bound(value: float) -> float | None:
    return value if np.isfinite(value) else None
