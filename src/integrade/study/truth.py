"""A simulated economy's truth beside the estimates, with the reason where the two differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from integrade.models.bundle import Column, Truth
from integrade.models.fit import Fit, fit
from integrade.models.inverted_u import u_test
from integrade.models.results import Coefficient, FitResult
from integrade.study.config import Study

Folders = dict[str, Path]


def compare(study: Study, root: Path, done: Folders, column: Column) -> tuple[Truth, ...]:
    """Truth, oracle and estimate for every parameter of the full benchmark regression.

    The oracle is the same regression on the true quality and the true index of the same firm-years. Coefficients are
    in units of the standardised outcome: truth and oracle are scaled by what a log point of true quality is worth there.
    """
    folder = root / str(study.truth)
    known = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    panel = pl.read_parquet(done["panel"] / "panel.parquet")
    scale = float(known["standardised_per_log_point"])
    oracle = _oracle(study, folder, panel, column.headline.formula)
    return (
        *_market(study, known, scale, oracle, column),
        *_controls(study, known, scale, oracle, column),
        *_measures(study, folder, done, panel),
    )


def _oracle(study: Study, folder: Path, panel: pl.DataFrame, formula: str) -> FitResult:
    """The benchmark formula on true quality, true index and controls without error, same firm-years."""
    true = pl.read_parquet(folder / "firm_quality.parquet").drop("region")
    regions = panel.select("firm", "year", "region")
    return fit(true.join(regions, on=["firm", "year"]), formula, Fit(vcov="CR3", cluster=study.regression.cluster or "region"))


def _truth(name: str, truth: float, oracle: float, estimate: Coefficient, note: str) -> Truth:
    return Truth(name, truth, oracle, estimate.estimate, estimate.conf_low, estimate.conf_high, note)


def _market(study: Study, known: Any, scale: float, oracle: FitResult, column: Column) -> list[Truth]:
    x = study.regression.treatment
    terms, market, test = (x, f"{x}^2"), known["market"], column.u_test
    pooled = "truth is for firms that are not state-owned; the pooled oracle includes the state-owned, without effect; "
    noisy = "the estimate uses an index of few goods, whose noise flattens slope and curvature (attenuation)"
    found = [
        _truth(term, market[key] * scale, oracle[term].estimate * scale, column.headline[term], pooled + noisy)
        for term, key in zip(terms, ("linear", "square"), strict=True)
    ]
    if test is None:
        return found
    true_test = u_test(oracle, x)
    interval = (test.fieller_low, test.fieller_high) if test.fieller_kind == "interval" else (None, None)
    note = f"Fieller interval ({test.fieller_kind}); noise in the index and its square can move the turning point"
    found.append(Truth("turning point", market["turning_point"], true_test.turning_point, test.turning_point, *interval, note))
    if test.share_past is not None:
        found.append(
            Truth("share past the turning point", market["share_past"], true_test.share_past, test.share_past, None, None,
                  "share of firm-years; follows the turning point and the spread of the noisy index")
        )  # fmt: skip
    return found


def _controls(study: Study, known: Any, scale: float, oracle: FitResult, column: Column) -> list[Truth]:
    note = "quality is standardised with an imposed elasticity: the scale is approximate where true elasticities differ"
    return [
        _truth(name, known["controls"][name] * scale, oracle[name].estimate * scale, column.headline[name], note)
        for name in study.regression.controls
        if name in known["controls"] and name not in (*oracle.dropped, *column.headline.dropped)
    ]


def _measures(study: Study, folder: Path, done: Folders, panel: pl.DataFrame) -> list[Truth]:
    """How well the measured index and the measured quality follow the true ones."""
    index = pl.read_parquet(done["integration"] / "integration.parquet")
    pairs = _one_spelling(index).join(_one_spelling(pl.read_parquet(folder / "index.parquet")), on=["region", "year"])
    within = pairs.with_columns(pl.col("integration", "integration_right") - pl.col("integration", "integration_right").mean().over("year"))
    quality = pl.read_parquet(folder / "firm_quality.parquet").select("firm", "year", true_quality="quality")
    firms = panel.join(quality, on=["firm", "year"])
    goods = pl.read_parquet(done["prices"] / "prices.parquet")["commodity"].n_unique()
    sigma = study.quality.get("sigma")
    return [
        Truth("correlation with the true index, within year", 1.0, None,
              _correlation(within, "integration", "integration_right"), None, None,
              f"an index of {goods} goods is noisy (METHODS 1.5): this is what the jackknife errors say"),
        Truth("rank correlation with the true quality", 1.0, None,
              _correlation(firms.with_columns(pl.col("quality", "true_quality").rank()), "quality", "true_quality"),
              None, None, f"elasticity imposed at {sigma}, true ones differ by product; tastes add noise"),
    ]  # fmt: skip


def _one_spelling(rows: pl.DataFrame) -> pl.DataFrame:
    from integrade.geography import province_of

    def english(name: str) -> str:
        found = province_of(name)
        return found.english if found else name

    return rows.select(pl.col("region").map_elements(english, return_dtype=pl.String), "year", "integration")


def _correlation(rows: pl.DataFrame, a: str, b: str) -> float:
    return float(rows.select(pl.corr(a, b)).item())
