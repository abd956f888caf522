"""From the tables of a study to `StudyResults`: the index summary, the benchmark, its tests and its truth."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import polars as pl

from integrade.account import Account, Entry
from integrade.frames import Engine, Table
from integrade.models.bundle import Column, Index, IndexPoint, RankedRegion, StudyResults, TrendPoint
from integrade.models.describe import correlate, describe
from integrade.models.hausman import hausman
from integrade.models.linear.fit import estimate, prepare
from integrade.models.linear.results import FitResult, Hausman, UTest
from integrade.models.shape.effect_size import EffectSizes, effect_sizes
from integrade.models.shape.inverted_u import u_test
from integrade.report.verdicts import verdicts
from integrade.study.config import Regression, Study
from integrade.study.hypotheses import own_rules
from integrade.study.inputs import described, raw_files
from integrade.study.measures import by_prices, measure_of
from integrade.study.questions import Asked, answer, data_of, index_series, options_of
from integrade.study.registers import stored_match
from integrade.study.sections import ASKED, Inference
from integrade.study.situation import situation
from integrade.study.truth import compare, noise_beside_truth
from integrade.study.versions import Base, versions

Folders = dict[str, Path]


def analyse(study: Study, root: Path, done: Folders, engine: Engine = "auto") -> StudyResults:
    """Estimate everything the report prints. Nothing is read but the outputs of earlier steps (and the truth).

    Other versions of outcome and index are measured with ``engine``, their steps stored beside those in ``done``.
    """
    panel = pl.read_parquet(done["panel"] / "panel.parquet")
    columns = tuple(benchmark(panel, study.regression, study.inference))
    others, left = versions(Base(study, root, done["panel"].parent, engine, panel, columns[-1], tuple(done.values())))
    counted = {step: _account(done[step]) for step in ("prices", "integration", "quality", "panel")}
    account = Account(tuple(e for entries in counted.values() for e in entries))
    sample = _estimation_sample(panel, study.regression)
    found = done["prices"] / "prices.parquet"
    prices, rows = _stored(found, "prices") if found.exists() else None, _rows(done["quality"] / "quality_rows.parquet")
    series = index_series(study, done["integration"])
    asked = Asked(study, sample, columns[-1].headline.formula, series, root, prices, rows)
    answers, data = answer(asked), data_of(asked)
    account += answers.account + _last_entries(columns, panel.height - sample.height)
    listed = [c for c in (*_regression_columns(study.regression), *EXTRA) if c in panel.columns]
    results = StudyResults(
        title=study.title,
        preset=study.preset,
        settings=_settings(study),
        account=account,
        index=summarise_index(study, done),
        describe=tuple(describe(sample, listed, complete=False)),
        correlations=correlate(sample, listed[: 2 + len(study.regression.controls)]),
        benchmark=columns,
        units=UNITS,
        labels=study.report.labels,
        truth=compare(data, panel, done, columns[-1], answers) if study.truth else (),
        warnings=(*_warnings(account, columns), *answers.warnings, *left),
        provenance=tuple(_provenance(study, root)),
        lags=answers.lags,
        mediation=answers.mediation,
        groups=answers.groups,
        group_family=answers.group_family,
        robustness=answers.robustness,
        shape=answers.shape,
        inference=answers.inference,
        noise=noise_beside_truth(data, answers.noise),
        sensitivity=answers.sensitivity,
        instruments=answers.instruments,
        row_level=answers.row_level,
        spillover=answers.spillover,
        left_out=answers.left_out,
        stages={step: len(entries) for step, entries in counted.items()},
        situation=situation(study, panel, done),
        effects=_effects(columns),
        match=stored_match(done["panel"]),
        versions=others,
        hypotheses=own_rules(study),
    )
    return replace(results, verdicts=verdicts(results))


def _stored(file: Path, name: str) -> Table | None:
    return Table(name, pl.read_parquet(file), conformed=name) if file.exists() else None


def _rows(file: Path) -> pl.DataFrame | None:
    """Quality of the customs rows, where the study asked for it."""
    return pl.read_parquet(file) if file.exists() else None


EXTRA = ("human_capital", "rd", "invint")
UNITS = {
    "quality": "standardised, 0..1",
    "market": "0.5 ln(1/S), S in squared log points",
    "scale": "ln total assets",
    "age": "ln(years + 1)",
    "roa": "ratio",
    "rdebt": "ratio",
    "fic": "see settings",
    "invint": "ratio",
    "human_capital": "ln years of schooling",
    "rd": "as given",
}


def benchmark(panel: pl.DataFrame, chosen: Regression, settings: Inference | None = None) -> list[Column]:
    """The paper's Table 4: without and with controls, each under the headline and the other covariances."""
    x = chosen.treatment
    base = f"{chosen.outcome} ~ {x} + {x}^2"
    effects = " | " + " + ".join(chosen.effects) if chosen.effects else ""
    full = " + ".join([base, *chosen.controls])
    formulas = [base + effects] if not chosen.controls else [base + effects, full + effects]
    sample = _estimation_sample(panel, chosen)
    return [_column(f"({i})", sample, formula, chosen, settings) for i, formula in enumerate(formulas, start=1)]


