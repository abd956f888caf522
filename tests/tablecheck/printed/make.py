"""Print tables of regressions of ``data.csv`` with Python's packages, and write beside each what stands in it.

``python make.py`` makes all again, ``python make.py statsmodels`` one package's. Needs pyfixest, maketables,
statsmodels, linearmodels, stargazer, great-tables, tabulate, jinja2 and python-docx. Dates and times are printed as one
fixed moment.
"""

from __future__ import annotations

import io
import re
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from simulated import FIVE, TEN, Fit, Term, column, data, fixed, keep, keep_fits, of_statsmodels, regressions, stars

PYFIXEST = FIVE
SE = {"(": "se"}
SQUARE = "lnexp ~ integ + integ_sq"
FULL = "lnexp ~ integ + integ_sq + size + lev"


def steady(text: str) -> str:
    """The same date and time in every making."""
    text = re.sub(r"\b\d\d:\d\d(:\d\d)?\b", lambda m: "12:00:00" if m[1] else "12:00", text)
    text = re.sub(r"\w{3}, \d\d \w{3} \d{4}", "Sat, 28 Nov 2026", text)
    text = re.sub(r"\w{3}, \w{3} \d\d \d{4}", "Sat, Nov 28 2026", text)
    return re.sub(r"\d{4}-\d\d-\d\d", "2026-11-28", text)


