"""A simulated economy's truth beside the estimates, with the reason where the two differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from integrade.models.bundle import Column, Truth
from integrade.models.linear.fit import Fit, fit
from integrade.models.linear.results import Coefficient, FitResult
from integrade.models.shape.inverted_u import u_test
from integrade.report.regression import by_term
from integrade.study.config import Study
from integrade.study.questions import Answers, grouped, title_of

UNEQUAL = (
    "groups do not differ in truth; noise of the index flattens the curve more where the index varies less, which can "
    "look like a difference"
)

Folders = dict[str, Path]
Rows = tuple[pl.DataFrame, str]

ATTENUATED = "the estimate uses an index of few goods, whose noise flattens slope and curvature (attenuation)"
SHARE = (
    "schooling is measured well and follows the true index, so it takes over what the noise of the measured index "
    "takes from the direct effect: effect and share of the mediator come out too large"
)


def compare(study: Study, root: Path, done: Folders, column: Column, answers: Answers) -> tuple[Truth, ...]:
    """Truth, oracle and estimate for every parameter of the full benchmark regression.

    The oracle is the same regression on the true quality and the true index of the same firm-years. Coefficients are
    in units of the standardised outcome: truth and oracle are scaled by what a log point of true quality is worth.
    """
    folder = root / str(study.truth)
    known = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    panel = pl.read_parquet(done["panel"] / "panel.parquet")
    scale = float(known["standardised_per_log_point"])
    true = _true_rows(folder, panel)
    formula = column.headline.formula
    oracle = fit(true, formula, Fit(vcov="CR3", cluster=study.regression.cluster or "region"))
    return (
        *_market(study, known, scale, oracle, column),
        *_controls(study, known, scale, oracle, column),
        *_by_ownership(study, known, scale, (true, formula), answers),
        *_differences(study, scale, (true, formula), answers),
        *_mediated(known, scale, (true, formula), answers),
        *_measures(study, folder, done, panel),
    )


def _true_rows(folder: Path, panel: pl.DataFrame) -> pl.DataFrame:
    """True quality, true index and controls without error, with the panel's regions and mediators: same firm-years."""
    true = pl.read_parquet(folder / "firm_quality.parquet").drop("region")
    beside = panel.select("firm", "year", pl.exclude(true.columns))
    return true.join(beside, on=["firm", "year"])


def _truth(name: str, truth: float, oracle: float, estimate: Coefficient, note: str) -> Truth:
    return Truth(name, truth, oracle, estimate.estimate, estimate.conf_low, estimate.conf_high, note)


def _market(study: Study, known: Any, scale: float, oracle: FitResult, column: Column) -> list[Truth]:
    x = study.regression.treatment
    terms, market, test = (x, f"{x}^2"), known["market"], column.u_test
    pooled = "truth is for firms that are not state-owned; the pooled oracle includes the state-owned, without effect; "
    found = [
        _truth(term, market[key] * scale, oracle[term].estimate * scale, column.headline[term], pooled + ATTENUATED)
        for term, key in zip(terms, ("linear", "square"), strict=True)
    ]
    if test is None:
        return found
    true_test = u_test(oracle, x)
    interval = (test.fieller_low, test.fieller_high) if test.fieller_kind == "interval" else (None, None)
    note = f"Fieller interval ({test.fieller_kind}); noise in the index and its square can move the turning point"
    found.append(
        Truth("turning point", market["turning_point"], true_test.turning_point, test.turning_point, *interval, note)
    )
    if test.share_past is not None:
        name, shares = "share past the turning point", (market["share_past"], true_test.share_past, test.share_past)
        why = "share of firm-years; follows the turning point and the spread of the noisy index"
        found.append(Truth(name, *shares, None, None, why))
    return found


def _controls(study: Study, known: Any, scale: float, oracle: FitResult, column: Column) -> list[Truth]:
    note = "quality is standardised with an imposed elasticity: the scale is approximate where true elasticities differ"
    return [
        _truth(name, known["controls"][name] * scale, oracle[name].estimate * scale, column.headline[name], note)
        for name in study.regression.controls
        if name in known["controls"] and name not in (*oracle.dropped, *column.headline.dropped)
    ]


