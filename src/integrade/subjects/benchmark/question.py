"""Estimate the benchmark regression, and store its rows, which every question uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from integrade.errors import DataError, UsageError
from integrade.estimate.formula import parse_formula, terms_of
from integrade.estimate.hausman import Hausman, Method, hausman
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import FitResult
from integrade.estimate.rows import term_values
from integrade.study.asked import FORMULA, SAMPLE, Answer, keep_answer, options_of, panel_in, stored_answer
from integrade.study.setting import Folders, Setting
from integrade.subjects.benchmark.columns import Column, by_clusters
from integrade.subjects.benchmark.describe import Correlations, Describe, correlate, describe
from integrade.subjects.shape.effect_size import EffectSizes, effect_sizes
from integrade.subjects.shape.two_lines import TwoLines, TwoLinesResult, two_lines
from integrade.verdicts.mediator_roles import role_of

if TYPE_CHECKING:
    from integrade.study.config import Regression

EXTRA = ("human_capital", "rd", "invint")
"""Columns that are described if the panel has them, in addition to the columns of the regression."""


@dataclass(frozen=True)
class Benchmark:
    """The columns of the benchmark table, and the description of their rows.

    ``incomplete`` counts rows that lack a value. ``printed`` holds the same columns with the errors of the paper's
    tables, if the preset is the paper's and evidence is by clusters; otherwise it is empty.
    """

    columns: tuple[Column, ...]
    describe: tuple[Describe, ...]
    correlations: Correlations
    effects: EffectSizes | None
    incomplete: int
    printed: tuple[Column, ...] = ()


def run(at: Setting, out: Path, done: Folders) -> None:
    """Estimate the benchmark; store the rows and the formula of its full regression."""
    panel, chosen = panel_in(done), at.study.regression
    printed = tuple(benchmark(panel, chosen, at.study.section("inference")))
    columns = tuple(map(by_clusters, printed)) if chosen.evidence == "clusters" else printed
    sample = estimation_sample(panel, chosen)
    mediation = at.study.section("mediation")
    shown, mediators = with_mediators(sample, mediation.mediators if mediation else [])
    listed = described_columns(shown.columns, chosen, mediators)
    # there is no U-test if the study has no square, or if the treatment's curve is not identified
    effects = effect_sizes(columns[-1].headline) if columns[-1].u_test else None
    sample.write_parquet(out / SAMPLE, compression="lz4")
    (out / FORMULA).write_text(columns[-1].headline.formula, encoding="utf-8")
    result = Benchmark(
        columns,
        tuple(describe(shown, listed, complete=False)),
        correlate(sample, listed[: 2 + len(chosen.controls)]),
        effects,
        panel.height - sample.height,
        printed if columns != printed else (),
    )
    keep_answer(Answer(result), out)


def benchmark_in(done: Folders) -> Benchmark:
    """Return the benchmark that the step stored."""
    result: Benchmark = stored_answer(done["benchmark"], Benchmark).found
    return result


def with_mediators(sample: pl.DataFrame, mediators: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows with a column for each mediator that is a term, such as ``log(rd_spending)``, and the names."""
    terms = [term for m in mediators for term in terms_of(parse_formula(f"{m} ~ 1")) if term.name not in sample.columns]
    made = [pl.Series(term.name, term_values(sample, term)) for term in terms]
    finite = [pl.when(column.is_finite()).then(column).alias(column.name) for column in made]  # log(0) is missing
    return sample.with_columns(finite), [parse_formula(f"{m} ~ 1").outcome.name for m in mediators]


def described_columns(there: Sequence[str], chosen: Regression, mediators: Sequence[str] = ()) -> list[str]:
    """Return the columns of the regression, the mediators and `EXTRA` that are in the panel, without repetition.

    A column of `EXTRA` is left out if a mediator has its role: Table 2 of the paper has one row for research.
    """
    roles = {role_of(m) for m in mediators} - {""}
    extra = [c for c in EXTRA if role_of(c) not in roles]
    return [c for c in dict.fromkeys((*_regression_columns(chosen), *mediators, *extra)) if c in there]