def _regression_columns(chosen: Regression) -> list[str]:
    return [chosen.outcome, chosen.treatment, *chosen.controls]


def _estimation_sample(panel: pl.DataFrame, chosen: Regression) -> pl.DataFrame:
    """The rows with every column of the full regression: both columns of the table use the same sample."""
    effects = [part for effect in chosen.effects for part in effect.split("^")]
    needed = [*_regression_columns(chosen), *effects, *([] if chosen.cluster is None else chosen.cluster.split("+"))]
    return panel.drop_nulls([c for c in dict.fromkeys(n.strip() for n in needed) if c in panel.columns])


def _column(
    label: str, sample: pl.DataFrame, formula: str, chosen: Regression, settings: Inference | None
) -> Column:  # fmt: skip
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
    return Column(label, headline, beside, _u_test(headline, chosen.treatment), _hausman(sample, formula, chosen))


def _effects(columns: Sequence[Column]) -> EffectSizes | None:
    """Of the last column; nothing where the treatment's curve is not identified."""
    return effect_sizes(columns[-1].headline) if columns and columns[-1].u_test else None


def _u_test(headline: FitResult, treatment: str) -> UTest | None:
    return None if {treatment, f"{treatment}^2"} & set(headline.dropped) else u_test(headline, treatment)


def _hausman(sample: pl.DataFrame, formula: str, chosen: Regression) -> Hausman | None:
    if "firm" not in chosen.effects or chosen.hausman == "none":
        return None
    return hausman(sample, formula, method=chosen.hausman, cluster=chosen.cluster)


def summarise_index(study: Study, done: Folders) -> Index:
    """The index as the report shows it: ranking, trends, points and trust figures."""
    folder = done["integration"]
    region, ranked = pl.read_parquet(folder / "integration.parquet"), pl.read_parquet(folder / "ranking.parquet")
    trust = json.loads((folder / "trust.json").read_text(encoding="utf-8"))
    record, measured = measure_of(study, "integration"), by_prices(study)
    goods = pl.read_parquet(done["prices"] / "prices.parquet")["commodity"].n_unique() if measured else 0
    breaks = [e.reason for e in _account(folder) if e.kind == "note" and "list of " in e.reason]
    made = str(study.integration.get("transform", "log_inverse_sqrt"))
    return Index(
        measure=record.name,
        transform=made if measured else record.adds["integration"],
        n_regions=region["region"].n_unique(),
        n_goods=goods,
        ranking=tuple(RankedRegion(group=_group(row["region"]), **row) for row in ranked.iter_rows(named=True)),
        trend=tuple(_trend(folder)),
        points=tuple(
            IndexPoint(
                r["region"], r["year"], r.get("segmentation", math.nan), r["integration"], r.get("se_integration")
            )
            for r in region.iter_rows(named=True)
        ),
        split_half=trust.get("split_half"),
        spearman_brown=trust.get("spearman_brown"),
        noise_share=trust.get("noise_share"),
        jackknife_coverage=trust.get("coverage"),
        breaks=tuple(breaks),
    )


