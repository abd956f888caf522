"""Estimate the specification curve of an inverted U: all combinations of choices, tested jointly (METHODS 5.11)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import polars as pl

from integrade.engine import frames
from integrade.errors import DataError, EmptyTable, NotIdentified, UnknownColumn, UsageError, did_you_mean, option
from integrade.estimate.cluster_names import joined_names
from integrade.estimate.formula import parse_formula
from integrade.estimate.linear import Fit
from integrade.estimate.results import Vector
from integrade.records.catalogue import choose, keywords
from integrade.records.confidence import Alpha
from integrade.records.needs import DRAWS, SIZE
from integrade.regress.students import t_quantile
from integrade.regress.wild import draw
from integrade.sources.files.where import parse_where
from integrade.subjects.curve.blocks import Block, Columns, complete, make_block, with_squares
from integrade.subjects.curve.joint import Null, Paths, permuted, wild
from integrade.subjects.curve.records import CurveTest, Specification, SpecificationCurve, Target
from integrade.subjects.curve.targets import Choice, Covariance, estimate, slope_target, turning_target, u_test_of
from integrade.subjects.curve.weights import choice_weights
from integrade.subjects.inference.randomisation import alike, random_orders
from integrade.subjects.noise.treatment import SAME
from integrade.wording.numerals import below
from plainwords.texts import say

ALL = "all rows"


@dataclass(frozen=True)
class Curve:
    """Options of a specification curve: the choices that it combines.

    Parameters
    ----------
    treatment
        The index of the main result; it also names the choice of index.
    outcomes
        Columns that measure the outcome.
    indices
        Columns that measure the index; only the treatment when empty.
    controls
        Controls; ``subsets`` selects among them.
    subsets
        all: every subset of the controls. leave_one_out: each control left out, none, and all. none_and_all: none, and
            all.
    effects
        Sets of fixed effects, as after | in a formula.
    samples
        Label -> condition (the grammar of --where) that keeps a row; all rows are always among them.
    vcovs
        Covariances; the joint tests use the first one.
    cluster
        Cluster variable.
    shape
        The expected shape, which gives the slopes their expected signs.
    permutations
        Random permutations of the treatment histories across regions, 0 for none.
    draws
        Null-imposed wild draws by cluster, 0 for none.
    alpha
        The size of the tests of a specification.
    most
        Largest number of specifications; if there are more, this many are drawn at random.
    seed
        Seed of permutations, draws and sampling.
    fit
        Small-sample rule and when an effect counts as nested.
    """

    treatment: str = "market"
    outcomes: tuple[str, ...] = ("quality",)
    indices: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    subsets: Literal["all", "leave_one_out", "none_and_all"] = "all"
    effects: tuple[str, ...] = ("firm + year",)
    samples: Mapping[str, str] = field(default_factory=dict)
    vcovs: tuple[Covariance, ...] = ("CR3",)
    cluster: str = field(default="region", metadata={"given": str | Sequence[str]})
    shape: Literal["inverted U", "U"] = "inverted U"
    permutations: Annotated[int, DRAWS] = 500
    draws: Annotated[int, DRAWS] = 500
    alpha: Alpha = 0.05
    most: Annotated[int, SIZE] = 5000
    seed: int = 20240101
    fit: Fit = field(default_factory=Fit)

    def __post_init__(self) -> None:
        """Turn a list of one cluster variable into its name. Raises `UsageError` for several, or for other types."""
        named = joined_names(self.cluster)
        if named is None or "+" in named:
            raise UsageError("the curve needs one cluster variable", remedy=f"give {option('cluster', 'region')}")
        object.__setattr__(self, "cluster", named)


class _Place(NamedTuple):
    sample: str
    effects: str


@keywords(Curve)
def specification_curve(panel: Any, options: Curve | None = None, **changes: Any) -> SpecificationCurve:
    """Estimate every combination of the declared choices and test the curve as a whole.

    Formula: in each specification ``y ~ x + x^2 + controls | effects`` on one sample; targets are the slopes at the
        10th and 90th percentile of x and the turning point -b1/(2 b2), with the U-test over the sample's range. The
        percentiles are over all rows of the curve, so that they mean the same in each specification. Joint tests take
        three statistics for each slope: the median, the share with the expected sign and p < alpha, and the mean z.
        Each is compared with its distribution when the index has no effect. This distribution comes from permuting
        whole paths of the regions (CR3), and from wild draws with the null imposed (CR1). Every specification uses the
        same draw. Joint tests use the specifications with the first covariance.
    Missing values: all specifications use the rows that are complete in every named column, so that they differ by
        choices and not by rows. Singletons are dropped for each sample and set of effects. Dropped rows are counted.

    Args:
        panel: any frame or table.
        options: a `Curve`; single options can be given by name.

    Returns:
        One `SpecificationCurve`, specifications in the order of the choices.

    Raises:
        UnknownColumn: a column is not in the panel. EmptyTable: no row is complete. UsageError: nothing to vary.

    Reference: Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4, 1208-1214.

    Example:
        >>> found = specification_curve(panel, controls=("scale", "age"), permutations=0, draws=0)  # doctest: +SKIP
    """
    asked = choose(Curve, options, changes)
    _check(asked)
    rows, columns, n_missing = _rows(frames.collect(frames.enter(panel)), asked)
    chosen, of = _choices(asked)
    points = {x: np.quantile(rows[x].to_numpy(), [0.1, 0.9]) for x in columns.indices}
    ordered = {x: np.sort(rows[x].cast(pl.Float64).to_numpy()) for x in columns.indices}
    paths, notes = _paths(rows, asked, columns)
    specifications: list[Specification] = []
    nulls: dict[str, list[Null]] = {"permutation": [], "wild": []}
    for place, choices in chosen.items():
        try:
            block = make_block(
                _sample(rows, asked, place.sample), place.effects, columns, replace(asked.fit, cluster=asked.cluster)
            )
        except DataError as problem:
            where = {"sample": place.sample, "effects": place.effects}
            notes.append(say("models_curve.left-out", why=problem.what, **where))
            continue
        ends = {x: np.array([block.ranges[x][0], *points[x], block.ranges[x][1]]) for x in columns.indices}
        specifications += [
            _specification(block, place, c, columns=columns, ends=ends, ordered=ordered, alpha=asked.alpha)
            for c in choices
        ]
        headline = [c for c in choices if c.vcov == asked.vcovs[0]]
        if headline and paths is not None and block.design.plan.exact:
            nulls["permutation"].append(permuted(block, columns, paths, headline, ends))
        if headline and asked.draws:
            regions = sorted(set(block.names)) if paths is None else paths.regions
            weights = draw("rademacher", len(regions), np.arange(asked.draws), asked.seed)
            nulls["wild"].append(wild(block, columns, weights, regions, headline, ends))
    if not specifications:
        raise EmptyTable(
            "no specification can be estimated",
            example="; ".join(notes)[:200],
            remedy="name a cluster variable with three levels or more, fewer effects, or samples with more rows",
        )
    tests = [t for name, parts in nulls.items() if parts for t in _tests(name, parts, specifications, asked)]
    clusters = rows[asked.cluster].n_unique()
    return SpecificationCurve(
        asked.treatment,
        asked.alpha,
        tuple(specifications),
        of,
        tuple(tests),
        choice_weights(specifications),
        asked.cluster,
        clusters,
        asked.seed,
        rows.height,
        n_missing,
        tuple(notes),
    )


def _check(asked: Curve) -> None:
    for name in ("outcomes", "effects", "vcovs"):
        if not getattr(asked, name):
            raise UsageError(
                f"{name} of the curve is empty",
                remedy=f"give at least one, or leave {option(name)} out for the default",
            )
    if asked.permutations < 0 or asked.draws < 0 or asked.most < 1:
        raise UsageError(
            "permutations, draws and most must not be negative",
            remedy=f"give {option('permutations', 0)} and {option('draws', 0)} for no joint tests, "
            f"with {option('most', 1)} at least",
        )


def _rows(panel: pl.DataFrame, asked: Curve) -> tuple[pl.DataFrame, Columns, int]:
    indices = asked.indices or (asked.treatment,)
    wanted = [*asked.outcomes, *indices, *asked.controls, asked.cluster]
    effects = [c for e in asked.effects if e for part in parse_formula(f"y ~ x | {e}").effects for c in part]
    for name in dict.fromkeys([*wanted, *effects]):
        if name not in panel.columns:
            raise UnknownColumn(f"no column {name!r} in the panel", remedy=did_you_mean(name, panel.columns))
    bare = Columns(asked.outcomes, indices, asked.controls, {}, asked.cluster, {})
    rows, n_missing = complete(panel, bare, asked.effects)
    if rows.is_empty():
        raise EmptyTable(
            "no row is complete in every column of the curve",
            example=", ".join(wanted),
            remedy="leave out the column that is missing everywhere",
        )
    spreads = {c: float(np.std(rows[c].cast(pl.Float64).to_numpy())) for c in (*indices, *asked.outcomes)}
    for name, spread in spreads.items():
        if not spread:
            raise NotIdentified(
                say("impossible.constant-over-curve", name=repr(name)), remedy="name another column, or give more rows"
            )
    centres = {x: float(np.mean(rows[x].cast(pl.Float64).to_numpy())) for x in indices}
    columns = replace(bare, centres=centres, spreads=spreads)
    return with_squares(rows, columns), columns, n_missing


def _choices(asked: Curve) -> tuple[dict[_Place, list[Choice]], int]:
    """Return the specifications, grouped by sample and effects, and the number of combinations declared."""
    places = [_Place(s, e) for s in (ALL, *asked.samples) for e in asked.effects]
    controls = asked.controls
    if asked.subsets == "all":
        subsets = list(chain.from_iterable(combinations(controls, k) for k in range(len(controls) + 1)))
    else:
        fewer = [tuple(c for c in controls if c != omitted) for omitted in controls]
        subsets = list(dict.fromkeys([(), *(fewer if asked.subsets == "leave_one_out" else []), controls]))
    inner = [
        Choice(y, x, subset, v)
        for y in asked.outcomes
        for x in asked.indices or (asked.treatment,)
        for subset in subsets
        for v in asked.vcovs
    ]
    of = len(places) * len(inner)
    kept = np.arange(of)
    if of > asked.most:
        kept = np.sort(np.random.default_rng([asked.seed, of]).choice(of, asked.most, replace=False))
    chosen: dict[_Place, list[Choice]] = {}
    for number in kept:
        chosen.setdefault(places[number // len(inner)], []).append(inner[number % len(inner)])
    return chosen, of


def _sample(rows: pl.DataFrame, asked: Curve, label: str) -> pl.DataFrame:
    if label == ALL:
        return rows
    frame = frames.enter(rows)
    kept = frames.collect(frame.filter(parse_where(asked.samples[label], frame.collect_schema())))
    if kept.is_empty():
        raise EmptyTable(f"no row is left by {asked.samples[label]!r}")
    return kept


def _paths(rows: pl.DataFrame, asked: Curve, columns: Columns) -> tuple[Paths | None, list[str]]:
    """Return the paths of the regions to permute, and notes.

    Returns None if no permutations are requested. Returns None and a note if the panel has no region and year, if an
    index varies within a region and year, or if no two regions have the same years.
    """
    if not asked.permutations:
        return None, []
    if not {"region", "year"} <= set(rows.columns):
        return None, ["no permutation: the panel has no region and year"]
    by_cell = (
        rows.group_by(pl.col("region").cast(pl.String), pl.col("year").cast(pl.Int64))
        .agg(
            *(pl.col(x).cast(pl.Float64).min() for x in columns.indices),
            *(pl.col(x).cast(pl.Float64).max().alias(x + " max") for x in columns.indices),
        )
        .sort("region", "year")
    )
    for x in columns.indices:
        if by_cell.filter(pl.col(x + " max") - pl.col(x) > SAME * pl.col(x).abs()).height:
            return None, [f"no permutation: {x} varies within a region and year"]
    regions, years = tuple(by_cell["region"].unique().sort()), tuple(by_cell["year"].unique().sort())
    at = np.searchsorted(regions, by_cell["region"].to_numpy()), np.searchsorted(years, by_cell["year"].to_numpy())
    values = {x: np.full((len(regions), len(years)), np.nan) for x in columns.indices}
    for x, path in values.items():
        path[at] = by_cell[x].to_numpy()
    groups = alike(next(iter(values.values())))
    if all(len(g) == 1 for g in groups):
        return None, ["no permutation: no two regions have the same years"]
    orders = random_orders(groups, len(regions), asked.permutations, asked.seed)
    return Paths(regions, years, values, orders), []


def _specification(
    block: Block,
    place: _Place,
    choice: Choice,
    *,
    columns: Columns,
    ends: Mapping[str, Vector],
    ordered: Mapping[str, Vector],
    alpha: float,
) -> Specification:
    q = estimate(block, choice, columns.centres[choice.treatment])
    low, p10, p90, high = (float(v) for v in ends[choice.treatment])
    scale = columns.scale(choice.outcome, choice.treatment)
    first, last, turn = slope_target(q, p10, scale), slope_target(q, p90, scale), turning_target(q)
    below = float(np.searchsorted(ordered[choice.treatment], turn.estimate) / len(ordered[choice.treatment]))
    u = u_test_of(q, (low, high))
    choices = {
        "outcome": choice.outcome,
        "index": choice.treatment,
        "controls": " + ".join(choice.controls) or "none",
        "effects": place.effects or "none",
        "sample": place.sample,
        "covariance": choice.vcov,
    }
    inside = low < turn.estimate < high
    b1 = float(q.b[0] - 2 * q.b[1] * q.centre)
    verdict = _verdict(float(q.b[1]), u, (first, last), alpha)
    return Specification(choices, block.nobs, b1, float(q.b[1]), first, last, turn, below, u, inside, verdict)


def _verdict(b2: float, u: float, ends: Sequence[Target], alpha: float) -> str:
    if below(u, alpha):
        return "inverted U" if b2 < 0 else "U"
    if all(e.p_value is not None and below(e.p_value, alpha) for e in ends):
        rising = sum(e.estimate > 0 for e in ends)
        return {0: "falls", len(ends): "rises"}.get(rising, "nothing")
    return "nothing"


def _tests(
    name: str, parts: Sequence[Null], specifications: Sequence[Specification], asked: Curve
) -> Iterator[CurveTest]:
    """Yield the joint tests: three statistics of both slopes, and the share of significant U-tests."""
    sign = 1.0 if asked.shape == "inverted U" else -1.0
    slope, z, u, own_z, own_u = (
        np.concatenate([getattr(p, k) for p in parts]) for k in ("slope", "z", "u", "own_z", "own_u")
    )
    headline = [s for s in specifications if s.choices["covariance"] == asked.vcovs[0]]
    critical = t_quantile(1 - asked.alpha / 2, math.inf)
    for j, (target, expected) in enumerate((("slope_p10", sign), ("slope_p90", -sign))):
        observed = np.array([getattr(s, target).estimate for s in headline])
        reached = [(expected * v[..., j] > critical).mean(axis=0) for v in (own_z, z)]
        pairs = {
            "median": (np.nanmedian(observed), np.nanmedian(slope[:, :, j], axis=0), expected),
            "share significant": (reached[0], reached[1], 1.0),
            "mean z": (np.nanmean(own_z[:, j]), np.nanmean(z[:, :, j], axis=0), expected),
        }
        for statistic, (value, drawn, direction) in pairs.items():
            yield _test((name, target, statistic), float(value), drawn, direction)
    holds = [((v * sign > 0) & (np.abs(v) < asked.alpha)).mean(axis=0) for v in (own_u, u)]
    yield _test((name, "U-test", "share significant"), float(holds[0]), holds[1], 1.0)


def _test(names: tuple[str, str, str], observed: float, drawn: Vector, direction: float) -> CurveTest:
    # a draw within 1e-9 (relatively) of the observed value is a tie and counts, as in METHODS 5.2 (wild bootstrap)
    beyond = int((direction * drawn >= direction * observed - 1e-9 * abs(observed)).sum())
    return CurveTest(*names, observed, float(np.median(drawn)), (1 + beyond) / (1 + len(drawn)), len(drawn))
