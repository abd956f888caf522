"""Run the permutation test of a stacked regression: find the units that carry the labels, and permute the labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from integrade.estimate.design import Design
from integrade.estimate.formula import Formula, has
from integrade.estimate.linear import Fit, prepare
from integrade.estimate.ready import Ready
from integrade.records.schema import column_word
from integrade.regress.effects import Factor, Vector, combine, movers
from integrade.regress.partial import demean
from integrade.subjects.groups.permutation import PermutationTest, permutation_test, pieces
from integrade.subjects.groups.records import Permuted
from plainwords.texts import say

if TYPE_CHECKING:
    from integrade.subjects.groups.compare import Groups

_MOST_DUMMIES = 80  # with more dummies of small effects the test is not run, because it takes long; a convention
_MOST_CLUSTERS = 500  # with more clusters the test is not run, because it takes long; a convention
_MOST_NUMBERS = 120_000_000  # largest number of numbers in the columns, and in the cross-products (1 GB each)


@dataclass(frozen=True)
class Shuffled:
    """The test, the record of the permutation, and notes. There is no test if labels cannot be permuted."""

    test: PermutationTest | None
    record: Permuted | None
    notes: tuple[str, ...]


class _Plan(NamedTuple):
    """How fixed effects enter: ``inside`` is partialled out unit by unit (empty: none); ``outside`` become dummies."""

    inside: tuple[str, ...]
    outside: tuple[tuple[str, ...], ...]


def shuffle(rows: Ready, parsed: Formula, by: str, chosen: Groups) -> Shuffled:
    """Test equality of groups by permuting the labels of ``by`` over the units of the estimation sample.

    A unit is one value of the permuted column within one group. So a firm that changes its group is two units, because
    it has two effects in the stacked regression.
    """
    if not chosen.permutations:
        return Shuffled(None, None, ())
    plan = _Plan((), ())
    unit_name, problem = _unit(rows, by, chosen.permute)
    if not problem and parsed.endogenous:
        problem = say("models_groups.no-instruments")
    if not problem and chosen.fit.cluster and "+" in chosen.fit.cluster:
        problem = say("models_groups.no-several-clusters")
    if not problem:
        plan, problem = _plan(rows, parsed, unit_name, by)
    if not problem:
        cluster = _cluster(rows, chosen.fit)
        if cluster is not None and cluster.levels > _MOST_CLUSTERS:
            problem = say("models_groups.many-clusters", most=str(_MOST_CLUSTERS))
    if problem:
        return Shuffled(None, None, (say("models_groups.not-permuted", why=problem),))
    clusters = [] if chosen.fit.cluster is None else [c.strip() for c in chosen.fit.cluster.split("^")]
    kept = tuple(dict.fromkeys([unit_name, by, *clusters, *(c for e in plan.outside for c in e)]))
    bare = Formula(
        parsed.text, parsed.outcome, parsed.regressors, (plan.inside,) if plan.inside else (), intercept=False
    )
    design = prepare(rows, bare, Fit(singletons="keep", weights=chosen.fit.weights), also=kept)
    used = rows if design.rows is None else rows.on(design.rows)
    columns, width = _columns(design, used, parsed, plan)
    unit, cluster = _factor(used, (unit_name, by)), _cluster(used, chosen.fit)
    data = pieces(columns, width, unit, cluster, _factor(used, (by,)))
    treated = {t.name for t in parsed.regressors if has(t, chosen.treatment)}
    tested = [i for i, name in enumerate(design.regressors) if name in treated]
    test = permutation_test(data, tested, draws=chosen.permutations, seed=chosen.fit.seed)
    exact = cluster is not None and movers(cluster, unit) == 0
    record = Permuted(unit_name, unit.levels, chosen.permutations, chosen.fit.seed, exact)
    changed = movers(_factor(used, (unit_name,)), _factor(used, (by,)))
    note = say("models_groups.in-several-groups", n=changed, unit=column_word(unit_name))
    return Shuffled(test, record, (note,) if changed else ())


def _unit(rows: Ready, by: str, asked: str | None) -> tuple[str, str]:
    """Return the column over whose values the labels are permuted, or the reason why labels cannot be permuted."""
    if asked is not None:
        return asked, ""
    if "region" in rows.columns and _constant(rows, by, "region"):
        return "region", ""
    if "year" in rows.columns and _constant(rows, by, "year"):
        return "", say("models_groups.years-persist")
    return ("firm", "") if "firm" in rows.columns else ("", say("models_groups.no-firm"))


def _constant(rows: Ready, by: str, within: str) -> bool:
    return movers(rows.factor(within), rows.factor(by)) == 0


def _factor(rows: Ready, columns: Sequence[str]) -> Factor:
    return combine("^".join(columns), [rows.factor(c) for c in columns])


def _cluster(rows: Ready, how: Fit) -> Factor | None:
    return None if how.cluster is None else _factor(rows, [c.strip() for c in how.cluster.split("^")])


def _plan(rows: Ready, parsed: Formula, unit: str, by: str) -> tuple[_Plan, str]:
    """Return how fixed effects enter the permutation test, and the reason if the test cannot be run.

    One effect is partialled out unit by unit: the finest of the effects whose levels lie within units, or nearly so.
    Effects across units become dummies.
    """
    inside: list[tuple[str, ...]] = []
    outside: list[tuple[str, ...]] = []
    for effect in parsed.effects:
        factor = _factor(rows, effect)
        split = _factor(rows, tuple(dict.fromkeys([*effect, unit])))
        # nearly within: splitting by unit adds fewer than half as many levels again; a convention
        (inside if split.levels < 1.5 * factor.levels else outside).append(effect)
    absorbed: tuple[str, ...] = ()
    if inside:
        finest = max(inside, key=lambda e: _factor(rows, e).levels)
        absorbed = tuple(dict.fromkeys([*finest, unit, by]))
        large = _factor(rows, absorbed)
        if any(movers(large, _factor(rows, (*e, unit))) > 0 for e in inside if e != finest):
            return _Plan((), ()), say("models_groups.several-effects")
    width = sum(_factor(rows, e).levels for e in outside)
    numbers = rows.height * (width + len(parsed.regressors) + 1)
    if width > _MOST_DUMMIES or numbers > _MOST_NUMBERS:
        return _Plan((), ()), say("models_groups.many-dummies", width=str(width), most=str(_MOST_DUMMIES))
    return _Plan(absorbed, tuple(outside)), ""


def _columns(design: Design, rows: Ready, parsed: Formula, plan: _Plan) -> tuple[Vector, int]:
    """Return the columns [dummies, regressors, outcome] net of the inside effect, and the number of dummies.

    Columns are multiplied by the square roots of the weights.
    """
    n = len(design.matrix)
    factors = [_factor(rows, e) for e in plan.outside]
    if not parsed.effects and parsed.intercept:
        factors = [Factor("constant", np.zeros(n, dtype=np.intp), 1)]
    width = sum(f.levels for f in factors)
    kept = [*design.kept, len(design.names) - 1]
    columns = np.zeros((n, width + len(kept)))
    start = 0
    for f in factors:
        columns[np.arange(n), start + f.codes] = 1.0
        start += f.levels
    if width and design.plan.large is not None:
        columns[:, :width] = demean(design.plan, np.ascontiguousarray(columns[:, :width]))
    columns[:, width:] = design.matrix[:, kept]
    if design.plan.weights is not None:
        columns *= np.sqrt(design.plan.weights)[:, None]
    return columns, width
