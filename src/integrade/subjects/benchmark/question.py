"""The benchmark regression and the rows it rests on, which every question takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from integrade.errors import DataError, UsageError
from integrade.estimate.hausman import Hausman, hausman
from integrade.estimate.inverted_u import UTest, u_test
from integrade.estimate.linear import Fit, estimate, prepare
from integrade.estimate.ready import Ready, ready
from integrade.estimate.results import FitResult
from integrade.study.asked import FORMULA, SAMPLE, Answer, keep_answer, options_of, panel_in, stored_answer
from integrade.study.setting import Folders, Setting
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.benchmark.describe import Correlations, Describe, correlate, describe
from integrade.subjects.shape.effect_size import EffectSizes, effect_sizes
from integrade.subjects.shape.two_lines import TwoLines, TwoLinesResult, two_lines

if TYPE_CHECKING:
    from integrade.study.config import Regression

EXTRA = ("human_capital", "rd", "invint")
"""Columns of the panel that are described where they are, beside those of the regression."""


@dataclass(frozen=True)
class Benchmark:
    """The columns of the table, the description of their rows; ``incomplete`` rows of the panel lack a column."""

    columns: tuple[Column, ...]
    describe: tuple[Describe, ...]
    correlations: Correlations
    effects: EffectSizes | None
    incomplete: int


def run(at: Setting, out: Path, done: Folders) -> None:
    """Estimate it, and store the rows and the formula of its full regression."""
    panel, chosen = panel_in(done), at.study.regression
    columns = tuple(benchmark(panel, chosen, at.study.section("inference")))
    sample = estimation_sample(panel, chosen)
    listed = described_columns(panel.columns, chosen)
    sample.write_parquet(out / SAMPLE, compression="lz4")
    (out / FORMULA).write_text(columns[-1].headline.formula, encoding="utf-8")
    found = Benchmark(
        columns,
        tuple(describe(sample, listed, complete=False)),
        correlate(sample, listed[: 2 + len(chosen.controls)]),
        _effects(columns),
        panel.height - sample.height,
    )
    keep_answer(Answer(found), out)


def benchmark_in(done: Folders) -> Benchmark:
    """What the step stored."""
    found: Benchmark = stored_answer(done["benchmark"], Benchmark).found
    return found


def described_columns(there: Sequence[str], chosen: Regression) -> list[str]:
    """The columns of the regression and `EXTRA`, each once, that are there."""
    return [c for c in dict.fromkeys((*_regression_columns(chosen), *EXTRA)) if c in there]


def benchmark(panel: pl.DataFrame, chosen: Regression, settings: Any = None) -> list[Column]:
    """The paper's Table 4: without and with controls, each under the headline and the other covariances.

    The square enters where the study says so.
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
    """The rows with every column of the full regression: both columns of the table use the same sample."""
    effects = [part for effect in chosen.effects for part in effect.split("^")]
    needed = [*_regression_columns(chosen), *effects, *([] if chosen.cluster is None else chosen.cluster.split("+"))]
    return panel.drop_nulls([c for c in dict.fromkeys(n.strip() for n in needed) if c in panel.columns])


def _column(label: str, sample: Ready, formula: str, chosen: Regression, settings: Any) -> Column:
    options = options_of(chosen)
    design = prepare(sample, formula, options)
    headline = estimate(design, options_of(chosen, wild=chosen.wild, settings=settings))
    beside: dict[str, FitResult] = {}
    level = chosen.cluster or "region"
    others: list[tuple[Literal["iid", "CR1", "CR3"], str | None]] = [("iid", None), ("CR1", "firm"), ("CR1", level)]
    others += [("CR3", level)] if "+" not in level else []
    for kind, cluster in others:
        same = (kind, cluster or "") == (headline.kind, "+".join(headline.clusters))
        if not same and (cluster is None or set(cluster.replace(" ", "").split("+")) <= set(sample.columns)):
            name = f"{kind} {cluster}" if cluster else kind
            beside[name] = estimate(design, replace(options, vcov=kind, cluster=cluster, df="auto"))
    test = _u_test(headline, chosen.treatment) if chosen.square else None
    lines = lines_of(sample, formula, chosen.treatment, options) if test else None
    return Column(label, headline, beside, test, _hausman(sample, formula, chosen), lines)


def lines_of(sample: pl.DataFrame | Ready, formula: str, treatment: str, how: Fit) -> TwoLinesResult | None:
    """Simonsohn's two lines beside a U-test: without them no curve counts as an inverted U.

    None where they cannot be estimated (fewer than five distinct values, a side without variation, a treatment that
    also stands in another term).
    """
    try:
        return two_lines(sample, formula, TwoLines(variable=treatment, fit=how))
    except (DataError, UsageError):
        return None


def _effects(columns: Sequence[Column]) -> EffectSizes | None:
    """Of the last column; nothing where the treatment's curve is not identified."""
    return effect_sizes(columns[-1].headline) if columns and columns[-1].u_test else None


def _u_test(headline: FitResult, treatment: str) -> UTest | None:
    return None if {treatment, f"{treatment}^2"} & set(headline.dropped) else u_test(headline, treatment)


def _hausman(sample: Ready, formula: str, chosen: Regression) -> Hausman | None:
    if "firm" not in chosen.effects or chosen.hausman == "none":
        return None
    return hausman(sample, formula, method=chosen.hausman, cluster=chosen.cluster)
