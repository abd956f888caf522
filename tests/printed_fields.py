"""Tables as medicine, psychology and other fields print them, from fits by statsmodels: one true, one with an error."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats


@dataclass(frozen=True)
class Printed:
    """A true table, and the same with one change: ``row`` is the term that it is in, ``check`` may find it."""

    text: str
    old: str
    new: str
    row: str
    checks: tuple[str, ...] = ("stars", "tests", "signs")
    suffix: str = ".csv"

    @property
    def wrong(self) -> str:
        """The table with the error."""
        assert self.text.count(self.old) == 1, (self.text.count(self.old), self.old)
        return self.text.replace(self.old, self.new)


def people(n: int = 420, seed: int = 11) -> pd.DataFrame:
    """Rows with an outcome of every kind: continuous, of zeros and ones, counts with their exposure, durations."""
    rng = np.random.default_rng(seed)
    d = pd.DataFrame({"age": rng.normal(48, 11, n), "female": rng.integers(0, 2, n).astype(float)})
    d["income"] = rng.normal(3.1, 0.8, n)
    d["smoker"] = (rng.random(n) < 0.3).astype(float)
    d["stress"] = 0.02 * (d.age - 48) + 0.4 * d.smoker + rng.normal(0, 1, n)
    d["score"] = 20 + 0.05 * d.age - 1.1 * d.female + 0.9 * d.income + 1.3 * d.stress + rng.normal(0, 4, n)
    index = -1.2 + 0.02 * (d.age - 48) + 0.7 * d.smoker - 0.35 * d.income / 0.8 + 0.9
    d["ill"] = (rng.random(n) < 1 / (1 + np.exp(-index))).astype(float)
    d["years"] = rng.uniform(0.5, 6, n)
    d["visits"] = rng.poisson(d.years * np.exp(0.3 + 0.25 * d.smoker + 0.01 * (d.age - 48)))
    d["inst"] = rng.normal(0, 1, n)
    d["dose"] = 0.6 * d.inst + 0.3 * d.stress + rng.normal(0, 1, n)
    d["gain"] = 0.5 * d.dose + 0.4 * d.stress + rng.normal(0, 1.2, n)
    return d


@dataclass(frozen=True)
class Fit:
    """What is printed of a fit, by term."""

    b: Mapping[str, float]
    se: Mapping[str, float]
    t: Mapping[str, float]
    p: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]


def of(result: object, names: Mapping[str, str]) -> Fit:
    """A result of statsmodels under the names of a table."""
    params = result.params  # type: ignore[attr-defined]
    ci = np.asarray(result.conf_int())  # type: ignore[attr-defined]
    arrays = (params, result.bse, result.tvalues, result.pvalues, ci[:, 0], ci[:, 1])  # type: ignore[attr-defined]
    labels = [names.get(k, k) for k in params.index]
    return Fit(*({x: float(v) for x, v in zip(labels, np.asarray(a), strict=True)} for a in arrays))


def bare(value: float, decimals: int = 3) -> str:
    """Without the zero before the point, as SPSS and the APA print."""
    return f"{value:.{decimals}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.{decimals}f}"


def stars(p: float) -> str:
    """One to three stars at 10, 5 and 1%."""
    return "***" if p < 0.01 else "**" if p < 0.05 else "*" if p < 0.1 else ""


def apa(p: float) -> str:
    """p as the APA prints it."""
    return "< .001" if p < 0.001 else bare(p)


def csv(*rows: Sequence[str]) -> str:
    """Lines of cells, quoted where they hold a comma."""
    return "".join(",".join(f'"{c}"' if "," in c else c for c in row) + "\n" for row in rows)


NAMES = {"age": "Age", "female": "Female", "income": "Income", "smoker": "Smoker", "stress": "Stress"}
XS = list(NAMES)


def logit(d: pd.DataFrame, xs: Sequence[str]) -> Fit:
    import statsmodels.api as sm

    return of(sm.Logit(d.ill, sm.add_constant(d[list(xs)])).fit(disp=0), {**NAMES, "const": "Constant"})


def odds_ratios() -> Printed:
    """Crude and adjusted odds ratios with their intervals and p."""
    d = people()
    crude = [logit(d, [x]) for x in XS]
    adjusted = logit(d, XS)
    rows = []
    for label, one in zip(NAMES.values(), crude, strict=True):
        cells = [
            c
            for f in (one, adjusted)
            for c in (
                f"{np.exp(f.b[label]):.2f} ({np.exp(f.low[label]):.2f}–{np.exp(f.high[label]):.2f})",
                "<0.001" if f.p[label] < 0.001 else f"{f.p[label]:.3f}",
            )
        ]
        rows.append((label, *cells))
    head = ("", "Crude OR (95% CI)", "P value", "Adjusted OR (95% CI)", "P value")
    text = csv(("Table 2. Factors of illness", "", "", "", ""), head, *rows)
    old = f"{rows[2][3]},{rows[2][4]}"
    return Printed(text, old, old.replace(rows[2][4], "0.450"), "income")


def hazard_ratios() -> Printed:
    """Cox regression in Markdown."""
    import statsmodels.api as sm

    d = people()
    rng = np.random.default_rng(5)
    time = rng.exponential(np.exp(2 - 0.03 * (d.age - 48) - 0.5 * d.smoker))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        r = sm.PHReg(np.minimum(time, 12), d[XS], status=(time < 12).astype(int)).fit()
    ci = r.conf_int()
    rows = []
    for n, label in enumerate(NAMES.values()):
        p = "<0.001" if r.pvalues[n] < 0.001 else f"{r.pvalues[n]:.3f}"
        rows.append(f"| {label} | {np.exp(r.params[n]):.2f} [{np.exp(ci[n, 0]):.2f}, {np.exp(ci[n, 1]):.2f}] | {p} |")
    text = "Table 3. Cox regression\n\n| | HR [95% CI] | p |\n|--|--|--|\n" + "\n".join(rows) + "\n"
    line = next(x for x in rows if "Female" in x)
    high = line.split(", ")[1].split("]")[0]
    return Printed(text, line, line.replace(high, f"{float(high) * 1.6:.2f}"), "female", suffix=".md")


def rate_ratios() -> Printed:
    """A Poisson regression with exposure as Stata prints it: ratios, errors by the delta method, z, p, interval."""
    import statsmodels.api as sm

    d = people()
    r = of(sm.Poisson(d.visits, sm.add_constant(d[XS]), exposure=d.years).fit(disp=0), {**NAMES, "const": "_cons"})
    rows = [
        (
            x, f"{np.exp(r.b[x]):.6f}", f"{np.exp(r.b[x]) * r.se[x]:.6f}", f"{r.t[x]:.2f}", f"{r.p[x]:.3f}",
            f"{np.exp(r.low[x]):.6f}", f"{np.exp(r.high[x]):.6f}",
        )
        for x in r.b
    ]  # fmt: skip
    head = ("visits", "IRR", "Std. err.", "z", "P>|z|", "[95% conf.", "interval]")
    text = csv(head, *rows, ("ln(years)", "1", "(exposure)", "", "", "", ""))
    row = next(x for x in rows if x[0] == "Smoker")
    old = ",".join(row)
    return Printed(text, old, old.replace(f",{row[3]},", f",{float(row[3]) / 2:.2f},"), "smoker")


def spss_linear() -> Printed:
    """SPSS: unstandardised and standardised coefficients, t, Sig."""
    import statsmodels.api as sm

    d = people()
    r = of(sm.OLS(d.score, sm.add_constant(d[XS])).fit(), {**NAMES, "const": "(Constant)"})
    beta = {NAMES[x]: r.b[NAMES[x]] * d[x].std() / d.score.std() for x in XS}
    rows = [
        (x, bare(r.b[x]), bare(r.se[x]), bare(beta[x]) if x in beta else "", bare(r.t[x]), bare(r.p[x])) for x in r.b
    ]
    heads = (
        ("", "Unstandardized Coefficients", "", "Standardized Coefficients", "", ""),
        ("Model", "B", "Std. Error", "Beta", "t", "Sig."),
    )
    old = ",".join(rows[3])
    row = rows[3]
    return Printed(csv(*heads, *rows), old, old.replace(row[4], bare(float(row[4]) * 2)), row[0].lower())


def spss_logistic() -> Printed:
    """SPSS: Wald, df, Sig., Exp(B) with its interval."""
    r = logit(people(), XS)
    rows = [
        (
            x, bare(r.b[x]), bare(r.se[x]), bare(r.t[x] ** 2), "1", bare(r.p[x]), bare(np.exp(r.b[x])),
            bare(np.exp(r.low[x])), bare(np.exp(r.high[x])),
        )
        for x in r.b
    ]  # fmt: skip
    heads = (
        ("", "", "", "", "", "", "", "95% C.I. for EXP(B)", ""),
        ("", "B", "S.E.", "Wald", "df", "Sig.", "Exp(B)", "Lower", "Upper"),
    )
    row = next(x for x in rows if x[0] == "Smoker")
    old = ",".join(row)
    return Printed(csv(*heads, *rows), old, old.replace(row[3], bare(float(row[3]) / 2)), "smoker")


def apa_regression() -> Printed:
    """B, SE, β, t, p with the fit in the note."""
    import statsmodels.api as sm

    d = people(180, 4)
    r = sm.OLS(d.score, sm.add_constant(d[XS])).fit()
    f = of(r, {**NAMES, "const": "Intercept"})
    beta = {NAMES[x]: f.b[NAMES[x]] * d[x].std() / d.score.std() for x in XS}
    rows = [
        (x, f"{f.b[x]:.2f}", f"{f.se[x]:.2f}", bare(beta[x], 2) if x in beta else "", f"{f.t[x]:.2f}", apa(f.p[x]))
        for x in f.b
    ]
    note = f"Note. R² = {bare(r.rsquared, 2)}, F({r.df_model:.0f}, {r.df_resid:.0f}) = {r.fvalue:.2f}, p < .001."
    row = next(x for x in rows if x[0] == "Female")
    old = ",".join(row)
    text = csv(("Variable", "B", "SE", "β", "t", "p"), *rows, (note, "", "", "", "", ""))
    return Printed(text, old, old.replace(f",{row[5]}", ",.870" if f.p["Female"] < 0.4 else ",.003"), "female")


def steps() -> Printed:
    """Standardised coefficients of two steps with stars at 5, 1 and 0.1%, and the change of R2."""
    import statsmodels.api as sm

    d = people(260, 8)
    z = (d - d.mean()) / d.std()
    models = [sm.OLS(z.score, sm.add_constant(z[xs])).fit() for xs in (["age", "female"], XS)]

    def cell(r: object, x: str) -> str:
        if x not in r.params:  # type: ignore[attr-defined]
            return ""
        p = r.pvalues[x]  # type: ignore[attr-defined]
        mark = "***" if p < 0.001 else "**" if p < 0.01 else "*" if p < 0.05 else ""
        return bare(r.params[x], 2) + mark  # type: ignore[attr-defined]

    rows = [(NAMES[x], *(cell(r, x) for r in models)) for x in XS]
    errors = [("", *(f"({bare(r.bse[x], 2)})" if x in r.params else "" for r in models)) for x in XS]
    both = [row for pair in zip(rows, errors, strict=True) for row in pair]
    fit = [("R2", *(bare(r.rsquared, 3) for r in models)), ("N", "260", "260")]
    note = "Note. Standardized coefficients, standard errors in parentheses. * p < .05. ** p < .01. *** p < .001."
    text = csv(("Table 2", "", ""), ("Predictor", "Step 1", "Step 2"), *both, *fit, (note, "", ""))
    plain = next(r for r in rows if r[2] and "*" not in r[2])
    return Printed(text, ",".join(plain), ",".join(plain) + "***", plain[0].lower())


def event_study() -> Printed:
    """Leads and lags about an omitted period, with standard errors by unit."""
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    units, years = 120, 7
    d = pd.DataFrame({"unit": np.repeat(np.arange(units), years), "k": np.tile(np.arange(-3, 4), units)})
    d["treated"] = (d.unit < 60).astype(float)
    d["y"] = rng.normal(size=units)[d.unit] + 0.1 * d.k + d.treated * np.maximum(d.k + 1, 0) * 0.25
    d["y"] += rng.normal(0, 0.8, len(d))
    names, columns = [], {}
    for k in range(-3, 4):
        if k != -1:
            name = f"Event time {k:+d}" if k else "Event time 0"
            names.append(name)
            columns[name] = (d.treated * (d.k == k)).astype(float)
    x = pd.concat([pd.DataFrame(columns), pd.get_dummies(d.unit, drop_first=True, dtype=float, prefix="u")], axis=1)
    x = pd.concat([x, pd.get_dummies(d.k, drop_first=True, dtype=float, prefix="k")], axis=1)
    r = sm.OLS(d.y, sm.add_constant(x)).fit(cov_type="cluster", cov_kwds={"groups": d.unit}, use_t=True)
    rows = []
    for name in names:
        rows += [(name, f"{r.params[name]:.3f}{stars(r.pvalues[name])}"), ("", f"({r.bse[name]:.3f})")]
        if name == "Event time -2":
            rows.append(("Event time -1", "0 (omitted)"))
    foot = [("Unit FE", "Yes"), ("Observations", f"{len(d)}"), ("Clusters", f"{units}"), ("R2", f"{r.rsquared:.3f}")]
    note = ("Standard errors clustered by unit in parentheses. * p<0.10, ** p<0.05, *** p<0.01", "")
    text = csv(("Table 4. Event study", ""), ("", "(1)"), *rows, *foot, note)
    early = next(c for c in rows if c[0] == "Event time -3")
    return Printed(text, ",".join(early), ",".join(early).rstrip("*") + "***", "eventtime-3")


def instruments() -> Printed:
    """First stage with its F, reduced form and second stage."""
    import statsmodels.api as sm

    d = people(500, 6)
    first = sm.OLS(d.dose, sm.add_constant(d[["inst", "age"]])).fit(cov_type="HC1")
    reduced = sm.OLS(d.gain, sm.add_constant(d[["inst", "age"]])).fit(cov_type="HC1")
    x, z = (sm.add_constant(d[[v, "age"]]).to_numpy() for v in ("dose", "inst"))
    b = np.linalg.solve(z.T @ x, z.T @ d.gain)
    e = d.gain.to_numpy() - x @ b
    bread = np.linalg.inv(z.T @ x)
    v = bread @ (z.T * e**2) @ z @ bread.T * len(d) / (len(d) - 3)
    se = np.sqrt(np.diag(v))
    p = 2 * stats.norm.sf(abs(b / se))

    def cells(value: float, error: float, p_: float) -> tuple[str, str]:
        return f"{value:.3f}{stars(p_)}", f"({error:.3f})"

    one, two = ([cells(r.params[x], r.bse[x], r.pvalues[x]) for x in ("inst", "age")] for r in (first, reduced))
    dose, age = cells(b[1], se[1], p[1]), cells(b[2], se[2], p[2])
    rows = [
        ("Distance", one[0][0], two[0][0], ""), ("", one[0][1], two[0][1], ""),
        ("Dose", "", "", dose[0]), ("", "", "", dose[1]),
        ("Age", one[1][0], two[1][0], age[0]), ("", one[1][1], two[1][1], age[1]),
        ("First-stage F", f"{first.tvalues['inst'] ** 2:.2f}", "", f"{first.tvalues['inst'] ** 2:.2f}"),
        ("Observations", "500", "500", "500"),
        ("R-squared", f"{first.rsquared:.3f}", f"{reduced.rsquared:.3f}", f"{1 - e.var() / d.gain.var():.3f}"),
    ]  # fmt: skip
    heads = (("", "(1)", "(2)", "(3)"), ("", "First stage", "Reduced form", "2SLS"), ("", "Dose", "Gain", "Gain"))
    note = ("Robust standard errors in parentheses. * p<0.10, ** p<0.05, *** p<0.01", "", "", "")
    text = csv(("Table 5. Instruments", "", "", ""), *heads, *rows, note)
    return Printed(text, f",,,{dose[1]}", f",,,({float(dose[1][1:-1]) * 8:.3f})", "dose")


def marginal_effects() -> Printed:
    """Average marginal effects of a probit over z."""
    import statsmodels.api as sm

    d = people()
    effects = sm.Probit(d.ill, sm.add_constant(d[XS])).fit(disp=0).get_margeff().summary_frame()
    rows = []
    for x in XS:
        b, z, p = (effects.loc[x, k] for k in ("dy/dx", "z", "Pr(>|z|)"))
        rows += [(NAMES[x], f"{b:.4f}{stars(p)}"), ("", f"({z:.2f})")]
    foot = [("Observations", "420"), ("Pseudo R2", "0.061")]
    note = ("Average marginal effects, z statistics in parentheses. * p<0.1, ** p<0.05, *** p<0.01", "")
    text = csv(("Table 3. Probit", ""), ("", "Ill"), *rows, *foot, note)
    old = next(f"{a[0]},{a[1]}\n,{b[1]}" for a, b in zip(rows[::2], rows[1::2], strict=True) if a[0] == "Income")
    new = old.replace("(-", "(") if "(-" in old else old.replace("(", "(-")
    return Printed(text, old, new, "income")


def quantiles() -> Printed:
    """Quantile regressions with their quantiles over the columns."""
    import statsmodels.api as sm

    d = people(600, 9)
    results = [sm.QuantReg(d.score, sm.add_constant(d[XS])).fit(q=q) for q in (0.25, 0.5, 0.75)]
    rows = []
    for x in XS:
        rows.append((NAMES[x], *(f"{r.params[x]:.3f}{stars(r.pvalues[x])}" for r in results)))
        rows.append(("", *(f"({r.bse[x]:.3f})" for r in results)))
    foot = [("Observations", "600", "600", "600"), ("Pseudo R2", *(f"{r.prsquared:.3f}" for r in results))]
    note = ("Standard errors in parentheses. * p<0.1, ** p<0.05, *** p<0.01", "", "", "")
    text = csv(("Table 6. Quantile regressions", "", "", ""), ("", "Q25", "Q50", "Q75"), *rows, *foot, note)
    row = next(r for r in rows if r[0] == "Stress")
    return Printed(text, ",".join(row), ",".join([*row[:2], row[2].rstrip("*"), row[3]]), "stress")


def beta_below() -> Printed:
    """t in parentheses and standardised coefficients in square brackets."""
    import statsmodels.api as sm

    d = people(300, 12)
    models = [sm.OLS(d.score, sm.add_constant(d[xs])).fit() for xs in (XS[:3], XS)]
    rows = []
    for x in XS:
        shown = [r if x in r.params else None for r in models]
        rows.append((NAMES[x], *(f"{r.params[x]:.3f}{stars(r.pvalues[x])}" if r is not None else "" for r in shown)))
        rows.append(("", *(f"({r.tvalues[x]:.2f})" if r is not None else "" for r in shown)))
        scale = d[x].std() / d.score.std()
        rows.append(("", *(f"[{r.params[x] * scale:.3f}]" if r is not None else "" for r in shown)))
    foot = [("Observations", "300", "300"), ("Adjusted R2", *(f"{r.rsquared_adj:.3f}" for r in models))]
    note = (
        "t statistics in parentheses, standardized coefficients in brackets. * p<0.1, ** p<0.05, *** p<0.01",
        "",
        "",
    )
    text = csv(("Table 2. Scores", "", ""), ("", "(1)", "(2)"), *rows, *foot, note)
    at = next(n for n, r in enumerate(rows) if r[0] == "Stress")
    return Printed(text, ",".join(rows[at]), ",".join(rows[at]).rstrip("*"), "stress")


def random_effects() -> Printed:
    """Within and random effects with a Hausman test, and R2 of three kinds."""
    from linearmodels.panel import PanelOLS, RandomEffects

    rng = np.random.default_rng(3)
    d = pd.DataFrame({"i": np.repeat(np.arange(90), 5), "t": np.tile(np.arange(5), 90)})
    d["x"], d["w"] = rng.normal(size=450) + rng.normal(size=90)[d.i], rng.normal(size=450)
    d["y"] = 0.4 * d.x + 0.05 * d.w + 2 * rng.normal(size=90)[d.i] + rng.normal(size=450)
    data = d.set_index(["i", "t"]).assign(const=1.0)
    r = [
        PanelOLS(data.y, data[["x", "w"]], entity_effects=True).fit(),
        RandomEffects(data.y, data[["const", "x", "w"]]).fit(),
    ]
    rows = []
    for x, label in (("x", "Leverage"), ("w", "Growth")):
        rows.append((label, *(f"{m.params[x]:.3f}{stars(m.pvalues[x])}" for m in r)))
        rows.append(("", *(f"[{m.tstats[x]:.2f}]" for m in r)))
    foot = [
        ("Within R2", *(f"{m.rsquared_within:.3f}" for m in r)),
        ("Between R2", *(f"{m.rsquared_between:.3f}" for m in r)),
        ("Overall R2", *(f"{m.rsquared_overall:.3f}" for m in r)), ("Hausman test (p-value)", "0.4130", ""),
        ("Observations", "450", "450"), ("Number of firms", "90", "90"),
    ]  # fmt: skip
    note = ("t-statistics in brackets. *, **, *** denote significance at 10%, 5%, 1%", "", "")
    text = csv(("Table 3. Returns", "", ""), ("", "FE", "RE"), *rows, *foot, note)
    return Printed(text, "Number of firms,90,90", "Number of firms,90,900", "RE", ("N",))


def difference_in_differences() -> Printed:
    """Means before and after by group, their differences, and the difference of these; one group differs before."""
    rng = np.random.default_rng(14)
    cell = {k: rng.normal(m, 2, 200) for k, m in (("tb", 10.2), ("ta", 11.9), ("cb", 9.9), ("ca", 10.1))}
    m = {k: v.mean() for k, v in cell.items()}
    s = {k: v.std(ddof=1) / np.sqrt(200) for k, v in cell.items()}
    gaps = {g: (m[f"{g}a"] - m[f"{g}b"], np.hypot(s[f"{g}a"], s[f"{g}b"])) for g in "tc"}
    both = (gaps["t"][0] - gaps["c"][0], np.hypot(gaps["t"][1], gaps["c"][1]))

    def mark(b: float, se: float) -> str:
        return f"{b:.3f}{stars(2 * stats.norm.sf(abs(b / se)))}"

    rows = []
    for g, label in (("t", "Treated"), ("c", "Control")):
        rows.append((label, f"{m[f'{g}b']:.3f}", f"{m[f'{g}a']:.3f}", mark(*gaps[g])))
        rows.append(("", f"({s[f'{g}b']:.3f})", f"({s[f'{g}a']:.3f})", f"({gaps[g][1]:.3f})"))
    before, after = ((m[f"t{k}"] - m[f"c{k}"], np.hypot(s[f"t{k}"], s[f"c{k}"])) for k in "ba")
    rows.append(("Difference", mark(*before), mark(*after), mark(*both)))
    rows.append(("", f"({before[1]:.3f})", f"({after[1]:.3f})", f"({both[1]:.3f})"))
    note = ("Standard errors in parentheses. * p<0.1, ** p<0.05, *** p<0.01", "", "", "")
    text = csv(("Table 2. Wages", "", "", ""), ("", "Before", "After", "Difference"), *rows, note)
    old = f"Control,{rows[2][1]},{rows[2][2]},{rows[2][3]}"
    return Printed(text, old, old.rstrip("*") + "***", "control")


def ordered() -> Printed:
    """An ordered logit with its cuts below, z in a column of its own."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    d = people(400, 21)
    level = pd.cut(d.score, [-np.inf, 22, 26, np.inf], labels=[0, 1, 2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        r = OrderedModel(level, d[XS], distr="logit").fit(method="bfgs", disp=0)
    rows = [
        (NAMES[x], f"{r.params[x]:.4f}", f"{r.bse[x]:.4f}", f"{r.tvalues[x]:.2f}", f"{r.pvalues[x]:.3f}") for x in XS
    ]
    cuts = [("/cut1", "4.8123", "0.6012"), ("/cut2", "6.5012", "0.6291")]
    text = csv(
        ("Table 4. Ordered logit", "", "", "", ""), ("", "Coef.", "Std. Err.", "z", "P>|z|"), *rows,
        *((a, b, c, "", "") for a, b, c in cuts), ("Observations", "400", "", "", ""),
    )  # fmt: skip
    row = next(r for r in rows if r[0] == "Stress")
    return Printed(text, ",".join(row), ",".join([*row[:2], f"{float(row[2]) * 3:.4f}", *row[3:]]), "stress")


def dynamic_panel() -> Printed:
    """GMM with p-values of specification tests at the foot."""
    rows = [
        ("L.Growth", "0.412***", "0.385***"), ("", "(0.061)", "(0.074)"), ("Aid", "0.031", "0.044*"),
        ("", "(0.028)", "(0.026)"), ("Constant", "1.120***", "0.987**"), ("", "(0.350)", "(0.412)"),
        ("AR(1) p-value", "0.000", "0.001"), ("AR(2) p-value", "0.412", "0.387"), ("Hansen p-value", "0.215", "0.301"),
        ("Instruments", "42", "38"), ("Countries", "71", "71"), ("Observations", "604", "604"),
    ]  # fmt: skip
    note = ("Robust standard errors in parentheses. *** p<0.01, ** p<0.05, * p<0.1", "", "")
    text = csv(("Table 5. System GMM", "", ""), ("", "(1)", "(2)"), *rows, note)
    return Printed(text, "Aid,0.031,0.044*", "Aid,0.031,0.044***", "aid")


TABLES: Mapping[str, Callable[[], Printed]] = {
    f.__name__: f
    for f in (
        odds_ratios, hazard_ratios, rate_ratios, spss_linear, spss_logistic, apa_regression, steps, event_study,
        instruments, marginal_effects, quantiles, beta_below, random_effects, difference_in_differences, ordered,
        dynamic_panel,
    )
}  # fmt: skip
