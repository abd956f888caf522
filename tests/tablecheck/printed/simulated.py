"""The data from which the printed tables beside this file were made, the form of their truths, and how they are kept.

``data.csv`` is simulated here (nothing in it was ever measured) and read by ``make.py``, ``hand.py`` and ``make.R``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
TEN = {"*": 0.1, "**": 0.05, "***": 0.01}
FIVE = {"*": 0.05, "**": 0.01, "***": 0.001}
REGIONS = ("East", "Central", "West")


def simulate(seed: int = 20261128, firms: int = 100, years: Sequence[int] = range(2014, 2020)) -> pd.DataFrame:
    """A panel of firms whose exports follow an inverted U in the integration of their market; a control has holes."""
    draw = np.random.default_rng(seed)
    firm = np.repeat(np.arange(1, firms + 1), len(years))
    year = np.tile(np.array(years), firms)
    n = len(firm)
    effect = draw.normal(0, 0.6, firms)[firm - 1]
    distance = draw.gamma(4, 0.25, firms)[firm - 1] + draw.normal(0, 0.35, n)
    common = draw.normal(0, 0.4, n)
    integ = np.clip(0.9 - 0.25 * distance + 0.04 * (year - 2014) + 0.25 * common + draw.normal(0, 0.2, n), 0.01, 1.4)
    size = 4 + 0.5 * effect + draw.normal(0, 0.9, n)
    lev = np.clip(0.45 + 0.1 * draw.normal(0, 1, n) - 0.02 * effect, 0.02, 0.98)
    age = 3 + firm * 7 % 23 + (year - 2014)
    noise = draw.normal(0, 0.55, n)
    lnexp = 1.5 + 2.3 * integ - 1.1 * integ**2 + 0.34 * size - 0.6 * lev + 0.004 * age + effect + 0.5 * common + noise
    lnqual = 0.4 + 0.35 * integ + 0.05 * size + 0.3 * lnexp + draw.normal(0, 0.7, n)
    exporter = (0.9 * integ + 0.5 * (size - 4) + 0.6 * effect + draw.logistic(0, 1, n) > 0.2).astype(int)
    frame = pd.DataFrame(
        {
            "firm": firm,
            "year": year,
            "region": [REGIONS[f % 3] for f in firm],
            "lnexp": lnexp,
            "lnqual": lnqual,
            "exporter": exporter,
            "integ": integ,
            "integ_sq": np.round(integ, 4) ** 2,
            "size": size,
            "lev": lev,
            "age": age,
            "distance": distance,
            "reform": ((year >= 2017) & (firm % 2 == 0)).astype(int),
        }
    )
    frame.loc[draw.choice(n, 18, replace=False), "lev"] = np.nan
    return frame.round({"lnexp": 4, "lnqual": 4, "integ": 4, "integ_sq": 8, "size": 4, "lev": 4, "distance": 4})


def data() -> pd.DataFrame:
    """``data.csv``, written on the first call."""
    path = HERE / "data.csv"
    if not path.exists():
        simulate().to_csv(path, index=False, lineterminator="\n")
    return pd.read_csv(path)


@dataclass(frozen=True)
class Term:
    """One coefficient, unrounded."""

    b: float
    se: float
    t: float
    p: float
    lo: float
    hi: float


@dataclass(frozen=True)
class Fit:
    """One fitted model, unrounded; ``df`` None where z and the normal distribution were used."""

    outcome: str
    terms: Mapping[str, Term]
    nobs: int
    df: float | None
    r2: float | None = None
    adj_r2: float | None = None
    more: Mapping[str, float] = field(default_factory=dict)
    vcov: str = "iid"
    model: str = "OLS"


def of_statsmodels(result: Any, vcov: str = "iid", model: str = "OLS", df: float | None = None) -> Fit:
    """A statsmodels result; t statistics use its own ``use_t`` and degrees of freedom."""
    interval = result.conf_int()
    bounds = {name: (float(interval.loc[name, 0]), float(interval.loc[name, 1])) for name in result.params.index}
    terms = {
        name: Term(
            float(result.params[name]),
            float(result.bse[name]),
            float(result.tvalues[name]),
            float(result.pvalues[name]),
            *bounds[name],
        )
        for name in result.params.index
    }
    used = df if df is not None else getattr(result, "df_resid_inference", None) or result.df_resid
    more = {}
    for name, attribute in (("f", "fvalue"), ("ll", "llf"), ("aic", "aic"), ("bic", "bic"), ("pseudo_r2", "prsquared")):
        value = getattr(result, attribute, None)
        if value is not None and np.ndim(value) == 0:
            more[name] = float(value)
    r2, adj = getattr(result, "rsquared", None), getattr(result, "rsquared_adj", None)
    return Fit(
        str(result.model.endog_names),
        terms,
        int(result.nobs),
        float(used) if result.use_t else None,
        None if r2 is None else float(r2),
        None if adj is None else float(adj),
        more,
        vcov,
        model,
    )


def stars(p: float, levels: Mapping[str, float]) -> str:
    """The mark of the smallest level above ``p``."""
    due = [(level, mark) for mark, level in levels.items() if p < level]
    return min(due)[1] if due else ""


def fixed(value: float, digits: int = 3) -> str:
    """``%.3f`` without a minus before zeros."""
    text = f"{value:.{digits}f}"
    return text[1:] if re.fullmatch(r"-0\.?0*", text) else text


def two(value: float) -> str:
    return fixed(value, 2)


def a3(value: float) -> str:
    """At least three significant digits, as Stata's esttab prints by default: 0.0215, 1.747, -49.51, 3673.1."""
    size = abs(value)
    if size == 0:
        return "0"
    if size < 1:
        digits = 3 + max(0, -int(np.floor(np.log10(size))) - 1)
        return fixed(value, digits)
    return fixed(value, 3 if size < 10 else 2 if size < 100 else 1)