def _group(region: str) -> str:
    from integrade.geography import province_of

    found = province_of(region)
    return found.group if found else ""


def _trend(folder: Path) -> list[TrendPoint]:
    return [
        TrendPoint(row["series"], row["year"], row["segmentation"], row["integration"], row["se_integration"])
        for row in pl.read_parquet(folder / "trend.parquet").iter_rows(named=True)
    ]


def _account(folder: Path) -> list[Entry]:
    records = json.loads((folder / "account.json").read_text(encoding="utf-8"))
    return [Entry(**record) for record in records]


def _last_entries(columns: Sequence[Column], incomplete: int) -> list[Entry]:
    headline = columns[-1].headline
    missing = incomplete + headline.n_missing
    entries = [Entry("fit", "panel", "dropped", "outcome, regressor, effect or cluster missing", missing)]
    if headline.n_singletons:
        entries.append(Entry("fit", "panel", "dropped", "singletons of the fixed effects", headline.n_singletons))
    return [e for e in entries if e.rows] + [Entry("fit", "panel", "out", "rows in the regression", headline.nobs)]


def _warnings(account: Account, columns: Sequence[Column]) -> list[str]:
    noted = [e.reason for e in account if e.kind == "note" and ("list of goods" in e.reason or "missing" in e.reason)]
    fitted = [note for column in columns[-1:] for note in column.headline.notes]
    return list(dict.fromkeys([*noted, *fitted]))


def _settings(study: Study) -> dict[str, str]:
    chosen: dict[str, Any] = {f"integration.{k}": v for k, v in study.integration.items()}
    chosen |= {f"quality.{k}": v for k, v in study.quality.items()}
    chosen |= {f"controls.{k}": v for k, v in study.controls.items()}
    chosen |= {f"winsor.{k}": v for k, v in study.winsor.model_dump().items()}
    chosen |= {f"regression.{k}": v for k, v in study.regression.model_dump().items()}
    chosen |= {f"lags.{k}": v for k, v in (study.lags.model_dump() if study.lags else {}).items()}
    chosen |= {f"mediation.{k}": v for k, v in (study.mediation.model_dump() if study.mediation else {}).items()}
    for i, group in enumerate(study.groups, start=1):
        chosen |= {f"groups.{i}.{k}": v for k, v in group.model_dump(exclude_defaults=True).items()}
    varied = study.robustness.model_dump(exclude_none=True) if study.robustness else {}
    chosen |= {f"robustness.{k}": v for k, v in varied.items()}
    for section in ("outcomes", "indices", "samples", "hypotheses"):
        for i, one in enumerate(getattr(study, section), start=1):
            chosen |= {f"{section}.{i}.{k}": v for k, v in one.model_dump(exclude_none=True).items()}
    once = {name: getattr(study, name) for name in ASKED if getattr(study, name) is not None}
    several = {f"instruments.{i}": one for i, one in enumerate(study.instruments, start=1)}
    for name, section in (once | several).items():
        own = section.model_dump(exclude_none=True) if section.run else {"run": False}
        chosen |= {f"{name}.{k}": v for k, v in own.items() if k != "run" or not v}
    return {k: str(v) for k, v in chosen.items()}


def _provenance(study: Study, root: Path) -> list[dict[str, str]]:
    found = []
    for raw in raw_files(study, root):
        known = described(raw.file, root)
        used = ", ".join(raw.steps)
        found.append({"table": raw.table, "file": known["file"], "used by": used, "sha256": known["sha256"]})
    return found
