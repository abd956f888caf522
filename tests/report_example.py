"""A whole study made by hand: 31 provinces, 10 years, the paper's Table 4 with plausible covariances."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
from scipy import special

from integrade.estimate.hausman import Hausman
from integrade.estimate.inverted_u import u_test
from integrade.estimate.results import Coefficient, Effect, FitResult, Spread, Wild
from integrade.geography import PROVINCES
from integrade.report.document import Document
from integrade.study.printed import compose
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.benchmark.describe import Correlations, Describe
from integrade.subjects.shape.two_lines import Line, TwoLinesResult
from integrade.subjects.truth.model import Truth
from integrade.verdicts.bundle import Index, IndexPoint, RankedRegion, StudyResults, TrendPoint
from plainwords.account import Account, Entry

YEARS = range(2004, 2014)
CONTROLS = {
    "scale": (0.0169, 0.00021),
    "age": (0.0039, 0.00036),
    "roa": (0.0211, 0.00077),
    "rdebt": (0.0008, 0.00051),
    "fic": (0.0202, 0.00081),
}
B1, B2, CENTRE = 0.0534, -0.0066, 4.2


def coefficient(term: str, estimate: float, error: float, df: float) -> Coefficient:
    t = estimate / error
    p = float(2 * special.stdtr(df, -abs(t)))
    width = float(special.stdtrit(df, 0.975)) * error
    return Coefficient(term, estimate, error, t, p, estimate - width, estimate + width)


def spread() -> Spread:
    """A market index around 4.2 that rises over the years."""
    x = np.round(np.linspace(3.165, 4.732, 157), 4)

    def counts(centre: float, n: float) -> np.ndarray:
        weight = np.exp(-0.5 * ((x - centre) / 0.2) ** 2)
        return np.maximum(np.round(weight / weight.sum() * n), 1.0)

    by_year = {str(y): (x, counts(3.9 + 0.055 * (y - 2004), 59000)) for y in YEARS}
    total = np.sum([c for _, c in by_year.values()], axis=0)
    return Spread("market", float(x[0]), float(x[-1]), x, total, True, by_year)


def fit(kind: str, clusters: Mapping[str, int], inflation: float, *, controls: bool = True) -> FitResult:
    """One fit of the benchmark whose treatment errors are ``inflation`` times the iid ones (0.0007 at the centre)."""
    df = min(clusters.values(), default=546_000) - 1.0
    flat, bend = 0.0007 * inflation, 0.0009 * inflation
    s22 = bend**2
    s12 = -2 * CENTRE * s22
    s11 = flat**2 + 4 * CENTRE**2 * s22
    terms = {"market": (B1, math.sqrt(s11)), "market^2": (B2, bend)} | (CONTROLS if controls else {})
    vcov = np.diag([e**2 for _, e in terms.values()])
    vcov[0, 1] = vcov[1, 0] = s12
    wild = (
        Wild("market", 0.0144, 9999, "rademacher", 1e-4, 20240101),
        Wild("market^2", 0.0111, 9999, "rademacher", 1e-4, 20240101),
        Wild("scale", 0.0001, 9999, "rademacher", 1e-4, 20240101),
        Wild("market + market^2", 0.0213, 9999, "rademacher", 1e-4, 20240101),
    )
    return FitResult(
        formula="quality ~ market + market^2 + scale + age + roa + rdebt + fic | firm + year",
        outcome="quality",
        coefficients=tuple(coefficient(t, b, e, df) for t, (b, e) in terms.items()),
        vcov=vcov,
        nobs=594_596,
        n_singletons=1_204,
        n_missing=320,
        dropped={},
        effects=(Effect("firm", 132_017, 0, True, 212), Effect("year", 10, 1, False)),
        r2=0.747,
        r2_adjusted=0.68,
        r2_within=0.0213,
        r2_within_xtreg=0.26,
        rmse=0.06,
        df_t=df,
        kind=kind,
        ssc="reghdfe",
        clusters=clusters,
        constant=(0.3585, None),
        spreads=(spread(),),
        wild=wild if kind == "CR3" else (),
        notes=(
            "212 firm fixed effects (0.2%) cover rows of more than one region. "
            "The degrees of freedom do not count these effects, as if they were nested in the clusters",
        )
        if clusters
        else (),
    )


def column(label: str, *, controls: bool = True) -> Column:
    headline = fit("CR3", {"region": 31}, 2.6, controls=controls)
    beside = {
        "iid": fit("iid", {}, 1.0, controls=controls),
        "CR1 firm": fit("CR1", {"firm": 132_017}, 1.02, controls=controls),
        "CR1 region": fit("CR1", {"region": 31}, 2.2, controls=controls),
    }
    hausman = Hausman("mundlak", 812.4, 7.0, 1e-9, True, "Cluster-robust Wald test of the firm means.")
    return Column(label, headline, beside, u_test(headline, "market"), hausman, two_lines())


def clear(found: Column) -> Column:
    """The column with half the errors of its slopes at p5 to p95, where the example establishes no rise."""
    assert found.u_test is not None
    slopes = tuple((where, x, slope, error / 2) for where, x, slope, error in found.u_test.slopes)
    return replace(found, u_test=replace(found.u_test, slopes=slopes))


def two_lines(*, second: float = -0.06, p_second: float = 0.004) -> TwoLinesResult:
    """Two lines in market that rise and then fall, or another second line."""
    first = Line(0.05, 0.01, 5.0, 0.0002, 210_000)
    other = Line(second, 0.02, second / 0.02, p_second, 384_596)
    shape = "inverted U" if second < 0 and p_second < 0.05 else "neither"
    ends = {"extreme": 4.0, "flat_low": 3.9, "flat_high": 4.1, "first_break": 4.0, "break_at": 4.02}
    return TwoLinesResult(
        "market", shape, "inverted U", knots=10, first=first, second=other, alpha=0.05, nobs=594_596, kind="CR3", **ends
    )


def index() -> Index:
    """A jagged decline with noise, values near the paper's Table 1."""
    random = np.random.default_rng(20240101)
    points: list[IndexPoint] = []
    for province in PROVINCES:
        own = random.normal(0, 0.2)
        for year in YEARS:
            log_s = math.log(0.00038) - 0.12 * (year - 2004) + own + random.normal(0, 0.35)
            points.append(
                IndexPoint(province.english, year, math.exp(log_s), -log_s / 2, 0.11 + 0.05 * random.random())
            )
    trend = [TrendPoint("nation", y, *_mean([p for p in points if p.year == y])) for y in YEARS]
    for group in ("East", "Central", "West"):
        inside = {p.english for p in PROVINCES if p.group == group}
        trend += [
            TrendPoint(group, y, *_mean([p for p in points if p.year == y and p.region in inside])) for y in YEARS
        ]
    return Index(
        "log_inverse_sqrt",
        31,
        10,
        _ranking(points),
        tuple(trend),
        tuple(points),
        split_half=0.23,
        spearman_brown=0.374,
        noise_share=0.58,
        jackknife_coverage=0.89,
        breaks=("2009: the list of goods changes from 10 to 9",),
    )


