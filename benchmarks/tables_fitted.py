"""Regressions on small simulated panels, as four packages report them: what consistent printed tables are made of."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.random import Generator


@dataclass(frozen=True)
class Est:
    """One coefficient with all that its package reports of it."""

    b: float
    se: float
    t: float
    p: float
    low: float
    high: float


@dataclass
class Model:
    """A regression as reported. ``df`` are the degrees of freedom of its t (infinite: the normal)."""

    outcome: str
    terms: dict[str, Est]
    n: int
    fit: dict[str, float] = field(default_factory=dict)
    effects: dict[str, bool] = field(default_factory=dict)
    df: float = np.inf
    group: str = ""
    ratio: bool = False
    turning: float | None = None


NAMES = ("y", "m", "x1", "x2", "x3", "x4", "med")


def panel(rng: Generator, *, firms: int | None = None) -> pd.DataFrame:
    """Firms by years with holes, 60 to 3,000 rows; ``m`` varies with region and year, ``med`` is between it and y."""
    firms = firms or int(np.exp(rng.uniform(np.log(18), np.log(420))))
    years = int(rng.integers(4, 8))
    regions = int(min(rng.integers(5, 32), firms // 3))
    d = pd.DataFrame(
        {"firm": np.repeat(np.arange(firms), years), "year": np.tile(np.arange(2004, 2004 + years), firms)}
    )
    d["region"] = d.firm % regions
    shock = rng.normal(size=(regions, years)) * 0.6 + rng.normal(size=(regions, 1))
    d["m"] = shock[d.region, d.year - 2004] + 2.5
    for k in range(1, 5):
        d[f"x{k}"] = rng.normal(size=firms)[d.firm] * 0.7 + rng.normal(size=len(d)) + rng.normal() * 2
    d["size"] = rng.normal(size=firms)[d.firm]
    d["inst"] = d.m + 0.7 * rng.normal(size=len(d))
    beta = rng.normal(size=4) * rng.choice([0.02, 0.15, 0.5], size=4)
    strength = rng.choice([0.0, 0.08, 0.3])
    d["med"] = rng.normal() * 0.3 * d.m + 0.2 * d.x1 + rng.normal(size=len(d)) + rng.normal(size=firms)[d.firm] * 0.4
    mean = strength * (d.m - rng.choice([0.0, 0.15]) * d.m**2) + rng.choice([0.0, 0.3]) * d.med
    noise = rng.choice([0.5, 1.0, 2.0])
    d["y"] = mean + sum(b * d[f"x{k + 1}"] for k, b in enumerate(beta)) + rng.normal(size=firms)[d.firm] * 0.5
    d["y"] = d.y + noise * rng.normal(size=len(d)) + 0.3 * (d.year - 2004)
    d["z"] = mean * 0.5 + 0.3 * d.x2 + rng.normal(size=len(d))
    d["d"] = (d.y > np.quantile(d.y, rng.uniform(0.25, 0.75))).astype(float)
    for name in ("y", "x1", "x2", "x3", "x4"):
        d[name] *= 10.0 ** rng.integers(-1, 2)
    d["y"] += rng.uniform(-3, 3)
    kept = d[rng.random(len(d)) > rng.uniform(0, 0.25)].iloc[:3000]
    while len(kept) < 60:
        kept = d
    return kept.reset_index(drop=True)


Fitter = Callable[[pd.DataFrame, str, Sequence[str], dict], Model]


def _model(outcome: str, names: Sequence[str], arrays: Sequence[Sequence[float]], **more: object) -> Model:
    terms = {n: Est(*(float(v) for v in row)) for n, row in zip(names, zip(*arrays, strict=True), strict=True)}
    return Model(outcome, terms, **more)  # type: ignore[arg-type]


def by_statsmodels(d: pd.DataFrame, y: str, xs: Sequence[str], how: dict) -> Model:
    """OLS with or without year dummies; errors plain, robust (normal), or by clusters (normal or t(G - 1))."""
    import statsmodels.api as sm

    kind = how.get("vcov", "iid")
    x = sm.add_constant(d[list(xs)].astype(float))
    shown = list(x.columns)
    if how.get("year"):
        x = pd.concat([x, pd.get_dummies(d.year, prefix="year", drop_first=True).astype(float)], axis=1)
    if kind == "cluster":
        r = sm.OLS(d[y], x).fit(
            cov_type="cluster", cov_kwds={"groups": d[how["cluster"]]}, use_t=how.get("use_t", True)
        )
    else:
        r = sm.OLS(d[y], x).fit(cov_type={"iid": "nonrobust"}.get(kind, kind), use_t=how.get("use_t", True))
    ci = r.conf_int()
    groups = d[how["cluster"]].nunique() if kind == "cluster" else 0
    fit = {"r2": r.rsquared, "r2_adjusted": r.rsquared_adj, "df": r.df_resid if not groups else groups - 1}
    if not how.get("year"):
        fit["f"] = float(np.squeeze(r.fvalue))
    if groups:
        fit["clusters"] = groups
    arrays = [a[shown] for a in (r.params, r.bse, r.tvalues, r.pvalues, ci[0], ci[1])]
    df = np.inf if not how.get("use_t", True) else float(groups - 1 if groups else r.df_resid)
    effects = {"year": bool(how.get("year"))} if "year" in how else {}
    return _model(y, shown, arrays, n=int(r.nobs), fit=fit, effects=effects, df=df)


def by_integrade(d: pd.DataFrame, y: str, xs: Sequence[str], how: dict) -> Model:
    """Our own: effects absorbed, clusters, t(G - 1)."""
    import integrade as ig

    parts = f"{y} ~ {' + '.join(x.replace('m2', 'm^2') for x in xs)}"
    on = [e for e in ("firm", "year") if how.get(e)]
    formula = parts + (f" | {' + '.join(on)}" if on else "")
    r = ig.fit(d, formula, cluster=how["cluster"]) if how.get("cluster") else ig.fit(d, formula, vcov="HC1")
    tidy = r.tidy()
    tidy = tidy.to_pandas() if hasattr(tidy, "to_pandas") else tidy
    fit = {"r2": r.r2, "r2_adjusted": r.r2_adjusted}
    if on:
        fit["r2_within"] = r.r2_within
    if how.get("cluster"):
        fit["clusters"] = d[how["cluster"]].nunique()
    names = [{"m^2": "m2", "_cons": "const", "constant": "const"}.get(t, t) for t in tidy["term"]]
    cols = [tidy[c] for c in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")]
    made = _model(y, names, cols, n=int(r.nobs), fit=fit, effects={e: bool(how.get(e)) for e in ("firm", "year")})
    made.df = float(next(iter(r.df_by_term.values()))) if getattr(r, "df_by_term", None) else float(r.df_t)
    return made


def by_pyfixest(d: pd.DataFrame, y: str, xs: Sequence[str], how: dict) -> Model:
    """Effects absorbed, errors by clusters."""
    from pyfixest.estimation import feols

    on = [e for e in ("firm", "year") if how.get(e)]
    vcov = {"CRV1": how["cluster"]} if how.get("cluster") else "hetero" if not on else "iid"
    r = feols(f"{y} ~ {' + '.join(xs)}" + (f" | {' + '.join(on)}" if on else ""), d, vcov=vcov)
    tidy = r.tidy()
    names = [{"Intercept": "const"}.get(t, t) for t in tidy.index]
    fit = {"r2": float(r._r2), "r2_adjusted": float(r._adj_r2)}
    if on:
        fit["r2_within"] = float(r._r2_within)
    if how.get("cluster"):
        fit["clusters"] = d[how["cluster"]].nunique()
    cols = [tidy[c] for c in ("Estimate", "Std. Error", "t value", "Pr(>|t|)", "2.5%", "97.5%")]
    return _model(y, names, cols, n=int(r._N), fit=fit, effects={e: bool(how.get(e)) for e in ("firm", "year")})


def by_linearmodels(d: pd.DataFrame, y: str, xs: Sequence[str], how: dict) -> Model:
    """Panel regression with entity and time effects."""
    from linearmodels.panel import PanelOLS

    data = d.set_index(["firm", "year"])
    model = PanelOLS(data[y], data[list(xs)], entity_effects=bool(how.get("firm")), time_effects=bool(how.get("year")))
    r = model.fit(cov_type="clustered", cluster_entity=True)
    ci = r.conf_int()
    fit = {"r2": float(r.rsquared), "firms": d.firm.nunique(), "years": d.year.nunique()}
    cols = [r.params, r.std_errors, r.tstats, r.pvalues, ci["lower"], ci["upper"]]
    effects = {e: bool(how.get(e)) for e in ("firm", "year")}
    return _model(y, list(r.params.index), cols, n=int(r.nobs), fit=fit, effects=effects, df=float(r.df_resid))


def by_iv(d: pd.DataFrame, y: str, xs: Sequence[str], how: dict) -> Model:  # noqa: ARG001
    """Two-stage least squares of m by its instrument (normal)."""
    from linearmodels.iv import IV2SLS

    exog = d[[x for x in xs if x != "m"]].assign(const=1.0)
    r = IV2SLS(d[y], exog, d[["m"]], d[["inst"]]).fit(cov_type="robust")
    ci = r.conf_int()
    names = ["m", *(x for x in xs if x != "m"), "const"]
    cols = [a[names] for a in (r.params, r.std_errors, r.tstats, r.pvalues, ci["lower"], ci["upper"])]
    return _model(y, names, cols, n=int(r.nobs), fit={"r2": float(r.rsquared)})


def by_logit(d: pd.DataFrame, xs: Sequence[str], *, ratio: bool) -> Model | None:
    """Logit of the dummy; ``ratio`` exponentiates coefficient and interval (its error is the delta method's)."""
    import statsmodels.api as sm

    x = sm.add_constant(d[list(xs)].astype(float))
    try:
        r = sm.Logit(d.d, x).fit(disp=0)
    except Exception:  # a perfectly separated sample has no logit
        return None
    ci = r.conf_int()
    b, se, low, high = r.params, r.bse, ci[0], ci[1]
    if not np.isfinite(se).all() or np.abs(b).max() > 20:
        return None
    if ratio:
        b, se, low, high = np.exp(b), np.exp(b) * se, np.exp(low), np.exp(high)
    fit = {"r2_pseudo": r.prsquared, "loglik": r.llf}
    made = _model("d", list(x.columns), [b, se, r.tvalues, r.pvalues, low, high], n=int(r.nobs), fit=fit)
    made.ratio = ratio
    return made


def quietly(make: Callable[[], object]) -> object:
    """What a package makes, without its warnings."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return make()
