"""Consistent tables of many kinds: what packages report of real fits, rounded and labelled as authors print it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.random import Generator
from tables_fitted import (
    Est,
    Model,
    by_integrade,
    by_iv,
    by_linearmodels,
    by_logit,
    by_pyfixest,
    by_statsmodels,
    panel,
    quietly,
)
from tables_set import FORMATS, LEVELS, Drawn, Shown, Style, draw_style, notes_of, number, p_text, stars

VARIABLES = ("m", "m2", "x1", "x2", "x3", "x4", "med", "const", "y", "z", "d", "Lm", "L2m", "Lx1", "L2x1")
_EACH = (
    "Market integration|Market integration squared|Firm size|Leverage|ROA|Export share|Human capital|Constant|Quality"
    "|Price|Exporter|L.Market integration|L2.Market integration|L.Firm size|L2.Firm size",
    "market|market^2|size|lev|roa|export|hcap|_cons|lnquality|lnprice|exporter|L.market|L2.market|L.size|L2.size",
    "market|I(market^2)|ln_size|leverage|roa|exports|rd|(Intercept)|quality|price|export_dummy|market (t-1)"
    "|market (t-2)|ln_size (t-1)|ln_size (t-2)",
    "c.market|c.market#c.market|size|age|capital|soe|wage|Constant|tfp|markup|exit|L.market|L2.market|L.size|L2.size",
    "市场一体化|市场一体化平方|企业规模|资产负债率|盈利能力|出口份额|人力资本|常数项|产品质量|出口价格|是否出口"
    "|L.市场一体化|L2.市场一体化|L.企业规模|L2.企业规模",
)
LABELS = tuple(dict(zip(VARIABLES, each.split("|"), strict=True)) for each in _EACH)
SIZES: Mapping[str, tuple[str, ...]] = {
    "n": ("Observations", "N", "Num.Obs.", "No. of observations", "样本量"),
    "r2": ("R-squared", "R2", "R²", "R-squared", "R²"),
    "r2_adjusted": ("Adjusted R-squared", "Adj. R2", "Adj. R²", "Adj. R-squared", "调整R²"),
    "r2_within": ("Within R-squared", "Within R2", "R² Within", "Within R2", "组内R²"),
    "r2_pseudo": ("Pseudo R-squared", "Pseudo R2", "Pseudo R²", "Pseudo R2", "伪R²"),
    "clusters": ("Clusters", "Number of clusters", "N clusters", "Clusters", "聚类数"),
    "firms": ("Firms", "Number of firms", "Firms", "Number of groups", "企业数"),
    "years": ("Years", "Number of years", "Years", "Years", "年份数"),
    "f": ("F", "F statistic", "F-stat", "F", "F值"),
    "df": ("df", "Degrees of freedom", "df", "df of t", "自由度"),
    "loglik": ("Log likelihood", "ll", "Log-lik.", "Log likelihood", "对数似然值"),
    "turning": ("Turning point", "Turning point", "turning point", "Turning point", "拐点"),
}
WHOLE = (
    ("Full sample", "SOE", "Non-SOE"),
    ("All", "Low", "High"),
    ("All", "East", "West"),
    ("Whole", "small", "large"),
    ("全样本", "国有", "非国有"),
)
OPPOSITE = (0, 1, 3, 4)


@dataclass
class Case:
    """Tables that stand in one document, with the sentences written about them."""

    tables: list[Drawn]
    text: str = ""
    note: str = ""
    moved: list[tuple[int, tuple[int, int, str, str]]] = field(default_factory=list)
    """Of a planted error: the cells it rests on, by table."""


@dataclass(frozen=True)
class Words:
    """Labels of a table."""

    which: int
    names: Mapping[str, str]

    def size(self, key: str) -> str:
        return SIZES[key][self.which]


def words_for(rng: Generator, style: Style) -> Words:
    which = 4 if style.words == "chinese" else int(rng.integers(0, 4))
    return Words(which, LABELS[which])


def shown_of(model: Model, style: Style, words: Words, heads: Sequence[str], keep: Sequence[str] = ()) -> Shown:
    """What a column prints of a model."""
    levels = LEVELS[style.levels]
    terms = {}
    for name, e in model.terms.items():
        if keep and name not in keep:
            continue
        terms[words.names[name]] = texts_of(e, style, levels)
    sizes = {words.size("n"): f"{model.n}"}
    keys = {"n": words.size("n")}
    for key, value in model.fit.items():
        if not math.isfinite(value):
            continue
        label = words.size(key)
        keys[key] = label
        whole = key in ("clusters", "firms", "years", "df")
        digits = replace(style, significant=False)
        sizes[label] = (
            f"{value:.0f}" if whole else number(value, digits, decimals=2 if key in ("f", "loglik") else None)
        )
    said = ("是", "否") if words.which == 4 else ("Yes", "No")
    names = {
        "firm": ("Firm FE", "企业固定效应"),
        "year": ("Year FE", "年份固定效应"),
        "controls": ("Controls", "控制变量"),
    }
    effects = {names[k][words.which == 4]: said[not v] for k, v in model.effects.items()}
    named = {n: words.names[n] for n in model.terms if not keep or n in keep}
    return Shown(list(heads), terms, sizes, effects, model.df, model.ratio, keys, named)


def texts_of(e: Est, style: Style, levels: Mapping[str, float]) -> dict[str, str]:
    """The texts of an estimate: everything, of which the style prints a part."""
    found = {"b": number(e.b, style)}
    for kind in style.errors:
        if kind == "interval":
            found |= {"low": number(e.low, style), "high": number(e.high, style)}
        elif kind == "p":
            found["p"] = p_text(e.p, style)
        elif kind == "t":
            found["t"] = number(e.t, style, decimals=None if style.significant else max(2, style.decimals - 1))
        else:
            found["se"] = number(e.se, style)
    found["marks"] = stars(e.p, levels)
    return found


def heads_of(n: int, outcome: str, group: str, style: Style) -> list[str]:
    """Headings of column n."""
    mark, what = f"({n + 1})", group or outcome
    if style.form == "beside" or style.heads == "joined":
        return [f"{mark} {what}"]
    if style.heads == "number_outcome":
        return [mark, what]
    if style.heads == "spanned":
        return [f"Dependent variable: {outcome}", *([group] if group else []), mark]
    if style.heads == "plain" and group:
        return [group]
    return [what, mark]


ENGINES = ("sm_iid", "sm_hc", "sm_cluster", "integrade", "pyfixest", "linearmodels", "sm_normal", "integrade_ols")


def engine(rng: Generator, *, only: Sequence[str] = ENGINES) -> Callable[[pd.DataFrame, str, Sequence[str]], Model]:
    """A way of estimating with its errors and effects drawn."""
    name = str(rng.choice(list(only)))
    cluster = str(rng.choice(["firm", "region"]))
    effects = {"firm": bool(rng.random() < 0.7), "year": bool(rng.random() < 0.6)}
    if not any(effects.values()):
        effects["firm"] = True
    year = {"year": True} if rng.random() < 0.3 else {}
    ways: dict[str, Callable[[pd.DataFrame, str, Sequence[str]], Model]] = {
        "sm_iid": lambda d, y, xs: by_statsmodels(d, y, xs, {"vcov": "iid", **year}),
        "sm_hc": lambda d, y, xs: by_statsmodels(d, y, xs, {"vcov": "HC1", **year}),
        "sm_normal": lambda d, y, xs: by_statsmodels(d, y, xs, {"vcov": "HC3", "use_t": False}),
        "sm_cluster": lambda d, y, xs: by_statsmodels(
            d, y, xs, {"vcov": "cluster", "cluster": cluster, "use_t": name == "sm_cluster", **year}
        ),
        "integrade": lambda d, y, xs: by_integrade(d, y, xs, {**effects, "cluster": cluster}),
        "integrade_ols": lambda d, y, xs: by_integrade(d, y, xs, {"cluster": cluster}),
        "pyfixest": lambda d, y, xs: by_pyfixest(d, y, xs, {**effects, "cluster": cluster}),
        "linearmodels": lambda d, y, xs: by_linearmodels(d, y, xs, effects),
    }
    return ways[name]


def _thinned(models: Sequence[Model], rng: Generator) -> None:
    """Which statistics a table prints: rows that authors leave out, the same in every column.

    Now and then R2 is that within groups, beside the adjusted one of the whole model.
    """
    if rng.random() < 0.15:
        for m in models:
            if "r2_within" in m.fit:
                m.fit["r2"] = m.fit.pop("r2_within")
    keys = list(dict.fromkeys(k for m in models for k in m.fit))
    gone = [k for k in keys if rng.random() < (0.9 if k in ("df", "loglik") else 0.35)]
    for m in models:
        m.fit = {k: v for k, v in m.fit.items() if k not in gone}
    if rng.random() < 0.25:
        for m in models:
            m.effects = {}
    elif rng.random() < 0.2:
        for m in models:
            m.effects = {**m.effects, "controls": False}


def finished(kind: str, panels: list[tuple[str, list[Shown]]], style: Style, title: str, *, cluster: str = "") -> Drawn:
    """A table with its notes."""
    starred = any(t.get("marks") for _, shown in panels for s in shown for t in s.terms.values())
    if not cluster and style.two_heads and any("clusters" in s.keys for _, shown in panels for s in shown):
        cluster = "region"
    notes = notes_of(style, starred=starred or style.levels_stated, cluster=cluster)
    return Drawn(kind, style, panels, title, notes)


def _names(style: Style) -> str:
    return "表1 回归结果" if style.words == "chinese" else "Table 1. Regression results"


def ols(rng: Generator, style: Style) -> Case | None:
    """Columns with more and more regressors; now and then two panels of outcomes, or effects added at the end."""
    d, words, fit = panel(rng), words_for(rng, style), engine(rng)
    xs = ["m", "x1", "x2", "x3", "x4"]
    steps = sorted(rng.choice(range(1, 6), size=int(rng.integers(2, 4)), replace=False))
    outcomes = ["y", "z"] if style.form != "beside" and rng.random() < 0.25 else ["y"]
    panels = []
    for p, y in enumerate(outcomes):
        models = [fit(d, y, xs[:k]) for k in steps]
        if p == 0:
            state = rng.integers(0, 2**32)
        _thinned(models, np.random.default_rng(state))
        names = [heads_of(c, words.names[y], "", style) for c in range(len(models))]
        shown = [shown_of(m, style, words, h) for m, h in zip(models, names, strict=True)]
        name = f"Panel {'AB'[p]}: {words.names[y]}" if len(outcomes) > 1 else ""
        panels.append((name, shown))
    return Case([finished("ols", panels, style, _names(style))])


def groups(rng: Generator, style: Style) -> Case | None:
    """The whole sample and two parts, now and then with a column of differences."""
    d, words, fit = panel(rng, firms=int(rng.integers(60, 400))), words_for(rng, style), engine(rng)
    which = int(rng.integers(0, 4)) if words.which != 4 else 4
    names = WHOLE[which]
    first = d["size"] < np.quantile(d["size"], rng.uniform(0.3, 0.7))
    xs = ["m", "x1", "x2", "x3"][: int(rng.integers(2, 5))]
    models = [fit(part, "y", xs) for part in (d, d[first], d[~first])]
    _thinned(models, rng)
    heads = [heads_of(c, words.names["y"], names[c], style) for c in range(3)]
    shown = [shown_of(m, style, words, h) for m, h in zip(models, heads, strict=True)]
    if rng.random() < 0.4 and style.heads in ("joined", "number_outcome") and style.form != "beside":
        shown.append(_difference(models[1], models[2], style, words))
    return Case([finished("groups", [("", shown)], style, _names(style))])


def _difference(a: Model, b: Model, style: Style, words: Words) -> Shown:
    from scipy.stats import norm

    terms = {}
    for name in a.terms:
        if name == "const" or name not in b.terms:
            continue
        gap, se = a.terms[name].b - b.terms[name].b, math.hypot(a.terms[name].se, b.terms[name].se)
        q = norm.ppf(0.975)
        terms[name] = Est(gap, se, gap / se, 2 * norm.sf(abs(gap / se)), gap - q * se, gap + q * se)
    model = Model("", terms, a.n + b.n)
    shown = shown_of(model, style, words, ["(2)-(3)"] if style.heads == "joined" else ["(2)-(3)", "Difference"])
    shown.sizes, shown.keys = {}, {}
    return shown


def lags(rng: Generator, style: Style) -> Case | None:
    """No lag, one, two, of the treatment and a control."""
    d, words = panel(rng), words_for(rng, style)
    fit = engine(rng, only=("sm_iid", "sm_cluster", "integrade", "linearmodels"))
    d = d.sort_values(["firm", "year"])
    models, heads = [], []
    for lag in range(3):
        part = d.copy()
        for x in ("m", "x1"):
            moved = part[["firm", "year", x]].assign(year=part.year + lag).rename(columns={x: "v"})
            part = part.merge(moved, on=["firm", "year"], how="left")
            part[f"{'' if not lag else 'L' if lag == 1 else 'L2'}{x}"] = part.pop("v")
        xs = [f"{'' if not lag else 'L' if lag == 1 else 'L2'}{x}" for x in ("m", "x1")]
        part = part.dropna(subset=xs)
        if len(part) < 40 or part.firm.nunique() * 1.3 > len(part):
            return None
        models.append(fit(part, "y", xs))
        heads.append(heads_of(lag, words.names["y"], "", style))
    _thinned(models, rng)
    shown = [shown_of(m, style, words, h) for m, h in zip(models, heads, strict=True)]
    return Case([finished("lags", [("", shown)], style, _names(style))])


def mediation(rng: Generator, style: Style) -> Case | None:
    """Total, first path, direct."""
    d, words, fit = panel(rng), words_for(rng, style), engine(rng)
    xs = ["m", "x1", "x2"][: int(rng.integers(2, 4))]
    models = [fit(d, "y", xs), fit(d, "med", xs), fit(d, "y", [xs[0], "med", *xs[1:]])]
    _thinned(models, rng)
    heads = [heads_of(c, words.names[m.outcome], "", style) for c, m in enumerate(models)]
    shown = [shown_of(m, style, words, h) for m, h in zip(models, heads, strict=True)]
    return Case([finished("mediation", [("", shown)], style, _names(style))])


DESCRIBED = ("n", "mean", "sd", "min", "p25", "median", "p75", "max")
_DESCRIBED = (
    ("Obs", "Mean", "Std. Dev.", "Min", "p25", "Median", "p75", "Max"),
    ("N", "Mean", "SD", "Minimum", "25%", "50%", "75%", "Maximum"),
    ("样本量", "均值", "标准差", "最小值", "p25", "中位数", "p75", "最大值"),
)


def _described(
    rng: Generator, style: Style, words: Words, d: pd.DataFrame, names: Sequence[str], *, whole: bool = False
) -> Drawn:
    kept = [k for k in DESCRIBED if k in ("n", "mean", "sd") or whole or rng.random() < 0.75]
    which = 2 if words.which == 4 else int(rng.integers(0, 2))
    heads = [_DESCRIBED[which][DESCRIBED.index(k)] for k in kept]
    rows = []
    for name in names:
        x = d[name]
        values = {"n": len(x), "mean": x.mean(), "sd": x.std(), "min": x.min(), "max": x.max(), "median": x.median()}
        values |= {"p25": x.quantile(0.25), "p75": x.quantile(0.75)}
        rows.append((words.names[name], [f"{values[k]:.0f}" if k == "n" else number(values[k], style) for k in kept]))
    title = "表1 描述性统计" if words.which == 4 else "Table 1. Descriptive statistics"
    return Drawn("descriptive", style, title=title, heads=heads, rows=rows)


def quadratic(rng: Generator, style: Style) -> Case | None:
    """A square with its turning point printed, after descriptive statistics of the same rows."""
    d, words = panel(rng), words_for(rng, style)
    fit = engine(rng, only=("sm_iid", "sm_cluster", "integrade", "pyfixest"))
    d["m2"] = d.m**2
    models = [fit(d, "y", xs) for xs in (["m", "m2"], ["m", "m2", "x1", "x2"])]
    _thinned(models, rng)
    if rng.random() < 0.7:
        for m in models:
            m.fit["turning"] = -m.terms["m"].b / (2 * m.terms["m2"].b)
    heads = [heads_of(c, words.names["y"], "", style) for c in range(2)]
    shown = [shown_of(m, style, words, h) for m, h in zip(models, heads, strict=True)]
    table = finished("quadratic", [("", shown)], style, "Table 2. Results" if words.which != 4 else "表2 回归结果")
    table.name = "table2"
    first = [_described(rng, style, words, d, ["y", "m", "x1", "x2"])] if rng.random() < 0.5 else []
    return Case([*first, table])


def logit(rng: Generator, style: Style) -> Case | None:
    """Logit, now and then as odds ratios (said in the title)."""
    d, words = panel(rng), words_for(rng, style)
    ratio = bool(rng.random() < 0.4)
    models = [by_logit(d, xs, ratio=ratio) for xs in (["m", "x1"], ["m", "x1", "x2", "x3"])]
    if any(m is None for m in models):
        return None
    made = [m for m in models if m is not None]
    _thinned(made, rng)
    heads = [heads_of(c, words.names["d"], "", style) for c in range(2)]
    shown = [shown_of(m, style, words, h) for m, h in zip(made, heads, strict=True)]
    table = finished("logit", [("", shown)], style, "Table 1. Logit" + (": odds ratios" if ratio else ""))
    return Case([table])


def iv(rng: Generator, style: Style) -> Case | None:
    """Least squares beside two-stage least squares."""
    d, words = panel(rng), words_for(rng, style)
    xs = ["m", "x1", "x2"]
    models = [by_statsmodels(d, "y", xs, {"vcov": "HC1"}), by_iv(d, "y", xs, {})]
    models[0].fit.pop("f", None)
    _thinned(models, rng)
    heads = [heads_of(c, words.names["y"], g, style) for c, g in enumerate(("OLS", "2SLS"))]
    shown = [shown_of(m, style, words, h) for m, h in zip(models, heads, strict=True)]
    return Case([finished("iv", [("", shown)], style, _names(style))])


def descriptive(rng: Generator, style: Style) -> Case | None:
    """Descriptive statistics of three to seven variables, a dummy among them."""
    d, words = panel(rng), words_for(rng, style)
    names = ["y", "m", "x1", "x2", "x3", "med", "d"][: int(rng.integers(3, 8))]
    return Case([_described(rng, style, words, d, names, whole=bool(rng.random() < 0.3))])


def correlation(rng: Generator, style: Style) -> Case | None:
    """A matrix (triangle or square) with stars by its N, which the notes name."""
    from scipy.stats import t as student

    d, words = panel(rng), words_for(rng, style)
    names = ["y", "m", "x1", "x2", "x3", "x4", "med"][: int(rng.integers(3, 8))]
    r, n = d[names].corr().to_numpy(), len(d)
    square, starred = rng.random() < 0.4, rng.random() < 0.7
    levels = LEVELS[style.levels]
    rows = []
    for i, name in enumerate(names):
        cells = []
        for j in range(len(names)):
            if j > i and not square:
                cells.append("")
                continue
            if i == j:
                cells.append(
                    number(1.0, replace(style, drop_zeros=False, significant=False)) if rng.random() < 0.999 else "1"
                )
                continue
            v = r[i, j]
            p = 2 * student.sf(abs(v) * math.sqrt((n - 2) / (1 - v * v)), n - 2)
            cells.append(number(v, style) + (stars(p, levels) if starred else ""))
        rows.append((words.names[name], cells))
    heads = [f"({j + 1})" for j in range(len(names))] if rng.random() < 0.5 else [words.names[x] for x in names]
    notes = [f"N = {n}", *notes_of(style, starred=starred, bracketed_errors=False)]
    title = "表2 相关系数矩阵" if words.which == 4 else "Table 2. Correlation matrix"
    return Case([Drawn("correlation", style, title=title, notes=notes, heads=heads, rows=rows, name="table2")])


def ranking(rng: Generator, style: Style) -> Case | None:
    """Values of places in two years with their ranks."""
    n = int(rng.integers(5, 20))
    base = rng.lognormal(-1.5, 0.6, size=n)
    values = [base * rng.lognormal(0, s, size=n) for s in (0.05, 0.15)]
    style = replace(style, drop_zeros=False)
    rows = []
    for i in range(n):
        cells = []
        for v in values:
            cells += [number(v[i], style), f"{int((v > v[i]).sum()) + 1}"]
        rows.append((f"Region {chr(65 + i)}", cells))
    heads = ["index 2004", "rank 2004", "index 2013", "rank 2013"]
    return Case([Drawn("ranking", style, title="Table 3. Ranking", heads=heads, rows=rows, name="table3")])


def repeat(rng: Generator, style: Style) -> Case | None:
    """Two tables: the last column of the first is the first column of the second."""
    d, words, fit = panel(rng), words_for(rng, style), engine(rng)
    xs = ["m", "x1", "x2", "x3"]
    models = [fit(d, "y", xs[:2]), fit(d, "y", xs), fit(d, "z", xs)]
    _thinned(models, rng)
    tables = []
    for n, chosen in enumerate((models[:2], models[1:])):
        heads = [heads_of(c, words.names[m.outcome], "", style) for c, m in enumerate(chosen)]
        shown = [shown_of(m, style, words, h) for m, h in zip(chosen, heads, strict=True)]
        table = finished(
            "repeat", [("", shown)], style, f"Table {n + 1}. Results" if words.which != 4 else f"表{n + 1} 结果"
        )
        table.name = f"table{n + 1}"
        tables.append(table)
    return Case(tables)


KINDS: Mapping[str, Callable[[Generator, Style], Case | None]] = {
    "ols": ols,
    "groups": groups,
    "lags": lags,
    "mediation": mediation,
    "quadratic": quadratic,
    "logit": logit,
    "iv": iv,
    "descriptive": descriptive,
    "correlation": correlation,
    "ranking": ranking,
    "repeat": repeat,
}
WEIGHTS = dict(zip(KINDS, (5, 3, 1, 2, 3, 2, 1.5, 2, 2, 1, 1.5), strict=True))


def draw(seed: int, *, kind: str = "", files: Sequence[str] = FORMATS, **fixed: object) -> Case:
    """A consistent case by its seed."""
    for attempt in range(20):
        rng = np.random.default_rng([seed, attempt])
        weights = np.array([WEIGHTS[k] for k in KINDS])
        chosen = kind or str(rng.choice(list(KINDS), p=weights / weights.sum()))
        style = draw_style(rng, files=files, **fixed)
        case = quietly(lambda: KINDS[chosen](rng, style))  # noqa: B023
        if isinstance(case, Case) and _is_sane(case):
            case.text = said_of(case, rng)
            return case
    raise AssertionError(f"no case of {kind} with seed {seed}")


def _is_sane(case: Case) -> bool:
    """Whether every number is finite (an interval without a spread, an effect without rows make none)."""
    every = [
        v for t in case.tables for _, _, s in t.columns for e in s.terms.values() for k, v in e.items() if k != "marks"
    ]
    return all(every) and all(len(v) < 14 for v in every)


def said_of(case: Case, rng: Generator) -> str:
    """True sentences about a regression table: numbers quoted, levels."""
    table = case.tables[-1]
    if not table.panels or rng.random() < 0.5 or table.style.words == "chinese" or table.style.form == "beside":
        return ""
    number_ = table.name.removeprefix("table")
    column = table.panels[0][1][-1]
    label, found = next(iter(column.terms.items()))
    levels = LEVELS[table.style.levels]
    said = f"Table {number_} reports the results. In Table {number_} the coefficient of {label} is {found['b']}."
    if found.get("marks"):
        said += f" It shows that {label} is significant at the {levels[found['marks']] * 100:g}% level."
    return said