def _mean(points: list[IndexPoint]) -> tuple[float, float, float]:
    s = float(np.mean([p.segmentation for p in points]))
    return s, -0.5 * math.log(s), 0.05


def _ranking(points: list[IndexPoint]) -> tuple[RankedRegion, ...]:
    def ranks(values: dict[str, float]) -> dict[str, int]:
        return {name: i for i, name in enumerate(sorted(values, key=lambda n: -values[n]), start=1)}

    average = {p.english: float(np.mean([q.segmentation for q in points if q.region == p.english])) for p in PROVINCES}
    first = {p.region: p.segmentation for p in points if p.year == 2004}
    last = {p.region: p.segmentation for p in points if p.year == 2013}
    ra, rf, rl = ranks(average), ranks(first), ranks(last)
    return tuple(
        RankedRegion(
            p.english,
            p.group,
            average[p.english],
            ra[p.english],
            first[p.english],
            rf[p.english],
            last[p.english],
            rl[p.english],
        )
        for p in PROVINCES
    )


DESCRIBED = {
    "quality": (0.401, 0.943, 0.714, 0.107),
    "market": (3.165, 4.732, 4.276, 0.271),
    "scale": (7.849, 14.869, 10.746, 1.449),
    "age": (0.0, 3.85, 2.122, 0.648),
    "roa": (-0.234, 0.909, 0.083, 0.166),
    "rdebt": (0.023, 1.37, 0.553, 0.272),
    "fic": (0.0, 0.729, 0.192, 0.163),
    "rd": (3.165, 7.305, 5.859, 0.923),
}