def _by_ownership(study: Study, known: Any, scale: float, on: Rows, answers: Answers) -> list[Truth]:
    """The treatment's terms in firms that are state-owned, where they do nothing, and in the others."""
    section = next((g for g in study.groups if g.how == "ownership"), None)
    split = next((s for s in answers.groups if s.how == "ownership"), None)
    if section is None or split is None:
        return []
    (true, formula), x = on, study.regression.treatment
    table, by = grouped(true, section)
    found = []
    for group in split.comparison.groups:
        state = group.group == "state"
        values, who = (known["state"], "state-owned firms") if state else (known["market"], "other firms")
        oracle = fit(table.polars().filter(pl.col(by) == group.group), formula)
        note = ATTENUATED if not state else (
            f"{group.fit.nobs:,} rows: integration does nothing here, and the interval should hold zero"
        )  # fmt: skip
        for term, key in ((x, "linear"), (f"{x}^2", "square")):
            if term in by_term(group.fit) and term in by_term(oracle):
                truth, on_true = values[key] * scale, oracle[term].estimate * scale
                found.append(_truth(f"{term} of {who}", truth, on_true, group.fit[term], note))
    return found


def _differences(study: Study, scale: float, on: Rows, answers: Answers) -> list[Truth]:
    """The curvature in the first two groups of every other split, which is the same in both."""
    (true, formula), square, found = on, f"{study.regression.treatment}^2", list[Truth]()
    sections = {title_of(g): g for g in study.groups}
    for split in answers.groups:
        if split.how not in ("intensity", "period", "area"):
            continue
        first = next((d for d in split.comparison.differences if d.term == square), None)
        table, by = grouped(true, sections[split.title])
        pair = (first.a, first.b) if first else ()
        fits = [by_term(fit(table.polars().filter(pl.col(by) == g), formula)) for g in pair]
        if first and all(square in f for f in fits):
            oracle = (fits[0][square].estimate - fits[1][square].estimate) * scale
            name = f"{square}, {first.a} less {first.b}"
            found.append(Truth(name, 0.0, oracle, first.estimate, first.conf_low, first.conf_high, UNEQUAL))
    return found


def _mediated(known: Any, scale: float, on: Rows, answers: Answers) -> list[Truth]:
    """Effect of each mediator given the index, and the share that goes through human capital."""
    (true, formula), found = on, []
    for result in answers.mediation:
        m, x = result.mediators[0], result.treatment
        if m.name not in known or m.name not in true.columns:
            continue
        regressors, effects = formula.split(" | ", 1)
        direct = fit(true, f"{regressors} + {m.name} | {effects}")
        if m.name not in by_term(direct):
            continue
        note = SHARE if known[m.name]["effect"] else "the mediator does nothing; its interval should hold zero"
        effect = known[m.name]["effect"] * scale
        found.append(_truth(f"effect of {m.name}", effect, direct[m.name].estimate * scale, m.b, note))
        share = known[m.name].get("share_of_effect")
        i = next((t for t in m.by_term if t.place == f"{x}^2"), None)  # absent with a linear path to the mediator
        if share is not None and i is not None and f"{x}^2" in by_term(direct):
            total, name = fit(true, formula), f"share of the curvature through {m.name}"
            oracle = 1 - direct[f"{x}^2"].estimate / total[f"{x}^2"].estimate
            found.append(Truth(name, share, oracle, i.share, i.share_low, i.share_high, SHARE))
    return found


def _measures(study: Study, folder: Path, done: Folders, panel: pl.DataFrame) -> list[Truth]:
    """How well the measured index and the measured quality follow the true ones."""
    index = pl.read_parquet(done["integration"] / "integration.parquet")
    pairs = _one_spelling(index).join(_one_spelling(pl.read_parquet(folder / "index.parquet")), on=["region", "year"])
    within = pairs.with_columns(
        pl.col("integration", "integration_right") - pl.col("integration", "integration_right").mean().over("year")
    )
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