def cells(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """The strings of a package's own table of text."""
    return [[str(cell).strip() for cell in row] for row in rows]


def six(rows: Sequence[Sequence[str]], second: str) -> dict[str, dict[str, Any]]:
    """The estimates of a table with coefficient, s.e., t or z, p and both ends of an interval beside each other."""
    return {
        row[0]: {"b": row[1], "se": row[2], second: row[3], "p": row[4], "ci": [row[5], row[6]]} for row in cells(rows)
    }


def statsmodels_tables() -> None:
    import statsmodels.api as sm
    import statsmodels.formula.api as smf
    from statsmodels.iolib.summary2 import summary_col

    d = data()
    cut = d.dropna()
    ols = {
        "short": smf.ols(SQUARE, d).fit(),
        "robust": smf.ols(FULL + " + age", d).fit(cov_type="HC1"),
        "years": smf.ols(FULL + " + C(year)", cut).fit(cov_type="cluster", cov_kwds={"groups": cut["firm"]}),
        "logit": smf.logit("exporter ~ integ + size + lev", d).fit(disp=0),
        "poisson": smf.glm("exporter ~ integ + size", d, family=sm.families.Poisson()).fit(cov_type="HC0"),
        "east": smf.ols(FULL, d[d["region"] == "East"]).fit(),
        "west": smf.ols(FULL, d[d["region"] == "West"]).fit(),
    }
    vcov = {"robust": "HC1", "years": "cluster firm", "poisson": "HC0"}
    model = {"logit": "logit", "poisson": "Poisson"}
    fits = {name: of_statsmodels(r, vcov.get(name, "iid"), model.get(name, "OLS")) for name, r in ols.items()}
    keep_fits("statsmodels", fits)

    for name in ("short", "robust", "years", "logit", "poisson"):
        result = ols[name]
        made = result.summary()
        second = "t" if result.use_t else "z"
        truth = {
            "outcome": fits[name].outcome,
            "nobs": fits[name].nobs,
            "df_resid": str(int(result.df_resid)),
            "estimates": six(made.tables[1].data[1:], second),
        }
        if name in {"short", "robust", "years"}:
            truth |= {
                "r2": fixed(result.rsquared),
                "adj_r2": fixed(result.rsquared_adj),
                "f": f"{result.fvalue:#8.4g}".strip(),
            }
        if name == "logit":
            truth["pseudo_r2"] = f"{result.prsquared:#6.4g}".strip()
        whole = regressions([truth], {}, {}, ["columns"], fits=[name], layout="one row, six columns")
        keep("statsmodels", f"summary_{name}.txt", steady(made.as_text()) + "\n", whole)
        if name in {"short", "logit"}:
            keep("statsmodels", f"summary_{name}.html", steady(made.as_html()), whole)
            keep("statsmodels", f"summary_{name}.tex", steady(made.as_latex()), whole)
        if name == "robust":
            keep("statsmodels", f"summary_{name}.csv", steady(made.as_csv()) + "\n", whole)

    for name in ("short", "logit"):
        made = ols[name].summary2()
        second = "t" if ols[name].use_t else "z"
        estimates = {
            term: {
                "b": f"{t.b:.4f}",
                "se": f"{t.se:.4f}",
                second: f"{t.t:.4f}",
                "p": f"{t.p:.4f}",
                "ci": [f"{t.lo:.4f}", f"{t.hi:.4f}"],
            }
            for term, t in fits[name].terms.items()
        }
        truth = {"outcome": fits[name].outcome, "nobs": fits[name].nobs, "estimates": estimates}
        if name == "short":
            truth |= {"r2": fixed(ols[name].rsquared), "adj_r2": fixed(ols[name].rsquared_adj)}
        else:
            truth["pseudo_r2"] = fixed(ols[name].prsquared)
        whole = regressions([truth], {}, {}, ["columns"], fits=[name], layout="one row, six columns")
        keep("statsmodels", f"summary2_{name}.txt", steady(made.as_text()) + "\n", whole)
        keep("statsmodels", f"summary2_{name}.html", steady(made.as_html()), whole)
        if name == "short":
            keep("statsmodels", f"summary2_{name}.tex", steady(made.as_latex()), whole)

    named = ["short", "robust", "years"]
    made = summary_col(
        [ols[n] for n in named],
        stars=True,
        float_format="%0.3f",
        model_names=["(1)", "(2)", "(3)"],
        info_dict={"N": lambda r: f"{int(r.nobs)}"},
    )
    columns = [
        column(fits[n], name=f"({i})", outcome=None, r2=fixed(fits[n].r2 or 0), adj_r2=fixed(fits[n].adj_r2 or 0))
        for i, n in enumerate(named, 1)
    ]
    whole = regressions(columns, TEN, SE, fits=named)
    keep("statsmodels", "summary_col.txt", made.as_text() + "\n", whole)
    keep("statsmodels", "summary_col.html", made.as_html(), whole)
    keep("statsmodels", "summary_col.tex", made.as_latex(), whole)

    made = summary_col([ols["east"], ols["west"]], float_format="%0.4f")
    columns = []
    for i, n in enumerate(("east", "west")):
        columns.append(
            column(
                fits[n],
                {},
                shape={"b": lambda v: fixed(v, 4), "se": lambda v: fixed(v, 4)},
                name=f"lnexp {'I' * (i + 1)}",
                nobs=None,
                r2=fixed(fits[n].r2 or 0, 4),
                adj_r2=fixed(fits[n].adj_r2 or 0, 4),
            )
        )
    whole = regressions(columns, {}, SE, ["brackets"], fits=["east", "west"])
    keep("statsmodels", "summary_col_plain.txt", made.as_text() + "\n", whole)
    keep("statsmodels", "summary_col_plain.csv", made.tables[0].to_csv(), whole)


def of_pyfixest(result: Any, vcov: str, model: str = "OLS") -> Fit:
    table = result.tidy()
    low, high = [c for c in table.columns if "%" in c]
    terms = {
        str(name): Term(
            float(row["Estimate"]),
            float(row["Std. Error"]),
            float(row["t value"]),
            float(row["Pr(>|t|)"]),
            float(row[low]),
            float(row[high]),
        )
        for name, row in table.iterrows()
    }
    r2 = getattr(result, "_r2", None)
    more = {}
    within = getattr(result, "_r2_within", None)
    if within is not None and np.isfinite(within):
        more["r2_within"] = float(within)
    good = r2 is not None and np.isfinite(r2)
    df = float(result._df_t) if getattr(result, "_method", "") != "fepois" else None
    return Fit(str(result._depvar), terms, int(result._N), df, float(r2) if good else None, None, more, vcov, model)


LABELS = {
    "lnexp": "Log exports",
    "integ": "Market integration",
    "integ_sq": "Market integration squared",
    "size": "Firm size",
    "lev": "Leverage",
    "reform": "Reform",
    "age": "Age",
    "firm": "Firm",
    "year": "Year",
}


def shaved(html: str) -> str:
    """A page of great-tables without its random name."""
    found = re.search(r'<div id="(\w+)"', html)
    return html.replace(found[1], "printed") if found else html


def pyfixest_tables() -> None:
    import pyfixest as pf

    d = data()
    firm = {"CRV1": "firm"}
    models = {
        "robust": pf.feols(FULL, d, vcov="hetero"),
        "twoway": pf.feols(FULL + "|firm+year", d, vcov=firm),
        "interacted": pf.feols("lnexp ~ integ*reform + size + lev|firm+year", d, vcov=firm),
        "iv": pf.feols("lnexp ~ size + lev|firm+year|integ~distance", d, vcov=firm),
        "poisson": pf.fepois("exporter ~ integ + size|year", d, vcov=firm),
    }
    kinds = {"iv": "IV", "poisson": "Poisson"}
    fits = {
        n: of_pyfixest(m, "hetero" if n == "robust" else "CRV1 firm", kinds.get(n, "OLS")) for n, m in models.items()
    }
    keep_fits("pyfixest", fits)

    def table(chosen: Sequence[str], **options: Any) -> Any:
        return pf.etable([models[n] for n in chosen], **options)

    def effects(name: str, present: str = "x", absent: str = "-") -> dict[str, str]:
        mine = models[name]._fixef or ""
        return {e: present if e in str(mine).split("+") else absent for e in ("firm", "year")}

    def truths(chosen: Sequence[str], levels: Mapping[str, float] = PYFIXEST, **options: Any) -> list[dict[str, Any]]:
        out = []
        for i, n in enumerate(chosen, 1):
            r2 = fits[n].r2
            out.append(
                column(
                    fits[n], levels, name=f"({i})", r2=None if r2 is None else fixed(r2), marks=effects(n), **options
                )
            )
        return out

    chosen = ["robust", "twoway", "interacted", "iv"]
    whole = regressions(truths(chosen), PYFIXEST, SE, fits=chosen)
    keep("pyfixest", "etable.tex", table(chosen, type="tex") + "\n", whole)
    keep("pyfixest", "etable.html", shaved(table(chosen, type="gt").as_raw_html()), whole)
    frame = table(chosen, type="df")
    unsaid = regressions(truths(chosen), PYFIXEST, SE, [], fits=chosen)
    keep("pyfixest", "etable_bare.csv", frame.to_csv(lineterminator="\n"), unsaid)
    printed = io.StringIO()
    stdout, sys.stdout = sys.stdout, printed
    try:
        table(chosen, type="md")
    finally:
        sys.stdout = stdout
    keep("pyfixest", "etable_bare.md", printed.getvalue(), unsaid)
    with io.BytesIO() as book:
        frame.to_excel(book)
        keep("pyfixest", "etable_bare.xlsx", book.getvalue(), unsaid)
    keep("pyfixest", "etable_bare.html", frame.to_html(), unsaid)

    chosen = ["robust", "twoway", "iv"]
    under = {"se": "({})", "t": "[{}]"}
    levels = {"*": 0.1, "**": 0.05, "***": 0.01}
    columns = truths(chosen, levels, names=LABELS, under=under)
    for one, n in zip(columns, chosen, strict=True):
        one["outcome"] = "Log exports"
        one["marks"] = {"Firm": effects(n)["firm"], "Year": effects(n)["year"]}
    options = {"labels": LABELS, "signif_code": [0.01, 0.05, 0.1], "coef_fmt": "b:.3f* \n (se:.3f) \n [t:.2f]"}
    whole = regressions(columns, levels, {"(": "se", "[": "t"}, fits=chosen)
    keep("pyfixest", "etable_labels.tex", table(chosen, type="tex", **options) + "\n", whole)
    keep("pyfixest", "etable_labels.html", shaved(table(chosen, type="gt", **options).as_raw_html()), whole)

    columns = truths(chosen, {}, under={"p": "[{}]"}, shape={"b": lambda v: fixed(v, 4), "p": fixed})
    whole = regressions(columns, {}, {"[": "p"}, ["brackets"], fits=chosen, layout="beside")
    keep("pyfixest", "etable_p.tex", table(chosen, type="tex", coef_fmt="b:.4f [p:.3f]") + "\n", whole)

    columns = truths(["poisson"], PYFIXEST)
    columns[0]["r2"] = None
    columns[0]["marks"] = {"year": "x"}
    made = table(["poisson"], type="tex")
    keep("pyfixest", "etable_poisson.tex", made + "\n", regressions(columns, PYFIXEST, SE, fits=["poisson"]))


def of_linearmodels(result: Any, vcov: str, model: str) -> Fit:
    interval = result.conf_int()
    terms = {
        str(n): Term(
            float(result.params[n]),
            float(result.std_errors[n]),
            float(result.tstats[n]),
            float(result.pvalues[n]),
            float(interval.loc[n, "lower"]),
            float(interval.loc[n, "upper"]),
        )
        for n in result.params.index
    }
    names = result.model.dependent.vars if hasattr(result.model.dependent, "vars") else result.model.dependent.cols
    panel = model in {"PanelOLS", "PooledOLS", "RandomEffects"}
    df = float(result.df_resid) if panel else None
    return Fit(str(names[0]), terms, int(result.nobs), df, float(result.rsquared), None, {}, vcov, model)


def linearmodels_tables() -> None:
    from linearmodels.iv import IV2SLS
    from linearmodels.iv import compare as compare_iv
    from linearmodels.panel import PanelOLS, PooledOLS, RandomEffects, compare

    d = data().dropna()
    panel = d.set_index(["firm", "year"])
    clustered: dict[str, Any] = {"cov_type": "clustered", "cluster_entity": True}
    models = {
        "Pooled": PooledOLS.from_formula(FULL.replace("~", "~ 1 +"), panel).fit(),
        "FE": PanelOLS.from_formula(FULL + " + EntityEffects + TimeEffects", panel).fit(**clustered),
        "RE": RandomEffects.from_formula(FULL.replace("~", "~ 1 +"), panel).fit(**clustered),
    }
    iv = {
        "OLS": IV2SLS.from_formula("lnexp ~ 1 + size + lev + integ", d).fit(cov_type="unadjusted"),
        "2SLS": IV2SLS.from_formula("lnexp ~ 1 + size + lev + [integ ~ distance]", d).fit(cov_type="robust"),
    }
    kinds = {"Pooled": "PooledOLS", "FE": "PanelOLS", "RE": "RandomEffects", "OLS": "OLS", "2SLS": "IV-2SLS"}
    fits = {
        n: of_linearmodels(
            m, "unadjusted" if n in {"Pooled", "OLS"} else "clustered" if n != "2SLS" else "robust", kinds[n]
        )
        for n, m in {**models, **iv}.items()
    }
    keep_fits("linearmodels", fits)

    for name, result in (("FE", models["FE"]), ("2SLS", iv["2SLS"])):
        made = result.summary
        truth = {
            "outcome": "lnexp",
            "nobs": fits[name].nobs,
            "r2": f"{result.rsquared:0.4f}",
            "estimates": six(made.tables[1].data[1:], "t"),
        }
        if name == "FE":
            truth["f"] = next(r[3] for r in cells(made.tables[0].data) if r[2] == "F-statistic:")
        whole = regressions([truth], {}, {}, ["columns"], fits=[name], layout="one row, six columns")
        stem = f"summary_{name.lower()}"
        keep("linearmodels", f"{stem}.txt", steady(made.as_text()) + "\n", whole)
        keep("linearmodels", f"{stem}.html", steady(made.as_html()), whole)
        keep("linearmodels", f"{stem}.tex", steady(made.as_latex()), whole)

    def compared(made: Any, chosen: Mapping[str, Any], under: str, levels: Mapping[str, float]) -> list[dict[str, Any]]:
        rows = cells(made.summary.tables[0].data)
        where = {row[0]: i for i, row in enumerate(rows) if row[0]}
        out = []
        for j, n in enumerate(chosen, 1):
            wrap = {"se": "se", "t": "t", "p": "p"}[under]
            estimates = {
                term: {"b": rows[where[term]][j], wrap: rows[where[term] + 1][j]}
                for term in fits[n].terms
                if rows[where[term]][j]
            }
            for term, value in estimates.items():
                due = stars(fits[n].terms[term].p, levels)
                if not re.fullmatch(r"[-\d.e+]+" + re.escape(due), value["b"]):
                    raise ValueError(f"{term}: {value} has not the stars {due!r}")
            out.append(
                {
                    "outcome": "lnexp",
                    "nobs": fits[n].nobs,
                    "name": n,
                    "r2": rows[where["R-squared"]][j],
                    "f": rows[where["F-statistic"]][j],
                    "estimates": estimates,
                }
            )
        return out

    for stem, made, chosen, under, levels in (
        ("compare_t", compare(models), models, "t", {}),
        ("compare_se", compare(models, precision="std_errors", stars=True), models, "se", TEN),
        ("compare_p", compare(models, precision="pvalues", stars=True), models, "p", TEN),
        ("compare_iv", compare_iv(iv, precision="std_errors", stars=True), iv, "se", TEN),
    ):
        columns = compared(made, chosen, under, levels)
        whole = regressions(columns, levels, {"(": under}, ["brackets"], fits=list(chosen))
        keep("linearmodels", f"{stem}.txt", steady(made.summary.as_text()) + "\n", whole)
        if stem != "compare_p":
            bare = regressions(columns, levels, {"(": under}, [], fits=list(chosen))
            keep("linearmodels", f"{stem}_bare.html", steady(made.summary.as_html()), bare)
        if stem == "compare_se":
            keep("linearmodels", f"{stem}_bare.tex", steady(made.summary.as_latex()), bare)
            keep("linearmodels", f"{stem}.csv", steady(made.summary.as_csv()) + "\n", whole)


def stargazer_tables() -> None:
    import statsmodels.formula.api as smf
    from stargazer.stargazer import Stargazer

    d = data()
    models = {
        "short": smf.ols(SQUARE, d).fit(),
        "robust": smf.ols(FULL, d).fit(cov_type="HC1"),
        "quality": smf.ols("lnqual ~ integ + lnexp + size", d).fit(),
        "logit": smf.logit("exporter ~ integ + size + lev", d).fit(disp=0),
    }
    fits = {
        n: of_statsmodels(m, "HC1" if n == "robust" else "iid", "logit" if n == "logit" else "OLS")
        for n, m in models.items()
    }
    keep_fits("stargazer_py", fits)

    def truths(chosen: Sequence[str], levels: Mapping[str, float] = TEN, **options: Any) -> list[dict[str, Any]]:
        out = []
        for i, n in enumerate(chosen, 1):
            more: dict[str, Any] = {"name": f"({i})"}
            if n != "logit":
                more |= {"r2": fixed(fits[n].r2 or 0), "adj_r2": fixed(fits[n].adj_r2 or 0)}
                more["f"] = fixed(models[n].fvalue) + stars(float(models[n].f_pvalue), levels)
            else:
                more["pseudo_r2"] = fixed(models[n].prsquared)
            out.append(column(fits[n], levels, **more, **options))
        return out

    def both(stem: str, made: Any, whole: Mapping[str, Any]) -> None:
        keep("stargazer_py", f"{stem}.html", made.render_html(), whole)
        keep("stargazer_py", f"{stem}.tex", made.render_latex(), whole)

    chosen = ["short", "robust"]
    both("plain", Stargazer([models[n] for n in chosen]), regressions(truths(chosen), TEN, SE, ["levels"], fits=chosen))

    chosen = ["robust", "quality"]
    made = Stargazer([models[n] for n in chosen])
    made.title("Integration, exports and quality")
    made.custom_columns(["Exports", "Quality"], [1, 1])
    made.rename_covariates({"integ": "Integration", "integ_sq": "Integration squared", "size": "Log employees"})
    made.add_line("Year FE", ["No", "No"])
    made.significance_levels([0.05, 0.01, 0.001])
    names = {"integ": "Integration", "integ_sq": "Integration squared", "size": "Log employees"}
    columns = truths(chosen, FIVE, names=names)
    for one, name in zip(columns, ("Exports", "Quality"), strict=True):
        one |= {"group": name, "marks": {"Year FE": "No"}, "outcome": None}
    both(
        "renamed",
        made,
        regressions(columns, FIVE, SE, ["levels"], fits=chosen, title="Integration, exports and quality"),
    )

    chosen = ["short", "robust"]
    made = Stargazer([models[n] for n in chosen])
    made.show_confidence_intervals(True)
    columns = truths(chosen, TEN, under={"ci": ""})
    both("interval", made, regressions(columns, TEN, {"(": "ci"}, ["levels"], fits=chosen))


def described(d: pd.DataFrame, variables: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Unrounded moments."""
    out = {}
    for v in variables:
        x = d[v].dropna()
        out[v] = {
            "n": len(x),
            "mean": float(x.mean()),
            "sd": float(x.std()),
            "min": float(x.min()),
            "p25": float(x.quantile(0.25)),
            "median": float(x.median()),
            "p75": float(x.quantile(0.75)),
            "max": float(x.max()),
        }
    return out


def maketables_tables() -> None:
    import maketables as mt
    import pyfixest as pf
    import statsmodels.formula.api as smf

    d = data()
    short = smf.ols(SQUARE, d).fit()
    long = smf.ols(FULL, d).fit(cov_type="HC1")
    fe = pf.feols(FULL + "|firm+year", d, vcov={"CRV1": "firm"})
    fits = {"short": of_statsmodels(short), "long": of_statsmodels(long, "HC1"), "fe": of_pyfixest(fe, "CRV1 firm")}
    keep_fits("maketables", fits)
    made = mt.ETable([short, long, fe], labels=LABELS, digits=3)
    columns = [
        column(fits[n], TEN, names=LABELS, name=f"({i})", outcome="Log exports", r2=fixed(fits[n].r2 or 0))
        for i, n in enumerate(("short", "long", "fe"), 1)
    ]
    whole = regressions(columns, TEN, SE, fits=list(fits))
    keep("maketables", "mixed.tex", made.make("tex") + "\n", whole)
    keep("maketables", "mixed.html", shaved(made.make("gt").as_raw_html()), whole)
    out = io.BytesIO()
    made.make("docx").save(out)
    keep("maketables", "mixed.docx", out.getvalue(), whole)

    wanted = ["lnexp", "integ", "size", "lev"]
    stats = ["count", "mean", "std", "min", "max"]
    labels = {"lnexp": "Log exports", "integ": "Market integration", "size": "Firm size", "lev": "Leverage"}
    table = mt.DTable(d, vars=wanted, stats=stats, labels=labels, digits=2)
    values = described(d, wanted)
    rows = [
        {"label": labels[v], **{s: f"{values[v][s]:.2f}" for s in ("n", "mean", "sd", "min", "max")}} for v in wanted
    ]
    truth = {"kind": "descriptives", "levels": {}, "brackets": {}, "rows": rows, "unrounded": values}
    keep("maketables", "described.tex", table.make("tex") + "\n", truth)
    keep("maketables", "described.html", shaved(table.make("gt").as_raw_html()), truth)
    out = io.BytesIO()
    table.make("docx").save(out)
    keep("maketables", "described.docx", out.getvalue(), truth)


PACKAGES = {
    "statsmodels": statsmodels_tables,
    "pyfixest": pyfixest_tables,
    "linearmodels": linearmodels_tables,
    "stargazer": stargazer_tables,
    "maketables": maketables_tables,
}


def main(names: Sequence[str]) -> None:
    warnings.simplefilter("ignore")
    for name in names or list(PACKAGES):
        PACKAGES[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