def describes() -> tuple[Describe, ...]:
    return tuple(
        Describe(name, 594_596, mid + 0.01, sd, low, mid - sd / 2, mid, mid + sd / 2, high)
        for name, (low, high, mid, sd) in DESCRIBED.items()
    )


def correlations() -> Correlations:
    """The paper's Table 3."""
    below = [
        [],
        [0.192],
        [0.217, 0.154],
        [0.097, 0.126, 0.264],
        [0.025, 0.108, -0.064, -0.018],
        [-0.011, -0.012, -0.011, -0.026, -0.228],
        [-0.019, 0.018, -0.047, 0.002, 0.003, 0.132],
    ]
    r = np.eye(7)
    for i, row in enumerate(below):
        for j, value in enumerate(row):
            r[i, j] = r[j, i] = value
    n = 594_596
    with np.errstate(divide="ignore"):
        t = np.abs(r) * np.sqrt((n - 2) / (1 - r**2))
    names = ("quality", "market", "scale", "age", "roa", "rdebt", "fic")
    vif = dict(zip(names[1:], (1.05, 1.1, 1.08, 1.07, 1.08, 1.02), strict=True))
    return Correlations(names, r, 2 * special.stdtr(n - 2, -t), n, vif)


def account() -> Account:
    return Account(
        (
            Entry("read", "prices", "in", "rows", 3_472),
            Entry("conform", "prices", "dropped", "index is missing", 11, "西藏, 2005, 食品"),
            Entry("conform", "prices", "out", "rows", 3_461),
            Entry("read", "customs", "in", "rows", 9_314_112),
            Entry("conform", "customs", "dropped", "quantity is zero or missing", 402_118, "row 17"),
            Entry("conform", "customs", "merged", "months added up", 5_001_870),
            Entry("residual", "customs", "dropped", "leverage 1: a cell with one row", 55_210),
            Entry("read", "firms", "in", "rows", 2_703_117),
            Entry("clean", "firms", "dropped", "not manufacturing", 188_024),
            Entry("match", "firms", "dropped", "no exports found by name, postcode or phone", 1_915_210),
            Entry("controls", "firms", "note", "fic: assets in thousand yuan", 0),
            Entry("assemble", "panel", "in", "matched firm-years", 599_883),
            Entry("assemble", "panel", "dropped", "no index for region and year", 3_763),
            Entry("winsorise", "panel", "clipped", "roa above 0.909", 5_961),
            Entry("fit", "panel", "dropped", "outcome, regressor, effect or cluster missing", 320),
            Entry("fit", "panel", "dropped", "singletons of the fixed effects", 1_204),
            Entry("fit", "panel", "out", "rows in the regression", 594_596),
        )
    )


def study(**changes: object) -> StudyResults:
    parts: dict[str, object] = {
        "title": "Market integration and export quality: 示例 <study>",
        "preset": "sound",
        "settings": {"integration.transform": "log_inverse_sqrt", "quality.sigma": "5", "regression.vcov": "CR3"},
        "account": account(),
        "index": index(),
        "describe": describes(),
        "correlations": correlations(),
        "benchmark": (column("(1)", controls=False), column("(2)")),
        "units": {"quality": "0..1", "market": "log points"},
        "labels": {},
        "truth": (
            Truth("market", 0.06, 0.0589, B1, B1 - 0.03, B1 + 0.03, "attenuated by the sampling error of the index"),
            Truth("market^2", -0.009, -0.0088, B2, B2 - 0.002, B2 + 0.002),
            Truth("turning_point", 3.9, 3.93, 4.045, 3.95, 4.14),
        ),
        "warnings": ("rdebt missing in 320 rows: liabilities is missing",),
        "provenance": (
            {"table": "prices", "file": "raw/prices/2004.xlsx", "sha256": "3f" * 32},
            {"table": "customs", "file": "raw/customs/2004.parquet", "sha256": "a9" * 32},
        ),
    }
    return StudyResults(**(parts | changes))  # type: ignore[arg-type]


@cache
def composed() -> Document:
    """Its report in English, composed once for all tests that read it."""
    return compose(study())