def benchmark(panel: pl.DataFrame, chosen: Regression, settings: Any = None) -> list[Column]:
    """Estimate the columns of the paper's Table 4: without controls and with controls.

    Each column has the headline's covariance and the other covariances. The square enters if the study says so.
    """
    x = chosen.treatment
    base = f"{chosen.outcome} ~ {x} + {x}^2" if chosen.square else f"{chosen.outcome} ~ {x}"
    effects = " | " + " + ".join(chosen.effects) if chosen.effects else ""
    full = " + ".join([base, *chosen.controls])
    formulas = [base + effects] if not chosen.controls else [base + effects, full + effects]
    sample = ready(estimation_sample(panel, chosen))
    return [_column(f"({i})", sample, formula, chosen, settings) for i, formula in enumerate(formulas, start=1)]


def _regression_columns(chosen: Regression) -> list[str]:
    return [chosen.outcome, chosen.treatment, *chosen.controls]


def estimation_sample(panel: pl.DataFrame, chosen: Regression) -> pl.DataFrame:
    """Return the rows that have every column of the full regression. Both columns of the table use these rows."""
    effects = [part for effect in chosen.effects for part in effect.split("^")]
    needed = [*_regression_columns(chosen), *effects, *([] if chosen.cluster is None else chosen.cluster.split("+"))]
    return panel.drop_nulls([c for c in dict.fromkeys(n.strip() for n in needed) if c in panel.columns])


def _column(label: str, sample: Ready, formula: str, chosen: Regression, settings: Any) -> Column:
    options = options_of(chosen)
    design = prepare(sample, formula, options)
    headline = estimate(design, options_of(chosen, wild=chosen.wild, settings=settings))
    other_fits: dict[str, FitResult] = {}
    level = chosen.cluster or "region"
    others: list[tuple[Literal["iid", "CR1", "CR3"], str | None]] = [("iid", None), ("CR1", "firm"), ("CR1", level)]
    others += [("CR3", level)] if "+" not in level else []
    for kind, cluster in others:
        same = (kind, cluster or "") == (headline.kind, "+".join(headline.clusters))
        if not same and (cluster is None or set(cluster.replace(" ", "").split("+")) <= set(sample.columns)):
            name = f"{kind} {cluster}" if cluster else kind
            other_fits[name] = estimate(design, replace(options, vcov=kind, cluster=cluster, df="auto"))
    x = chosen.treatment
    identified = not {x, f"{x}^2"} & set(headline.dropped)
    test = u_test(headline, x) if chosen.square and identified else None
    surest = options if chosen.wild or headline.kind == "CR3" else _of_clusters(other_fits, options, level)
    lines = lines_of(sample, formula, x, surest) if test else None
    specification_test, further = None, list[Hausman]()
    if "firm" in chosen.effects and chosen.hausman != "none":
        specification_test = hausman(sample, formula, method=chosen.hausman, cluster=chosen.cluster)
        if chosen.hausman == "stata":
            more: tuple[Method, ...] = ("stata_without_dummies", "classical")
            further = [hausman(sample, formula, method=method) for method in more]
    return Column(label, headline, other_fits, test, specification_test, lines, tuple(further))


def _of_clusters(fits: Mapping[str, FitResult], options: Fit, level: str) -> Fit:
    """Return the options with the cluster jackknife (CR3) if a fit with it was made; otherwise the same options."""
    return replace(options, vcov="CR3", cluster=level) if any(f.kind == "CR3" for f in fits.values()) else options


def lines_of(sample: pl.DataFrame | Ready, formula: str, treatment: str, how: Fit) -> TwoLinesResult | None:
    """Run Simonsohn's two-lines test in addition to a U-test.

    A curve counts as an inverted U only if the two-lines test was run.

    Returns None if the test cannot be estimated: there are fewer than five distinct values, a side has no variation, or
    the treatment is also in another term.
    """
    try:
        return two_lines(sample, formula, TwoLines(variable=treatment, fit=how))
    except (DataError, UsageError):
        return None