Shape = Callable[[float], str]


def statistics(term: Term, under: Mapping[str, str], shape: Mapping[str, Shape]) -> dict[str, Any]:
    """The further statistics of one coefficient as printed.

    ``under`` is ``{"se": "({})", "ci": ""}``: which, and between what; the two ends of an interval stand without it.
    """
    out: dict[str, Any] = {}
    for name, wrap in under.items():
        write = shape.get(name) or (two if name in {"t", "z"} else fixed)
        if name == "ci":
            out[name] = [write(term.lo), write(term.hi)]
        else:
            out[name] = wrap.format(write(term.t if name == "z" else getattr(term, name)))
    return out


def column(
    fit: Fit,
    levels: Mapping[str, float] = TEN,
    under: Mapping[str, str] | None = None,
    shape: Mapping[str, Shape] | None = None,
    names: Mapping[str, str] | None = None,
    only: Sequence[str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The truth of one printed column."""
    under = {"se": "({})"} if under is None else under
    shape = shape or {}
    names = names or {}
    write = shape.get("b", fixed)
    estimates = {}
    for name, term in fit.terms.items():
        if only is None or name in only:
            estimates[names.get(name, name)] = {
                "b": write(term.b) + stars(term.p, levels),
                **statistics(term, under, shape),
            }
    return {"outcome": fit.outcome, "nobs": fit.nobs, **more, "estimates": estimates}


def unnumbered(title: str) -> str:
    """A caption without the number of its table."""
    return re.sub(r"^(Table \d+[.:]?|表\d+)\s*", "", title)


def regressions(
    columns: Sequence[Mapping[str, Any]],
    levels: Mapping[str, float],
    brackets: Mapping[str, str],
    stated: Sequence[str] = ("levels", "brackets"),
    **more: Any,
) -> dict[str, Any]:
    """The truth of a table of regressions; ``stated`` says which of levels and brackets the table itself explains."""
    said = dict(levels) if "levels" in stated else {}
    if "title" in more:
        more["title"] = unnumbered(more["title"])
    return {
        "kind": "regressions",
        "levels": said,
        "levels_used": dict(levels),
        "brackets": dict(brackets),
        "stated": list(stated),
        **more,
        "columns": [dict(c) for c in columns],
    }


KEPT: dict[tuple[str, str], dict[str, Any]] = {}


def keep(package: str, name: str, content: str | bytes, truth: Mapping[str, Any], encoding: str = "utf-8") -> None:
    """Write one printed table (``STEM.EXT``) and, beside it, what a perfect reader would read (``STEM.json``).

    Files of one stem are one table in several formats: their truth must be the same.
    """
    folder = HERE / package
    folder.mkdir(exist_ok=True)
    raw = content if isinstance(content, bytes) else content.encode(encoding)
    (folder / name).write_bytes(raw)
    stem = name.rsplit(".", 1)[0]
    if KEPT.setdefault((package, stem), dict(truth)) != dict(truth):
        raise ValueError(f"two truths for {package}/{stem}")
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    (folder / f"{stem}.json").write_text(text + "\n", encoding="utf-8")


def keep_fits(package: str, fits: Mapping[str, Fit]) -> None:
    """``fits.json``: the unrounded values."""
    out = {}
    for name, fit in fits.items():
        out[name] = {
            "model": fit.model,
            "outcome": fit.outcome,
            "vcov": fit.vcov,
            "nobs": fit.nobs,
            "df": fit.df,
            "r2": fit.r2,
            "adj_r2": fit.adj_r2,
            **fit.more,
            "estimates": {term: vars(value) for term, value in fit.terms.items()},
        }
    (HERE / package).mkdir(exist_ok=True)
    (HERE / package / "fits.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
